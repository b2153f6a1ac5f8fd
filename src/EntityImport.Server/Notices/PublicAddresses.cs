using System.Net;
using System.Net.Sockets;

namespace EntityImport.Server.Notices;

/// <summary>Which addresses belong to the public internet, by the registries of special addresses (RFC 6890 and what has joined them). Everything else leads to this machine, to its network, to several at once or to nobody.</summary>
internal static class PublicAddresses
{
    /// <summary>IPv4 networks that are not public.</summary>
    private static readonly IPNetwork[] Special4 =
    [
        .. ((string[])
        [
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16",
            "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            // The host of a virtual machine at Azure: public by its number, and never anybody else's.
            "168.63.129.16/32",
        ]).Select(IPNetwork.Parse),
    ];

    /// <summary>What of IPv6 may be public at all: addresses of IPv4 in other clothes (mapped, NAT64), loopback, link-local, unique local ones and multicast are outside of it.</summary>
    private static readonly IPNetwork Global6 = IPNetwork.Parse("2000::/3");

    /// <summary>IPv6 networks within that that are not public: of protocols (Teredo and benchmarks among them), documentation, and 6to4, in which any address of IPv4 may be.</summary>
    private static readonly IPNetwork[] Special6 = [.. ((string[])["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"]).Select(IPNetwork.Parse)];

    /// <summary>Whether an address is public. An address of IPv4 that is written as one of IPv6 is not, whatever it is.</summary>
    public static bool Contain(IPAddress address) => address.AddressFamily switch
    {
        AddressFamily.InterNetwork => !Special4.Any(network => network.Contains(address)),
        AddressFamily.InterNetworkV6 => address.ScopeId == 0 && Global6.Contains(address) && !Special6.Any(network => network.Contains(address)),
        _ => false,
    };
}
