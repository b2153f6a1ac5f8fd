using System.Globalization;
using EntityImport.Catalog;
using EntityImport.Changes;
using EntityImport.Entities;
using EntityImport.Postgres.Connections;
using EntityImport.Postgres.Rows;
using EntityImport.Storage;

namespace EntityImport.Postgres.Merging;

/// <summary>A delta that becomes a plan: it is written into a table of its own while it is found, and nowhere else.</summary>
/// <remarks>The entity is read by one statement alone, so that it is in the way of no import, and sees one state of it however long it takes.</remarks>
internal sealed class PlanDelta(PostgresMerge merge, LoadOrder order, string relation) : PostgresDelta(merge, order)
{
    private readonly string _table = PlanTable.Name(order.PlanId!.Value);

    /// <summary>The fields whose values before are kept: those that rows have values for, or all where whole records go.</summary>
    private List<FieldDefinition> OldFields { get; } = [.. order.ReplacesAll ? order.Entity.Fields : order.ChangesRecords ? order.Fields.Select(f => f.Field).Where(f => !f.PrimaryKey) : []];

    /// <summary>Whether rows are compared with the records of their keys.</summary>
    private bool Compares => Order.ChangesRecords || (Order.ReplacesAll && Order.HasKey);

    /// <summary>A plan changes no records.</summary>
    protected override bool KeepsBefore => false;

    protected override async Task<DeltaCounts> CompareAsync(LoadedRows rows, CancellationToken cancellationToken)
    {
        var columns = new[] { $"({KindOfRow})::smallint AS {PlanTable.Kind}", $"{Sql.Row}.{Sql.RowNumber}" }
            .Concat(Order.Fields.Select(f => $"{New(f, rows)} AS {Table.Column(f.Field)}"))
            .Concat(OldFields.Select(f => $"{(Compares ? $"{Sql.Target}.{Table.Column(f)}" : Sql.Null(f))} AS {PlanTable.Old(Table, f)}"));
        var source = $"{rows.Table} {Sql.Row}";
        if (Compares) source += $" {(Order.ReplacesAll ? "FULL" : "LEFT")} JOIN {Table.Table} {Sql.Target} ON {Table.SameKey}";
        var query = $"SELECT {string.Join(", ", columns)} FROM {source}";
        if (Order is { ReplacesAll: true, HasKey: false })
        {
            var removed = new[] { $"{Number(ChangeKind.Removed)}::smallint", "NULL::bigint" }.Concat(Fields.Select(Sql.Null)).Concat(OldFields.Select(f => $"{Sql.Target}.{Table.Column(f)}"));
            query += $" UNION ALL SELECT {string.Join(", ", removed)} FROM {Table.Table} {Sql.Target}";
        }

        Dictionary<int, long> kinds;
        if (Order.ChangesRecords)
        {
            // What changes nothing is counted, and not kept.
            await Merge.MakeAsync(relation, $"CREATE UNLOGGED TABLE {relation} WITH (autovacuum_enabled = false) AS {query}", cancellationToken).ConfigureAwait(false);
            kinds = await CountKindsAsync(relation, cancellationToken).ConfigureAwait(false);
            await Merge.MakeAsync(_table, $"CREATE TABLE {_table} AS SELECT * FROM {relation} WHERE {PlanTable.Kind} <> {PlanTable.Same}", cancellationToken).ConfigureAwait(false);
            await Merge.ExecuteAsync($"DROP TABLE {relation}", cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await Merge.MakeAsync(_table, $"CREATE TABLE {_table} AS {query}", cancellationToken).ConfigureAwait(false);
            kinds = await CountKindsAsync(_table, cancellationToken).ConfigureAwait(false);
        }

        await Table.NoteInPlanAsync(Merge.Session, _table, cancellationToken).ConfigureAwait(false);
        var (inserted, updated, removedCount, same) = (Of(ChangeKind.Inserted), Of(ChangeKind.Updated), Of(ChangeKind.Removed), kinds.GetValueOrDefault(PlanTable.Same));
        return Order.ReplacesAll
            ? new DeltaCounts { Inserted = inserted + updated + same, Removed = updated + same + removedCount }
            : new DeltaCounts { Inserted = inserted, Updated = updated, Unchanged = same };

        long Of(ChangeKind kind) => kinds.GetValueOrDefault((int)kind);
    }

    public override async Task<IMerge> ApplyKeptAsync(CancellationToken cancellationToken)
    {
        // It is this transaction's own, and goes with it or before.
        var kept = KeptDelta.Of(this, Merge, Order, relation);
        await kept.ApplyAndKeepAsync(cancellationToken).ConfigureAwait(false);
        await Merge.ExecuteAsync($"DROP TABLE {_table}", cancellationToken).ConfigureAwait(false);
        Merge.Kept = null;
        return Merge;
    }

    protected override Task<long> KeepBeforeAsync(CancellationToken cancellationToken) => throw new InvalidOperationException("A plan changes no records.");

    protected override async Task DoAsync(CancellationToken cancellationToken)
    {
        var kinds = await CountKindsAsync(_table, cancellationToken).ConfigureAwait(false);
        var fields = Fields.Concat(Order.ReplacesAll ? Order.Entity.Fields.Except(Fields) : []).ToList();
        var updated = await CountUpdatedAsync(fields, cancellationToken).ConfigureAwait(false);
        Merge.Kept = new KeptChanges
        {
            Inserted = kinds.GetValueOrDefault((int)ChangeKind.Inserted),
            Updated = kinds.GetValueOrDefault((int)ChangeKind.Updated),
            Removed = kinds.GetValueOrDefault((int)ChangeKind.Removed),
            Fields = [.. fields.Select((f, i) => new ChangedField(f.SystemName, updated[i], Order.Fields.Any(mapped => mapped.Field == f)))],
            Bytes = await CountBytesAsync(cancellationToken).ConfigureAwait(false),
        };
    }

    private string KindOfRow => !Compares ? Number(ChangeKind.Inserted)
        : $"CASE{(Order.ReplacesAll ? $" WHEN {Sql.Row}.{Table.Column(Order.Entity.Key.First())} IS NULL THEN {Number(ChangeKind.Removed)}" : "")} WHEN {Table.IsNew} THEN {Number(ChangeKind.Inserted)} WHEN {AnyChanged} THEN {Number(ChangeKind.Updated)} ELSE {PlanTable.Same} END";

    /// <summary>The condition that a row differs from the record of its key. What no row has a value for is lost where the row takes the record's place.</summary>
    private string AnyChanged => string.Join(" OR ", OldFields.Where(f => !f.PrimaryKey).Select(HasChanged).DefaultIfEmpty("false"));

    private string HasChanged(FieldDefinition field)
    {
        var old = $"{Sql.Target}.{Table.Column(field)}";
        if (Order.Fields.All(f => f.Field != field)) return $"{old} IS NOT NULL";
        var value = $"{Sql.Row}.{Table.Column(field)}";
        return Order is { KeepEmpty: true, ReplacesAll: false } ? $"({value} IS NOT NULL AND {old} IS DISTINCT FROM {value})" : $"{old} IS DISTINCT FROM {value}";
    }

    /// <summary>The value that a record gets: where empty values keep what is there, what is there.</summary>
    private string New(LoadedField field, LoadedRows rows)
    {
        var value = $"{Sql.Row}.{Table.Column(field.Field)}";
        if (!Order.ChangesRecords) return rows.WithDefault(Table, value, field);
        var kept = Order.KeepEmpty && !field.Field.PrimaryKey ? $"coalesce({value}, {Sql.Target}.{Table.Column(field.Field)})" : value;
        return field.Default is null ? kept : $"CASE WHEN {Table.IsNew} THEN {rows.WithDefault(Table, value, field)} ELSE {kept} END";
    }

    private async Task<List<long>> CountUpdatedAsync(List<FieldDefinition> fields, CancellationToken cancellationToken)
    {
        var mapped = Fields.ToHashSet();
        var counts = fields.Select(f => f.PrimaryKey || !OldFields.Contains(f) ? "count(*) FILTER (WHERE false)"
            : mapped.Contains(f) ? $"count(*) FILTER (WHERE {Table.Column(f)} IS DISTINCT FROM {PlanTable.Old(Table, f)})"
            : $"count({PlanTable.Old(Table, f)})");
        return (await Merge.Session.QueryAsync(
            $"SELECT {string.Join(", ", counts)} FROM {_table} WHERE {PlanTable.Kind} = {(int)ChangeKind.Updated}",
            row => Enumerable.Range(0, fields.Count).Select(row.GetInt64).ToList(), cancellationToken).ConfigureAwait(false))[0];
    }

    private Task<long> CountBytesAsync(CancellationToken cancellationToken)
    {
        // Its own columns are two numbers.
        var columns = Fields.Select(f => (f.DataType, Table.Column(f))).Concat(OldFields.Select(f => (f.DataType, PlanTable.Old(Table, f))))
            .Concat([(DataType.Integer, PlanTable.Kind), (DataType.Integer, Sql.RowNumber)]);
        return Merge.CountAsync($"SELECT {Sql.Bytes(columns)} FROM {_table}", cancellationToken);
    }

    private static string Number(ChangeKind kind) => ((int)kind).ToString(CultureInfo.InvariantCulture);
}
