using EntityImport.Changes;
using EntityImport.Entities;
using EntityImport.Postgres.Catalog;
using EntityImport.Postgres.Connections;
using EntityImport.Postgres.Rows;
using EntityImport.Storage;

namespace EntityImport.Postgres.Merging;

/// <summary>The delta of rows that change some records: a relation with a row for each of them, of which those that change nothing have no values.</summary>
/// <param name="merge">The transaction.</param>
/// <param name="order">What is wanted.</param>
/// <param name="relation">The name of the relation, which nobody else knows and which goes with the transaction.</param>
internal class ValueDelta(PostgresMerge merge, LoadOrder order, string relation) : PostgresDelta(merge, order)
{
    private const int Inserted = (int)ChangeKind.Inserted;
    private const int Updated = (int)ChangeKind.Updated;

    /// <summary>What changes: its kind, and the values that records get; of a record that keeps some of them, null.</summary>
    protected string Relation => relation;

    protected override async Task<DeltaCounts> CompareAsync(LoadedRows rows, CancellationToken cancellationToken)
    {
        var kind = $"CASE WHEN {Table.IsNew} THEN {Inserted} WHEN {AnyChanged} THEN {Updated} ELSE {PlanTable.Same} END";
        var values = Order.Fields.Select(f => $"{New(f, rows)} AS {Table.Column(f.Field)}");
        await Merge.ExecuteAsync(
            $"""
            CREATE UNLOGGED TABLE {relation} WITH (autovacuum_enabled = false) AS SELECT {PlanTable.Kind}, {string.Join(", ", Fields.Select(f => $"CASE WHEN {PlanTable.Kind} <> {PlanTable.Same} THEN {Table.Column(f)} END AS {Table.Column(f)}"))}
            FROM (SELECT ({kind})::smallint AS {PlanTable.Kind}, {string.Join(", ", values)} FROM {rows.Table} {Sql.Row} LEFT JOIN {Table.Table} {Sql.Target} ON {Table.SameKey} OFFSET 0) compared
            """,
            cancellationToken).ConfigureAwait(false);
        var kinds = await CountKindsAsync(relation, cancellationToken).ConfigureAwait(false);
        return new DeltaCounts { Inserted = kinds.GetValueOrDefault(Inserted), Updated = kinds.GetValueOrDefault(Updated), Unchanged = kinds.GetValueOrDefault(PlanTable.Same) };
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

    protected override async Task DoAsync(CancellationToken cancellationToken)
    {
        var others = Fields.Where(f => !f.PrimaryKey).ToList();
        if (others.Count > 0 && Counts.Updated > 0)
        {
            var values = string.Join(", ", others.Select(f => $"{Table.Column(f)} = {UpdatedValue(f)}").Append($"{Sql.Version} = {Sql.Text(Order.Sequence)}"));
            await DoAsync(Counts.Updated, "updated", $"UPDATE {Table.Table} {Sql.Target} SET {values} FROM {relation} {Sql.Row} WHERE {Table.SameKey} AND {Sql.Row}.{PlanTable.Kind} = {Updated}", cancellationToken).ConfigureAwait(false);
        }

        await PutInAsync(Counts.Inserted, Table, Fields.Select(f => $"{Sql.Row}.{Table.Column(f)}"), $"{relation} {Sql.Row} WHERE {Sql.Row}.{PlanTable.Kind} = {Inserted}", cancellationToken).ConfigureAwait(false);
        await Merge.ExecuteAsync($"DROP TABLE {relation}", cancellationToken).ConfigureAwait(false);
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
