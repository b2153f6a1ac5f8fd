using System.Globalization;
using System.Net;
using EntityImport.Server.Options;

namespace EntityImport.Server.Hosting;

/// <summary>An address that the server listens on.</summary>
/// <param name="Endpoint">Where.</param>
/// <param name="HasTls">Whether it speaks TLS.</param>
internal sealed record ListenAddress(IPEndPoint Endpoint, bool HasTls);

/// <summary>The addresses that the server listens on. Where it does not ask callers who they are, nobody but this machine may reach it; where it does, nobody may overhear them.</summary>
internal static class ListenAddresses
{
    /// <summary>The addresses of the options' URLs; <c>localhost</c> is 127.0.0.1, <c>*</c> all of the machine's addresses.</summary>
    /// <exception cref="ServerConfigurationException">There is no URL, or one may not be listened on as configured.</exception>
    public static IReadOnlyList<ListenAddress> Parse(ServerOptions options)
    {
        if (options.Urls.Count == 0) throw new ServerConfigurationException("There is no address to listen on. Expected one like http://127.0.0.1:8080.");
        return [.. options.Urls.Select(url => Parse(url, options))];
    }

    /// <summary>Whether this host, as a URL or a Host header names it, can only be this machine.</summary>
    public static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    /// <summary>What is no number, or far too large a one, is left with the host.</summary>
    private static bool HasOddPort(string host) => host.LastIndexOf(':') is >= 0 and var colon && colon > host.LastIndexOf(']');

    private static ListenAddress Parse(string url, ServerOptions options)
    {
        BindingAddress address;
        try
        {
            address = BindingAddress.Parse(url);
        }
        catch (FormatException)
        {
            throw new ServerConfigurationException($"'{url}' is no address to listen on. Expected one like http://127.0.0.1:8080.");
        }

        var hasTls = address.Scheme.Equals("https", StringComparison.OrdinalIgnoreCase);
        if ((!hasTls && !address.Scheme.Equals("http", StringComparison.OrdinalIgnoreCase)) || address.IsUnixPipe || address.IsNamedPipe || address.PathBase.Length > 0)
            throw new ServerConfigurationException($"'{url}' cannot be listened on. Expected http or https, an IP address and a port, like http://127.0.0.1:8080.");
        if (address.Port is < IPEndPoint.MinPort or > IPEndPoint.MaxPort || HasOddPort(address.Host))
            throw new ServerConfigurationException($"'{url}' cannot be listened on: a port is a number from 0 to {IPEndPoint.MaxPort}, where 0 takes any free one.");
        if (hasTls && options.Tls.Certificate is null)
            throw new ServerConfigurationException($"'{url}' cannot be listened on: there is no certificate. Name one with tls.certificate. Expected http without one.");
        CheckReach(url, address, hasTls, options.Access);
        return new ListenAddress(new IPEndPoint(HostOf(url, address.Host), address.Port), hasTls);
    }

    /// <summary>Refuses addresses that others reach, unless callers are asked who they are, and what they answer cannot be overheard.</summary>
    private static void CheckReach(string url, BindingAddress address, bool hasTls, AccessOptions access)
    {
        if (IsLoopback(address.Host)) return;
        var local = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{address.Port}");
        if (!access.IsOn)
        {
            throw new ServerConfigurationException(
                $"'{url}' can be reached from other machines, and the server does not ask callers who they are. " +
                $"Listen on a loopback address instead, {local}, or configure who may call: access.apiKeys, access.jwt, access.salesforce or access.signIn.oidc (see docs/security.md).");
        }

        if (!hasTls && !access.PlainHttp)
        {
            throw new ServerConfigurationException(
                $"'{url}' can be reached from other machines, and callers' credentials could be overheard. Listen on https, with tls.certificate; " +
                "or set access.plainHttp where a proxy in front of the server has the certificate.");
        }
    }

    /// <summary>The address that a host stands for. Names are not looked up: what they lead to may change.</summary>
    private static IPAddress HostOf(string url, string host)
    {
        if (host.Equals("localhost", StringComparison.OrdinalIgnoreCase)) return IPAddress.Loopback;
        if (host is "*" or "+") return IPAddress.IPv6Any;
        return IPAddress.TryParse(host.Trim('[', ']'), out var ip) ? ip : throw new ServerConfigurationException($"'{url}' cannot be listened on: its host is no IP address.");
    }
}
