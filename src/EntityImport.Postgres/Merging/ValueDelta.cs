using System.Globalization;
using EntityImport.Changes;
using EntityImport.Entities;
using EntityImport.Postgres.Catalog;
using EntityImport.Postgres.Connections;
using EntityImport.Postgres.Rows;
using EntityImport.Storage;

namespace EntityImport.Postgres.Merging;

/// <summary>
/// The delta of rows that change some records: a relation of those that do, each with the record that it finds. Where a sample of the rows says that most records change, it is a table of the records as they will be instead, which one
/// join makes in less time than their changes take.
/// </summary>
/// <param name="merge">The transaction.</param>
/// <param name="order">What is wanted.</param>
/// <param name="relation">The name of the relation, which nobody else knows and which goes with the transaction.</param>
internal class ValueDelta(PostgresMerge merge, LoadOrder order, string relation) : PostgresDelta(merge, order)
{
    private const int Inserted = (int)ChangeKind.Inserted;
    private const int Updated = (int)ChangeKind.Updated;

    /// <summary>Changes from which on a new table is thought of.</summary>
    private const long ManyChanges = 10_000;

    /// <summary>About how many rows are compared to find out how many change: enough to tell a half from a third.</summary>
    private const double SampledRows = 2_000;

    private EntityTable? _next;
    private long _records;

    protected override bool MakesNewTable => base.MakesNewTable || _next is not null;

    protected override async Task<DeltaCounts> CompareAsync(LoadedRows rows, CancellationToken cancellationToken) =>
        await ChangesMostAsync(rows, cancellationToken).ConfigureAwait(false)
            ? await MakeNewTableAsync(rows, cancellationToken).ConfigureAwait(false)
            : await FindChangesAsync(rows, cancellationToken).ConfigureAwait(false);

    /// <summary>About how many of the rows change a record, and how many find one.</summary>
    protected virtual async Task<(long Changing, long Finding)> EstimateAsync(LoadedRows rows, CancellationToken cancellationToken)
    {
        var percent = Math.Min(100, 100 * SampledRows / rows.Left).ToString(CultureInfo.InvariantCulture);
        var (changing, finding, sampled) = (await Merge.Session.QueryAsync(
            $"""
            SELECT count(*) FILTER (WHERE NOT {Table.IsNew} AND ({AnyChanged})), count(*) FILTER (WHERE NOT {Table.IsNew}), count(*)
            FROM {rows.Table} {Sql.Row} TABLESAMPLE SYSTEM ({percent}) REPEATABLE (1) LEFT JOIN {Table.Table} {Sql.Target} ON {Table.SameKey}
            """,
            row => (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)), cancellationToken).ConfigureAwait(false))[0];
        var ofEach = sampled == 0 ? 0 : (double)rows.Left / sampled;
        return ((long)(changing * ofEach), (long)(finding * ofEach));
    }

    protected override async Task<long> KeepBeforeAsync(CancellationToken cancellationToken)
    {
        var fields = Order.Entity.Fields;
        await DoByRecordAsync(
            Counts.Updated, "kept as they were",
            $"""
            INSERT INTO {Table.Before} ({Sql.Version}, {BeforeTables.Was}, {BeforeTables.Became}, {Table.Columns(fields)})
            SELECT {Sql.Text(Order.Sequence)}, {Sql.Target}.{Sql.Version}, {Sql.Text(Order.Sequence)}, {Table.Columns(fields, $"{Sql.Target}.")}
            FROM {Table.Table} {Sql.Target} JOIN {ChangedRecords} ON {IsRecord}
            """,
            cancellationToken).ConfigureAwait(false);
        return Counts.Updated;
    }

    protected override async Task DoAsync(CancellationToken cancellationToken)
    {
        if (_next is not null)
        {
            await RecordTables.AddKeyAsync(Merge.Session, _next, cancellationToken).ConfigureAwait(false);
            await Merge.ReplaceAsync(_next, KeepsBefore ? Order.Sequence : null, _records, cancellationToken).ConfigureAwait(false);
            return;
        }

        var others = Fields.Where(f => !f.PrimaryKey).ToList();
        if (others.Count > 0 && Counts.Updated > 0)
        {
            var values = string.Join(", ", others.Select(f => $"{Table.Column(f)} = {Updates(f, $"{Sql.Row}.{Table.Column(f)}")}").Append($"{Sql.Version} = {Sql.Text(Order.Sequence)}"));
            await DoByRecordAsync(Counts.Updated, "updated", $"UPDATE {Table.Table} {Sql.Target} SET {values} FROM {ChangedRecords} WHERE {IsRecord}", cancellationToken).ConfigureAwait(false);
        }

        await PutInAsync(Counts.Inserted, Table, Fields.Select(f => $"{Sql.Row}.{Table.Column(f)}"), $"{relation} {Sql.Row} WHERE {Sql.Row}.{PlanTable.Kind} = {Inserted}", cancellationToken).ConfigureAwait(false);
        await Merge.ExecuteAsync($"DROP TABLE {relation}", cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether so many records change that a new table is made in less time; the one that was is their before-image as it is, which takes no more room than twice that of theirs.</summary>
    private async Task<bool> ChangesMostAsync(LoadedRows rows, CancellationToken cancellationToken)
    {
        if (rows.Left < ManyChanges) return false;
        var (changing, finding) = await EstimateAsync(rows, cancellationToken).ConfigureAwait(false);
        var least = (KeepsBefore ? 2 : 5) * changing;
        // There are at least those that the rows find.
        if (changing < ManyChanges || least < finding) return false;
        _records = await Merge.CountRecordsAsync(cancellationToken).ConfigureAwait(false);
        return least >= _records;
    }

    /// <summary>Makes the relation of what changes: its kind, the record, and the values that it gets; null for one that it keeps.</summary>
    private async Task<DeltaCounts> FindChangesAsync(LoadedRows rows, CancellationToken cancellationToken)
    {
        var kind = $"CASE WHEN {Table.IsNew} THEN {Inserted} WHEN {AnyChanged} THEN {Updated} ELSE {PlanTable.Same} END";
        var values = Order.Fields.Select(f => $"{New(f, rows)} AS {Table.Column(f.Field)}");
        await Merge.MakeAsync(
            relation,
            $"""
            CREATE UNLOGGED TABLE {relation} WITH (autovacuum_enabled = false) AS SELECT * FROM (
                SELECT ({kind})::smallint AS {PlanTable.Kind}, {Sql.Target}.{Sql.RowId} AS {Sql.RecordId}, {string.Join(", ", values)} FROM {rows.Table} {Sql.Row} LEFT JOIN {Table.Table} {Sql.Target} ON {Table.SameKey} OFFSET 0
            ) compared WHERE {PlanTable.Kind} <> {PlanTable.Same}
            """,
            cancellationToken).ConfigureAwait(false);
        var kinds = await CountKindsAsync(relation, cancellationToken).ConfigureAwait(false);
        var (inserted, updated) = (kinds.GetValueOrDefault(Inserted), kinds.GetValueOrDefault(Updated));
        return Checked(new DeltaCounts { Inserted = inserted, Updated = updated, Unchanged = rows.Left - inserted - updated });
    }

    /// <summary>Makes a table of the records as they will be, without its key.</summary>
    private async Task<DeltaCounts> MakeNewTableAsync(LoadedRows rows, CancellationToken cancellationToken)
    {
        var mapped = Order.Fields.ToDictionary(f => f.Field);
        var isOther = $"{Sql.Row}.{Table.Column(Order.Entity.Key.First())} IS NULL";
        var values = Order.Entity.Fields.Select(f =>
        {
            var was = $"{Sql.Target}.{Table.Column(f)}";
            if (!mapped.TryGetValue(f, out var loaded)) return was;
            return $"{(f.PrimaryKey ? $"coalesce({was}, {Sql.Row}.{Table.Column(f)})" : $"CASE WHEN {isOther} THEN {was} ELSE {Updates(f, New(loaded, rows))} END")} AS {Table.Column(f)}";
        });
        var version = $"CASE WHEN {isOther} THEN {Sql.Target}.{Sql.Version} WHEN {Table.IsNew} OR {AnyChanged} THEN {Sql.Text(Order.Sequence)} ELSE {Sql.Target}.{Sql.Version} END::bigint AS {Sql.Version}";
        _next = await Merge.MakeNewTableAsync($"SELECT {string.Join(", ", values.Append(version))} FROM {rows.Table} {Sql.Row} FULL JOIN {Table.Table} {Sql.Target} ON {Table.SameKey}", cancellationToken).ConfigureAwait(false);
        var (records, changed) = (await Merge.Session.QueryAsync(
            $"SELECT count(*), count(*) FILTER (WHERE {Sql.Version} = {Sql.Text(Order.Sequence)}) FROM {_next.Table}", row => (row.GetInt64(0), row.GetInt64(1)), cancellationToken).ConfigureAwait(false))[0];
        var inserted = records - _records;
        return Checked(new DeltaCounts { Inserted = inserted, Updated = changed - inserted, Unchanged = rows.Left - changed });
    }

    private static DeltaCounts Checked(DeltaCounts counts) => counts is { Inserted: >= 0, Updated: >= 0, Unchanged: >= 0 } ? counts
        : throw new LedgerException(string.Create(CultureInfo.InvariantCulture, $"The ledger does not add up, so nothing was written: of the rows {counts.Inserted} are new, {counts.Updated} change records and {counts.Unchanged} change nothing."));

    /// <summary>Runs a statement that joins <see cref="ChangedRecords"/> with the records that they are.</summary>
    /// <inheritdoc cref="PostgresDelta.DoAsync(long, string, string, CancellationToken)"/>
    private async Task DoByRecordAsync(long expected, string done, string sql, CancellationToken cancellationToken)
    {
        // One after the other in the order of their pages, rather than with a pass over all records. It is the only way left.
        await Merge.ExecuteAsync("SET LOCAL enable_hashjoin = off", cancellationToken).ConfigureAwait(false);
        await Merge.ExecuteAsync("SET LOCAL enable_mergejoin = off", cancellationToken).ConfigureAwait(false);
        await DoAsync(expected, done, sql, cancellationToken).ConfigureAwait(false);
        await Merge.ExecuteAsync("SET LOCAL enable_hashjoin TO DEFAULT", cancellationToken).ConfigureAwait(false);
        await Merge.ExecuteAsync("SET LOCAL enable_mergejoin TO DEFAULT", cancellationToken).ConfigureAwait(false);
    }

    private string ChangedRecords => $"(SELECT * FROM {relation} WHERE {PlanTable.Kind} = {Updated} ORDER BY {Sql.RecordId}) {Sql.Row}";

    private string IsRecord => $"{Sql.Target}.{Sql.RowId} = {Sql.Row}.{Sql.RecordId} AND {Table.SameKey}";

    /// <summary>The condition that a row differs from the record of its key.</summary>
    private string AnyChanged => string.Join(" OR ", Fields.Where(f => !f.PrimaryKey).Select(HasChanged).DefaultIfEmpty("false"));

    private string HasChanged(FieldDefinition field)
    {
        var column = Table.Column(field);
        var changed = $"{Sql.Target}.{column} IS DISTINCT FROM {Sql.Row}.{column}";
        return Order.KeepEmpty ? $"({Sql.Row}.{column} IS NOT NULL AND {changed})" : changed;
    }

    /// <summary>A field's value in the delta: the row's; in a new record, a default where it has none.</summary>
    private string New(LoadedField field, LoadedRows rows)
    {
        var value = $"{Sql.Row}.{Table.Column(field.Field)}";
        return field.Default is null ? value : $"CASE WHEN {Table.IsNew} THEN {rows.WithDefault(Table, value, field)} ELSE {value} END";
    }

    /// <summary>A field's value in a record that changes.</summary>
    private string Updates(FieldDefinition field, string value) => Order.KeepEmpty ? $"coalesce({value}, {Sql.Target}.{Table.Column(field)})" : value;
}
