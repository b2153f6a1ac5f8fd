using System.Diagnostics;
using System.Reflection;
using EntityImport.Catalog;
using EntityImport.Postgres.Connections;
using EntityImport.SqlStores;
using EntityImport.Storage;
using Npgsql;

namespace EntityImport.Postgres.Leases;

/// <summary>How nodes share the database: who runs what is in its leases, times are its clock's, and what it notifies of only makes things quicker. Thread-safe.</summary>
internal sealed class PostgresCluster : ICluster, IAsyncDisposable
{
    private const string Channel = "eis";

    /// <summary>How long a node that has lost its place, or given it back, is still told of.</summary>
    private const string Remembered = "interval '1 day'";

    /// <summary>How long nobody listens after the connection for it failed; news are looked for all the same.</summary>
    private static readonly TimeSpan ListenAgain = TimeSpan.FromSeconds(5);

    private readonly Database _database;
    private readonly TimeSpan _term;
    private readonly int? _most;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _listening;
    private TaskCompletionSource _news = NewSource();
    private int _placesMade;
    private long? _looksSince;

    /// <summary>Begins to listen.</summary>
    /// <param name="database">The database, on which this process has its lease.</param>
    /// <param name="most">How many imports run at the same time on all nodes; null means as many as the nodes have places for.</param>
    /// <param name="term">How long the lease of a node is good for.</param>
    public PostgresCluster(Database database, int? most, TimeSpan term)
    {
        _database = database;
        _term = term;
        _most = most;
        _listening = ListenAsync();
    }

    /// <inheritdoc/>
    public Guid NodeId => _database.NodeId;

    /// <summary>Says who this node is, and gives back what it had before it was started again.</summary>
    public static async Task EnterAsync(Database database, string name, CancellationToken cancellationToken)
    {
        var build = Assembly.GetEntryAssembly()?.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
        var session = await database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            await session.ExecuteAsync(
                """
                INSERT INTO eis.node (id, name, build, since) VALUES ($1, $2, $3, clock_timestamp())
                ON CONFLICT (id) DO UPDATE SET name = excluded.name, build = excluded.build, since = excluded.since, draining = false
                """,
                [database.NodeId, name, build], cancellationToken).ConfigureAwait(false);
            await FreeAsync(session, "node = $1", [database.NodeId], cancellationToken).ConfigureAwait(false);
            // What was told of an import at the very moment of its end.
            await session.ExecuteAsync(
                """
                DELETE FROM eis.progress t WHERE NOT EXISTS (SELECT 1 FROM eis.import i WHERE i.id = t.import AND i.state IN ('Queued', 'Running'))
                    AND NOT EXISTS (SELECT 1 FROM eis.plan p WHERE p.id = t.import AND p.state IN ('Queued', 'Running'))
                """,
                cancellationToken).ConfigureAwait(false);
            await session.ExecuteAsync(
                "DELETE FROM eis.caller_use u WHERE u.node = $1 OR NOT EXISTS (SELECT 1 FROM eis.lease l WHERE l.name = 'node:' || u.node AND l.expires_at > '-infinity')", [database.NodeId], cancellationToken).ConfigureAwait(false);
            await session.ExecuteAsync("UPDATE eis.plan SET node = NULL WHERE node = $1 AND state IN ('Queued', 'Running')", [database.NodeId], cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Tells all nodes, with the commit of a transaction, that there is something new.</summary>
    public static async Task TellAsync(Database database, Session session, CancellationToken cancellationToken)
    {
        if (database.IsShared) await session.ExecuteAsync($"SELECT pg_catalog.pg_notify('{Channel}', '')", cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<Import?> ClaimAsync(CancellationToken cancellationToken)
    {
        var session = await _database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            await MakePlacesAsync(session, cancellationToken).ConfigureAwait(false);
            // One statement, so that a node which is held up meanwhile holds nobody up. Rows that somebody has locked are passed over: whoever is committing is not robbed.
            var claimed = await session.QueryAsync(
                $"""
                WITH me AS (SELECT n.id FROM eis.lease l JOIN eis.node n ON n.id = l.node WHERE l.name = $1 AND l.epoch = $2 AND NOT n.draining FOR SHARE OF l),
                next AS (SELECT l.name, l.head FROM eis.lease l WHERE l.head IS NOT NULL AND l.import IS NULL AND EXISTS (SELECT 1 FROM me) ORDER BY l.ready_at LIMIT 1 FOR UPDATE SKIP LOCKED)
                {(_most is null
                    ? ", taken AS (SELECT name, head FROM next)"
                    : """
                      , free AS (SELECT number FROM eis.place WHERE number <= $4 AND entity IS NULL AND EXISTS (SELECT 1 FROM next) ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED),
                      taken AS (UPDATE eis.place p SET entity = next.name FROM free, next WHERE p.number = free.number RETURNING next.name, next.head)
                      """)}
                UPDATE eis.lease l SET epoch = l.epoch + 1, node = $3, import = taken.head FROM taken WHERE l.name = taken.name RETURNING l.import
                """,
                [StoreLease.NameOf(_database), _database.Epoch, NodeId, .. _most is { } most ? [most] : Array.Empty<object?>()], row => row.GetInt64(0), cancellationToken).ConfigureAwait(false);
            if (claimed.Count == 0) return null;
            return (await session.ReadDocumentsAsync<Import>("SELECT document FROM eis.import WHERE sequence = $1", [claimed[0]], cancellationToken).ConfigureAwait(false))[0];
        }
    }

    /// <inheritdoc/>
    public async Task ReleaseAsync(Import import, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(import);
        var session = await _database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            await FreeAsync(session, "node = $1 AND import = $2", [NodeId, import.Sequence], cancellationToken).ConfigureAwait(false);
            await TellAsync(_database, session, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> TakeOverAsync(IReadOnlyCollection<Import> atWork, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(atWork);
        try
        {
            _looksSince ??= Stopwatch.GetTimestamp();
            return await LookAsync(atWork, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            _looksSince = null;
            throw;
        }
    }

    private async Task<IReadOnlyList<string>> LookAsync(IReadOnlyCollection<Import> atWork, CancellationToken cancellationToken)
    {
        // Who could not be reached for some time has not renewed its lease, and the database may have been away for everybody: all have time to do it first.
        var mayEnd = _looksSince is { } since && Stopwatch.GetElapsedTime(since) >= _term / 2;
        var session = await _database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            // A node that is committing has its row locked, and keeps its place until that is done.
            var lost = await session.QueryAsync(
                """
                UPDATE eis.lease l SET epoch = l.epoch + 1, expires_at = '-infinity'
                FROM (SELECT name FROM eis.lease WHERE name LIKE 'node:%' AND name <> $1 AND $2 AND expires_at < clock_timestamp() AND expires_at > '-infinity' FOR UPDATE SKIP LOCKED) silent
                WHERE l.name = silent.name RETURNING l.node, (SELECT n.name FROM eis.node n WHERE n.id = l.node)
                """,
                [StoreLease.NameOf(_database), mayEnd], row => (Node: row.GetGuid(0), Name: row.IsDBNull(1) ? row.GetGuid(0).ToString("D") : row.GetString(1)), cancellationToken).ConfigureAwait(false);
            if (lost.Count > 0) await StoreLease.EndSessionsAsync(session, [.. lost.Select(node => node.Node)], cancellationToken).ConfigureAwait(false);
            // Also what a node that ended others' places did not come to give back, and what this one claimed and never heard of. A process whose place another one has taken with the same name has nothing to give back.
            var freed = await FreeAsync(
                session,
                """
                ((node IS NOT NULL AND NOT EXISTS (SELECT 1 FROM eis.lease n WHERE n.name = 'node:' || l.node AND n.expires_at > '-infinity'))
                OR (node = $1 AND import <> ALL ($2::bigint[]) AND EXISTS (SELECT 1 FROM eis.lease m WHERE m.name = $3 AND m.epoch = $4)))
                """,
                [NodeId, atWork.Select(import => import.Sequence).ToList(), StoreLease.NameOf(_database), _database.Epoch], cancellationToken).ConfigureAwait(false);
            if (freed > 0) await TellAsync(_database, session, cancellationToken).ConfigureAwait(false);
            if (lost.Count > 0 || freed > 0) await Sweep.RunAsync(_database, cancellationToken).ConfigureAwait(false);
            return [.. lost.Select(node => node.Name)];
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Plan>> AdoptPlansAsync(IReadOnlyCollection<Guid> atWork, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(atWork);
        var session = await _database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            return await session.ReadDocumentsAsync<Plan>(
                """
                WITH left_over AS (
                    SELECT p.id FROM eis.plan p WHERE p.state IN ('Queued', 'Running')
                        AND (NOT EXISTS (SELECT 1 FROM eis.lease n WHERE n.name = 'node:' || p.node AND n.expires_at > '-infinity') OR (p.node = $1 AND p.id <> ALL ($2::uuid[])))
                    ORDER BY p.id FOR UPDATE SKIP LOCKED)
                UPDATE eis.plan p SET node = $1 FROM left_over WHERE p.id = left_over.id RETURNING p.document
                """,
                [NodeId, atWork.ToList()], cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async Task<IDisposable> HoldDefinitionsAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await DefinitionsTurn.TakeAsync(_database, () => _turn.Release(), cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            _turn.Release();
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task<bool> TakeDutyAsync(string duty, TimeSpan term, CancellationToken cancellationToken)
    {
        var name = $"duty:{duty}";
        return await _database.ExecuteAsync(
            $"""
            INSERT INTO eis.lease AS l (name, epoch, node, expires_at) VALUES ($1, 1, $2, clock_timestamp() + {StoreLease.Interval(term)})
            ON CONFLICT (name) DO UPDATE SET epoch = l.epoch + 1, node = excluded.node, expires_at = excluded.expires_at WHERE l.node = excluded.node OR l.expires_at < clock_timestamp()
            """,
            [name, NodeId], cancellationToken).ConfigureAwait(false) > 0;
    }

    /// <inheritdoc/>
    public async Task<int> CountUnfinishedAsync(CancellationToken cancellationToken) =>
        (int)await CountAsync("SELECT count(*) FROM eis.import WHERE state IN ('Queued', 'Running')", [], cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async Task<int> CountUnfinishedPlansAsync(CancellationToken cancellationToken) =>
        (int)await CountAsync("SELECT count(*) FROM eis.plan WHERE state IN ('Queued', 'Running')", [], cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<QueuedEntity>> ListQueuesAsync(int limit, CancellationToken cancellationToken)
    {
        var session = await _database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            return await session.QueryAsync(
                """
                SELECT i.document, q.unfinished, n.name, l.import IS NOT NULL AND l.import = q.oldest,
                    NOT EXISTS (SELECT 1 FROM eis.node t JOIN eis.lease p ON p.name = 'node:' || t.id WHERE NOT t.draining AND p.expires_at > clock_timestamp())
                FROM (SELECT entity, min(sequence) AS oldest, count(*)::integer AS unfinished FROM eis.import WHERE state IN ('Queued', 'Running') GROUP BY entity ORDER BY min(sequence) LIMIT $1) q
                JOIN eis.import i ON i.sequence = q.oldest LEFT JOIN eis.lease l ON l.name = q.entity LEFT JOIN eis.node n ON n.id = l.node ORDER BY q.oldest
                """,
                [limit],
                row =>
                {
                    var import = CatalogJson.Parse<Import>(row.GetString(0));
                    var reason = row.GetBoolean(3) ? QueueReason.Running : row.GetBoolean(4) ? QueueReason.Draining : QueueReason.WaitsForPlace;
                    return new QueuedEntity(import.EntitySystemName, row.GetInt32(1), import.Id, import.StartedAt, import.Attempts, reason, reason == QueueReason.Running && !row.IsDBNull(2) ? row.GetString(2) : null, Retry: null);
                },
                cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async Task<bool> HasImportsAsync(string entitySystemName, CancellationToken cancellationToken) =>
        await CountAsync(
            "SELECT count(*) FROM (SELECT 1 FROM eis.import WHERE entity = $1 AND state IN ('Queued', 'Running') LIMIT 1) unfinished", [CatalogStatements.Key(entitySystemName)], cancellationToken).ConfigureAwait(false) > 0;

    /// <inheritdoc/>
    public async Task ReportAsync(IReadOnlyCollection<(Guid ImportId, ImportProgress Progress)> progress, CancellationToken cancellationToken)
    {
        await _database.ExecuteAsync(
            """
            INSERT INTO eis.progress (import, document) SELECT told.import, told.document FROM unnest($1::uuid[], $2::text[]) AS told (import, document)
            WHERE EXISTS (SELECT 1 FROM eis.import i WHERE i.id = told.import AND i.state IN ('Queued', 'Running')) OR EXISTS (SELECT 1 FROM eis.plan p WHERE p.id = told.import AND p.state IN ('Queued', 'Running'))
            ON CONFLICT (import) DO UPDATE SET document = excluded.document
            """,
            [progress.Select(told => told.ImportId).ToList(), progress.Select(told => CatalogJson.Write(told.Progress)).ToList()], cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<SharedImport>> ReadAsync(IReadOnlyCollection<Guid> importIds, CancellationToken cancellationToken)
    {
        var session = await _database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            return await session.QueryAsync(
                """
                SELECT i.document, p.document, false FROM eis.import i LEFT JOIN eis.progress p ON p.import = i.id WHERE i.id = ANY ($1)
                UNION ALL SELECT i.document, p.document, true FROM eis.plan i LEFT JOIN eis.progress p ON p.import = i.id WHERE i.id = ANY ($1)
                """,
                [importIds.ToList()],
                row => new SharedImport(
                    row.GetBoolean(2) ? CatalogJson.Parse<Plan>(row.GetString(0)).Run : CatalogJson.Parse<Import>(row.GetString(0)), row.IsDBNull(1) ? null : CatalogJson.Parse<ImportProgress>(row.GetString(1))),
                cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<(Guid NodeId, CallerUse Use)>> ExchangeUsesAsync(IReadOnlyList<CallerUse> here, CancellationToken cancellationToken)
    {
        var session = await _database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            return await session.QueryAsync(
                """
                WITH told AS (
                    INSERT INTO eis.caller_use (node, callers, requests, bytes, uploads, event_streams, queries, inferences) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                    ON CONFLICT (node) DO UPDATE SET callers = excluded.callers, requests = excluded.requests, bytes = excluded.bytes,
                        uploads = excluded.uploads, event_streams = excluded.event_streams, queries = excluded.queries, inferences = excluded.inferences)
                SELECT u.node, t.caller, t.requests, t.bytes, t.uploads, t.event_streams, t.queries, t.inferences
                FROM eis.caller_use u JOIN eis.lease l ON l.name = 'node:' || u.node AND l.expires_at > clock_timestamp()
                CROSS JOIN LATERAL unnest(u.callers, u.requests, u.bytes, u.uploads, u.event_streams, u.queries, u.inferences) AS t (caller, requests, bytes, uploads, event_streams, queries, inferences)
                WHERE u.node <> $1
                """,
                [
                    NodeId, here.Select(use => use.CallerId).ToList(), here.Select(use => use.Requests).ToList(), here.Select(use => use.Bytes).ToList(),
                    here.Select(use => use.Uploads).ToList(), here.Select(use => use.EventStreams).ToList(), here.Select(use => use.Queries).ToList(), here.Select(use => use.Inferences).ToList(),
                ],
                row => (row.GetGuid(0), new CallerUse(row.GetString(1))
                {
                    Requests = row.GetInt64(2),
                    Bytes = row.GetInt64(3),
                    Uploads = row.GetInt32(4),
                    EventStreams = row.GetInt32(5),
                    Queries = row.GetInt32(6),
                    Inferences = row.GetInt32(7),
                }),
                cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public Task WaitForNewsAsync(CancellationToken cancellationToken) => Volatile.Read(ref _news).Task.WaitAsync(cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ClusterNode>> ListNodesAsync(CancellationToken cancellationToken)
    {
        var session = await _database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            return await session.QueryAsync(
                $"""
                SELECT n.id, n.name, n.build, n.since, extract(epoch FROM clock_timestamp() - l.renewed_at)::float8, l.expires_at > '-infinity', n.draining,
                    ARRAY(SELECT i.id FROM eis.lease e JOIN eis.import i ON i.sequence = e.import WHERE e.node = n.id AND e.import IS NOT NULL ORDER BY i.sequence)
                FROM eis.node n JOIN eis.lease l ON l.name = 'node:' || n.id WHERE l.expires_at > '-infinity' OR l.renewed_at > clock_timestamp() - {Remembered} ORDER BY n.name, n.id
                """,
                row => new ClusterNode(
                    row.GetGuid(0), row.GetString(1), row.GetString(2), row.GetFieldValue<DateTimeOffset>(3), TimeSpan.FromSeconds(Math.Max(0, row.GetDouble(4))), row.GetBoolean(5), row.GetBoolean(6), row.GetFieldValue<Guid[]>(7)),
                cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async Task<bool> DrainAsync(Guid nodeId, bool isDraining, CancellationToken cancellationToken) =>
        await _database.ExecuteAsync("UPDATE eis.node SET draining = $2 WHERE id = $1", [nodeId, isDraining], cancellationToken).ConfigureAwait(false) > 0;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _listening.ConfigureAwait(false);
        _stopping.Dispose();
        _turn.Dispose();
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Has the imports of some leases wait again, as long as they have waited already: each before those that came after it, and before entities that became ready later; answers how many.</summary>
    private static async Task<long> FreeAsync(Session session, string which, IEnumerable<object?> parameters, CancellationToken cancellationToken) => (await session.QueryAsync(
        $"""
        WITH freed AS (
            UPDATE eis.lease l SET epoch = l.epoch + 1, node = NULL, import = NULL
            FROM (SELECT l.name FROM eis.lease l WHERE l.import IS NOT NULL AND {which} FOR UPDATE SKIP LOCKED) lost WHERE l.name = lost.name RETURNING l.name),
        vacated AS (UPDATE eis.place p SET entity = NULL FROM freed WHERE p.entity = freed.name)
        SELECT count(*) FROM freed
        """,
        parameters, row => row.GetInt64(0), cancellationToken).ConfigureAwait(false))[0];

    private async Task<long> CountAsync(string sql, IEnumerable<object?> parameters, CancellationToken cancellationToken)
    {
        var session = await _database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false)) return (await session.QueryAsync(sql, parameters, row => row.GetInt64(0), cancellationToken).ConfigureAwait(false))[0];
    }

    private async Task MakePlacesAsync(Session session, CancellationToken cancellationToken)
    {
        if (_most is not { } most || _placesMade == most) return;
        await session.ExecuteAsync("INSERT INTO eis.place (number) SELECT generate_series(1, $1) ON CONFLICT (number) DO NOTHING", [most], cancellationToken).ConfigureAwait(false);
        _placesMade = most;
    }

    /// <summary>Listens until it ends. Behind a pooler that hands out a session for a transaction nothing is heard, and others' news come with the next look.</summary>
    private async Task ListenAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                var connection = await _database.ListenAsync(_stopping.Token).ConfigureAwait(false);
                await using (connection.ConfigureAwait(false))
                {
                    connection.Notification += (_, _) => Interlocked.Exchange(ref _news, NewSource()).TrySetResult();
                    var command = new NpgsqlCommand($"LISTEN {Channel}", connection);
                    await using (command.ConfigureAwait(false)) await command.ExecuteNonQueryAsync(_stopping.Token).ConfigureAwait(false);
                    while (true) await connection.WaitAsync(_stopping.Token).ConfigureAwait(false);
                }
            }
            catch (Exception exception) when (exception is NpgsqlException or OperationCanceledException)
            {
                // News are looked for all the same; it is listened again as soon as the server can be reached.
                await Task.Delay(ListenAgain, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
