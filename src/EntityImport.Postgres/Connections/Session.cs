using System.Data;
using System.Text.RegularExpressions;
using EntityImport.SqlStores;
using EntityImport.Storage;
using Npgsql;

namespace EntityImport.Postgres.Connections;

/// <summary>A connection to the database and the transaction on it, if there is one; disposing it undoes what is not committed. Faults are those of the ports. Not thread-safe.</summary>
internal sealed partial class Session : IAsyncDisposable
{
    /// <summary>How long the server may take none of the rows that are sent to it. Of one whose machine is gone the operating system would tell after a quarter of an hour: it asks no machine that owes it an answer whether it is there.</summary>
    private static readonly TimeSpan WriteTime = TimeSpan.FromMinutes(1);

    private readonly NpgsqlConnection _connection;
    private NpgsqlTransaction? _transaction;

    private Session(NpgsqlConnection connection, bool isSpread) => (_connection, IsSpread) = (connection, isSpread);

    /// <summary>Whether the database is spread over several servers, by Citus.</summary>
    public bool IsSpread { get; }

    /// <summary>Takes a connection.</summary>
    /// <param name="source">Where connections come from.</param>
    /// <param name="isSpread">Whether the database is spread over several servers.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="StoreUnavailableException">The database cannot be reached, or takes no more connections.</exception>
    public static async Task<Session> OpenAsync(NpgsqlDataSource source, bool isSpread, CancellationToken cancellationToken)
    {
        try
        {
            return new Session(await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false), isSpread);
        }
        catch (NpgsqlException exception)
        {
            throw Translate(exception);
        }
    }

    /// <summary>Begins a transaction.</summary>
    /// <param name="isSnapshot">Whether all of its statements see the database as it was when the first of them began.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task BeginAsync(bool isSnapshot, CancellationToken cancellationToken) => _transaction = await RunAsync(
        () => _connection.BeginTransactionAsync(isSnapshot ? IsolationLevel.RepeatableRead : IsolationLevel.ReadCommitted, cancellationToken).AsTask()).ConfigureAwait(false);

    /// <summary>Commits the transaction.</summary>
    public async Task CommitAsync()
    {
        await RunAsync(async () =>
        {
            await _transaction!.CommitAsync(CancellationToken.None).ConfigureAwait(false);
            return 0;
        }).ConfigureAwait(false);
        await EndAsync().ConfigureAwait(false);
    }

    /// <summary>Undoes the transaction.</summary>
    public async Task RollbackAsync()
    {
        await RunAsync(async () =>
        {
            await _transaction!.RollbackAsync(CancellationToken.None).ConfigureAwait(false);
            return 0;
        }).ConfigureAwait(false);
        await EndAsync().ConfigureAwait(false);
    }

    /// <summary>Runs a statement; answers the number of rows that it was about.</summary>
    public Task<long> ExecuteAsync(string sql, CancellationToken cancellationToken) => ExecuteAsync(sql, [], cancellationToken);

    /// <summary>Runs a statement; answers the number of rows that it was about.</summary>
    /// <param name="sql">The statement.</param>
    /// <param name="parameters">The values of <c>$1</c>, <c>$2</c>, ….</param>
    /// <param name="cancellationToken">Interrupts it.</param>
    public Task<long> ExecuteAsync(string sql, IEnumerable<object?> parameters, CancellationToken cancellationToken) => RunAsync(async () =>
    {
        var command = Command(sql, parameters);
        await using (command.ConfigureAwait(false)) return (long)await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    });

    /// <summary>Runs a query and maps its rows.</summary>
    public Task<IReadOnlyList<T>> QueryAsync<T>(string sql, Func<NpgsqlDataReader, T> map, CancellationToken cancellationToken) => QueryAsync(sql, [], map, cancellationToken);

    /// <summary>Runs a query and maps its rows.</summary>
    public async Task<IReadOnlyList<T>> QueryAsync<T>(string sql, IEnumerable<object?> parameters, Func<NpgsqlDataReader, T> map, CancellationToken cancellationToken)
    {
        var rows = new List<T>();
        await ReadAsync(sql, parameters, row => rows.Add(map(row)), cancellationToken).ConfigureAwait(false);
        return rows;
    }

    /// <summary>Runs a query and hands its rows over as they come.</summary>
    public Task ReadAsync(string sql, IEnumerable<object?> parameters, Action<NpgsqlDataReader> take, CancellationToken cancellationToken) => RunAsync(async () =>
    {
        var command = Command(sql, parameters);
        await using (command.ConfigureAwait(false))
        {
            var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
                while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false)) take(reader);
            return 0;
        }
    });

    /// <summary>The documents of a query's first column.</summary>
    public Task<IReadOnlyList<T>> ReadDocumentsAsync<T>(string sql, IEnumerable<object?> parameters, CancellationToken cancellationToken) =>
        QueryAsync(sql, parameters, row => CatalogJson.Parse<T>(row.GetString(0)), cancellationToken);

    /// <summary>The one figure that a query answers.</summary>
    public async Task<long> CountAsync(string sql, CancellationToken cancellationToken) => (await QueryAsync(sql, row => row.GetInt64(0), cancellationToken).ConfigureAwait(false))[0];

    /// <summary>Begins to send rows in PostgreSQL's binary form. Whoever has sent them all disposes the result; on every other path it is cancelled, since what is disposed is kept.</summary>
    public NpgsqlRawCopyStream BeginCopy(string sql)
    {
        try
        {
            var stream = _connection.BeginRawBinaryCopy(sql);
            stream.WriteTimeout = (int)WriteTime.TotalMilliseconds;
            return stream;
        }
        catch (NpgsqlException exception)
        {
            throw Translate(exception);
        }
    }

    /// <summary>Sends lines in PostgreSQL's text form, in a transaction: where that fails, those that were sent are in it.</summary>
    public Task CopyTextAsync(string sql, IEnumerable<string> lines, CancellationToken cancellationToken) => RunAsync(async () =>
    {
        var writer = await _connection.BeginTextImportAsync(sql, cancellationToken).ConfigureAwait(false);
        await using (writer.ConfigureAwait(false))
            foreach (var line in lines) await writer.WriteAsync(line.AsMemory(), cancellationToken).ConfigureAwait(false);
        return 0;
    });

    /// <summary>
    /// Does work in the transaction that needs tables or views for itself for an instant; false where they were not to be had within 100 ms each, and nothing was done. It is tried again and again, between those who read them: who
    /// waited in the queue would have all wait behind him that begin to read, and where one of them had read one table already, and was about to read another, neither could go on.
    /// </summary>
    public async Task<bool> TryAsync(Func<Task> work, CancellationToken cancellationToken)
    {
        await ExecuteAsync("SAVEPOINT attempt", cancellationToken).ConfigureAwait(false);
        try
        {
            await ExecuteAsync("SET LOCAL lock_timeout = '100ms'", cancellationToken).ConfigureAwait(false);
            await work().ConfigureAwait(false);
            await ExecuteAsync("SET LOCAL lock_timeout = 0", cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (PostgresFault fault) when (fault.SqlState == PostgresFault.LockNotAvailable)
        {
            await ExecuteAsync("ROLLBACK TO SAVEPOINT attempt", cancellationToken).ConfigureAwait(false);
            return false;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await EndAsync().ConfigureAwait(false);
        }
        catch (NpgsqlException)
        {
            // A connection that is lost has no transaction any longer.
        }
        finally
        {
            await _connection.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>What a failure means to the caller. What PostgreSQL says is kept without the texts that it quotes: among them are values of the file.</summary>
    public static Exception Translate(NpgsqlException exception)
    {
        if (exception is not PostgresException fault) return new StoreUnavailableException("The database cannot be reached.", isDiskFull: false, exception);
        var cause = new PostgresFault(fault.SqlState, $"{fault.SqlState}: {Quoted().Replace(fault.MessageText, "\"…\"")}");
        // The key is the store's own.
        if (fault is { SchemaName: Sql.DataSchema, ConstraintName: { } rule } && rule != $"{fault.TableName}_pkey")
            return Refused(rule, $"{fault.SchemaName}.{fault.TableName}");
        return fault.SqlState switch
        {
            PostgresErrorCodes.DiskFull => new StoreUnavailableException("The database's disk is full.", isDiskFull: true, cause),
            PostgresErrorCodes.OutOfMemory => new StoreUnavailableException("The database's memory is full.", isDiskFull: false, cause) { IsMemoryFull = true },
            _ when fault.SqlState.StartsWith("08", StringComparison.Ordinal) || fault.SqlState.StartsWith("53", StringComparison.Ordinal) || fault.SqlState.StartsWith("57P", StringComparison.Ordinal)
                || fault.SqlState is PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.ReadOnlySqlTransaction or PostgresFault.IdleInTransaction =>
                new StoreUnavailableException($"The database cannot do it now: {cause.Message}", isDiskFull: false, cause),
            _ => cause,
        };
    }

    /// <summary>What an index or another rule refuses that somebody made for a table of records.</summary>
    public static RecordsRefusedException Refused(string rule, string table) =>
        new($"The index or rule \"{rule}\", which somebody made in the database for the table {table}, forbids what the records would be. Nothing was written.");

    private static async Task<T> RunAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (NpgsqlException exception)
        {
            throw Translate(exception);
        }
    }

    private async ValueTask EndAsync()
    {
        if (Interlocked.Exchange(ref _transaction, null) is { } transaction) await transaction.DisposeAsync().ConfigureAwait(false);
    }

    private NpgsqlCommand Command(string sql, IEnumerable<object?> parameters)
    {
        var command = new NpgsqlCommand(sql, _connection, _transaction);
        foreach (var parameter in parameters) command.Parameters.Add(new NpgsqlParameter { Value = parameter is List<string> list ? list.ToArray() : parameter ?? DBNull.Value });
        return command;
    }

    [GeneratedRegex("\"[^\"]*\"")]
    private static partial Regex Quoted();
}
