using System.Runtime.InteropServices;
using Npgsql;

[assembly: Xunit.AssemblyFixture(typeof(EntityImport.Storage.Tests.PrivateServer))]

namespace EntityImport.Storage.Tests;

/// <summary>
/// A PostgreSQL server of the tests' own, in a temporary folder. <c>EIS_TEST_POSTGRES</c> names the folder with <c>initdb</c> and <c>pg_ctl</c>, which <c>tests/postgres.sh</c> finds; where it says nothing, tests are skipped.
/// Where <c>EIS_TEST_PGBOUNCER</c> names the program of PgBouncer, stores reach their databases through one.
/// </summary>
public sealed class PrivateServer : IAsyncDisposable
{
    private static readonly Lazy<Task<PrivateServer?>> Started = new(StartAsync);

    private readonly PostgresServer? _server;
    private readonly PgBouncer? _pooler;
    private readonly string _directory;

    /// <summary>Made by the test runner, which stops the server in the end by it.</summary>
    public PrivateServer() => _directory = "";

    private PrivateServer(PostgresServer server, PgBouncer? pooler, string directory) => (_server, _pooler, _directory) = (server, pooler, directory);

    /// <summary>Whether there are programs of a server.</summary>
    public static bool IsNamed => FindPrograms() is not null;

    /// <summary>The folder with the programs of a server; the test is skipped where none is named.</summary>
    public static string Programs()
    {
        var programs = FindPrograms();
        if (programs is null) Xunit.Assert.Skip("EIS_TEST_POSTGRES names no folder with the programs of a PostgreSQL server; tests/postgres.sh prints one.");
        return programs;
    }

    /// <summary>How the server is reached; the test is skipped where there is none.</summary>
    public static async Task<string> StartedAsync()
    {
        Programs();
        return new NpgsqlConnectionStringBuilder((await Started.Value)!._server!.ConnectionString) { Pooling = false }.ConnectionString;
    }

    /// <summary>How a database of the server is reached by those who use it, which may be through PgBouncer.</summary>
    public static async Task<string> DatabaseAsync(string name)
    {
        var server = await StartedAsync();
        var settings = new NpgsqlConnectionStringBuilder(server) { Database = name, Pooling = true };
        if ((await Started.Value)!._pooler is { } pooler) settings.Port = pooler.Port;
        return settings.ConnectionString;
    }

    /// <summary>Whether it was stopped, with all that was in it: the tests are done.</summary>
    public static bool IsStopped { get; private set; }

    public async ValueTask DisposeAsync()
    {
        if (!Started.IsValueCreated || await Started.Value is not { } started) return;
        IsStopped = true;
        if (started._pooler is not null) await started._pooler.DisposeAsync();
        started._server!.Stop();
        Directory.Delete(started._directory, recursive: true);
    }

    private static Task<PrivateServer?> StartAsync() => Task.Run(async () =>
    {
        if (FindPrograms() is not { } programs) return null;
        var directory = Directory.CreateTempSubdirectory("eis-postgres-").FullName;
        var server = PostgresServer.Make(programs, directory, "unix_socket_directories = '.'");
        var pooler = Environment.GetEnvironmentVariable("EIS_TEST_PGBOUNCER") is { Length: > 0 } program ? await PgBouncer.StartAsync(program, server, directory) : null;
        return new PrivateServer(server, pooler, directory);
    });

    private static string? FindPrograms() =>
        RuntimeInformation.IsOSPlatform(OSPlatform.Linux) && Environment.GetEnvironmentVariable("EIS_TEST_POSTGRES") is { Length: > 0 } named ? named : null;
}
