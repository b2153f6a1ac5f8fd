using System.CommandLine;
using EntityImport.Cli.Output;
using EntityImport.Cli.Services;
using EntityImport.Entities;
using EntityImport.Records;

namespace EntityImport.Cli;

/// <summary><c>eis records</c>: an entity's records as a table, or as CSV where output is no terminal.</summary>
internal sealed class RecordsCommand : ICommand
{
    private const int DefaultTop = 20;

    /// <summary>Characters that a field of a table needs to be read.</summary>
    private const int LeastColumnWidth = 12;

    private readonly Argument<string> _entity = new("ENTITY") { Description = "The entity's system name." };

    private readonly Option<string> _filter = new("--filter")
    {
        Description = "Which records: an OData condition over the fields, such as \"price gt 10 and startswith(name,'B')\".",
        HelpName = "ODATA",
    };

    private readonly Option<int> _top = new("--top")
    {
        Description = $"The most records to show, up to {RecordQuery.MaxTop}.",
        HelpName = "N",
        DefaultValueFactory = _ => DefaultTop,
    };

    private readonly ServiceOptions _service = new();

    public string Examples => """
        Examples:
          eis records products
          eis records products --filter "price gt 10 and discontinued eq false" --top 100
          eis records products --top 2000 > products.csv
          eis records products --profile prod
        """;

    public Command Build()
    {
        _top.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > RecordQuery.MaxTop) result.AddError($"--top is a number from 1 to {RecordQuery.MaxTop}.");
        });
        var command = new Command("records", "Shows an entity's records: a table on a terminal, else CSV.") { _entity, _filter, _top };
        _service.AddTo(command);
        return command;
    }

    public async Task<int> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancellationToken)
    {
        await using var service = await _service.OpenAsync(arguments, terminal, cancellationToken);
        var entity = await FindAsync(service, arguments.GetRequiredValue(_entity), cancellationToken);
        var page = await service.ReadRecordsAsync(entity, arguments.GetValue(_filter), arguments.GetValue(_top), cancellationToken);
        if (terminal.Console is null) RecordCsv.Write(page, terminal.Output);
        else Show(page, terminal);
        return ExitCode.Done;
    }

    /// <summary>The entity of this name.</summary>
    /// <exception cref="CommandFailure">There is none.</exception>
    public static async Task<EntityDefinition> FindAsync(IService service, string name, CancellationToken cancellationToken)
    {
        if (await service.FindEntityAsync(name, cancellationToken) is { } entity) return entity;
        var known = await service.ListEntitiesAsync(cancellationToken);
        var names = known.Count == 0 ? "There are none yet." : $"There are: {string.Join(", ", known.Select(found => found.SystemName))}.";
        throw new CommandFailure($"There is no entity '{name}'. {names}");
    }

    private static void Show(RecordPage page, Terminal terminal)
    {
        // More would be a column of single letters each.
        var shown = Math.Min(page.Fields.Count, Math.Max(1, (terminal.Console?.Profile.Width ?? int.MaxValue) / LeastColumnWidth));
        var table = new TextTable([.. page.Fields.Take(shown).Select(field => field.SystemName + (IsNumber(field) ? "#" : ""))]);
        foreach (var record in page.Records) table.Add([.. record.Take(shown).Select(value => value ?? "")]);
        terminal.Write(table);
        if (shown < page.Fields.Count) terminal.WriteLine($"… and {Amounts.Of(page.Fields.Count - shown, "more field")}; redirected into a file, the output has all of them.");
        terminal.WriteLine($"{Amounts.Count(page.Records.Count)} of {Amounts.Of(page.Total ?? page.Records.Count, "record")}");
    }

    private static bool IsNumber(FieldDefinition field) => field.IsDecimal || field.DataType is DataType.Integer or DataType.Double;
}
