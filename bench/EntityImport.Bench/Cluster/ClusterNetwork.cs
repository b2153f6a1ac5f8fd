using System.Globalization;
using EntityImport.Bench.Compare.Peers;

namespace EntityImport.Bench.Cluster;

/// <summary>
/// A network of the cluster's own on this machine: a namespace for each node and each server, all at one bridge, and the way from one to another can be cut, in one direction as well: nobody is told, and nothing arrives.
/// Only root can make one; it is gone in the end.
/// </summary>
internal sealed class ClusterNetwork : IAsyncDisposable
{
    private readonly string _name = string.Create(CultureInfo.InvariantCulture, $"eis{Environment.ProcessId % 1_000_000}");
    private readonly string _subnet = string.Create(CultureInfo.InvariantCulture, $"10.213.{Environment.ProcessId % 250}");
    private readonly List<ClusterPlace> _places = [];

    private ClusterNetwork()
    {
    }

    /// <summary>Why none can be made; null where one can.</summary>
    public static string? Obstacle => Environment.UserName != "root" ? "Networks are made by root." : Tool.FindObstacle("ip");

    private string Bridge => $"{_name}b";

    /// <summary>Makes one.</summary>
    public static async Task<ClusterNetwork> MakeAsync()
    {
        var network = new ClusterNetwork();
        await IpAsync("link", "add", network.Bridge, "type", "bridge");
        await IpAsync("addr", "add", $"{network._subnet}.254/24", "dev", network.Bridge);
        await IpAsync("link", "set", network.Bridge, "up");
        return network;
    }

    /// <summary>Adds a place with an address of its own.</summary>
    /// <param name="name">What it is called: a few letters and digits.</param>
    public async Task<ClusterPlace> AddAsync(string name)
    {
        var number = _places.Count + 1;
        var place = new ClusterPlace($"{_name}-{name}", string.Create(CultureInfo.InvariantCulture, $"{_subnet}.{number}"));
        var outer = string.Create(CultureInfo.InvariantCulture, $"{_name}v{number}");
        _places.Add(place);
        await IpAsync("netns", "add", place.Namespace);
        await IpAsync("link", "add", outer, "type", "veth", "peer", "name", "eth0", "netns", place.Namespace);
        await IpAsync("link", "set", outer, "master", Bridge, "up");
        await IpAsync("-n", place.Namespace, "addr", "add", $"{place.Address}/24", "dev", "eth0");
        await IpAsync("-n", place.Namespace, "link", "set", "eth0", "up");
        await IpAsync("-n", place.Namespace, "link", "set", "lo", "up");
        return place;
    }

    /// <summary>Has nothing that is sent from one place to another arrive there any more.</summary>
    public static Task CutAsync(ClusterPlace from, ClusterPlace to) => IpAsync("-n", from.Namespace, "route", "replace", "blackhole", $"{to.Address}/32");

    /// <summary>Ends a cut.</summary>
    public static Task MendAsync(ClusterPlace from, ClusterPlace to) => IpAsync("-n", from.Namespace, "route", "del", "blackhole", $"{to.Address}/32");

    public async ValueTask DisposeAsync()
    {
        // Their ends of the ways go with the namespaces.
        foreach (var place in _places) await IpAsync("netns", "del", place.Namespace);
        await IpAsync("link", "del", Bridge);
    }

    private static Task<string> IpAsync(params IReadOnlyList<string> arguments) => Tool.RunAsync("ip", arguments);
}

/// <summary>A place in the cluster's network.</summary>
/// <param name="Namespace">The name of its network namespace.</param>
/// <param name="Address">Its IPv4 address.</param>
internal sealed record ClusterPlace(string Namespace, string Address)
{
    /// <summary>The command that runs another one there.</summary>
    public IReadOnlyList<string> Launcher => ["ip", "netns", "exec", Namespace];
}
