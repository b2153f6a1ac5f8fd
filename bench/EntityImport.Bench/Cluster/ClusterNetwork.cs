using System.Diagnostics;
using System.Globalization;

namespace EntityImport.Bench.Cluster;

/// <summary>
/// A network of the cluster's own on this machine: a namespace for each node and each server, all at one bridge, and the way from one to another can be cut, in one direction as well: nobody is told, and nothing arrives.
/// Only root can make one; it is gone in the end.
/// </summary>
internal sealed class ClusterNetwork : IDisposable
{
    private readonly string _name = string.Create(CultureInfo.InvariantCulture, $"eis{Environment.ProcessId % 1_000_000}");
    private readonly string _subnet = string.Create(CultureInfo.InvariantCulture, $"10.213.{Environment.ProcessId % 250}");
    private readonly List<ClusterPlace> _places = [];

    public ClusterNetwork()
    {
        Ip("link", "add", Bridge, "type", "bridge");
        Ip("addr", "add", $"{_subnet}.254/24", "dev", Bridge);
        Ip("link", "set", Bridge, "up");
    }

    /// <summary>Why none can be made; null where one can.</summary>
    public static string? Obstacle => !OperatingSystem.IsLinux() || Environment.UserName != "root" || !File.Exists("/usr/sbin/ip") ? "Networks are made by root, with ip (iproute2)." : null;

    private string Bridge => $"{_name}b";

    /// <summary>Adds a place with an address of its own.</summary>
    /// <param name="name">What it is called: a few letters and digits.</param>
    public ClusterPlace Add(string name)
    {
        var number = _places.Count + 1;
        var place = new ClusterPlace($"{_name}-{name}", string.Create(CultureInfo.InvariantCulture, $"{_subnet}.{number}"));
        var outer = string.Create(CultureInfo.InvariantCulture, $"{_name}v{number}");
        _places.Add(place);
        Ip("netns", "add", place.Namespace);
        Ip("link", "add", outer, "type", "veth", "peer", "name", "eth0", "netns", place.Namespace);
        Ip("link", "set", outer, "master", Bridge, "up");
        Ip("-n", place.Namespace, "addr", "add", $"{place.Address}/24", "dev", "eth0");
        Ip("-n", place.Namespace, "link", "set", "eth0", "up");
        Ip("-n", place.Namespace, "link", "set", "lo", "up");
        return place;
    }

    /// <summary>Has nothing that is sent from one place to another arrive there any more.</summary>
    public static void Cut(ClusterPlace from, ClusterPlace to) => Ip("-n", from.Namespace, "route", "replace", "blackhole", $"{to.Address}/32");

    /// <summary>Ends a cut.</summary>
    public static void Mend(ClusterPlace from, ClusterPlace to) => Ip("-n", from.Namespace, "route", "del", "blackhole", $"{to.Address}/32");

    public void Dispose()
    {
        // Their ends of the ways go with the namespaces.
        foreach (var place in _places) Ip("netns", "del", place.Namespace);
        Ip("link", "del", Bridge);
    }

    private static void Ip(params IReadOnlyList<string> arguments)
    {
        using var ip = Process.Start(new ProcessStartInfo("/usr/sbin/ip", arguments) { RedirectStandardError = true })!;
        var error = ip.StandardError.ReadToEnd();
        ip.WaitForExit();
        if (ip.ExitCode != 0) throw new InvalidOperationException($"ip {string.Join(' ', arguments)}: {error}");
    }
}

/// <summary>A place in the cluster's network.</summary>
/// <param name="Namespace">The name of its network namespace.</param>
/// <param name="Address">Its IPv4 address.</param>
internal sealed record ClusterPlace(string Namespace, string Address)
{
    /// <summary>The command that runs another one there.</summary>
    public IReadOnlyList<string> Launcher => ["/usr/sbin/ip", "netns", "exec", Namespace];
}
