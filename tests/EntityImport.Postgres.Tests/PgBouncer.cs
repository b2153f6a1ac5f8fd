using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace EntityImport.Storage.Tests;

/// <summary>A PgBouncer in transaction mode before a server: each transaction may have another of the server's sessions, and finds in it what others left there.</summary>
internal sealed class PgBouncer : IAsyncDisposable
{
    private readonly Process _process;

    private PgBouncer(Process process, int port) => (_process, Port) = (process, port);

    /// <summary>Where on loopback it listens.</summary>
    public int Port { get; }

    /// <summary>Starts one, and waits until it takes connections.</summary>
    /// <param name="program">The program.</param>
    /// <param name="server">The server, with any of its databases, and any of its roles.</param>
    /// <param name="directory">Where its files go.</param>
    public static async Task<PgBouncer> StartAsync(string program, PostgresServer server, string directory)
    {
        var port = PostgresServer.FreePort();
        var roles = Path.Combine(directory, "pgbouncer.roles");
        var settings = Path.Combine(directory, "pgbouncer.ini");
        await File.WriteAllTextAsync(roles, "\"postgres\" \"\"\n");
        await File.WriteAllLinesAsync(settings,
        [
            "[databases]",
            string.Create(CultureInfo.InvariantCulture, $"* = host=127.0.0.1 port={server.Port} auth_user=postgres"),
            "[pgbouncer]",
            "pool_mode = transaction",
            "listen_addr = 127.0.0.1",
            string.Create(CultureInfo.InvariantCulture, $"listen_port = {port}"),
            "unix_socket_dir =",
            "auth_type = trust",
            $"auth_file = {roles}",
            "max_client_conn = 2000",
        ]);

        string[] command = PostgresServer.IsRoot ? ["setpriv", $"--reuid={PostgresServer.User}", "--clear-groups", program, settings] : [program, settings];
        var process = Process.Start("/bin/sh", ["-c", "log=$0; exec \"$@\" >> \"$log\" 2>&1 < /dev/null", Path.Combine(directory, "pgbouncer.log"), .. command]);
        var pooler = new PgBouncer(process, port);
        for (var attempt = 0; attempt < 300; attempt++)
        {
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync(IPAddress.Loopback, port);
                return pooler;
            }
            catch (SocketException) when (!process.HasExited)
            {
                await Task.Delay(100);
            }
        }

        await pooler.DisposeAsync();
        throw new TimeoutException($"{program} took no connection within 30 seconds.");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
