using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace EntityImport.Storage.Tests;

/// <summary>A PostgreSQL server of somebody's own, on loopback or in a network of its own, in a folder, without care for crashes of the machine. Where this process is root, the server runs as somebody else.</summary>
internal sealed class PostgresServer
{
    private readonly string _programs;
    private readonly string _directory;
    private readonly string _host;
    private readonly IReadOnlyList<string> _launcher;
    private readonly int _port = FreePort();

    private PostgresServer(string programs, string directory, string host, IReadOnlyList<string> launcher) => (_programs, _directory, _host, _launcher) = (programs, directory, host, launcher);

    /// <summary>How its database is reached, by a role that may do everything.</summary>
    public string ConnectionString => string.Create(CultureInfo.InvariantCulture, $"Host={_host};Port={_port};Username=postgres;Database=postgres");

    /// <summary>The address that it listens on, and where there.</summary>
    public string Address => string.Create(CultureInfo.InvariantCulture, $"{_host}:{_port}");

    /// <summary>Where on its address it listens.</summary>
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
    public static PostgresServer Make(string programs, string directory, params string[] settings) => Make(programs, directory, "127.0.0.1", [], settings);

    /// <summary>Makes a server in a network of its own, and starts it.</summary>
    /// <param name="programs">The folder with <c>initdb</c> and <c>pg_ctl</c>.</param>
    /// <param name="directory">The folder that it is to be in, which is empty.</param>
    /// <param name="host">The address there that it listens on; whoever is in its /24 is trusted.</param>
    /// <param name="launcher">The command that runs another one there; empty means that it is run here.</param>
    /// <param name="settings">Lines of its configuration.</param>
    public static PostgresServer Make(string programs, string directory, string host, IReadOnlyList<string> launcher, params string[] settings)
    {
        var server = Place(programs, directory, host, launcher);
        server.Run(Path.Combine(programs, "initdb"), ["-D", server.Data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]);
        File.AppendAllLines(Path.Combine(server.Data, "pg_hba.conf"), [$"host all all {host}/24 trust", $"host replication all {host}/24 trust"]);
        server.Configure(["unix_socket_directories = ''", "fsync = off", "max_connections = 500", .. server.Listening, .. settings]);
        server.Start();
        return server;
    }

    /// <summary>Makes a server that holds nothing, and has to follow one that does.</summary>
    /// <inheritdoc cref="Make(string, string, string, IReadOnlyList{string}, string[])"/>
    public static PostgresServer Place(string programs, string directory, string host, IReadOnlyList<string> launcher)
    {
        var server = new PostgresServer(programs, directory, host, launcher);
        if (!OperatingSystem.IsWindows() && IsRoot)
        {
            File.SetUnixFileMode(directory, (UnixFileMode)0b111_101_101);
            server.Run("chown", [User, directory]);
        }

        return server;
    }

    /// <summary>Starts it again, and waits until it takes connections.</summary>
    public void Start() => Control("-l", Path.Combine(_directory, "log"), "-w", "start");

    /// <summary>Stops it as a crash does, and waits until it is gone: all sessions end in the midst of what they do, and nothing is written any more.</summary>
    public void Stop() => Control("-m", "immediate", "-w", "stop");

    /// <summary>Stops it, unless it is gone.</summary>
    public void StopWhereRunning()
    {
        if (File.Exists(Path.Combine(Data, "postmaster.pid"))) Stop();
    }

    /// <summary>Throws away what it holds, and follows another one from now on. That is stopped for as long as it is copied; afterwards a commit there is answered when it is here, too.</summary>
    public void Follow(PostgresServer primary)
    {
        primary.Control("-m", "fast", "-w", "stop");
        if (Directory.Exists(Data)) Directory.Delete(Data, recursive: true);
        Run("cp", ["-a", primary.Data, Data]);
        File.WriteAllText(Path.Combine(Data, "standby.signal"), "");
        Configure([.. Listening, $"primary_conninfo = 'host={primary._host} port={primary._port} user=postgres'", "synchronous_standby_names = ''"]);
        primary.Configure("synchronous_standby_names = '*'");
        primary.Start();
        Start();
    }

    /// <summary>Has it take the place of the one that it follows, which has to be gone.</summary>
    public void Promote() => Control("-w", "promote");

    private IReadOnlyList<string> Listening => [$"listen_addresses = '{_host}'", string.Create(CultureInfo.InvariantCulture, $"port = {_port}")];

    /// <summary>Adds lines to its configuration, of which the last one counts.</summary>
    private void Configure(params IReadOnlyList<string> lines) => File.AppendAllLines(Path.Combine(Data, "postgresql.conf"), lines);

    private void Control(params string[] arguments) => Run(Path.Combine(_programs, "pg_ctl"), ["-D", Data, .. arguments]);

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
        string[] command = [.. _launcher, .. IsRoot && program is not ("chown" or "cp") ? (string[])["setpriv", $"--reuid={User}", "--clear-groups"] : [], program, .. arguments];
        // What it tells goes into a file: a server that it starts would keep a pipe open.
        using var process = Process.Start("/bin/sh", ["-c", "log=$0; exec \"$@\" >> \"$log\" 2>&1 < /dev/null", log, .. command]);
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {File.ReadAllText(log)}");
    }
}
