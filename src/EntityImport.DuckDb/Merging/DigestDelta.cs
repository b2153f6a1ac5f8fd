using EntityImport.DuckDb.Connections;
using EntityImport.DuckDb.Rows;
using EntityImport.Rows;
using EntityImport.Storage;

namespace EntityImport.DuckDb.Merging;

/// <summary>The delta of long rows that change some records, with their numbers: rows and records are compared by digests, and the texts come from the file, which is read again, when it is applied.</summary>
internal sealed class DigestDelta(DuckDbMerge merge, LoadOrder order, IRowFeed rows) : ExplicitDelta(merge, order)
{
    protected override bool MovesRecords => true;

    protected override DeltaCounts Compare(LoadedRows loaded, CancellationToken cancellationToken)
    {
        Digests.Store(Merge.Connection, Order.Entity, [.. Fields], cancellationToken);
        var counts = Compare($"{Sql.Row}.{Sql.RowNumber}", loaded.Digests, Digests.Table, Digests.Id, loaded.Feed, cancellationToken);
        Merge.Execute($"DROP TABLE {Digests.Table}", cancellationToken);
        return counts;
    }

    protected override void Apply(CancellationToken cancellationToken)
    {
        TakeOut(cancellationToken);
        using var feed = RowFunction.Open(rows);
        feed.Repeat();
        feed.Run(() => PutIn(Counts.Updated + Counts.Inserted, Fields, $"{feed.Sql} {Sql.Row} SEMI JOIN {Delta} {Sql.Target} ON {Sql.SameRow}", cancellationToken));
        Merge.Execute($"DROP TABLE {Delta}", cancellationToken);
    }
}
