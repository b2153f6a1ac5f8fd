using EntityImport.Storage.Tests;
using Npgsql;

namespace EntityImport.Bench.Cluster;

/// <summary>Two PostgreSQL servers, of which one follows the other: what is answered as committed is in both.</summary>
internal sealed class ClusterDatabase
{
    private readonly PostgresServer[] _servers;
    private int _primary;

    /// <param name="programs">The folder with <c>initdb</c> and <c>pg_ctl</c>.</param>
    /// <param name="directory">The folder that both are in, which is empty.</param>
    /// <param name="places">Where they are.</param>
    public ClusterDatabase(string programs, string directory, IReadOnlyList<ClusterPlace> places)
    {
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(directory, (UnixFileMode)0b111_101_101);
        var folders = places.Select((_, number) => Directory.CreateDirectory(Path.Combine(directory, $"server-{number + 1}")).FullName).ToList();
        Places = places;
        _servers = [PostgresServer.Make(programs, folders[0], places[0].Address, places[0].Launcher), PostgresServer.Place(programs, folders[1], places[1].Address, places[1].Launcher)];
        Standby.Follow(Primary);
    }

    /// <summary>Where its servers are.</summary>
    public IReadOnlyList<ClusterPlace> Places { get; }

    /// <summary>How nodes reach the one that can be written to, whichever it is.</summary>
    public string ConnectionString => $"Host={string.Join(',', _servers.Select(server => server.Address))};Username=postgres;Database=postgres;Timeout=5;Keepalive=2;Cancellation Timeout=2000";

    /// <summary>How that one is reached as long as it is the same.</summary>
    public string PrimaryConnectionString => new NpgsqlConnectionStringBuilder(Primary.ConnectionString) { Pooling = false, Timeout = 5 }.ConnectionString;

    private PostgresServer Primary => _servers[_primary];

    private PostgresServer Standby => _servers[1 - _primary];

    /// <summary>Stops the one that is written to as a crash does.</summary>
    public void Crash() => Primary.Stop();

    /// <summary>Starts it again.</summary>
    public void Restart() => Primary.Start();

    /// <summary>Has the other one take the place of the one that has crashed.</summary>
    public void Promote()
    {
        Standby.Promote();
        _primary = 1 - _primary;
    }

    /// <summary>Has the one that has crashed follow the other one, which is down meanwhile.</summary>
    public void Refollow() => Standby.Follow(Primary);

    /// <summary>Stops both.</summary>
    public void Stop()
    {
        foreach (var server in _servers) server.StopWhereRunning();
    }
}
