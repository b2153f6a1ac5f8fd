using System.CommandLine;
using EntityImport.Cli.Data;
using EntityImport.Cli.Output;
using EntityImport.Entities;
using EntityImport.Records;

namespace EntityImport.Cli;

/// <summary><c>eis entities</c>: what entities there are, with their fields and numbers of records.</summary>
internal sealed class EntitiesCommand : ICommand
{
    private readonly Option<DirectoryInfo> _data = DataOption.Create();

    public string Examples => """
        Examples:
          eis entities
          eis entities --data /srv/eis
        """;

    public Command Build() => new("entities", "Lists the entities with their records and fields. A key field is marked with *.") { _data };

    public async Task<int> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancellationToken)
    {
        await using var local = await LocalEngine.OpenExistingAsync(arguments.GetValue(_data)!, terminal, cancellationToken);
        var table = new TextTable("Entity", "Records#", "Fields");
        foreach (var entity in await local.Engine.Entities.ListAsync(local.Request, cancellationToken))
        {
            var count = new RecordQuery { Entity = entity, Select = [entity.Fields[0]], Top = 0, Count = true };
            var page = await local.Engine.Records.ReadAsync(local.Request, count, cancellationToken);
            table.Add(entity.SystemName, Amounts.Count(page.Total ?? 0), string.Join(", ", entity.Fields.Select(Describe)));
        }

        if (table.Rows.Count == 0) terminal.WriteLine("There are no entities yet. eis import FILE makes one.");
        else terminal.Write(table);
        return ExitCode.Done;
    }

    private static string Describe(FieldDefinition field) => $"{field.SystemName}{(field.PrimaryKey ? "*" : "")} {FieldType.Describe(field)}";
}
