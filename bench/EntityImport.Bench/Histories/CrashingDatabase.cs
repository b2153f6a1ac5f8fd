using System.Globalization;
using EntityImport.Options;
using EntityImport.Postgres;
using EntityImport.Storage;
using Npgsql;

namespace EntityImport.Bench.Histories;

/// <summary>A database of its own on a PostgreSQL server, whose service can be killed while it is in this process: nothing of what it has not committed by then comes into the database any more.</summary>
internal sealed class CrashingDatabase : IAsyncDisposable
{
    private static int _made;

    private readonly string _server;
    private readonly string _database;

    private CrashingDatabase(string server, string database)
    {
        _server = server;
        _database = database;
    }

    /// <summary>Makes one.</summary>
    /// <param name="server">How the server is reached, by somebody who may make databases.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static async Task<CrashingDatabase> CreateAsync(string server, CancellationToken cancellationToken)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"eis_histories_{Environment.ProcessId}_{Interlocked.Increment(ref _made)}");
        await using (var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(server) { Pooling = false }))
        await using (var create = source.CreateCommand($"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")) await create.ExecuteNonQueryAsync(cancellationToken);
        return new CrashingDatabase(server, name);
    }

    /// <summary>Opens the store in it.</summary>
    public async Task<IStore> OpenAsync(EngineOptions options, CancellationToken cancellationToken) =>
        await PostgresStore.OpenAsync(new NpgsqlConnectionStringBuilder(_server) { Database = _database }.ConnectionString, options, cancellationToken);

    /// <summary>Ends what the service that works on it is at, as its death would, and has it write nothing any more.</summary>
    public void Kill()
    {
        using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(_server) { Database = _database, Pooling = false });
        // What is just being committed is waited for.
        using var fence = source.CreateCommand("UPDATE eis.lease SET epoch = epoch + 1, expires_at = '-infinity' WHERE name = 'service'");
        fence.ExecuteNonQuery();
        using var end = source.CreateCommand("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
        end.ExecuteNonQuery();
    }

    public async ValueTask DisposeAsync()
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(_server) { Pooling = false });
        await using var drop = source.CreateCommand($"DROP DATABASE {_database} WITH (FORCE)");
        await drop.ExecuteNonQueryAsync(CancellationToken.None);
    }
}
