using EntityImport.SqlStores;
using Npgsql;

namespace EntityImport.Postgres.Connections;

/// <summary>The database, and what a process knows of it. Thread-safe.</summary>
/// <param name="source">Where connections come from, which the database disposes.</param>
/// <param name="nodeId">Who this process is to others.</param>
internal sealed class Database(NpgsqlDataSource source, Guid nodeId) : IAsyncDisposable
{
    /// <summary>Who this process is to others.</summary>
    public Guid NodeId => nodeId;

    /// <summary>The epoch of this process's lease on the whole store.</summary>
    public long Epoch { get; set; }

    /// <summary>Entities that were looked up.</summary>
    public KnownEntities Entities { get; } = new();

    /// <summary>Takes a connection.</summary>
    public Task<Session> OpenAsync(CancellationToken cancellationToken) => Session.OpenAsync(source, cancellationToken);

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
            }
        }
    }

    /// <summary>Runs a statement outside of any transaction.</summary>
    public async Task<long> ExecuteAsync(string sql, IEnumerable<object?> parameters, CancellationToken cancellationToken)
    {
        var session = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false)) return await session.ExecuteAsync(sql, parameters, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Drops a table that nobody needs any longer, unless somebody still reads it; then it is dropped when the store is opened next.</summary>
    public async Task DropAsync(string table)
    {
        var session = await OpenAsync(CancellationToken.None).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            await session.BeginAsync(isSnapshot: false, CancellationToken.None).ConfigureAwait(false);
            await session.ExecuteAsync("SET LOCAL lock_timeout = '200ms'", CancellationToken.None).ConfigureAwait(false);
            try
            {
                await session.ExecuteAsync($"DROP TABLE IF EXISTS {table}", CancellationToken.None).ConfigureAwait(false);
                await session.CommitAsync().ConfigureAwait(false);
            }
            catch (PostgresFault fault) when (fault.SqlState == PostgresFault.LockNotAvailable)
            {
                await session.RollbackAsync().ConfigureAwait(false);
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => source.DisposeAsync();
}
