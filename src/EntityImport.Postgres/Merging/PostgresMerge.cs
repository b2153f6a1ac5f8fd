using System.Diagnostics;
using System.Globalization;
using EntityImport.Catalog;
using EntityImport.Entities;
using EntityImport.Postgres.Catalog;
using EntityImport.Postgres.Connections;
using EntityImport.Postgres.Leases;
using EntityImport.SqlStores;
using EntityImport.Storage;
using EntityImport.Testing;

namespace EntityImport.Postgres.Merging;

/// <summary>The one transaction in which an import's delta is found, applied and committed. Disposing it undoes what is not committed.</summary>
internal sealed class PostgresMerge : IMerge, IAsyncDisposable
{
    /// <summary>Rows from which on the planner is told what there is.</summary>
    public const long ManyRows = 10_000;

    /// <summary>How long the commit of a new table tries to take the view's place between users' queries, before it writes the rows into the old table instead: 60 s.</summary>
    private static readonly TimeSpan SwapLimit = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan SwapPause = TimeSpan.FromMilliseconds(100);

    private readonly Database _database;
    private readonly EntityLease? _lease;
    private readonly List<string> _left = [];
    private EntityTable? _next;
    private string? _keptAs;

    private PostgresMerge(Database database, Session session, EntityTable table, EntityLease? lease)
    {
        _database = database;
        _lease = lease;
        Session = session;
        Table = table;
    }

    /// <summary>The session, for statements that are part of the transaction.</summary>
    public Session Session { get; }

    /// <summary>The entity's table as it is.</summary>
    public EntityTable Table { get; }

    public KeptChanges? Kept { get; set; }

    /// <summary>Begins a transaction for an entity.</summary>
    /// <param name="database">The database.</param>
    /// <param name="entity">The entity.</param>
    /// <param name="lease">The attempt's lease on it; null where nothing is written into it.</param>
    /// <param name="isSnapshot">Whether all statements see the records as they were at one time. Such a transaction is not committed.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static async Task<PostgresMerge> BeginAsync(Database database, EntityDefinition entity, EntityLease? lease, bool isSnapshot, CancellationToken cancellationToken)
    {
        const int MaxAttempts = 5;
        for (var attempt = 1; ; attempt++)
        {
            var session = await database.OpenAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                await session.BeginAsync(isSnapshot, cancellationToken).ConfigureAwait(false);
                // Joins take half the time in parts that fit a processor's cache, though these are written to disk first; and all processors take part though most rows pass on to one.
                await session.ExecuteAsync("SET LOCAL work_mem = '8MB'", cancellationToken).ConfigureAwait(false);
                await session.ExecuteAsync("SET LOCAL parallel_tuple_cost = 0", cancellationToken).ConfigureAwait(false);
                await session.ExecuteAsync("SET LOCAL jit = off", cancellationToken).ConfigureAwait(false);
                var table = await EntityTable.ReadAsync(session, entity, cancellationToken).ConfigureAwait(false);
                // Whoever has looked at the table keeps it from being dropped.
                await table.HasRecordsAsync(session, cancellationToken).ConfigureAwait(false);
                if (await EntityTable.ReadAsync(session, entity, cancellationToken).ConfigureAwait(false) is { } again && again.TableName == table.TableName) return new PostgresMerge(database, session, table, lease);
                await session.DisposeAsync().ConfigureAwait(false);
            }
            catch (PostgresFault fault) when (fault.SqlState == PostgresFault.UndefinedTable && attempt < MaxAttempts)
            {
                await session.DisposeAsync().ConfigureAwait(false);
            }
            catch
            {
                await session.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        }
    }

    /// <summary>Makes a table beside the entity's.</summary>
    /// <inheritdoc cref="EntityTable.MakeAsync"/>
    public Task MakeAsync(string table, string sql, CancellationToken cancellationToken) => Table.MakeAsync(Session, table, sql, cancellationToken);

    /// <summary>Runs a statement; answers how many records it was about.</summary>
    public Task<long> ExecuteAsync(string sql, CancellationToken cancellationToken) => Session.ExecuteAsync(sql, cancellationToken);

    /// <summary>Runs a statement that does what was counted before.</summary>
    /// <param name="expected">How many records that is about.</param>
    /// <param name="counted">What was counted, as the beginning of a sentence that ends with what was to be done.</param>
    /// <param name="done">What is done to them, as a participle.</param>
    /// <param name="sql">The statement.</param>
    /// <param name="cancellationToken">Interrupts it.</param>
    /// <exception cref="LedgerException">It was about another number of records.</exception>
    public async Task ExecuteAsync(long expected, string counted, string done, string sql, CancellationToken cancellationToken)
    {
        var actual = await ExecuteAsync(sql, cancellationToken).ConfigureAwait(false);
        if (actual != expected)
            throw new LedgerException(string.Create(CultureInfo.InvariantCulture, $"The ledger does not add up, so nothing was written: {counted} {expected} were to be {done}, and {actual} were."));
    }

    /// <summary>The one figure that a query answers.</summary>
    public Task<long> CountAsync(string sql, CancellationToken cancellationToken) => Session.CountAsync(sql, cancellationToken);

    /// <summary>How many records the entity has.</summary>
    public Task<long> CountRecordsAsync(CancellationToken cancellationToken) => CountAsync($"SELECT count(*) FROM {Table.Table}", cancellationToken);

    /// <summary>Whether the entity has any record.</summary>
    public Task<bool> HasRecordsAsync(CancellationToken cancellationToken) => Table.HasRecordsAsync(Session, cancellationToken);

    /// <summary>Makes an empty table that is to take the place of the entity's.</summary>
    public async Task<EntityTable> BeginNewTableAsync(CancellationToken cancellationToken)
    {
        var table = Table.With(RecordTables.NameOf(Table.Number, _lease!.Epoch));
        await RecordTables.CreateAsync(Session, table, cancellationToken).ConfigureAwait(false);
        return table;
    }

    /// <summary>Makes a table of the records of a query that is to take the place of the entity's, without its key.</summary>
    public async Task<EntityTable> MakeNewTableAsync(string query, CancellationToken cancellationToken)
    {
        var table = Table.With(RecordTables.NameOf(Table.Number, _lease!.Epoch));
        // Only so the server reads it with several processes.
        await MakeAsync(table.Table, $"CREATE TABLE {table.Table} AS {query}", cancellationToken).ConfigureAwait(false);
        return table;
    }

    /// <summary>Has a table take the place of the entity's with the commit.</summary>
    /// <param name="table">The table, with its key.</param>
    /// <param name="keptAs">The import of which the one that was is kept; null where it is dropped.</param>
    /// <param name="records">How many records the one that was has.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task ReplaceAsync(EntityTable table, long? keptAs, long records, CancellationToken cancellationToken)
    {
        _next = table;
        if (keptAs is { } import)
        {
            _keptAs = Table.TableName;
            await BeforeTables.NoteAsync(Session, import, Table.Entity, _keptAs, records, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            Leave(Table.Table);
        }

        await UserIndexes.CopyAsync(Session, Table, table, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Has a table dropped after the commit.</summary>
    public void Leave(string table) => _left.Add(table);

    public async Task CommitAsync(CatalogCommit commit, CancellationToken cancellationToken)
    {
        try
        {
            // Readers wait for the view until the commit is on disk: what was written until now goes there before, with a commit that changes nothing, however long that takes.
            if (_next is not null) await _database.ExecuteAsync("SELECT pg_catalog.pg_logical_emit_message(true, 'eis', '')", [], CancellationToken.None).ConfigureAwait(false);
            // A process that stops in the midst of its commit is not waited for without end.
            await Session.ExecuteAsync("SET LOCAL idle_in_transaction_session_timeout = '30s'", CancellationToken.None).ConfigureAwait(false);
            if (_next is not null) await SwapAsync(_next).ConfigureAwait(false);
            await CatalogWriter.WriteAsync(_database, Session, commit, _lease, CancellationToken.None).ConfigureAwait(false);
            await StoreLease.HoldAsync(_database, Session, CancellationToken.None).ConfigureAwait(false);
            FaultPoints.Reach(FaultStep.CommitFenced, commit.ChangedImport?.Id ?? commit.ChangedPlan?.Id ?? Guid.Empty);
            await Session.CommitAsync().ConfigureAwait(false);
        }
        catch
        {
            // It may have happened all the same.
            _database.DropLater(_left);
            throw;
        }
        finally
        {
            _database.Entities.NoteCommit(commit);
        }

        if (commit.ChangedPlan is { } plan) FaultPoints.Reach(FaultStep.PlanCommitted, plan.Id);
        if (commit.ChangedImport is { } import)
            FaultPoints.Reach(import.Undoes is not null ? FaultStep.UndoCommitted : import.PlanId is not null && commit.NewPlan is null ? FaultStep.ApplyCommitted : FaultStep.ImportCommitted, import.Id);
        if (_next is not null && !_left.Contains(_next.Table) && commit.ChangedImport?.Ledger.Records > ManyRows) _database.Analyze(_next.Table);
        foreach (var table in _left) await _database.TryDropAsync(table).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => Session.DisposeAsync();

    /// <summary>
    /// Makes the view one of the new table. That needs the view for itself for an instant, which it does not wait for: all queries that begin meanwhile would wait behind it. It is tried between them, again and again; where they overlap
    /// without end, the new table's rows take the place of the old one's, which takes longer and waits for nobody.
    /// </summary>
    private async Task SwapAsync(EntityTable next)
    {
        // The view shows all fields, also those that came since the import's definition was read.
        var entity = (await Session.ReadDocumentsAsync<EntityDefinition>("SELECT document FROM eis.entity WHERE name = $1", [CatalogStatements.Key(next.Entity.SystemName)], CancellationToken.None).ConfigureAwait(false))[0];
        var view = RecordTables.View((await EntityTable.ReadAsync(Session, entity, CancellationToken.None).ConfigureAwait(false)).With(next.TableName));
        var begun = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begun) < SwapLimit)
        {
            // Some may have been made while the import was at work.
            await UserIndexes.CopyAsync(Session, Table, next, CancellationToken.None).ConfigureAwait(false);
            if (await Session.TryAsync(ShowAsync, CancellationToken.None).ConfigureAwait(false))
            {
                await Session.ExecuteAsync("UPDATE eis.entity SET table_name = $2 WHERE name = $1", [CatalogStatements.Key(entity.SystemName), next.TableName], CancellationToken.None).ConfigureAwait(false);
                return;
            }

            await Task.Delay(SwapPause, CancellationToken.None).ConfigureAwait(false);
        }

        await ExchangeRowsAsync(next).ConfigureAwait(false);

        async Task ShowAsync()
        {
            await Session.ExecuteAsync(view, CancellationToken.None).ConfigureAwait(false);
            await UserIndexes.RenameAsync(Session, Table, next).ConfigureAwait(false);
        }
    }

    /// <summary>Puts the new table's rows into the old one, whose rows go into the table that is kept, if one is.</summary>
    private async Task ExchangeRowsAsync(EntityTable next)
    {
        _left.Remove(Table.Table);
        _left.Add(next.Table);
        if (_keptAs is not null)
        {
            var kept = $"w{RecordTables.NameOf(Table.Number, _lease!.Epoch)[1..]}";
            await MakeAsync(EntityTable.InData(kept), $"CREATE TABLE {EntityTable.InData(kept)} (LIKE {Table.Table} INCLUDING ALL)", CancellationToken.None).ConfigureAwait(false);
            await Session.ExecuteAsync($"INSERT INTO {EntityTable.InData(kept)} SELECT * FROM {Table.Table}", CancellationToken.None).ConfigureAwait(false);
            await Session.ExecuteAsync("UPDATE eis.before_image SET whole_table = $2 WHERE whole_table = $1", [_keptAs, kept], CancellationToken.None).ConfigureAwait(false);
        }

        var columns = $"{Table.Columns(Table.Entity.Fields)}, {Sql.Version}";
        await Session.ExecuteAsync($"DELETE FROM {Table.Table}", CancellationToken.None).ConfigureAwait(false);
        await Session.ExecuteAsync($"INSERT INTO {Table.Table} ({columns}) SELECT {columns} FROM {next.Table}", CancellationToken.None).ConfigureAwait(false);
    }
}
