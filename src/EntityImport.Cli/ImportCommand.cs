using System.CommandLine;
using EntityImport.Api;
using EntityImport.Cli.Files;
using EntityImport.Cli.Imports;
using EntityImport.Cli.Output;
using EntityImport.Cli.Services;

namespace EntityImport.Cli;

/// <summary><c>eis import</c>: a file into an entity, of a data directory or of a server.</summary>
internal sealed class ImportCommand : ICommand
{
    private readonly OrderOptions _file = new();

    private readonly Option<FileInfo> _errors = new("--errors")
    {
        Description = "Where rejected rows go, with the reasons. Default: FILE.errors.csv in the current directory. Not written where no row is rejected.",
        HelpName = "FILE",
    };

    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Do everything but the write." };

    private readonly Option<bool> _planFirst = new("--plan-first") { Description = "Say what would change, as eis plan does, and ask on the terminal before doing exactly that." };

    private readonly ServiceOptions _service = new(canMake: true);

    public string Examples => """
        Examples:
          eis import products.csv
          eis import products.csv --key sku --mode replace
          eis import klienci.csv.gz --encoding windows-1250
          eis import prices-de.csv --mapping prices-de.json --dry-run
          eis import airports.dat --no-header --entity airports --errors rejected.csv
          eis import products.csv --server https://eis.example.com --api-key-file ~/.config/eis/key

        Exit codes: 0 all rows imported, 2 imported but some rows rejected, 1 failed and nothing written, 3 the server does not let you do that and nothing
        written, 4 the server was lost before it told the import's end, or an interruption came too late to cancel it and it went on (the same command tells it),
        130 interrupted and nothing written.
        """;

    public Command Build()
    {
        var command = new Command("import", "Imports a CSV file into an entity, all of its good rows or nothing, and says what became of every row.") { _errors, _dryRun, _planFirst };
        _file.AddTo(command);
        _service.AddTo(command);
        return command;
    }

    public async Task<int> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancellationToken)
    {
        var order = _file.Read(arguments);
        order = order with
        {
            ErrorFile = arguments.GetValue(_errors) ?? new FileInfo(Path.GetFileNameWithoutExtension(InputFile.NameOf(order.File)) + ".errors.csv"),
            IsDryRun = arguments.GetValue(_dryRun),
        };
        var isPlannedFirst = arguments.GetValue(_planFirst);
        if (isPlannedFirst && order.IsDryRun) throw new CommandFailure($"{_dryRun.Name} writes nothing, and {_planFirst.Name} asks before it writes; give one of them.");
        order.Check();
        await using var service = await _service.OpenAsync(arguments, terminal, cancellationToken);
        using var input = await InputFile.OpenAsync(order.File, cancellationToken);
        order = order.Of(input);
        return isPlannedFirst ? await AskAsync(order, service, terminal, cancellationToken) : await new FileImport(order, service, terminal).RunAsync(cancellationToken);
    }

    private static async Task<int> AskAsync(ImportOrder order, IService service, Terminal terminal, CancellationToken cancellationToken)
    {
        var plan = await new FilePlan(order, service, terminal).RunAsync(cancellationToken);
        if (plan.Plan.State != ImportState.Succeeded) return ExitCode.Failed;
        // The plan has said who may do it all the same, and how.
        if (plan.Guards.Count > 0) return ExitCode.NotAllowed;
        if (await terminal.AskAsync($"Import that into {plan.Plan.EntitySystemName}?", ["Yes, exactly that.", "No, write nothing."], cancellationToken) is 0)
            return await new PlannedImport(plan.Plan.PlanId, reason: null, order.ErrorFile!, service, terminal).RunAsync(cancellationToken);
        terminal.WriteError("Nothing was imported. The plan is kept.");
        return ExitCode.Failed;
    }
}
