using EntityImport.Changes;
using EntityImport.DuckDb.Catalog;
using EntityImport.DuckDb.Connections;
using EntityImport.Entities;
using EntityImport.Rows;
using EntityImport.Storage;

namespace EntityImport.DuckDb.Merging;

/// <summary>What undoing an import would do to the records of an entity, found and applied in one transaction.</summary>
/// <remarks>
/// A record and its version tell its values: an import changes a record once, and an undo brings back the version with the values. So a change can be taken back exactly where the record has the version that the change left it with, whatever
/// happened and was undone in between; else another import has changed it since, and it is kept.
/// </remarks>
internal abstract class UndoDelta : IDelta, IDisposable
{
    private readonly IDisposable _memory;
    private readonly Action _leave;

    protected UndoDelta(Database database, UndoOrder order, bool areLong, IDisposable memory, Action leave)
    {
        _memory = memory;
        _leave = leave;
        Order = order;
        Amount = new WrittenRecords();
        Merge = new DuckDbMerge(database, order.Entity, Amount, areLong);
    }

    public DeltaCounts Counts { get; private set; } = new();

    protected DuckDbMerge Merge { get; }

    protected UndoOrder Order { get; }

    protected WrittenRecords Amount { get; }

    protected EntityDefinition Entity => Order.Entity;

    /// <summary>The number of the import that is undone.</summary>
    protected long Undone => Order.Undone.Sequence;

    protected bool HasKey => Entity.Key.Any();

    protected string Key => Sql.Columns(Entity.Key);

    /// <summary>The table that was before the import, where that is kept whole.</summary>
    protected string Was => $"{Sql.RecordSchema}.{Sql.Name(Sql.WholeName(Undone))}";

    /// <summary>Versions that records had before imports; see <see cref="BeforeTables.Versions"/>.</summary>
    protected string Versions => BeforeTables.Versions(Merge.Connection, Entity);

    /// <summary>Without a key, the records that were taken out at some time, each as its version: of each version as many as there were.</summary>
    protected string TakenOut => $"(SELECT {BeforeTables.Was} FROM {Versions} WHERE {BeforeTables.Was} <> {BeforeTables.Absent} QUALIFY {Sql.Version} = min({Sql.Version}) OVER (PARTITION BY {BeforeTables.Was}))";

    /// <summary>Begins a transaction and finds the delta; null where nothing was kept for it.</summary>
    /// <param name="database">The database.</param>
    /// <param name="order">What is undone.</param>
    /// <param name="areLong">Whether it may write long rows.</param>
    /// <param name="memory">What was reserved for it, which the delta disposes.</param>
    /// <param name="leave">What ends with the delta.</param>
    /// <param name="cancellationToken">Interrupts the statements.</param>
    public static UndoDelta? Find(Database database, UndoOrder order, bool areLong, IDisposable memory, Action leave, CancellationToken cancellationToken)
    {
        bool? isWhole;
        using (var connection = database.Connect())
            isWhole = BeforeTables.FindIsWhole(connection, order.Undone.Sequence, order.Entity.SystemName, cancellationToken);

        if (isWhole is null) return null;
        var isReplacing = isWhole.Value && (order.Undone.Replaced || order.Undone.Undoes is not null);
        UndoDelta delta = isReplacing ? new WholeUndoDelta(database, order, areLong, memory, leave) : new RecordUndoDelta(database, order, isWhole.Value, areLong, memory, leave);
        try
        {
            delta.Counts = delta.Compare(cancellationToken);
            return delta;
        }
        catch
        {
            // What it holds is given back by the caller as long as there is no delta.
            delta.Merge.Dispose();
            throw;
        }
    }

    /// <summary>Whether it may write long rows, and too many of them to be left in the log: as far as that is told without reading them.</summary>
    public static bool MayBeLong(Database database, UndoOrder order, CancellationToken cancellationToken)
    {
        using var connection = database.Connect();
        using var transaction = connection.BeginTransaction();
        if (BeforeTables.FindIsWhole(connection, order.Undone.Sequence, order.Entity.SystemName, cancellationToken) is not { } isWhole) return false;
        var most = BeforeTables.ListOf(connection, order.Entity.SystemName).Append(Sql.Table(order.Entity)).Max(table => StoredTexts.MostBytes(connection, table, order.Entity.Fields, cancellationToken));
        var ledger = order.Undone.Ledger;
        // What goes is kept, and what comes is written; of a table that was kept whole also what stays.
        return most > StoreMemory.LongRowBytes && (isWhole || 2 * most * (ledger.Inserted + ledger.Updated + ledger.Removed + ledger.Reversed) > Database.LongLogBytes);
    }

    public Task ReadChangesAsync(ChangeBatch batch, bool withKeys, Action take, CancellationToken cancellationToken) => throw new InvalidOperationException("An undo keeps no plan.");

    public Task<IMerge> ApplyKeptAsync(CancellationToken cancellationToken) => throw new InvalidOperationException("An undo keeps no plan.");

    public async Task<IMerge> ApplyAsync(CancellationToken cancellationToken)
    {
        await OwnThread.RunAsync(() => Apply(cancellationToken), cancellationToken).ConfigureAwait(false);
        Merge.Written = Amount.RecordCount;
        return Merge;
    }

    public void Dispose()
    {
        try
        {
            Merge.Dispose();
        }
        finally
        {
            _memory.Dispose();
            _leave();
        }
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Counts what can be taken back and what is kept.</summary>
    protected abstract DeltaCounts Compare(CancellationToken cancellationToken);

    /// <summary>Takes back what was counted, and keeps what the records were.</summary>
    protected abstract void Apply(CancellationToken cancellationToken);

    /// <summary>Runs statements that together do what was counted before.</summary>
    /// <exception cref="LedgerException">They were about another number of records.</exception>
    protected void Do(long expected, string done, IEnumerable<string> statements, CancellationToken cancellationToken) =>
        Merge.Execute(expected, $"{Counts.Reversed} changes can be taken back, for which", done, statements, cancellationToken);

    /// <summary>Notes how much some records are that are written.</summary>
    /// <param name="relations">The relations that they are read from, one after the other.</param>
    /// <param name="cancellationToken">Interrupts the statements.</param>
    protected void NoteWritten(IEnumerable<string> relations, CancellationToken cancellationToken)
    {
        var bytesOf = Sql.Bytes(Entity.Fields.Select(field => (field.DataType, Sql.Column(field))));
        foreach (var relation in relations)
        {
            var (count, bytes) = Merge.Connection.Query($"SELECT count(*), {bytesOf} FROM {relation}", null, row => (row.GetInt64(0), row.GetInt64(1)), cancellationToken)[0];
            Amount.Add(count, bytes);
        }
    }

    /// <summary>How much is written.</summary>
    protected sealed class WrittenRecords : IRowAmount
    {
        public long RecordCount { get; private set; }

        public long FileBytes { get; private set; }

        public int MaxReaders => int.MaxValue;

        public void Add(long records, long bytes)
        {
            RecordCount += records;
            FileBytes += bytes;
        }
    }
}
