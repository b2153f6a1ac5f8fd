using System.Globalization;
using EntityImport.Catalog;
using EntityImport.Changes;
using EntityImport.DuckDb.Connections;
using EntityImport.DuckDb.Rows;
using EntityImport.Entities;
using EntityImport.Rows;
using EntityImport.Storage;

namespace EntityImport.DuckDb.Merging;

/// <summary>A delta that becomes a plan: it is written into a table of its own while it is found, and nowhere else.</summary>
/// <remarks>Its transaction only reads the entity, so that it is in the way of no import, and sees one state of it however long it takes.</remarks>
internal sealed class PlanDelta(DuckDbMerge merge, LoadOrder order) : DuckDbDelta(merge, order)
{
    private readonly string _table = PlanTable.Name(order.PlanId!.Value);
    private long _rows;

    /// <summary>The fields whose values before are kept: those that rows have values for, or all where whole records go.</summary>
    private List<FieldDefinition> OldFields { get; } = [.. order.ReplacesAll ? order.Entity.Fields : order.ChangesRecords ? order.Fields.Select(f => f.Field).Where(f => !f.PrimaryKey) : []];

    /// <summary>Whether rows are compared with the records of their keys.</summary>
    private bool Compares => Order.ChangesRecords || (Order.ReplacesAll && Order.HasKey);

    protected override long Written => _rows;

    /// <summary>A plan changes no records.</summary>
    protected override bool KeepsBefore => false;

    public override bool HasRepeatedKeys(IRowFeed rows, CancellationToken cancellationToken) => rows.KeysMayRepeat && ((Order.ChangesRecords && Counts.Unchanged > 0) || Merge.Count(
        $"SELECT count(*) FROM (SELECT 1 FROM {_table} WHERE {PlanTable.Kind} <> {(int)ChangeKind.Removed} GROUP BY {Sql.Columns(Order.Entity.Key)} HAVING count(*) > 1)", cancellationToken) > 0);

    protected override DeltaCounts Compare(LoadedRows rows, CancellationToken cancellationToken)
    {
        var columns = new[] { $"{KindOfRow} AS {PlanTable.Kind}", $"{Sql.Row}.{Sql.RowNumber}" }
            .Concat(Order.Fields.Select(f => $"{New(f, rows)} AS {Sql.Column(f.Field)}"))
            .Concat(OldFields.Select(f => $"{(Compares ? $"{Sql.Target}.{Sql.Column(f)}" : $"CAST(NULL AS {Sql.Type(f)})")} AS {PlanTable.Old(f)}"));
        var source = $"{rows.Values} {Sql.Row}";
        if (Compares) source += $" LEFT JOIN {Merge.Table} {Sql.Target} ON {Sql.SameKey(Order.Entity)}";
        if (Order.ChangesRecords) source += $" WHERE {ChangeFunction.Sql(rows.Feed, IsNew, AnyChanged)}";
        Merge.Execute($"CREATE TABLE {_table} AS SELECT {string.Join(", ", columns)} FROM {source}", cancellationToken);
        var kinds = CountKinds(cancellationToken);
        var removed = Order.ReplacesAll ? Merge.CountRecords(cancellationToken) : 0;
        return Order.ReplacesAll
            ? new DeltaCounts { Inserted = kinds.Values.Sum(), Removed = removed }
            : new DeltaCounts { Inserted = kinds.GetValueOrDefault((int)ChangeKind.Inserted), Updated = kinds.GetValueOrDefault((int)ChangeKind.Updated), Unchanged = Order.ChangesRecords ? rows.Feed.Unchanged : 0 };
    }

    public override async Task<IMerge> ApplyKeptAsync(CancellationToken cancellationToken)
    {
        // It is this transaction's own, and goes with it or before.
        var kept = KeptDelta.Of(this, Merge, Order);
        await OwnThread.RunAsync(
            () =>
            {
                kept.ApplyAndKeep(cancellationToken);
                Merge.Execute($"DROP TABLE {_table}", cancellationToken);
            },
            cancellationToken).ConfigureAwait(false);
        Merge.Kept = null;
        return Merge;
    }

    protected override long KeepBefore(CancellationToken cancellationToken) => throw new InvalidOperationException("A plan changes no records.");

    protected override void Apply(CancellationToken cancellationToken)
    {
        if (Order.ReplacesAll) KeepRemoved(cancellationToken);
        var kinds = CountKinds(cancellationToken);
        _rows = kinds.Values.Sum();
        var fields = Order.Fields.Select(f => f.Field).Concat(Order.ReplacesAll ? Order.Entity.Fields.Except(Order.Fields.Select(f => f.Field)) : []).ToList();
        var updated = CountUpdated(fields, cancellationToken);
        Merge.Kept = new KeptChanges
        {
            Inserted = kinds.GetValueOrDefault((int)ChangeKind.Inserted),
            Updated = kinds.GetValueOrDefault((int)ChangeKind.Updated),
            Removed = kinds.GetValueOrDefault((int)ChangeKind.Removed),
            Fields = [.. fields.Select((f, i) => new ChangedField(f.SystemName, updated[i], Order.Fields.Any(mapped => mapped.Field == f)))],
            Bytes = CountBytes(cancellationToken),
        };
    }

    private static string IsNew => $"{Sql.Target}.{Sql.RowId} IS NULL";

    private string KindOfRow => !Compares ? Number(ChangeKind.Inserted)
        : Order.ChangesRecords ? $"CASE WHEN {IsNew} THEN {Number(ChangeKind.Inserted)} ELSE {Number(ChangeKind.Updated)} END"
        : $"CASE WHEN {IsNew} THEN {Number(ChangeKind.Inserted)} WHEN {AnyChanged} THEN {Number(ChangeKind.Updated)} ELSE {PlanTable.Same}::UTINYINT END";

    /// <summary>The condition that a row differs from the record of its key. What no row has a value for is lost where the row takes the record's place.</summary>
    private string AnyChanged => string.Join(" OR ", OldFields.Where(f => !f.PrimaryKey).Select(HasChanged).DefaultIfEmpty("false"));

    private string HasChanged(FieldDefinition field)
    {
        var old = $"{Sql.Target}.{Sql.Column(field)}";
        if (Order.Fields.All(f => f.Field != field)) return $"{old} IS NOT NULL";
        var value = $"{Sql.Row}.{Sql.Column(field)}";
        return Order is { KeepEmpty: true, ReplacesAll: false } ? $"({value} IS NOT NULL AND {old} IS DISTINCT FROM {value})" : $"{old} IS DISTINCT FROM {value}";
    }

    /// <summary>The value that a record gets: where empty values keep what is there, what is there.</summary>
    private string New(LoadedField field, LoadedRows rows)
    {
        var value = $"{Sql.Row}.{Sql.Column(field.Field)}";
        if (!Order.ChangesRecords) return rows.WithDefault(value, field);
        var kept = Order.KeepEmpty && !field.Field.PrimaryKey ? $"coalesce({value}, {Sql.Target}.{Sql.Column(field.Field)})" : value;
        return field.Default is null ? kept : $"CASE WHEN {IsNew} THEN {rows.WithDefault(value, field)} ELSE {kept} END";
    }

    /// <summary>Adds the records that no row takes the place of.</summary>
    private void KeepRemoved(CancellationToken cancellationToken)
    {
        var source = Order.HasKey
            ? $"{Merge.Table} {Sql.Target} ANTI JOIN (SELECT {Sql.Columns(Order.Entity.Key)} FROM {_table}) {Sql.Row} ON {Sql.SameKey(Order.Entity)}"
            : $"{Merge.Table} {Sql.Target}";
        Merge.Execute(
            $"""
            INSERT INTO {_table} ({string.Join(", ", OldFields.Select(PlanTable.Old).Prepend(PlanTable.Kind))})
            SELECT {string.Join(", ", OldFields.Select(f => $"{Sql.Target}.{Sql.Column(f)}").Prepend(Number(ChangeKind.Removed)))} FROM {source}
            """,
            cancellationToken);
    }

    private List<long> CountUpdated(List<FieldDefinition> fields, CancellationToken cancellationToken)
    {
        var mapped = Order.Fields.Select(f => f.Field).ToHashSet();
        var counts = fields.Select(f => f.PrimaryKey || !OldFields.Contains(f) ? "count(*) FILTER (WHERE false)"
            : mapped.Contains(f) ? $"count(*) FILTER (WHERE {Sql.Column(f)} IS DISTINCT FROM {PlanTable.Old(f)})"
            : $"count({PlanTable.Old(f)})");
        return [.. Merge.Connection.Query(
            $"SELECT {string.Join(", ", counts)} FROM {_table} WHERE {PlanTable.Kind} = {(int)ChangeKind.Updated}", null,
            row => Enumerable.Range(0, fields.Count).Select(row.GetInt64).ToList(), cancellationToken)[0]];
    }

    private long CountBytes(CancellationToken cancellationToken)
    {
        // Its own columns are two numbers.
        var columns = Order.Fields.Select(f => (f.Field.DataType, Sql.Column(f.Field))).Concat(OldFields.Select(f => (f.DataType, PlanTable.Old(f))))
            .Concat([(DataType.Integer, PlanTable.Kind), (DataType.Integer, Sql.RowNumber)]);
        return Merge.Count($"SELECT {Sql.Bytes(columns)} FROM {_table}", cancellationToken);
    }

    private static string Number(ChangeKind kind) => string.Create(CultureInfo.InvariantCulture, $"{(int)kind}::UTINYINT");
}
