using EntityImport.DuckDb.Connections;
using EntityImport.DuckDb.Rows;
using EntityImport.Entities;
using EntityImport.Rows;
using EntityImport.Storage;

namespace EntityImport.DuckDb.Merging;

/// <summary>The delta of rows that change some records, with their values.</summary>
internal class ValueDelta(DuckDbMerge merge, LoadOrder order, IRowAmount rows) : ExplicitDelta(merge, order)
{
    private const string Changed = "\"#changed\"";

    protected override bool MovesRecords => Merge.AreLong || StoreMemory.AreMany(rows, Counts.Updated);

    protected override DeltaCounts Compare(LoadedRows loaded, CancellationToken cancellationToken)
    {
        var values = string.Join(", ", Order.Fields.Select(f => New(f, loaded)));
        return Compare(values, loaded.Values, Merge.Table, Sql.RowId, loaded.Feed, cancellationToken);
    }

    protected override void Apply(CancellationToken cancellationToken)
    {
        if (MovesRecords && Order.HasWholeRecords)
        {
            TakeOut(cancellationToken);
            PutIn(Counts.Updated + Counts.Inserted, Fields, $"{Delta} {Sql.Row}", cancellationToken);
        }
        else
        {
            if (MovesRecords) Move(cancellationToken);
            else Update(cancellationToken);
            PutIn(Counts.Inserted, Fields, $"{Delta} {Sql.Row} WHERE {Sql.Row}.{TargetId} IS NULL", cancellationToken);
        }

        Merge.Execute($"DROP TABLE {Delta}", cancellationToken);
    }

    private void Update(CancellationToken cancellationToken)
    {
        var others = Fields.Where(f => !f.PrimaryKey).ToList();
        if (others.Count == 0) return;
        var values = string.Join(", ", others.Select(f => $"{Sql.Column(f)} = {Updated(f)}").Append($"{Sql.Version} = {Order.Sequence}"));
        Do(Counts.Updated, "updated", [$"UPDATE {Merge.Table} {Sql.Target} SET {values} FROM {Delta} {Sql.Row} WHERE {Sql.Target}.{Sql.RowId} = {Sql.Row}.{TargetId}"], cancellationToken);
    }

    /// <summary>Takes the changed records out and puts them in anew. An update keeps old and new values in memory until the commit, which long texts and millions of rows do not fit into.</summary>
    private void Move(CancellationToken cancellationToken)
    {
        var mapped = Fields.ToHashSet();
        var values = Order.Entity.Fields.Select(f => $"{(mapped.Contains(f) && !f.PrimaryKey ? Updated(f) : $"{Sql.Target}.{Sql.Column(f)}")} AS {Sql.Column(f)}");
        Merge.Execute(
            $"CREATE TEMP TABLE {Changed} AS SELECT {string.Join(", ", values)} FROM {Merge.Table} {Sql.Target} JOIN {Delta} {Sql.Row} ON {Sql.Target}.{Sql.RowId} = {Sql.Row}.{TargetId}",
            cancellationToken);
        TakeOut(cancellationToken);
        PutIn(Counts.Updated, Order.Entity.Fields, $"{Changed} {Sql.Row}", cancellationToken);
        Merge.Execute($"DROP TABLE {Changed}", cancellationToken);
    }

    /// <summary>A field's value in the delta: the row's; in a new record, a default where it has none.</summary>
    private static string New(LoadedField field, LoadedRows rows)
    {
        var column = Sql.Column(field.Field);
        var value = $"{Sql.Row}.{column}";
        return field.Default is null ? value : $"CASE WHEN {Sql.Target}.{Sql.RowId} IS NULL THEN {rows.WithDefault(value, field)} ELSE {value} END AS {column}";
    }

    /// <summary>A field's value in a record that changes.</summary>
    private string Updated(FieldDefinition field)
    {
        var column = Sql.Column(field);
        return Order.KeepEmpty ? $"coalesce({Sql.Row}.{column}, {Sql.Target}.{column})" : $"{Sql.Row}.{column}";
    }
}
