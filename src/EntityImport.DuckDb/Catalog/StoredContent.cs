using System.Globalization;
using DuckDB.NET.Data;
using EntityImport.DuckDb.Connections;
using EntityImport.Entities;
using EntityImport.SqlStores;

namespace EntityImport.DuckDb.Catalog;

/// <summary>All that the store holds, table by table, for another store to take it in. Nobody else works on the store meanwhile.</summary>
internal sealed class StoredContent : IDisposable
{
    private const string OldPrefix = "#old:";

    private readonly DuckDBConnection _connection;

    /// <summary>Plans whose changes do not go along, by their ids: they have expired in the other store.</summary>
    private readonly Dictionary<string, EntityImport.Catalog.Plan> _stale;

    /// <param name="connection">The connection, which is disposed with it.</param>
    public StoredContent(DuckDBConnection connection)
    {
        _connection = connection;
        Entities = connection.ReadDocuments<EntityDefinition>("SELECT document FROM eis.entity ORDER BY name");
        BeforeImages = connection.Query("SELECT import, entity, is_whole, records FROM eis.before_image", null, row => new StoredBeforeImage(row.GetInt64(0), row.GetString(1), row.GetBoolean(2), row.GetInt64(3)));
        var plans = connection.ReadDocuments<EntityImport.Catalog.Plan>("SELECT document FROM eis.plan WHERE NOT expired").ToLookup(IsStale);
        _stale = plans[true].ToDictionary(plan => $"{plan.Id:D}", plan => plan with { ExpiredAt = plan.Run.StoppedAt, ExpiresAt = plan.Run.StoppedAt });
        Tables = [.. StoredTable.Catalog.Select(OfCatalog), .. Entities.SelectMany(OfEntity), .. plans[false].SelectMany(OfPlan)];
    }

    /// <summary>The entities.</summary>
    public IReadOnlyList<EntityDefinition> Entities { get; }

    /// <summary>Of which imports it is kept what records were.</summary>
    public IReadOnlyList<StoredBeforeImage> BeforeImages { get; }

    /// <summary>The tables.</summary>
    public IReadOnlyList<StoredTable> Tables { get; }

    /// <summary>What does not fit into a store that bounds keys and records, a sentence for each table.</summary>
    /// <param name="keyBytes">The most bytes of all values of a key.</param>
    /// <param name="recordBytes">The most bytes of a record that are not contents of long texts.</param>
    /// <param name="longText">The bytes beyond which a text is a long one.</param>
    public IReadOnlyList<string> FindUnfit(int keyBytes, int recordBytes, int longText)
    {
        var found = new List<string>();
        foreach (var table in Tables.Where(table => table.Entity is not null))
        {
            var (columns, name) = (table.Columns.Where(column => column.Field is not null).ToList(), NameOf(table));
            var texts = columns.Where(column => column.Field!.DataType == DataType.String).ToList();
            Look(string.Join(" OR ", texts.Select(column => $"contains({ColumnOf(column)}, chr(0))").DefaultIfEmpty("false")), "have a text with the character NUL");
            if (table.Kind is StoredTableKind.Records or StoredTableKind.Whole && table.Entity!.Key.Any())
                Look($"{string.Join(" + ", table.Entity.Key.Select(field => LengthOf(field, Sql.Column(field))))} > {keyBytes}", string.Create(CultureInfo.InvariantCulture, $"have a key of more than {keyBytes} bytes"));
            var inline = columns.Select(column => column.Field!.DataType == DataType.String ? $"least(coalesce(strlen({ColumnOf(column)}), 0) + 4, {longText})" : $"{8 + (column.Field.IsDecimal ? 12 : 0)}");
            Look($"{string.Join(" + ", inline)} + {columns.Count / 8} > {recordBytes}", string.Create(CultureInfo.InvariantCulture, $"take more than {recordBytes} bytes, long texts aside"));

            void Look(string condition, string what)
            {
                if (_connection.Query($"SELECT count(*) FROM {name} WHERE {condition}", null, row => row.GetInt64(0))[0] is > 0 and var count)
                    found.Add(string.Create(CultureInfo.InvariantCulture, $"{count} {Describe(table)} of {table.Entity!.SystemName} {what}."));
            }
        }

        return found;

        static string LengthOf(FieldDefinition field, string column) => field.DataType == DataType.String ? $"strlen({column})" : "16";
    }

    public void Dispose() => _connection.Dispose();

    private static string Describe(StoredTable table) => table.Kind switch
    {
        StoredTableKind.Records => "records",
        StoredTableKind.Plan => string.Create(CultureInfo.InvariantCulture, $"changes of plan {table.PlanId:D}"),
        _ => "records as they were",
    };

    private static string NameOf(StoredTable table) => table.Kind switch
    {
        StoredTableKind.Catalog => $"eis.{table.Name}",
        StoredTableKind.Records => Sql.Table(table.Entity!),
        StoredTableKind.Before => Sql.Before(table.Entity!),
        StoredTableKind.Whole => $"{Sql.RecordSchema}.{Sql.Name(Sql.WholeName(table.Import))}",
        _ => PlanTable.Name(table.PlanId),
    };

    private static string ColumnOf(StoredColumn column) => column switch
    {
        { Field: { } field, Name: StoredColumn.Old } => PlanTable.Old(field),
        { Field: { } field } => Sql.Column(field),
        { Name: StoredColumn.Version } => Sql.Version,
        { Name: StoredColumn.Was } => BeforeTables.Was,
        { Name: StoredColumn.Became } => BeforeTables.Became,
        { Name: StoredColumn.Kind } => PlanTable.Kind,
        { Name: StoredColumn.RowNumber } => Sql.RowNumber,
        _ => Sql.Name(column.Name),
    };

    private static string TextOf(StoredColumn column) => column.Field?.DataType switch
    {
        DataType.String => ColumnOf(column),
        DataType.DateTime => $"epoch_us({ColumnOf(column)})::VARCHAR",
        _ => $"{ColumnOf(column)}::VARCHAR",
    };

    private StoredTable Make(StoredTable table) => table with { Read = () => Read(table) };

    private StoredTable Make(StoredTableKind kind, EntityDefinition entity, long import, params IEnumerable<string> own) => Make(new StoredTable(
        kind, [.. own.Select(name => new StoredColumn(name)), .. entity.Fields.Select(field => new StoredColumn(StoredColumn.Value, field))], () => [])
    { Entity = entity, Import = import });

    private StoredTable OfCatalog((string Name, string[] Columns) table) => Make(new StoredTable(StoredTableKind.Catalog, [.. table.Columns.Select(column => new StoredColumn(column))], () => []) { Name = table.Name });

    private IEnumerable<StoredTable> OfEntity(EntityDefinition entity)
    {
        yield return Make(StoredTableKind.Records, entity, 0, StoredColumn.Version);
        yield return Make(StoredTableKind.Before, entity, 0, StoredColumn.Version, StoredColumn.Was, StoredColumn.Became);
        foreach (var whole in BeforeImages.Where(before => before.IsWhole && before.Entity == CatalogStatements.Key(entity.SystemName))) yield return Make(StoredTableKind.Whole, entity, whole.Import, StoredColumn.Version);
    }

    /// <summary>Whether a plan cannot be applied any more because its entity was deleted or is another one now, which has no columns for its changes.</summary>
    private bool IsStale(EntityImport.Catalog.Plan plan) => plan is { Changes: not null, Entity: { } planned }
        && FindEntity(plan)?.Fields.SequenceEqual(planned.Fields) != true;

    private EntityDefinition? FindEntity(EntityImport.Catalog.Plan plan) => Entities.FirstOrDefault(entity => entity.SystemName.Equals(plan.Run.EntitySystemName, StringComparison.OrdinalIgnoreCase));

    private IEnumerable<StoredTable> OfPlan(EntityImport.Catalog.Plan plan)
    {
        var columns = _connection.Query(
            "SELECT column_name FROM duckdb_columns() WHERE database_name = current_database() AND schema_name = $1 AND table_name = $2 ORDER BY column_index", [PlanTable.Schema, $"{plan.Id:N}"], row => row.GetString(0));
        if (columns.Count == 0 || FindEntity(plan) is not { } entity) yield break;
        var fields = entity.Fields.ToDictionary(Sql.ColumnName, StringComparer.OrdinalIgnoreCase);
        yield return Make(new StoredTable(StoredTableKind.Plan, [.. columns.Select(Of)], () => []) { Entity = entity, PlanId = plan.Id });

        StoredColumn Of(string name) => name == Sql.RowNumberName ? new StoredColumn(StoredColumn.RowNumber)
            : Sql.Name(name) == PlanTable.Kind ? new StoredColumn(StoredColumn.Kind)
            : name.StartsWith(OldPrefix, StringComparison.Ordinal) ? new StoredColumn(StoredColumn.Old, entity.FindField(name[OldPrefix.Length..])!)
            : new StoredColumn(StoredColumn.Value, fields[name]);
    }

    private IEnumerable<string?[]> Read(StoredTable table)
    {
        using var command = _connection.Command($"SELECT {string.Join(", ", table.Columns.Select(TextOf))} FROM {NameOf(table)}");
        command.UseStreamingMode = true;
        using var reader = command.ExecuteReader();
        var row = new string?[table.Columns.Count];
        var columns = table.Columns.Select(column => column.Name).ToList();
        var isOfPlans = table is { Kind: StoredTableKind.Catalog, Name: "plan" };
        var (expired, bytes, document) = (columns.IndexOf("expired"), columns.IndexOf("bytes"), columns.IndexOf("document"));
        while (reader.Read())
        {
            for (var i = 0; i < row.Length; i++) row[i] = reader.IsDBNull(i) ? null : reader.GetString(i);
            if (isOfPlans && _stale.GetValueOrDefault(row[0]!) is { } stale) (row[expired], row[bytes], row[document]) = ("true", "0", CatalogJson.Write(stale));
            yield return row;
        }
    }
}
