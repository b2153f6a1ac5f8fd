using EntityImport.Postgres.Catalog;
using EntityImport.Postgres.Connections;
using EntityImport.Postgres.Rows;
using EntityImport.Storage;

namespace EntityImport.Postgres.Merging;

/// <summary>A delta that needs no comparison: all rows are new records, because the entity has no key, has none of the rows' keys, is empty, or is replaced.</summary>
internal sealed class AddedDelta(PostgresMerge merge, LoadOrder order) : PostgresDelta(merge, order)
{
    private LoadedRows _rows = null!;

    protected override async Task<DeltaCounts> CompareAsync(LoadedRows rows, CancellationToken cancellationToken)
    {
        _rows = rows;
        return new DeltaCounts
        {
            Inserted = rows.Left,
            Removed = Order.ReplacesAll ? await Merge.CountRecordsAsync(cancellationToken).ConfigureAwait(false) : 0,
        };
    }

    protected override Task<long> KeepBeforeAsync(CancellationToken cancellationToken) => Task.FromResult(0L);

    protected override async Task DoAsync(CancellationToken cancellationToken)
    {
        var target = Order.ReplacesAll ? await Merge.BeginNewTableAsync(cancellationToken).ConfigureAwait(false) : Table;
        await PutInAsync(
            Counts.Inserted, target, Order.Fields.Select(f => _rows.WithDefault(Table, $"{Sql.Row}.{Table.Column(f.Field)}", f)), $"{_rows.Table} {Sql.Row}", cancellationToken).ConfigureAwait(false);
        if (!Order.ReplacesAll) return;
        await RecordTables.AddKeyAsync(Merge.Session, target, cancellationToken).ConfigureAwait(false);
        await Merge.ReplaceAsync(target, KeepsBefore ? Order.Sequence : null, Counts.Removed, cancellationToken).ConfigureAwait(false);
    }
}
