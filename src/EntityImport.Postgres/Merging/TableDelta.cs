using EntityImport.Postgres.Connections;
using EntityImport.Postgres.Rows;
using EntityImport.Storage;

namespace EntityImport.Postgres.Merging;

/// <summary>A delta that is a table already: the rows of a file that replaces all records, or goes into an entity that has none, were loaded into the table that is to be the entity's.</summary>
internal sealed class TableDelta(PostgresMerge merge, LoadOrder order, EntityTable next) : PostgresDelta(merge, order)
{
    protected override async Task<DeltaCounts> CompareAsync(LoadedRows rows, CancellationToken cancellationToken)
    {
        var removed = await Merge.CountRecordsAsync(cancellationToken).ConfigureAwait(false);
        if (removed > 0 && !Order.ReplacesAll) throw new LedgerException("The entity was empty when the rows were loaded, and is not any longer, so nothing was written.");
        return new DeltaCounts { Inserted = rows.Left, Removed = removed };
    }

    protected override Task<long> KeepBeforeAsync(CancellationToken cancellationToken) => Task.FromResult(0L);

    protected override async Task DoAsync(CancellationToken cancellationToken)
    {
        await Merge.ExecuteAsync($"ALTER TABLE {next.Table} ALTER COLUMN {Sql.Version} DROP DEFAULT", cancellationToken).ConfigureAwait(false);
        await Merge.ReplaceAsync(next, Order.ReplacesAll && KeepsBefore ? Order.Sequence : null, Counts.Removed, cancellationToken).ConfigureAwait(false);
    }
}
