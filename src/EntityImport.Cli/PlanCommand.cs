using System.CommandLine;
using EntityImport.Api;
using EntityImport.Cli.Files;
using EntityImport.Cli.Imports;
using EntityImport.Cli.Output;
using EntityImport.Cli.Services;

namespace EntityImport.Cli;

/// <summary><c>eis plan</c>: what importing a file would do.</summary>
internal sealed class PlanCommand : ICommand
{
    private readonly OrderOptions _file = new();

    private readonly ServiceOptions _service = new(canMake: true);

    public string Examples => """
        Examples:
          eis plan prices.csv
          eis plan prices.csv --entity products --mode replace
          eis plan prices.csv --server https://eis.example.com

        Exit codes: 0 all rows would be imported, 2 some would be rejected, 1 it failed, 3 a guard forbids it or the server does not let you do that, 130 interrupted. Nothing is written.
        """;

    public Command Build()
    {
        var command = new Command("plan", "Finds out what importing a CSV file would do, to the last value, and keeps that, so that eis apply does exactly it. Nothing is written into the entity.");
        _file.AddTo(command);
        _service.AddTo(command);
        return command;
    }

    public async Task<int> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancellationToken)
    {
        var order = _file.Read(arguments);
        order.Check();
        await using var service = await _service.OpenAsync(arguments, terminal, cancellationToken);
        using var input = await InputFile.OpenAsync(order.File, cancellationToken);
        var plan = await new FilePlan(order.Of(input), service, terminal).RunAsync(cancellationToken);
        return plan.Plan.State != ImportState.Succeeded ? ExitCode.Failed : plan.Guards.Count > 0 ? ExitCode.NotAllowed : plan.Plan.Ledger.Rejected > 0 ? ExitCode.SomeRowsRejected : ExitCode.Done;
    }
}
