using EntityImport.Changes;
using EntityImport.Entities;
using EntityImport.Postgres.Catalog;
using EntityImport.Postgres.Connections;
using EntityImport.Postgres.Leases;
using EntityImport.Storage;

namespace EntityImport.Postgres.Merging;

/// <summary>What undoing an import would do to the records of an entity, found and applied in one transaction.</summary>
/// <remarks>
/// A record and its version tell its values: an import changes a record once, and an undo brings back the version with the values. So a change can be taken back exactly where the record has the version that the change left it with, whatever
/// happened and was undone in between; else another import has changed it since, and it is kept.
/// </remarks>
/// <param name="merge">The transaction.</param>
/// <param name="order">What is undone.</param>
/// <param name="whole">The imports of which the whole table was kept.</param>
internal abstract class UndoDelta(PostgresMerge merge, UndoOrder order, IReadOnlyList<(long Import, string Table)> whole) : IDelta
{
    public DeltaCounts Counts { get; private set; } = new();

    protected PostgresMerge Merge => merge;

    protected EntityTable Table => merge.Table;

    protected UndoOrder Order => order;

    protected EntityDefinition Entity => order.Entity;

    /// <summary>The number of the import that is undone.</summary>
    protected string Undone => Sql.Text(order.Undone.Sequence);

    /// <summary>The number of the import that undoes it.</summary>
    protected string Sequence => Sql.Text(order.Sequence);

    protected bool HasKey => Entity.Key.Any();

    protected string Key => Table.Key;

    /// <summary>The name of the table that was before the import; null where that is not kept whole.</summary>
    protected string? WasTable => whole.FirstOrDefault(kept => kept.Import == order.Undone.Sequence).Table;

    /// <summary>That table.</summary>
    protected string Was => EntityTable.InData(WasTable!);

    /// <summary>Versions that records had before imports; see <see cref="BeforeTables.Versions"/>.</summary>
    protected string Versions => $"{BeforeTables.Versions(Table, whole)} versions";

    /// <summary>Without a key, the records that were taken out at some time, each as its version: of each version as many as there were.</summary>
    protected string TakenOut => $"""
        (SELECT {BeforeTables.Was} FROM (SELECT {BeforeTables.Was}, {Sql.Version}, min({Sql.Version}) OVER (PARTITION BY {BeforeTables.Was}) AS first FROM {Versions} WHERE {BeforeTables.Was} <> {Sql.Text(BeforeTables.Absent)}) every
        WHERE {Sql.Version} = first)
        """;

    /// <summary>Begins a transaction and finds the delta; null where nothing was kept for it.</summary>
    /// <param name="database">The database.</param>
    /// <param name="order">What is undone.</param>
    /// <param name="cancellationToken">Interrupts the statements.</param>
    public static async Task<UndoDelta?> FindAsync(Database database, UndoOrder order, CancellationToken cancellationToken)
    {
        // Whoever only wants to know has no number of its own.
        var lease = order.Sequence < long.MaxValue ? await EntityLease.TakeAsync(database, order.Entity, order.Sequence, cancellationToken).ConfigureAwait(false) : null;
        var merge = await PostgresMerge.BeginAsync(database, order.Entity, lease, isSnapshot: lease is null, cancellationToken).ConfigureAwait(false);
        try
        {
            var (isKept, wholeTable) = await BeforeTables.FindAsync(merge.Session, order.Undone.Sequence, order.Entity.SystemName, holds: lease is not null, cancellationToken).ConfigureAwait(false);
            if (isKept)
            {
                var whole = await BeforeTables.ListWholeAsync(merge.Session, order.Entity.SystemName, cancellationToken).ConfigureAwait(false);
                UndoDelta delta = wholeTable is not null && (order.Undone.Replaced || order.Undone.Undoes is not null) ? new WholeUndoDelta(merge, order, whole) : new RecordUndoDelta(merge, order, whole);
                delta.Counts = await delta.CompareAsync(cancellationToken).ConfigureAwait(false);
                return delta;
            }
        }
        catch
        {
            await merge.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        await merge.DisposeAsync().ConfigureAwait(false);
        return null;
    }

    public Task ReadChangesAsync(ChangeBatch batch, bool withKeys, Action take, CancellationToken cancellationToken) => throw new InvalidOperationException("An undo keeps no plan.");

    public Task<IMerge> ApplyKeptAsync(CancellationToken cancellationToken) => throw new InvalidOperationException("An undo keeps no plan.");

    public async Task<IMerge> ApplyAsync(CancellationToken cancellationToken)
    {
        await DoAsync(cancellationToken).ConfigureAwait(false);
        return merge;
    }

    public ValueTask DisposeAsync() => merge.DisposeAsync();

    /// <summary>Counts what can be taken back and what is kept.</summary>
    protected abstract Task<DeltaCounts> CompareAsync(CancellationToken cancellationToken);

    /// <summary>Takes back what was counted, and keeps what the records were.</summary>
    protected abstract Task DoAsync(CancellationToken cancellationToken);

    /// <summary>Runs a statement that does what was counted before.</summary>
    /// <exception cref="LedgerException">It was about another number of records.</exception>
    protected Task DoAsync(long expected, string done, string sql, CancellationToken cancellationToken) =>
        merge.ExecuteAsync(expected, $"{Counts.Reversed} changes can be taken back, for which", done, sql, cancellationToken);
}
