using System.Collections.Concurrent;
using EntityImport.SqlStores;
using EntityImport.Storage;
using Npgsql;

namespace EntityImport.Postgres.Connections;

/// <summary>The database, and what a process knows of it. Thread-safe.</summary>
/// <param name="source">Where connections come from, which the database disposes.</param>
/// <param name="nodeId">Who this process is to others.</param>
/// <param name="isShared">Whether others may work on the store at the same time.</param>
internal sealed class Database(NpgsqlDataSource source, Guid nodeId, bool isShared) : IAsyncDisposable
{
    /// <summary>How old what is remembered of an entity may be where others may change it.</summary>
    private static readonly TimeSpan EntityAge = TimeSpan.FromSeconds(1);

    /// <summary>Tables that are to be dropped.</summary>
    private readonly ConcurrentDictionary<string, bool> _left = new();

    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _analyzing = new();
    private Task _analyses = Task.CompletedTask;
    private long _turn;

    /// <summary>Who this process is to others.</summary>
    public Guid NodeId => nodeId;

    /// <summary>Whether it is spread over several servers, by Citus.</summary>
    public bool IsSpread { get; set; }

    /// <summary>Whether others may work on the store at the same time.</summary>
    public bool IsShared => isShared;

    /// <summary>The epoch of this process's lease: on the whole store, or on its place among others.</summary>
    public long Epoch { get; set; }

    /// <summary>The turn in which this process alone changes definitions; null where it is not its turn.</summary>
    public long? Turn
    {
        get => Interlocked.Read(ref _turn) is var turn and not 0 ? turn : null;
        set => Interlocked.Exchange(ref _turn, value ?? 0);
    }

    /// <summary>Whether it was found that another process has taken the store.</summary>
    public bool IsTaken { get; set; }

    /// <summary>Entities that were looked up.</summary>
    public KnownEntities Entities { get; } = new(isShared ? EntityAge : null);

    /// <summary>Takes a connection.</summary>
    public Task<Session> OpenAsync(CancellationToken cancellationToken) => Session.OpenAsync(source, IsSpread, cancellationToken);

    /// <summary>Takes a connection that stays out of the pool, for what is waited for without end.</summary>
    public Task<NpgsqlConnection> ListenAsync(CancellationToken cancellationToken) => source.OpenConnectionAsync(cancellationToken).AsTask();

    /// <summary>Takes a connection for reading records and begins a transaction that sees the database as it is now. Where the records were replaced before the first look at them, that is repeated.</summary>
    public async Task<T> ReadAsync<T>(Func<Session, Task<T>> read, CancellationToken cancellationToken)
    {
        const int MaxAttempts = 5;
        for (var attempt = 1; ; attempt++)
        {
            var session = await OpenAsync(cancellationToken).ConfigureAwait(false);
            await using (session.ConfigureAwait(false))
            {
                await session.BeginAsync(isSnapshot: true, cancellationToken).ConfigureAwait(false);
                try
                {
                    return await read(session).ConfigureAwait(false);
                }
                catch (PostgresFault fault) when (fault.SqlState == PostgresFault.UndefinedTable && attempt < MaxAttempts)
                {
                    // The table that the catalog named has been dropped since, so that the catalog names another one by now.
                }
                catch (Exception exception) when (exception is PostgresFault or InvalidOperationException)
                {
                    Entities.Forget();
                    throw;
                }
            }
        }
    }

    /// <summary>Runs a statement outside of any transaction.</summary>
    public async Task<long> ExecuteAsync(string sql, IEnumerable<object?> parameters, CancellationToken cancellationToken)
    {
        var session = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false)) return await session.ExecuteAsync(sql, parameters, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Closes the connections that nobody uses just now.</summary>
    public void ForgetConnections() => source.Clear();

    /// <summary>Drops tables that nobody needs any longer, where that could not be done before.</summary>
    public async Task DropLeftAsync(CancellationToken cancellationToken)
    {
        foreach (var table in _left.Keys) await DropAsync([table], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Drops a table after the commit that makes it one that nobody needs. What cannot be dropped now is dropped later.</summary>
    public async Task TryDropAsync(string table)
    {
        try
        {
            await DropAsync(table).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is StoreUnavailableException or PostgresFault)
        {
            // What was committed stands all the same.
        }
    }

    /// <summary>Has the server look at what values a table has that an import filled, for its planner. Nobody waits for that: the server does so itself, but as much as a minute later.</summary>
    public void Analyze(string table)
    {
        // Those that have ended are not held on to.
        lock (_analyzing) _analyses = _analyses.IsCompleted ? AnalyzeAsync() : Task.WhenAll(_analyses, AnalyzeAsync());

        async Task AnalyzeAsync()
        {
            try
            {
                await ExecuteAsync($"ANALYZE {table}", [], _closing.Token).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is StoreUnavailableException or PostgresFault or OperationCanceledException)
            {
                // Records are read all the same, and the table may be gone already.
            }
        }
    }

    /// <summary>Has tables dropped by <see cref="DropLeftAsync"/>, unless the catalog names them then.</summary>
    public void DropLater(IEnumerable<string> tables)
    {
        foreach (var table in tables) _left[table] = true;
    }

    /// <summary>Drops tables that nobody needs any longer. Where that fails, or somebody still reads one, it is tried again later. What the catalog names stays.</summary>
    /// <param name="tables">The tables, qualified; some may not be there.</param>
    public Task DropAsync(params string[] tables) => DropAsync(tables, CancellationToken.None);

    /// <inheritdoc cref="DropAsync(string[])"/>
    public async Task DropAsync(string[] tables, CancellationToken cancellationToken)
    {
        DropLater(tables);
        var session = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            if (await IsNamedAsync(session, tables, cancellationToken).ConfigureAwait(false))
            {
                Forget(tables);
                return;
            }

            await session.BeginAsync(isSnapshot: false, cancellationToken).ConfigureAwait(false);
            await session.ExecuteAsync("SET LOCAL lock_timeout = '200ms'", cancellationToken).ConfigureAwait(false);
            try
            {
                await session.ExecuteAsync($"DROP TABLE IF EXISTS {string.Join(", ", tables)}", cancellationToken).ConfigureAwait(false);
                // Asked again once the tables are this transaction's alone: a commit whose answer was lost may have given one of them to an entity meanwhile.
                if (!await IsNamedAsync(session, tables, cancellationToken).ConfigureAwait(false)) await session.CommitAsync().ConfigureAwait(false);
                Forget(tables);
            }
            catch (PostgresFault fault) when (fault.SqlState is PostgresFault.LockNotAvailable or PostgresFault.DependentObjectsStillExist)
            {
                // Somebody reads one of them, or has made a view or a key that needs it.
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        Task analyses;
        lock (_analyzing) analyses = _analyses;
        await analyses.ConfigureAwait(false);
        _closing.Dispose();
        await source.DisposeAsync().ConfigureAwait(false);
    }

    private void Forget(IEnumerable<string> tables)
    {
        foreach (var table in tables) _left.TryRemove(table, out _);
    }

    /// <summary>Whether the catalog names one of some tables as where records are, were, or would be.</summary>
    private static async Task<bool> IsNamedAsync(Session session, string[] tables, CancellationToken cancellationToken) => (await session.QueryAsync(
        $"SELECT count(*) FROM (SELECT table_name FROM eis.entity UNION ALL SELECT whole_table FROM eis.before_image UNION ALL SELECT 'p' || replace(id::text, '-', '') FROM eis.plan WHERE NOT expired) named WHERE '{Sql.DataSchema}.' || table_name = ANY ($1)",
        [tables.ToList()], row => row.GetInt64(0), cancellationToken).ConfigureAwait(false))[0] > 0;
}
