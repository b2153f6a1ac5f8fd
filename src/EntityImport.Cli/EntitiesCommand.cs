using System.CommandLine;
using EntityImport.Cli.Output;
using EntityImport.Cli.Services;
using EntityImport.Entities;

namespace EntityImport.Cli;

/// <summary><c>eis entities</c>: what entities there are, with their fields and numbers of records.</summary>
internal sealed class EntitiesCommand : ICommand
{
    private readonly ServiceOptions _service = new();

    public string Examples => """
        Examples:
          eis entities
          eis entities --data /srv/eis
          eis entities --server https://eis.example.com --api-key-file ~/.config/eis/key
        """;

    public Command Build()
    {
        var command = new Command("entities", "Lists the entities with their records and fields. A key field is marked with *.");
        _service.AddTo(command);
        return command;
    }

    public async Task<int> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancellationToken)
    {
        await using var service = await _service.OpenAsync(arguments, terminal, cancellationToken);
        var table = new TextTable("Entity", "Records#", "Fields");
        foreach (var entity in await service.ListEntitiesAsync(cancellationToken))
        {
            var page = await service.ReadRecordsAsync(entity, filter: null, top: 0, cancellationToken);
            table.Add(entity.SystemName, Amounts.Count(page.Total ?? 0), string.Join(", ", entity.Fields.Select(Describe)));
        }

        if (table.Rows.Count == 0) terminal.WriteLine("There are no entities yet. eis import FILE makes one.");
        else terminal.Write(table);
        return ExitCode.Done;
    }

    private static string Describe(FieldDefinition field) => $"{field.SystemName}{(field.PrimaryKey ? "*" : "")} {FieldType.Describe(field)}";
}
