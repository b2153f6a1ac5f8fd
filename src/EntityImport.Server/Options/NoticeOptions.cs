using System.Net;

namespace EntityImport.Server.Options;

/// <summary>Where notices may be sent.</summary>
public sealed record NoticeOptions
{
    /// <summary>
    /// Receivers that notices may be sent to although their address is private, loopback or otherwise not public, and also without TLS: names of hosts, addresses (<c>10.1.2.3</c>) and networks (<c>10.1.0.0/16</c>). Everything
    /// public is allowed with https without being named here.
    /// </summary>
    public IReadOnlyList<string> AllowedTargets { get; init; } = [];

    /// <summary>A PEM file of the certificates that receivers' certificates are checked with in place of the machine's; null means the machine's.</summary>
    public string? TrustedRootsFile { get; init; }

    /// <summary>What is wrong, a sentence for each fault.</summary>
    internal IEnumerable<string> Faults()
    {
        foreach (var target in AllowedTargets.Where(target => NetworkOf(target) is null && Uri.CheckHostName(target) != UriHostNameType.Dns))
            yield return $"notices.allowedTargets has '{ShownText.Cut(target)}', which is no name of a host, address or network like 10.1.0.0/16.";
        if (TrustedRoots.FaultOf(TrustedRootsFile) is { } fault) yield return $"notices.trustedRootsFile: {fault}";
    }

    /// <summary>The network that a target is, an address being one of itself; null where it is the name of a host.</summary>
    internal static IPNetwork? NetworkOf(string target) =>
        IPNetwork.TryParse(target, out var network) ? network
        : IPAddress.TryParse(target, out var address) ? new IPNetwork(address, address.GetAddressBytes().Length * 8)
        : null;
}
