using System.Collections.Concurrent;
using Npgsql;

namespace EntityImport.Storage.Tests;

/// <summary>A database for each data directory, on a server that is the tests' own. Databases are used again, because making one takes longer than most tests.</summary>
internal static class TestDatabases
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<string>>> Databases = new();
    private static readonly ConcurrentDictionary<string, string> Roles = new();
    private static readonly ConcurrentDictionary<string, int> Ports = new();
    private static readonly ConcurrentDictionary<string, bool> Altered = new();
    private static readonly ConcurrentBag<string> Free = [];
    private static int _made;

    /// <summary>How the database of a data directory is reached; the test is skipped where there is no server.</summary>
    public static async Task<string> TakeAsync(string directory)
    {
        var server = await PrivateServer.StartedAsync();
        var database = await Databases.GetOrAdd(Path.GetFullPath(directory), _ => new(() => MakeAsync(server))).Value;
        if (!Roles.ContainsKey(Path.GetFullPath(directory)) && !Ports.ContainsKey(Path.GetFullPath(directory))) return database;
        var reached = new NpgsqlConnectionStringBuilder(database);
        if (Roles.TryGetValue(Path.GetFullPath(directory), out var role)) reached.Username = role;
        if (Ports.TryGetValue(Path.GetFullPath(directory), out var port)) (reached.Host, reached.Port) = ("127.0.0.1", port);
        return reached.ConnectionString;
    }

    /// <summary>Has the database of a data directory reached by a role that has few rights.</summary>
    public static void ReachAs(string role, string directory) => Roles[Path.GetFullPath(directory)] = role;

    /// <summary>Has the database of a data directory reached by another port of this machine.</summary>
    public static void ReachThrough(int port, string directory) => Ports[Path.GetFullPath(directory)] = port;

    /// <summary>Gives a data directory a database of its own that no other test gets afterwards, so that a test can do what stays in it.</summary>
    public static async Task<string> TakeToAlterAsync(string directory)
    {
        var database = await TakeAsync(directory);
        Altered[database] = true;
        return database;
    }

    /// <summary>Gives a data directory a database that is another's, too.</summary>
    public static void Share(string directory, string database) => Databases[Path.GetFullPath(directory)] = new(Task.FromResult(database));

    /// <summary>Empties the database of a data directory, unless it is another's, too.</summary>
    public static async Task ForgetAsync(string directory)
    {
        if (PrivateServer.IsStopped || !Databases.TryRemove(Path.GetFullPath(directory), out var taken)) return;
        Roles.TryRemove(Path.GetFullPath(directory), out _);
        Ports.TryRemove(Path.GetFullPath(directory), out _);
        var database = await taken.Value;
        foreach (var other in Databases.Values) if (await other.Value == database) return;
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database) { Pooling = false });
        await ExecuteAsync(source, "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
        await ExecuteAsync(source, "DROP SCHEMA IF EXISTS eis, eis_data, eis_stage, records CASCADE");
        if (!Altered.ContainsKey(database)) Free.Add(database);
    }

    /// <summary>A connection of somebody who does not belong to the service. It is not pooled: in the pool, the next test that gets the database would find it, ended.</summary>
    public static async Task<NpgsqlConnection> ConnectAsync(string database)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(CancellationToken.None);
        return connection;
    }

    /// <summary>Runs SQL in a database, as the role that the connection names.</summary>
    public static async Task ExecuteAsync(string database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await ExecuteAsync(source, sql);
    }

    /// <summary>The first value that a query finds.</summary>
    public static async Task<object?> ReadAsync(string database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync(CancellationToken.None);
    }

    private static async Task<string> MakeAsync(string server)
    {
        if (Free.TryTake(out var free)) return free;
        var name = $"eis_{Interlocked.Increment(ref _made)}";
        await using var source = NpgsqlDataSource.Create(server);
        await ExecuteAsync(source, $"CREATE DATABASE {name}");
        return await PrivateServer.DatabaseAsync(name);
    }

    private static async Task ExecuteAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }
}
