using System.Globalization;
using System.Net;
using EntityImport.Server.Options;

namespace EntityImport.Server.Hosting;

/// <summary>The addresses that the server listens on. It does not ask callers who they are, so nobody but this machine may reach it.</summary>
internal static class LoopbackEndpoints
{
    /// <summary>The endpoints of these URLs; <c>localhost</c> is 127.0.0.1.</summary>
    /// <exception cref="ServerConfigurationException">There is no URL, or one is not a plain loopback address.</exception>
    public static IReadOnlyList<IPEndPoint> Parse(IReadOnlyList<string> urls)
    {
        if (urls.Count == 0) throw new ServerConfigurationException("There is no address to listen on. Expected one like http://127.0.0.1:8080.");
        return [.. urls.Select(Parse)];
    }

    /// <summary>Whether this host, as a URL or a Host header names it, can only be this machine.</summary>
    public static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    /// <summary>What is no number, or far too large a one, is left with the host.</summary>
    private static bool HasOddPort(string host) => host.LastIndexOf(':') is >= 0 and var colon && colon > host.LastIndexOf(']');

    private static IPEndPoint Parse(string url)
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

        if (!address.Scheme.Equals("http", StringComparison.OrdinalIgnoreCase) || address.IsUnixPipe || address.IsNamedPipe || address.PathBase.Length > 0)
            throw new ServerConfigurationException($"'{url}' cannot be listened on. Expected http, a loopback address and a port, like http://127.0.0.1:8080.");
        if (address.Port is < IPEndPoint.MinPort or > IPEndPoint.MaxPort || HasOddPort(address.Host))
            throw new ServerConfigurationException($"'{url}' cannot be listened on: a port is a number from 0 to {IPEndPoint.MaxPort}, where 0 takes any free one.");
        if (!IsLoopback(address.Host))
            throw new ServerConfigurationException(string.Create(
                CultureInfo.InvariantCulture,
                $"'{url}' can be reached from other machines, and the server does not ask callers who they are. " +
                $"Listen on a loopback address instead: http://127.0.0.1:{address.Port}."));
        return new IPEndPoint(IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) ? ip : IPAddress.Loopback, address.Port);
    }
}
