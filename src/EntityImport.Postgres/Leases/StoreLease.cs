using System.Globalization;
using EntityImport.Postgres.Connections;
using EntityImport.Storage;
using EntityImport.Testing.Breaking;

namespace EntityImport.Postgres.Leases;

/// <summary>
/// This process's place on the store, alone or among others: a row with an epoch, which it renews. Each transaction that writes looks at it last and keeps it from being taken until the commit, so that a process which was held up for
/// longer than its lease, and goes on then, writes nothing. Times are the database's. Thread-safe.
/// </summary>
internal sealed class StoreLease : IAsyncDisposable
{
    /// <summary>The lease of a process that works alone.</summary>
    private const string Alone = "service";

    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan RenewAgain = TimeSpan.FromSeconds(1);

    private readonly Database _database;
    private readonly TimeSpan _term;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _renewing;
    private volatile bool _isLost;

    private StoreLease(Database database, TimeSpan term)
    {
        _database = database;
        _term = term;
        _renewing = RenewAsync();
    }

    /// <summary>Whether another process has taken it.</summary>
    public bool IsLost => _isLost || _database.IsTaken;

    /// <summary>The name of a process's lease.</summary>
    public static string NameOf(Database database) => database.IsShared ? $"node:{database.NodeId:D}" : Alone;

    /// <summary>Takes the lease. Where another process works alone, or, for one that is to, where any is there, that is waited for as long as it may be one that has died.</summary>
    /// <param name="database">The database.</param>
    /// <param name="term">How long the lease is good for.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="DataDirectoryInUseException">Another process renews its lease.</exception>
    public static async Task<StoreLease> TakeAsync(Database database, TimeSpan term, CancellationToken cancellationToken)
    {
        var session = await database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            foreach (var name in new[] { Alone, NameOf(database) })
                await session.ExecuteAsync("INSERT INTO eis.lease (name, epoch, node, expires_at) VALUES ($1, 0, $2, '-infinity') ON CONFLICT (name) DO NOTHING", [name, database.NodeId], cancellationToken).ConfigureAwait(false);
            // A little longer than it is good for.
            var patience = term * 1.25;
            IReadOnlyList<DateTimeOffset>? first = null;
            for (var waited = TimeSpan.Zero; ; waited += LookAgain)
            {
                if (await TryTakeAsync(database, session, term, cancellationToken).ConfigureAwait(false)) return new StoreLease(database, term);
                var expiries = await session.QueryAsync(
                    "SELECT expires_at FROM eis.lease WHERE (name = $1 OR name LIKE 'node:%') AND node <> $2 AND expires_at > clock_timestamp() ORDER BY name",
                    [Alone, database.NodeId], row => row.GetFieldValue<DateTimeOffset>(0), cancellationToken).ConfigureAwait(false);
                if ((first is not null && expiries.Count > 0 && !expiries.SequenceEqual(first)) || waited > patience)
                {
                    throw new DataDirectoryInUseException(
                        "Another process works on the database. Several can only where each has a name of its own as a node, and all read the same files.", new InvalidOperationException("The lease is renewed."));
                }

                first = expiries;
                await Task.Delay(LookAgain, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Makes sure, as the last statement of a transaction, that the lease is this process's, and that nobody takes it before the commit; and, where it is its turn to change definitions, that it still is.</summary>
    /// <exception cref="StoreUnavailableException">It is another's.</exception>
    public static async Task HoldAsync(Database database, Session session, CancellationToken cancellationToken)
    {
        if (BrokenStore.LeavesOutFence) return;
        // A process that is held up between this and its commit is not waited for without end.
        var held = await session.QueryAsync(
            "SELECT set_config('idle_in_transaction_session_timeout', '30s', true) FROM eis.lease WHERE name = $1 AND epoch = $2 FOR SHARE", [NameOf(database), database.Epoch], row => row.GetString(0), cancellationToken).ConfigureAwait(false);
        if (held.Count == 0)
        {
            database.IsTaken = true;
            throw new StoreUnavailableException("Another process works on the database by now, so nothing was written.", isDiskFull: false);
        }

        if (database.Turn is { } turn) await DefinitionsTurn.HoldAsync(database, session, turn, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gives the lease back.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _renewing.ConfigureAwait(false);
        _stopping.Dispose();
        try
        {
            await _database.ExecuteAsync("UPDATE eis.lease SET expires_at = '-infinity' WHERE name = $1 AND epoch = $2", [NameOf(_database), _database.Epoch], CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is StoreUnavailableException or PostgresFault)
        {
            // It runs out by itself.
        }
    }

    private static async Task<bool> TryTakeAsync(Database database, Session session, TimeSpan term, CancellationToken cancellationToken)
    {
        await session.BeginAsync(isSnapshot: false, cancellationToken).ConfigureAwait(false);
        // Whoever takes a place does so one after the other, so that of one that works alone and a node only one gets it.
        await session.QueryAsync("SELECT name FROM eis.lease WHERE name = $1 FOR UPDATE", [Alone], row => row.GetString(0), cancellationToken).ConfigureAwait(false);
        // Who has this data directory is the process that had the lease, after a restart.
        var others = database.IsShared ? "o.name = 'service'" : "(o.name = 'service' OR o.name LIKE 'node:%')";
        var taken = await session.QueryAsync(
            $"""
            UPDATE eis.lease SET epoch = epoch + 1, node = $2, expires_at = clock_timestamp() + {Interval(term)}, renewed_at = clock_timestamp() WHERE name = $1
                AND NOT EXISTS (SELECT 1 FROM eis.lease o WHERE {others} AND o.node <> $2 AND o.expires_at > clock_timestamp()) RETURNING epoch
            """,
            [NameOf(database), database.NodeId], row => row.GetInt64(0), cancellationToken).ConfigureAwait(false);
        if (taken.Count == 0)
        {
            await session.RollbackAsync().ConfigureAwait(false);
            return false;
        }

        await session.CommitAsync().ConfigureAwait(false);
        database.Epoch = taken[0];
        await EndSessionsAsync(session, database.IsShared ? [database.NodeId] : [], cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>
    /// Ends the transactions of processes that have lost their places. They could not commit them; but as long as one is held up in the midst of one, or the server does not know that it has died, that keeps records locked, and tables
    /// from being dropped.
    /// </summary>
    /// <param name="session">The session.</param>
    /// <param name="nodes">Who they were; none means all others.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static async Task EndSessionsAsync(Session session, IReadOnlyCollection<Guid> nodes, CancellationToken cancellationToken) => await session.ExecuteAsync(
        """
        SELECT pg_catalog.pg_terminate_backend(pid, 3000) FROM pg_catalog.pg_stat_activity
        WHERE datname = current_database() AND usename = current_user AND xact_start IS NOT NULL AND pid <> pg_backend_pid()
            AND left(application_name, -32) = left(current_setting('application_name'), -32) AND application_name ~ '[0-9a-f]{32}$'
            AND ($1::text[] = '{}' OR right(application_name, 32) = ANY ($1))
        """,
        [nodes.Select(node => node.ToString("N")).ToList()], cancellationToken).ConfigureAwait(false);

    /// <summary>A time span in SQL.</summary>
    public static string Interval(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"interval '{time.TotalMilliseconds:0} milliseconds'");

    private async Task RenewAsync()
    {
        var refused = 0;
        // Three times within its term, so that one renewal may get lost.
        var pause = _term / 3;
        while (!IsLost)
        {
            await Task.Delay(pause, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_stopping.IsCancellationRequested) return;
            // One that is not answered is given up, and not even waited for until its connection has found out, so that there is time for another one over another connection.
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            ending.CancelAfter(_term / 3);
            pause = _term / 3;
            try
            {
                var renewed = await _database.ExecuteAsync(
                    $"UPDATE eis.lease SET expires_at = clock_timestamp() + {Interval(_term)}, renewed_at = clock_timestamp() WHERE name = $1 AND epoch = $2",
                    [NameOf(_database), _database.Epoch], ending.Token).WaitAsync(ending.Token).ConfigureAwait(false);
                if (renewed == 0) refused++;
                // One that is broken finds out late.
                _isLost = refused > (BrokenStore.LeavesOutFence ? 3 : 0);
                await _database.DropLeftAsync(ending.Token).WaitAsync(ending.Token).ConfigureAwait(false);
            }
            catch (Exception)
            {
                // Whatever it was: as long as nobody has taken it, it is this process's: it is renewed soon, so that it is this process's still when the database is there again.
                pause = RenewAgain < pause ? RenewAgain : pause;
            }

            if (ending.IsCancellationRequested)
            {
                // Others that wait in the pool may be as dead.
                _database.ForgetConnections();
                pause = TimeSpan.Zero;
            }
        }
    }
}
