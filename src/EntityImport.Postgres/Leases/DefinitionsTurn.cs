using EntityImport.Postgres.Connections;
using EntityImport.Storage;

namespace EntityImport.Postgres.Leases;

/// <summary>
/// The turn of one process, of all that share the store, to change definitions and add imports. Who waits stands in the server's line for a row that is locked while the turn lasts. Each turn raises a number in another row, which commits
/// look at: so what a process commits that was held up, and whose turn the server ended for that, is refused once another has had its turn. Disposing it ends the turn.
/// </summary>
internal sealed class DefinitionsTurn : IDisposable
{
    /// <summary>How long the server waits for a process that is held up in its turn: 10 s.</summary>
    private const string Patience = "10s";

    /// <summary>How often a process whose turn takes longer says that it is there: every 3 s.</summary>
    private static readonly TimeSpan SignOfLife = TimeSpan.FromSeconds(3);

    private readonly Database _database;
    private readonly Session _session;
    private readonly Action _ended;
    private readonly CancellationTokenSource _ending = new();
    private bool _isOver;

    private DefinitionsTurn(Database database, Session session, Action ended)
    {
        _database = database;
        _session = session;
        _ended = ended;
        _ = LastAsync();
    }

    /// <summary>Waits for the turn. A process waits for one at a time.</summary>
    /// <param name="database">The database.</param>
    /// <param name="ended">Called once when the turn has ended.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<DefinitionsTurn> TakeAsync(Database database, Action ended, CancellationToken cancellationToken)
    {
        var session = await database.OpenAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await session.BeginAsync(isSnapshot: false, cancellationToken).ConfigureAwait(false);
            await session.QueryAsync(
                $"SELECT set_config('idle_in_transaction_session_timeout', '{Patience}', true) FROM eis.lease WHERE name = 'definitions' FOR UPDATE", row => row.GetString(0), cancellationToken).ConfigureAwait(false);
            long turn;
            var other = await database.OpenAsync(cancellationToken).ConfigureAwait(false);
            await using (other.ConfigureAwait(false))
            {
                turn = (await other.QueryAsync(
                    "UPDATE eis.lease SET epoch = epoch + 1, node = $1 WHERE name = 'definitions:turn' RETURNING epoch", [database.NodeId], row => row.GetInt64(0), cancellationToken).ConfigureAwait(false))[0];
            }

            database.Turn = turn;
            return new DefinitionsTurn(database, session, ended);
        }
        catch
        {
            await session.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Makes sure that the turn is still this process's, and that no other's begins before the commit.</summary>
    /// <exception cref="StoreUnavailableException">Another one's has begun.</exception>
    public static async Task HoldAsync(Database database, Session session, long turn, CancellationToken cancellationToken)
    {
        var held = await session.QueryAsync("SELECT epoch FROM eis.lease WHERE name = 'definitions:turn' AND epoch = $1 FOR SHARE", [turn], row => row.GetInt64(0), cancellationToken).ConfigureAwait(false);
        // One that was ended by who had it was another request's: who commits in a turn ends it afterwards.
        if (held.Count == 0 && database.Turn == turn) throw new StoreUnavailableException("The process was held up for so long that another one had its turn to change definitions, so nothing was written.", isDiskFull: false);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isOver, true)) return;
        // Whatever becomes of the connection: a turn that outlasts what it was taken for would have all commits of this process refused, without end.
        _database.Turn = null;
        // Whoever is next here need not wait for the end of the transaction: the server does.
        _ended();
        // What is cancelled by it is not waited for.
        _ = _ending.CancelAsync();
    }

    private async Task LastAsync()
    {
        for (var isOpen = true; !_ending.IsCancellationRequested;)
        {
            await Task.Delay(SignOfLife, _ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_ending.IsCancellationRequested || !isOpen) continue;
            try
            {
                await _session.ExecuteAsync("SELECT 1", _ending.Token).ConfigureAwait(false);
            }
            catch (Exception)
            {
                // The turn is over, or the server will end it. Commits find out whether another one has begun.
                isOpen = false;
            }
        }

        try
        {
            await _session.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is StoreUnavailableException or PostgresFault)
        {
            // It ended with its connection.
        }

        _ending.Dispose();
    }
}
