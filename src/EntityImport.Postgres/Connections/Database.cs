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

    /// <summary>Drops tables that nobody needs any longer, unless somebody still reads one; then they are dropped when the store is opened next. What the catalog names stays.</summary>
    /// <param name="tables">The tables, qualified; some may not be there.</param>
    public async Task DropAsync(params string[] tables)
    {
        var session = await OpenAsync(CancellationToken.None).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            if (await IsNamedAsync(session, tables).ConfigureAwait(false)) return;
            await session.BeginAsync(isSnapshot: false, CancellationToken.None).ConfigureAwait(false);
            await session.ExecuteAsync("SET LOCAL lock_timeout = '200ms'", CancellationToken.None).ConfigureAwait(false);
            try
            {
                await session.ExecuteAsync($"DROP TABLE IF EXISTS {string.Join(", ", tables)}", CancellationToken.None).ConfigureAwait(false);
                // Asked again once the tables are this transaction's alone: a commit whose answer was lost may have given one of them to an entity meanwhile.
                if (!await IsNamedAsync(session, tables).ConfigureAwait(false)) await session.CommitAsync().ConfigureAwait(false);
            }
            catch (PostgresFault fault) when (fault.SqlState == PostgresFault.LockNotAvailable)
            {
                // Somebody reads one of them.
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => source.DisposeAsync();

    /// <summary>Whether the catalog names one of some tables as where records are, or were.</summary>
    private static async Task<bool> IsNamedAsync(Session session, string[] tables) => (await session.QueryAsync(
        $"SELECT count(*) FROM (SELECT table_name FROM eis.entity UNION ALL SELECT whole_table FROM eis.before_image) named WHERE '{Sql.DataSchema}.' || table_name = ANY ($1)",
        [tables.ToList()], row => row.GetInt64(0), CancellationToken.None).ConfigureAwait(false))[0] > 0;
}
