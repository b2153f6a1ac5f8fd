using EntityImport.Catalog;
using EntityImport.Changes;
using EntityImport.Entities;
using EntityImport.Postgres.Connections;
using EntityImport.SqlStores;
using EntityImport.Storage;

namespace EntityImport.Postgres.Records;

/// <summary>Reads what a plan keeps, page by page: both sides of a change are one row of its table.</summary>
internal sealed class PlanChangePages : ChangePages
{
    private readonly KeptChanges _changes;
    private readonly string _table;
    private readonly HashSet<string> _columns;

    private PlanChangePages(Session session, EntityTable table, Plan plan, ChangeQuery query, IEnumerable<string> columns, CancellationToken cancellationToken) : base(session, table, query, cancellationToken)
    {
        _changes = plan.Changes!;
        _table = PlanTable.Name(plan.Id);
        _columns = [.. columns];
        Fields = [.. _changes.Fields.Select(field => plan.Entity!.FindField(field.SystemName)!)];
    }

    /// <summary>Reads a page.</summary>
    public static async Task<ChangePage> ReadAsync(Session session, Plan plan, ChangeQuery query, CancellationToken cancellationToken)
    {
        var table = await EntityTable.OfPlanAsync(session, plan.Id, plan.Entity!, cancellationToken).ConfigureAwait(false);
        var columns = await session.QueryAsync(
            "SELECT attname::text FROM pg_catalog.pg_attribute WHERE attrelid = pg_catalog.to_regclass($1) AND attnum > 0 AND NOT attisdropped", [PlanTable.Name(plan.Id)], row => row.GetString(0), cancellationToken).ConfigureAwait(false);
        return await new PlanChangePages(session, table, plan, query, columns, cancellationToken).ReadAsync().ConfigureAwait(false);
    }

    protected override IReadOnlyList<FieldDefinition> Fields { get; }

    protected override async Task<(IReadOnlyList<FoundChange> Changes, bool HasMore)> FindAsync()
    {
        var conditions = new List<string> { Query.Kind is { } kind ? $"{PlanTable.Kind} = {(int)kind}" : $"{PlanTable.Kind} <> {PlanTable.Same}" };
        string? move = null;
        if (Query.Field is { } field)
        {
            var after = HasNew(field) ? Table.Column(field) : Sql.Null(field);
            var before = HasOld(field) ? PlanTable.Old(Table, field) : field.PrimaryKey && HasNew(field) ? after : Sql.Null(field);
            conditions.Add(field.PrimaryKey ? $"{PlanTable.Kind} <> {(int)ChangeKind.Updated}" : $"{after} IS DISTINCT FROM {before}");
            move = Move(field, before, after);
        }

        var number = Sql.NumberOf(Sql.RowId);
        if (Behind(move, number) is { } behind) conditions.Add(behind);
        var rows = Math.Max(1, _changes.Inserted + _changes.Updated + _changes.Removed);
        var limit = Math.Clamp(FoundChange.PageBytes / Math.Max(1, _changes.Bytes / rows), 1, Query.Limit);
        var found = await Session.QueryAsync(
            $"""
            SELECT {move ?? "NULL::double precision"} AS move, {number} AS number, {PlanTable.Kind}::integer, {Sql.RowNumber} FROM {_table} WHERE {string.Join(" AND ", conditions)} ORDER BY 1 DESC NULLS LAST, 2 LIMIT {Sql.Text(limit + 1)}
            """,
            row =>
            {
                var place = new FoundRecord(_table, row.GetInt64(1));
                return new FoundChange((ChangeKind)row.GetInt32(2), row.IsDBNull(3) ? null : row.GetInt64(3), new ChangePlace(row.IsDBNull(0) ? null : row.GetDouble(0), place.Id), place, place);
            },
            CancellationToken).ConfigureAwait(false);
        var fitting = await FitAsync(found, Math.Min(found.Count, (int)limit)).ConfigureAwait(false);
        return ([.. found.Take(fitting)], found.Count > fitting);
    }

    protected override IEnumerable<(DataType Type, string Column)> ValueColumns =>
        Fields.Where(HasNew).Select(told => (told.DataType, Table.Column(told))).Concat(Fields.Where(HasOld).Select(told => (told.DataType, PlanTable.Old(Table, told))));

    // A key is the same before and after, and is kept once.
    protected override string Before(FieldDefinition field) => HasOld(field) ? RecordSql.AsText(field, PlanTable.Old(Table, field)) : field.PrimaryKey ? After(field) : "NULL::text";

    protected override string After(FieldDefinition field) => HasNew(field) ? RecordSql.AsText(field, Table.Column(field)) : "NULL::text";

    private bool HasNew(FieldDefinition field) => _columns.Contains(Table.Column(field));

    private bool HasOld(FieldDefinition field) => _columns.Contains(PlanTable.Old(Table, field));
}
