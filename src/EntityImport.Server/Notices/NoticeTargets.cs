using System.Globalization;
using System.Net;
using System.Net.Sockets;
using EntityImport.Server.Options;

namespace EntityImport.Server.Notices;

/// <summary>Finds the addresses of a name.</summary>
internal delegate Task<IPAddress[]> ResolveName(string host, CancellationToken cancellationToken);

/// <summary>
/// Judges where notices may be sent. An address must be spelled plainly, so that nobody reads it otherwise than we do; a name is resolved once, all of its addresses are judged, and only what was judged is connected to.
/// Thread-safe.
/// </summary>
internal sealed class NoticeTargets
{
    private const int MostAddresses = 16;

    private readonly HashSet<string> _hosts;
    private readonly IPNetwork[] _networks;
    private readonly ResolveName _resolve;

    /// <summary>Judges by what is configured.</summary>
    public NoticeTargets(NoticeOptions options, ResolveName resolve)
    {
        _networks = [.. options.AllowedTargets.Select(NoticeOptions.NetworkOf).OfType<IPNetwork>()];
        _hosts = options.AllowedTargets.Where(target => NoticeOptions.NetworkOf(target) is null).ToHashSet(StringComparer.OrdinalIgnoreCase);
        _resolve = resolve;
    }

    /// <summary>An address as it is connected to, without finding out where it leads.</summary>
    /// <exception cref="TargetRefusedException">It is none, or could be read in two ways.</exception>
    public static Uri Parse(string text)
    {
        // What a parser would change or drop is not sent to one: spaces, backslashes, letters beyond ASCII that look like dots or slashes.
        if (text.Any(c => c is <= ' ' or > '~' or '\\')) throw new TargetRefusedException("An address has no spaces, backslashes, or characters beyond ASCII; names of other scripts are written as xn--….");
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("https" or "http")) throw new TargetRefusedException("Expected an https address.");
        // An empty user is one, too, which Uri drops.
        var authority = AuthorityOf(text);
        if (url.UserInfo.Length > 0 || authority.Contains('@')) throw new TargetRefusedException("An address with a user in it is not called.");
        if (url.Fragment.Length > 0 || text.Contains('#', StringComparison.Ordinal)) throw new TargetRefusedException("An address with a fragment (#) is not called.");
        if (url.Port is < 1 or > 65_535) throw new TargetRefusedException("The port is none from 1 to 65535.");
        // Zones and encoded letters have a %.
        if (authority.Contains('%') || !IsPlain(url, text)) throw new TargetRefusedException("The host is not spelled plainly: expected a name without a dot at its end, four decimal numbers, or an IPv6 address without a zone.");
        return url;
    }

    /// <summary>The addresses that a request may be connected to.</summary>
    /// <exception cref="TargetRefusedException">There are none, or one of them may not be.</exception>
    public async Task<IReadOnlyList<IPAddress>> ResolveAsync(Uri url, CancellationToken cancellationToken)
    {
        var host = HostOf(url);
        var isName = !IPAddress.TryParse(host, out var literal);
        var addresses = isName ? await ResolveNameAsync(host, cancellationToken) : [literal!];
        if (addresses.Length == 0) throw new TargetRefusedException($"The name {ShownText.Cut(host)} leads nowhere.");
        if (addresses.Length > MostAddresses) throw new TargetRefusedException(string.Create(CultureInfo.InvariantCulture, $"The name {ShownText.Cut(host)} leads to more than {MostAddresses} addresses."));
        if (isName && _hosts.Contains(host)) return addresses;
        // One bad address is enough: which of them is taken would be chance.
        if (Array.Find(addresses, address => !IsAllowed(address) && !PublicAddresses.Contain(address)) is { } refused)
            throw new TargetRefusedException($"{(isName ? $"{ShownText.Cut(host)} leads to {refused}, which" : refused)} is no public address, and is not allowed by notices.allowedTargets.");
        if (url.Scheme != Uri.UriSchemeHttps && !addresses.All(IsAllowed)) throw new TargetRefusedException("Without TLS notices are sent only to what notices.allowedTargets names; expected an https address.");
        return addresses;
    }

    private async Task<IPAddress[]> ResolveNameAsync(string host, CancellationToken cancellationToken)
    {
        try
        {
            return await _resolve(host, cancellationToken);
        }
        catch (Exception exception) when (exception is SocketException or ArgumentException)
        {
            throw new TargetRefusedException($"The name {ShownText.Cut(host)} cannot be resolved.");
        }
    }

    /// <summary>Whether a network that is configured has the address. One of IPv4 is the same in the form of IPv6.</summary>
    private bool IsAllowed(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return _networks.Any(network => network.Contains(plain));
    }

    /// <summary>Whether the host is in the text as it was understood: numbers in other forms (<c>0x7f.1</c>, <c>2130706433</c>) become another text.</summary>
    private static bool IsPlain(Uri url, string text)
    {
        var host = HostOf(url);
        if (!text.AsSpan(url.Scheme.Length + 3).StartsWith(url.HostNameType == UriHostNameType.IPv6 ? "[" : host, StringComparison.OrdinalIgnoreCase)) return false;
        return url.HostNameType switch
        {
            UriHostNameType.IPv4 or UriHostNameType.IPv6 => true,
            // A last label of digits is no name: some resolvers read it as a number.
            UriHostNameType.Dns => !host.EndsWith('.') && !char.IsAsciiDigit(host[(host.LastIndexOf('.') + 1)..][0]) && host.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_'),
            _ => false,
        };
    }

    /// <summary>What stands between the two slashes and what follows them.</summary>
    private static ReadOnlySpan<char> AuthorityOf(string text)
    {
        var rest = text.AsSpan(text.IndexOf(':', StringComparison.Ordinal) + 1).TrimStart('/');
        return rest.IndexOfAny("/?#") is >= 0 and var end ? rest[..end] : rest;
    }

    private static string HostOf(Uri url) => url.HostNameType == UriHostNameType.IPv6 ? url.Host.Trim('[', ']') : url.Host;
}

/// <summary>Nothing is sent to a target; the message says why.</summary>
internal sealed class TargetRefusedException(string message) : Exception(message);
