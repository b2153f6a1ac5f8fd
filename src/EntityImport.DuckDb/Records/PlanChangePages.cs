using DuckDB.NET.Data;
using EntityImport.Catalog;
using EntityImport.Changes;
using EntityImport.DuckDb.Connections;
using EntityImport.Entities;
using EntityImport.SqlStores;
using EntityImport.Storage;

namespace EntityImport.DuckDb.Records;

/// <summary>Reads what a plan keeps, page by page: both sides of a change are one row of its table.</summary>
internal sealed class PlanChangePages(DuckDBConnection connection, Plan plan, ChangeQuery query, CancellationToken cancellationToken) : ChangePages(connection, query, cancellationToken)
{
    private readonly KeptChanges _changes = plan.Changes!;
    private readonly string _table = PlanTable.Name(plan.Id);

    private readonly HashSet<string> _columns =
        [.. connection.Query($"SELECT column_name FROM duckdb_columns() WHERE database_name = current_database() AND schema_name = '{PlanTable.Schema}' AND table_name = $1", [$"{plan.Id:N}"], row => row.GetString(0), cancellationToken)];

    protected override IReadOnlyList<FieldDefinition> Fields { get; } = [.. plan.Changes!.Fields.Select(field => plan.Entity!.FindField(field.SystemName)!)];

    protected override (IReadOnlyList<FoundChange> Changes, bool HasMore) Find()
    {
        var conditions = new List<string> { Query.Kind is { } kind ? $"{PlanTable.Kind} = {(int)kind}" : $"{PlanTable.Kind} <> {PlanTable.Same}" };
        string? move = null;
        if (Query.Field is { } field)
        {
            var after = HasNew(field) ? Sql.Column(field) : $"NULL::{Sql.Type(field)}";
            var before = HasOld(field) ? PlanTable.Old(field) : field.PrimaryKey && HasNew(field) ? after : $"NULL::{Sql.Type(field)}";
            conditions.Add(field.PrimaryKey ? $"{PlanTable.Kind} <> {(int)ChangeKind.Updated}" : $"{after} IS DISTINCT FROM {before}");
            move = Move(field, before, after);
        }

        if (Behind(move, Sql.RowId) is { } behind) conditions.Add(behind);
        var rows = Math.Max(1, _changes.Inserted + _changes.Updated + _changes.Removed);
        var limit = Math.Clamp(FoundChange.PageBytes / Math.Max(1, _changes.Bytes / rows), 1, Query.Limit);
        var found = Connection.Query(
            $"""
            SELECT {move ?? "NULL::DOUBLE"}, {Sql.RowId}, {PlanTable.Kind}::INTEGER, {Sql.RowNumber} FROM {_table} WHERE {string.Join(" AND ", conditions)} ORDER BY 1 DESC NULLS LAST, 2 LIMIT {Text(limit + 1)}
            """,
            null,
            row =>
            {
                var place = new FoundRecord(_table, row.GetInt64(1));
                return new FoundChange((ChangeKind)row.GetInt32(2), row.IsDBNull(3) ? null : row.GetInt64(3), new ChangePlace(row.IsDBNull(0) ? null : row.GetDouble(0), place.Id), place, place);
            },
            CancellationToken);
        var fitting = Fit(found, Math.Min(found.Count, (int)limit));
        return ([.. found.Take(fitting)], found.Count > fitting);
    }

    protected override IEnumerable<(DataType Type, string Column)> ValueColumns =>
        Fields.Where(HasNew).Select(told => (told.DataType, Sql.Column(told))).Concat(Fields.Where(HasOld).Select(told => (told.DataType, PlanTable.Old(told))));

    // A key is the same before and after, and is kept once.
    protected override string Before(FieldDefinition field) => HasOld(field) ? RecordSql.AsText(field, PlanTable.Old(field)) : field.PrimaryKey ? After(field) : "NULL::VARCHAR";

    protected override string After(FieldDefinition field) => HasNew(field) ? RecordSql.AsText(field, Sql.Column(field)) : "NULL::VARCHAR";

    private bool HasNew(FieldDefinition field) => _columns.Contains(Sql.ColumnName(field));

    private bool HasOld(FieldDefinition field) => _columns.Contains($"#old:{field.SystemName}");
}
