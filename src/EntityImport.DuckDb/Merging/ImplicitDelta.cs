using EntityImport.DuckDb.Connections;
using EntityImport.DuckDb.Rows;
using EntityImport.Rows;
using EntityImport.Storage;

namespace EntityImport.DuckDb.Merging;

/// <summary>
/// A delta that needs no comparison: all rows are new records, because the entity is empty, has no key, has none of the rows' keys, or is replaced. Its relation is the rows themselves. What it takes out is the table
/// as it was before, for everybody else and until the commit.
/// </summary>
/// <remarks>It is written into the transaction while it is found, so that the file is read once and staged nowhere: to apply it is to keep it.</remarks>
internal sealed class ImplicitDelta(DuckDbMerge merge, LoadOrder order) : DuckDbDelta(merge, order)
{
    public override bool HasRepeatedKeys(IRowFeed rows, CancellationToken cancellationToken) => rows.KeysMayRepeat && Merge.Count(
        $"SELECT count(*) FROM (SELECT 1 FROM {Merge.Table} GROUP BY {Sql.Columns(Order.Entity.Key)} HAVING count(*) > 1)", cancellationToken) > 0;

    protected override DeltaCounts Compare(LoadedRows rows, CancellationToken cancellationToken)
    {
        var removed = Order.ReplacesAll ? Merge.CountRecords(cancellationToken) : 0;
        // A new table instead of deleted rows: it costs nothing, and the one that was can be kept as it is.
        if (Order.ReplacesAll) Merge.BeginNewTable(Order.KeepsBefore ? Sql.WholeName(Order.Sequence) : null, cancellationToken);
        var values = string.Join(", ", Order.Fields.Select(f => rows.WithDefault($"{Sql.Row}.{Sql.Column(f.Field)}", f)));
        var inserted = Merge.Execute($"INSERT INTO {Merge.Table} ({Sql.Columns(Fields)}, {Sql.Version}) SELECT {values}, {Order.Sequence} FROM {rows.Values} {Sql.Row}", cancellationToken);
        return new DeltaCounts { Inserted = inserted, Removed = removed };
    }

    protected override long KeepBefore(CancellationToken cancellationToken) => Counts.Removed;

    protected override void Apply(CancellationToken cancellationToken)
    {
        // It is there already.
    }
}
