using System.Collections.Concurrent;
using EntityImport.Options;
using EntityImport.Postgres;
using Npgsql;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>The store that the tests of the contract run on: a database for each data directory, on a server that is the tests' own. Databases are used again, because making one takes longer than most tests.</summary>
internal static class TestStore
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<string>>> Databases = new();
    private static readonly ConcurrentBag<string> Free = [];
    private static int _made;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Opens the store of a data directory.</summary>
    public static async Task<IStore> OpenAsync(EngineOptions options) => await PostgresStore.OpenAsync(await ConnectionStringAsync(options.DataDirectory), options, Token);

    /// <summary>How the database of a data directory is reached.</summary>
    public static Task<string> ConnectionStringAsync(string directory) => Databases.GetOrAdd(Path.GetFullPath(directory), _ => new(TakeAsync)).Value;

    /// <summary>Empties the database of a data directory.</summary>
    public static async Task ForgetAsync(string directory)
    {
        if (!Databases.TryRemove(Path.GetFullPath(directory), out var taken)) return;
        var database = await taken.Value;
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database) { Pooling = false });
        await ExecuteAsync(source, "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
        await ExecuteAsync(source, "DROP SCHEMA IF EXISTS eis, eis_data, eis_stage, records CASCADE");
        Free.Add(database);
    }

    private static async Task<string> TakeAsync()
    {
        if (Free.TryTake(out var free)) return free;
        var server = await PrivateServer.StartedAsync();
        var name = $"eis_{Interlocked.Increment(ref _made)}";
        await using var source = NpgsqlDataSource.Create(server);
        await ExecuteAsync(source, $"CREATE DATABASE {name}");
        return new NpgsqlConnectionStringBuilder(server) { Database = name, Pooling = true }.ConnectionString;
    }

    private static async Task ExecuteAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }
}
