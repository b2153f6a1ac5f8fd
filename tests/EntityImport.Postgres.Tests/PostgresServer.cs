using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace EntityImport.Storage.Tests;

/// <summary>A PostgreSQL server of somebody's own, on loopback, in a folder, without care for crashes of the machine. Where this process is root, the server runs as somebody else.</summary>
internal sealed class PostgresServer
{
    private readonly string _programs;
    private readonly string _directory;
    private readonly int _port = FreePort();

    private PostgresServer(string programs, string directory) => (_programs, _directory) = (programs, directory);

    /// <summary>How its database is reached, by a role that may do everything.</summary>
    public string ConnectionString => string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={_port};Username=postgres;Database=postgres");

    /// <summary>Where on loopback it listens.</summary>
    public int Port => _port;

    private string Data => Path.Combine(_directory, "data");

    /// <summary>Whether this process is root, so that programs which refuse that run as <see cref="User"/>.</summary>
    internal static bool IsRoot => Environment.UserName == "root";

    /// <summary>Who runs programs that refuse to be run by root.</summary>
    internal static string User => File.ReadLines("/etc/passwd").Any(line => line.StartsWith("postgres:", StringComparison.Ordinal)) ? "postgres" : "nobody";

    /// <summary>Makes a server, and starts it.</summary>
    /// <param name="programs">The folder with <c>initdb</c> and <c>pg_ctl</c>.</param>
    /// <param name="directory">The folder that it is to be in, which is empty.</param>
    /// <param name="settings">Lines of its configuration.</param>
    public static PostgresServer Make(string programs, string directory, params string[] settings)
    {
        var server = new PostgresServer(programs, directory);
        if (!OperatingSystem.IsWindows() && IsRoot)
        {
            File.SetUnixFileMode(directory, (UnixFileMode)0b111_101_101);
            server.Run("chown", [User, directory]);
        }

        server.Run(Path.Combine(programs, "initdb"), ["-D", server.Data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]);
        string[] own = ["listen_addresses = '127.0.0.1'", string.Create(CultureInfo.InvariantCulture, $"port = {server._port}"), "unix_socket_directories = ''", "fsync = off", "max_connections = 500"];
        File.AppendAllLines(Path.Combine(server.Data, "postgresql.conf"), [.. own, .. settings]);
        server.Start();
        return server;
    }

    /// <summary>Starts it again, and waits until it takes connections.</summary>
    public void Start() => Run(Path.Combine(_programs, "pg_ctl"), ["-D", Data, "-l", Path.Combine(_directory, "log"), "-w", "start"]);

    /// <summary>Stops it as a crash does, and waits until it is gone: all sessions end in the midst of what they do, and nothing is written any more.</summary>
    public void Stop() => Run(Path.Combine(_programs, "pg_ctl"), ["-D", Data, "-m", "immediate", "-w", "stop"]);

    /// <summary>A port on loopback that nobody listens on.</summary>
    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private void Run(string program, string[] arguments)
    {
        var log = Path.Combine(_directory, "programs.log");
        // The server refuses to run as root.
        string[] command = IsRoot && program != "chown" ? ["setpriv", $"--reuid={User}", "--clear-groups", program, .. arguments] : [program, .. arguments];
        // What it tells goes into a file: a server that it starts would keep a pipe open.
        using var process = Process.Start("/bin/sh", ["-c", "log=$0; exec \"$@\" >> \"$log\" 2>&1 < /dev/null", log, .. command]);
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {File.ReadAllText(log)}");
    }
}
