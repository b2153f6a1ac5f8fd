using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using EntityImport.Api;
using EntityImport.Cli.Output;
using EntityImport.Cli.Services;
using EntityImport.Entities;

namespace EntityImport.Cli;

/// <summary><c>eis history</c>: which imports made a record what it is.</summary>
internal sealed class HistoryCommand : ICommand
{
    private readonly Argument<string> _entity = new("ENTITY") { Description = "The entity's system name." };

    private readonly Option<string[]> _key = new("--key")
    {
        Description = "The value of the record's key. Of a key of several fields, one --key for each, in the order of the fields.",
        HelpName = "VALUE",
        Required = true,
    };

    private readonly Option<bool> _rows = new("--rows") { Description = "Finds the row and line of each change in its import's file, which is read for that." };

    private readonly ServiceOptions _service = new();

    public string Examples => """
        Examples:
          eis history products --key BR-0001
          eis history products --key BR-0001 --rows
          eis history prices --key A-1 --key 2026-01-01
          eis history products --key BR-0001 --server https://eis.example.com
        """;

    public Command Build()
    {
        var command = new Command("history", "Shows the story of a record, newest first: which import inserted, updated or removed it, and its values before and after.") { _entity, _key, _rows };
        _service.AddTo(command);
        return command;
    }

    public async Task<int> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancellationToken)
    {
        var withRows = arguments.GetValue(_rows);
        await using var service = await _service.OpenAsync(arguments, terminal, cancellationToken);
        var entity = await RecordsCommand.FindAsync(service, arguments.GetRequiredValue(_entity), cancellationToken);
        var story = await service.ReadHistoryAsync(entity, arguments.GetRequiredValue(_key), withRows, cancellationToken);
        var table = new TextTable(["When (UTC)", "Import", "What", .. withRows ? ["Row", "Line"] : Array.Empty<string>(), "Field", "Before", "After"]);
        foreach (var change in story.Changes) Add(table, change, entity, withRows);
        if (table.Rows.Count > 0) terminal.Write(table);
        if (story.Now is null) terminal.WriteLine("There is no such record now.");
        if (!story.IsComplete) terminal.WriteLine("What the record was before that is not kept.");
        return ExitCode.Done;
    }

    /// <summary>Adds a row for each field that changed; when, by what and how is told in the first of them.</summary>
    private static void Add(TextTable table, HistoryEntry change, EntityDefinition entity, bool withRows)
    {
        string[] head =
        [
            change.At is { } at ? at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) : "not known",
            change.ImportId?.ToString() ?? "not known",
            change.Kind.ToLowerInvariant() + (change.Undoes is null ? "" : " by an undo"),
            .. withRows ? RowOf(change.Source) : [],
        ];
        var isFirst = true;
        foreach (var field in entity.Fields.Where(field => !field.PrimaryKey))
        {
            var (before, after) = (Value(change.Before, field), Value(change.After, field));
            if (before == after) continue;
            table.Add([.. isFirst ? head : head.Select(_ => ""), field.SystemName, before ?? "", after ?? ""]);
            isFirst = false;
        }

        if (isFirst) table.Add([.. head, "", "", ""]);
    }

    private static string[] RowOf(EntrySource? source) => source switch
    {
        null => ["", ""],
        { State: EntrySourceState.Expired } => ["expired", ""],
        { State: EntrySourceState.NotFound } => ["not found", ""],
        { State: EntrySourceState.NotLookedUp } => ["not looked up", ""],
        _ => [string.Create(CultureInfo.InvariantCulture, $"{source.Row}"), string.Create(CultureInfo.InvariantCulture, $"{source.Line}")],
    };

    private static string? Value(JsonElement? record, FieldDefinition field) => record is { } values && values.TryGetProperty(field.SystemName, out var value) ? FieldValue.Of(value) : null;
}
