using System.CommandLine;
using EntityImport.Cli.Imports;
using EntityImport.Cli.Output;
using EntityImport.Cli.Services;

namespace EntityImport.Cli;

/// <summary><c>eis apply</c>: the import that a plan told of.</summary>
internal sealed class ApplyCommand : ICommand
{
    private const int MaxReasonCharacters = 1000;

    private readonly Argument<Guid> _plan = new("PLAN") { Description = "The plan's id, as eis plan shows it." };

    private readonly Option<string> _reason = new("--reason") { Description = $"Why, in up to {MaxReasonCharacters} characters; it is kept with the plan.", HelpName = "TEXT" };

    private readonly Option<FileInfo> _errors = new("--errors")
    {
        Description = "Where rejected rows go, with the reasons. Default: PLAN.errors.csv in the current directory. Not written where no row is rejected.",
        HelpName = "FILE",
    };

    private readonly ServiceOptions _service = new();

    public string Examples => """
        Examples:
          eis apply 01a21bdc-adb6-7aa3-9898-181372c4dddf
          eis apply 01a21bdc-adb6-7aa3-9898-181372c4dddf --reason "as agreed with sales"

        Exit codes: those of eis import.
        """;

    public Command Build()
    {
        _reason.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value.Length: > MaxReasonCharacters }]) result.AddError($"--reason takes at most {MaxReasonCharacters} characters.");
        });
        var command = new Command("apply", "Does what a plan told of, without reading the file again. Where file, mapping, entity or records have changed since, it is refused, and nothing is written.")
        {
            _plan, _reason, _errors,
        };
        _service.AddTo(command);
        return command;
    }

    public async Task<int> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancellationToken)
    {
        var plan = arguments.GetRequiredValue(_plan);
        var errors = arguments.GetValue(_errors) ?? new FileInfo($"{plan:D}.errors.csv");
        ImportOrder.CheckDirectory(errors);
        await using var service = await _service.OpenAsync(arguments, terminal, cancellationToken);
        await InterruptedImports.FinishAsync(service, terminal, cancellationToken);
        return await new PlannedImport(plan, arguments.GetValue(_reason), errors, service, terminal).RunAsync(cancellationToken);
    }
}
