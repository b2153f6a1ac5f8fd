using System.Globalization;
using EntityImport.Changes;
using EntityImport.Entities;
using EntityImport.Postgres.Catalog;
using EntityImport.Postgres.Connections;
using EntityImport.Postgres.Rows;
using EntityImport.Storage;

namespace EntityImport.Postgres.Merging;

/// <summary>The delta of rows that change some records: a relation with a row for each of them, of which those that change nothing have no values, or are counted and gone.</summary>
/// <param name="merge">The transaction.</param>
/// <param name="order">What is wanted.</param>
/// <param name="relation">The name of the relation, which nobody else knows and which goes with the transaction.</param>
internal class ValueDelta(PostgresMerge merge, LoadOrder order, string relation) : PostgresDelta(merge, order)
{
    private const int Inserted = (int)ChangeKind.Inserted;
    private const int Updated = (int)ChangeKind.Updated;

    /// <summary>Rows from which on the planner is told how many of each kind there are.</summary>
    private const long ManyRows = 10_000;

    private long? _records;

    /// <summary>What changes: its kind, and the values that records get; of a record that keeps some of them, null.</summary>
    protected string Relation => relation;

    protected override async Task<DeltaCounts> CompareAsync(LoadedRows rows, CancellationToken cancellationToken)
    {
        var kind = $"CASE WHEN {Table.IsNew} THEN {Inserted} WHEN {AnyChanged} THEN {Updated} ELSE {PlanTable.Same} END";
        var values = Order.Fields.Select(f => $"{New(f, rows)} AS {Table.Column(f.Field)}");
        await Merge.MakeAsync(
            relation,
            $"""
            CREATE UNLOGGED TABLE {relation} WITH (autovacuum_enabled = false) AS SELECT {PlanTable.Kind}, {string.Join(", ", Fields.Select(f => $"CASE WHEN {PlanTable.Kind} <> {PlanTable.Same} THEN {Table.Column(f)} END AS {Table.Column(f)}"))}
            FROM (SELECT ({kind})::smallint AS {PlanTable.Kind}, {string.Join(", ", values)} FROM {rows.Table} {Sql.Row} LEFT JOIN {Table.Table} {Sql.Target} ON {Table.SameKey} OFFSET 0) compared
            """,
            cancellationToken).ConfigureAwait(false);
        var kinds = await CountKindsAsync(relation, cancellationToken).ConfigureAwait(false);
        var counts = new DeltaCounts { Inserted = kinds.GetValueOrDefault(Inserted), Updated = kinds.GetValueOrDefault(Updated), Unchanged = kinds.GetValueOrDefault(PlanTable.Same) };
        var changes = counts.Inserted + counts.Updated;
        if (counts.Unchanged > Math.Max(changes, ManyRows))
        {
            // What changes nothing is counted, and was in the way of what follows.
            var all = $"{relation}_all";
            await Merge.ExecuteAsync($"ALTER TABLE {relation} RENAME TO {all[(all.IndexOf('.', StringComparison.Ordinal) + 1)..]}", cancellationToken).ConfigureAwait(false);
            await Merge.MakeAsync(relation, $"CREATE UNLOGGED TABLE {relation} WITH (autovacuum_enabled = false) AS SELECT * FROM {all} WHERE {PlanTable.Kind} <> {PlanTable.Same}", cancellationToken).ConfigureAwait(false);
            await Merge.ExecuteAsync($"DROP TABLE {all}", cancellationToken).ConfigureAwait(false);
        }

        if (changes > ManyRows) await Merge.ExecuteAsync($"ANALYZE {relation}", cancellationToken).ConfigureAwait(false);
        return counts;
    }

    protected override async Task<long> KeepBeforeAsync(CancellationToken cancellationToken)
    {
        var fields = Order.Entity.Fields;
        await DoAsync(
            Counts.Updated, "kept as they were",
            $"""
            INSERT INTO {Table.Before} ({Sql.Version}, {BeforeTables.Was}, {BeforeTables.Became}, {Table.Columns(fields)})
            SELECT {Sql.Text(Order.Sequence)}, {Sql.Target}.{Sql.Version}, {Sql.Text(Order.Sequence)}, {Table.Columns(fields, $"{Sql.Target}.")}
            FROM {Table.Table} {Sql.Target} JOIN {relation} {Sql.Row} ON {Table.SameKey} WHERE {Sql.Row}.{PlanTable.Kind} = {Updated}
            """,
            cancellationToken).ConfigureAwait(false);
        return Counts.Updated;
    }

    /// <summary>Where most records change, or without before-images a good part, a new table is made in less time than that takes; and the one that was is their before-image as it is.</summary>
    protected override async Task<bool> MakesNewTableAsync(CancellationToken cancellationToken)
    {
        if (Order.ReplacesAll) return true;
        var least = (KeepsBefore ? 2 : 5) * Counts.Updated;
        // There are at least those that the rows have found.
        if (Counts.Updated < ManyRows || least < Counts.Updated + Counts.Unchanged) return false;
        _records ??= await Merge.CountRecordsAsync(cancellationToken).ConfigureAwait(false);
        return least >= _records;
    }

    protected override async Task DoAsync(CancellationToken cancellationToken)
    {
        if (await MakesNewTableAsync(cancellationToken).ConfigureAwait(false))
        {
            await MakeNewTableAsync(cancellationToken).ConfigureAwait(false);
            return;
        }

        var others = Fields.Where(f => !f.PrimaryKey).ToList();
        if (others.Count > 0 && Counts.Updated > 0)
        {
            var values = string.Join(", ", others.Select(f => $"{Table.Column(f)} = {UpdatedValue(f)}").Append($"{Sql.Version} = {Sql.Text(Order.Sequence)}"));
            await DoAsync(Counts.Updated, "updated", $"UPDATE {Table.Table} {Sql.Target} SET {values} FROM {relation} {Sql.Row} WHERE {Table.SameKey} AND {Sql.Row}.{PlanTable.Kind} = {Updated}", cancellationToken).ConfigureAwait(false);
        }

        await PutInAsync(Counts.Inserted, Table, Fields.Select(f => $"{Sql.Row}.{Table.Column(f)}"), $"{relation} {Sql.Row} WHERE {Sql.Row}.{PlanTable.Kind} = {Inserted}", cancellationToken).ConfigureAwait(false);
        await Merge.ExecuteAsync($"DROP TABLE {relation}", cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes a table of the records as they will be, by one join.</summary>
    private async Task MakeNewTableAsync(CancellationToken cancellationToken)
    {
        var (mapped, isSame) = (Fields.ToHashSet(), $"{Sql.Row}.{PlanTable.Kind} IS NULL");
        var all = Order.Entity.Fields;
        var old = all.Select(f => mapped.Contains(f) && !f.PrimaryKey ? $"CASE WHEN {isSame} THEN {Sql.Target}.{Table.Column(f)} ELSE {UpdatedValue(f)} END AS {Table.Column(f)}" : $"{Sql.Target}.{Table.Column(f)}");
        var added = all.Select(f => mapped.Contains(f) ? $"{Sql.Row}.{Table.Column(f)}" : Sql.Null(f));
        var next = await Merge.MakeNewTableAsync(
            $"""
            SELECT {string.Join(", ", old)}, CASE WHEN {isSame} THEN {Sql.Target}.{Sql.Version} ELSE {Sql.Text(Order.Sequence)} END::bigint AS {Sql.Version}
            FROM {Table.Table} {Sql.Target} LEFT JOIN {relation} {Sql.Row} ON {Table.SameKey} AND {Sql.Row}.{PlanTable.Kind} = {Updated}
            UNION ALL SELECT {string.Join(", ", added)}, {Sql.Text(Order.Sequence)} FROM {relation} {Sql.Row} WHERE {Sql.Row}.{PlanTable.Kind} = {Inserted}
            """,
            cancellationToken).ConfigureAwait(false);
        var (records, changed) = (await Merge.Session.QueryAsync(
            $"SELECT count(*), count(*) FILTER (WHERE {Sql.Version} = {Sql.Text(Order.Sequence)}) FROM {next.Table}", row => (row.GetInt64(0), row.GetInt64(1)), cancellationToken).ConfigureAwait(false))[0];
        Check(_records!.Value + Counts.Inserted, "there", records);
        Check(Counts.Updated + Counts.Inserted, "changed", changed);
        await RecordTables.AddKeyAsync(Merge.Session, next, cancellationToken).ConfigureAwait(false);
        await Merge.ReplaceAsync(next, KeepsBefore ? Order.Sequence : null, _records.Value, cancellationToken).ConfigureAwait(false);
        await Merge.ExecuteAsync($"DROP TABLE {relation}", cancellationToken).ConfigureAwait(false);
    }

    private void Check(long expected, string done, long actual)
    {
        if (actual != expected)
            throw new LedgerException(string.Create(CultureInfo.InvariantCulture, $"The ledger does not add up, so nothing was written: {Counts.Updated} records change and {Counts.Inserted} are new, so {expected} were to be {done}, and {actual} were."));
    }

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
    private string UpdatedValue(FieldDefinition field)
    {
        var column = Table.Column(field);
        return Order.KeepEmpty ? $"coalesce({Sql.Row}.{column}, {Sql.Target}.{column})" : $"{Sql.Row}.{column}";
    }
}
