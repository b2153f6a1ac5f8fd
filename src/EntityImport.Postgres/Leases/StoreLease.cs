using EntityImport.Postgres.Connections;
using EntityImport.Storage;

namespace EntityImport.Postgres.Leases;

/// <summary>
/// That this process alone works on the store: a row with an epoch, which it renews. Each transaction that writes looks at it last and keeps it from being taken until the commit, so that a process which was held up for longer than its
/// lease, and goes on then, writes nothing. Times are the database's. Thread-safe.
/// </summary>
internal sealed class StoreLease : IAsyncDisposable
{
    private const string Name = "service";

    /// <summary>How long a lease is good for: 20 s.</summary>
    private const string Term = "20 seconds";

    /// <summary>How long a lease that nobody renews is waited for, a little longer than it is good for: 25 s.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(25);

    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(500);

    private readonly Database _database;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _renewing;
    private volatile bool _isLost;

    private StoreLease(Database database)
    {
        _database = database;
        _renewing = RenewAsync();
    }

    /// <summary>How often it is renewed: every 7 s.</summary>
    public static TimeSpan RenewalPause { get; } = TimeSpan.FromSeconds(7);

    /// <summary>Whether another process has taken it.</summary>
    public bool IsLost => _isLost;

    /// <summary>Takes the lease. Where another process has it, that is waited for as long as it may be one that has died.</summary>
    /// <exception cref="DataDirectoryInUseException">Another process renews it.</exception>
    public static async Task<StoreLease> TakeAsync(Database database, CancellationToken cancellationToken)
    {
        var session = await database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            await session.ExecuteAsync(
                "INSERT INTO eis.lease (name, epoch, node, expires_at) VALUES ($1, 0, $2, '-infinity') ON CONFLICT (name) DO NOTHING", [Name, database.NodeId], cancellationToken).ConfigureAwait(false);
            DateTimeOffset? first = null;
            for (var waited = TimeSpan.Zero; ; waited += LookAgain)
            {
                // Who has this data directory is the process that had the lease, after a restart.
                var taken = await session.QueryAsync(
                    $"""
                    UPDATE eis.lease SET epoch = epoch + 1, node = $2, expires_at = clock_timestamp() + interval '{Term}'
                    WHERE name = $1 AND (expires_at < clock_timestamp() OR node = $2) RETURNING epoch
                    """,
                    [Name, database.NodeId], row => row.GetInt64(0), cancellationToken).ConfigureAwait(false);
                if (taken.Count > 0)
                {
                    database.Epoch = taken[0];
                    return new StoreLease(database);
                }

                var expires = (await session.QueryAsync("SELECT expires_at FROM eis.lease WHERE name = $1", [Name], row => row.GetFieldValue<DateTimeOffset>(0), cancellationToken).ConfigureAwait(false))[0];
                if ((first is not null && expires != first) || waited > Patience)
                    throw new DataDirectoryInUseException("Another process works on the database. One database is for one service; several nodes are not supported yet.", new InvalidOperationException("The lease is renewed."));
                first = expires;
                await Task.Delay(LookAgain, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Makes sure, as the last statement of a transaction, that the lease is this process's, and that nobody takes it before the commit.</summary>
    /// <exception cref="FencedException">It is another's.</exception>
    public static async Task HoldAsync(Database database, Session session, CancellationToken cancellationToken)
    {
        var held = await session.QueryAsync("SELECT epoch FROM eis.lease WHERE name = $1 AND epoch = $2 FOR SHARE", [Name, database.Epoch], row => row.GetInt64(0), cancellationToken).ConfigureAwait(false);
        if (held.Count == 0) throw new FencedException("Another process works on the database by now, so nothing was written.");
    }

    /// <summary>Gives the lease back.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _renewing.ConfigureAwait(false);
        _stopping.Dispose();
        try
        {
            await _database.ExecuteAsync("UPDATE eis.lease SET expires_at = '-infinity' WHERE name = $1 AND epoch = $2", [Name, _database.Epoch], CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is StoreUnavailableException or PostgresFault)
        {
            // It runs out by itself.
        }
    }

    private async Task RenewAsync()
    {
        while (!_isLost)
        {
            await Task.Delay(RenewalPause, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_stopping.IsCancellationRequested) return;
            try
            {
                _isLost = await _database.ExecuteAsync(
                    $"UPDATE eis.lease SET expires_at = clock_timestamp() + interval '{Term}' WHERE name = $1 AND epoch = $2", [Name, _database.Epoch], _stopping.Token).ConfigureAwait(false) == 0;
            }
            catch (Exception exception) when (exception is StoreUnavailableException or PostgresFault or OperationCanceledException)
            {
                // As long as nobody has taken it, it is this process's: it is renewed next time.
            }
        }
    }
}
