using EntityImport.Catalog;
using EntityImport.DuckDb.Catalog;
using EntityImport.DuckDb.Connections;
using EntityImport.DuckDb.Loading;
using EntityImport.DuckDb.Merging;
using EntityImport.Entities;
using EntityImport.Records;
using EntityImport.Storage;
using EntityImport.Testing;

namespace EntityImport.DuckDb.Records;

/// <summary>The records of entities in DuckDB: one table for each entity, one column for each field.</summary>
internal sealed class DuckDbRecords(Database database, StoreThreads threads) : IRecords, IDisposable
{
    /// <summary>Reads single records by their keys.</summary>
    public KeyReads ByKey { get; } = new(database, threads);

    public Task<long> CountRecordsAsync(EntityDefinition entity, CancellationToken cancellationToken) => threads.RunAsync(
        () =>
        {
            using var connection = database.Connect(ConnectionUse.Query);
            return connection.Query($"SELECT count(*) FROM {Sql.Table(entity)}", null, row => row.GetInt64(0), cancellationToken)[0];
        },
        cancellationToken);

    public async Task<long?> ReadRecordsAsync(RecordQuery query, Action<string?[]> take, CancellationToken cancellationToken)
    {
        if (query is { Skip: 0, Top: > 0 } && await ByKey.TryReadAsync(query, cancellationToken).ConfigureAwait(false) is { } record)
        {
            take(record);
            return query.Count ? 1 : null;
        }

        return await threads.RunAsync(() => Read(query, take, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    public Task<ILoad> BeginLoadAsync(LoadOrder order, CancellationToken cancellationToken) =>
        Task.FromResult<ILoad>(new DuckDbLoad(database, order));

    public async Task<IDelta?> FindUndoAsync(UndoOrder order, CancellationToken cancellationToken)
    {
        // Who only asks what an undo would do commits nothing.
        var holdsLongRows = order.ImportId != Guid.Empty && await threads.RunAsync(() => UndoDelta.MayBeLong(database, order, cancellationToken), cancellationToken).ConfigureAwait(false);
        if (holdsLongRows) await database.LongRows.WaitAsync(cancellationToken).ConfigureAwait(false);
        IDisposable? memory = null;
        var isFound = false;
        try
        {
            memory = database.ReserveAll();
            IDelta? found = null;
            await OwnThread.RunAsync(() => found = UndoDelta.Find(database, order, holdsLongRows, memory, Leave, cancellationToken), cancellationToken).ConfigureAwait(false);
            isFound = found is not null;
            return found;
        }
        finally
        {
            if (!isFound)
            {
                memory?.Dispose();
                Leave();
            }
        }

        void Leave()
        {
            if (holdsLongRows) database.LongRows.Release();
        }
    }

    public Task<IReadOnlyList<StoredBefore>> ListBeforeAsync(CancellationToken cancellationToken) => threads.RunAsync(
        () =>
        {
            using var connection = database.Connect();
            // One snapshot for all statements: tables may be dropped or get fields in between.
            using var transaction = connection.BeginTransaction();
            return BeforeTables.List(connection, cancellationToken);
        },
        cancellationToken);

    public Task DropBeforeAsync(StoredBefore before, CancellationToken cancellationToken) => OwnThread.RunAsync(
        () =>
        {
            // It may take as long as an import's transaction, and is waited for like one.
            using var connection = database.Connect(ConnectionUse.Merge);
            using var transaction = connection.BeginTransaction();
            BeforeTables.Drop(connection, before, cancellationToken);
            transaction.Commit();
            FaultPoints.Reach(FaultStep.BeforeDropped, Guid.Empty);
        },
        cancellationToken);

    public Task<StoredHistory> ReadHistoryAsync(EntityDefinition entity, Condition key, CancellationToken cancellationToken) => threads.RunAsync(
        () =>
        {
            using var connection = database.Connect(ConnectionUse.Query);
            // One snapshot for all statements: an import may be committed in between.
            using var transaction = connection.BeginTransaction();
            return RecordHistory.Read(connection, entity, key, cancellationToken);
        },
        cancellationToken);

    public async Task<IDelta> OpenKeptDeltaAsync(LoadOrder order, Plan plan, CancellationToken cancellationToken)
    {
        var holdsLongRows = plan.Changes!.Bytes > Database.LongLogBytes && StoreMemory.AreLong(new KeptRows(plan.Changes));
        if (holdsLongRows) await database.LongRows.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            KeptDelta? delta = null;
            await OwnThread.RunAsync(() => delta = KeptDelta.Open(database, order, plan, Leave, cancellationToken), cancellationToken).ConfigureAwait(false);
            return delta!;
        }
        catch
        {
            Leave();
            throw;
        }

        void Leave()
        {
            if (holdsLongRows) database.LongRows.Release();
        }
    }

    public Task<ChangePage> ReadChangesAsync(Plan plan, ChangeQuery query, CancellationToken cancellationToken) => threads.RunAsync(
        () =>
        {
            using var connection = database.Connect(ConnectionUse.Query);
            return new PlanChangePages(connection, plan, query, cancellationToken).Read();
        },
        cancellationToken);

    public Task<ChangePage?> ReadChangesAsync(ImportedChanges import, ChangeQuery query, CancellationToken cancellationToken) => threads.RunAsync(
        () =>
        {
            try
            {
                return ReadOnce(import, query, cancellationToken);
            }
            catch (StoreUnavailableException exception) when (exception.IsMemoryFull)
            {
                // As for records: with all that was configured.
                using var memory = database.ReserveAll();
                return ReadOnce(import, query, cancellationToken);
            }
        },
        cancellationToken);

    /// <summary>Ends what is still being read for later queries.</summary>
    public void Dispose() => ByKey.Dispose();

    /// <summary>Reads with as much memory as queries usually have, or, where that is not enough for the first records, with all that was configured.</summary>
    private long? Read(RecordQuery query, Action<string?[]> take, CancellationToken cancellationToken)
    {
        var taken = 0;
        try
        {
            return ReadOnce(query, record => { taken++; take(record); }, cancellationToken);
        }
        catch (StoreUnavailableException exception) when (exception.IsMemoryFull && taken == 0)
        {
            using var memory = database.ReserveAll();
            return ReadOnce(query, take, cancellationToken);
        }
    }

    private ChangePage? ReadOnce(ImportedChanges import, ChangeQuery query, CancellationToken cancellationToken)
    {
        var version = database.Texts.Version;
        using var connection = database.Connect(ConnectionUse.Query);
        // One snapshot for all statements: an import may be committed in between.
        using var transaction = connection.BeginTransaction();
        return ImportChangePages.Read(connection, database.Texts, version, import, query, cancellationToken);
    }

    private long? ReadOnce(RecordQuery query, Action<string?[]> take, CancellationToken cancellationToken)
    {
        var version = database.Texts.Version;
        using var connection = database.Connect(ConnectionUse.Query);
        var pages = new RecordPages(connection, database.Texts, version, query, cancellationToken);
        if (query is { Skip: 0, Top: > 0 } && RecordKey.IsNamedBy(query.Entity, query.Filter) && pages.TryReadOne(take) is { } found)
        {
            if (RecordKey.Of(query.Entity, query.Filter) is not null) ByKey.Places.NoteSearch(query.Entity);
            return query.Count ? found : null;
        }

        // One snapshot for all statements: an import may be committed in between.
        using var transaction = connection.BeginTransaction();
        var (page, total) = new RecordSearch(connection, database.Texts, version, query, cancellationToken).Find();
        pages.Read(page, take);
        return total;
    }
}
