using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

[assembly: Xunit.AssemblyFixture(typeof(EntityImport.Storage.Tests.PrivateServer))]

namespace EntityImport.Storage.Tests;

/// <summary>
/// A PostgreSQL server of the tests' own, on loopback, in a temporary folder, without care for crashes of the machine. <c>EIS_TEST_POSTGRES</c> names the folder with <c>initdb</c> and <c>pg_ctl</c>, which <c>tests/postgres.sh</c> finds;
/// where it says nothing, tests are skipped.
/// </summary>
public sealed class PrivateServer : IAsyncDisposable
{
    private static readonly Lazy<Task<PrivateServer?>> Started = new(StartAsync);

    private readonly string _programs;
    private readonly string _directory;
    private readonly string _connectionString;

    /// <summary>Made by the test runner, which stops the server in the end by it.</summary>
    public PrivateServer() => (_programs, _directory, _connectionString) = ("", "", "");

    private PrivateServer(string programs, string directory, string connectionString) => (_programs, _directory, _connectionString) = (programs, directory, connectionString);

    /// <summary>Whether there are programs of a server.</summary>
    public static bool IsNamed => FindPrograms() is not null;

    /// <summary>How the server is reached; the test is skipped where there is none.</summary>
    public static async Task<string> StartedAsync()
    {
        var server = await Started.Value;
        if (server is null) Xunit.Assert.Skip("EIS_TEST_POSTGRES names no folder with the programs of a PostgreSQL server; tests/postgres.sh prints one.");
        return server._connectionString;
    }

    /// <summary>Whether it was stopped, with all that was in it: the tests are done.</summary>
    public static bool IsStopped { get; private set; }

    public async ValueTask DisposeAsync()
    {
        if (!Started.IsValueCreated || await Started.Value is not { } server) return;
        IsStopped = true;
        Run(server._programs, "pg_ctl", ["-D", Path.Combine(server._directory, "data"), "-m", "immediate", "-w", "stop"], Path.Combine(server._directory, "programs.log"));
        Directory.Delete(server._directory, recursive: true);
    }

    private static Task<PrivateServer?> StartAsync() => Task.Run(() =>
    {
        if (FindPrograms() is not { } programs) return null;
        var directory = Directory.CreateTempSubdirectory("eis-postgres-").FullName;
        var (data, log) = (Path.Combine(directory, "data"), Path.Combine(directory, "programs.log"));
        if (!OperatingSystem.IsWindows() && IsRoot)
        {
            File.SetUnixFileMode(directory, (UnixFileMode)0b111_101_101);
            Run("/usr/bin", "chown", [User, directory], log);
        }

        Run(programs, "initdb", ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"], log);
        var port = FreePort();
        File.AppendAllText(
            Path.Combine(data, "postgresql.conf"),
            string.Create(CultureInfo.InvariantCulture, $"\nlisten_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = ''\nfsync = off\nmax_connections = 500\nautovacuum = on\n"));
        Run(programs, "pg_ctl", ["-D", data, "-l", Path.Combine(directory, "log"), "-w", "start"], log);
        return new PrivateServer(programs, directory, string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={port};Username=postgres;Database=postgres;Pooling=false"));
    });

    private static bool IsRoot => Environment.UserName == "root";

    private static string User => File.ReadLines("/etc/passwd").Any(line => line.StartsWith("postgres:", StringComparison.Ordinal)) ? "postgres" : "nobody";

    private static string? FindPrograms() =>
        RuntimeInformation.IsOSPlatform(OSPlatform.Linux) && Environment.GetEnvironmentVariable("EIS_TEST_POSTGRES") is { Length: > 0 } named ? named : null;

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static void Run(string folder, string program, string[] arguments, string log)
    {
        // The server refuses to run as root.
        string[] command = IsRoot && program != "chown" ? ["setpriv", $"--reuid={User}", "--clear-groups", Path.Combine(folder, program), .. arguments] : [Path.Combine(folder, program), .. arguments];
        // What it tells goes into a file: a server that it starts would keep a pipe open.
        using var process = Process.Start("/bin/sh", ["-c", "log=$0; exec \"$@\" >> \"$log\" 2>&1 < /dev/null", log, .. command]);
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {File.ReadAllText(log)}");
    }
}
