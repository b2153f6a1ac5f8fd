using EntityImport.Server.Hosting;
using Microsoft.Extensions.Primitives;

namespace EntityImport.Server.Http;

/// <summary>
/// Refuses what web pages could do through the user's browser: reach this server by a name of their own that resolves to 127.0.0.1, or change something
/// here blindly. Pages of another site, scheme or port have another <c>Origin</c>; programs send neither that nor <c>Sec-Fetch-Site</c>.
/// </summary>
internal sealed class LocalCallersOnly(RequestDelegate next)
{
    private const int DefaultPort = 80;

    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (!ListenAddresses.IsLoopback(request.Host.Host))
        {
            throw new RequestException(
                FaultKind.Invalid, "host-not-local", $"This server is only for its own machine; call it as 127.0.0.1 or localhost, not as '{Refusal.Cut(request.Host.Host)}'.");
        }

        if (!IsReading(request.Method) && !(IsOwnOrigin(request) && IsOwnSite(request.Headers["Sec-Fetch-Site"])))
            throw new RequestException(FaultKind.Forbidden, "cross-site-request", "Web pages of other sites may not change anything here.");
        return next(context);
    }

    private static bool IsReading(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method);

    /// <summary>Whether the request comes from no page, or from one of this server by the name and port that the request itself calls it by.</summary>
    private static bool IsOwnOrigin(HttpRequest request)
    {
        var origin = request.Headers.Origin;
        if (origin.Count == 0) return true;
        if (origin.Count > 1) return false;
        var port = request.Host.Port ?? DefaultPort;
        return Is($"{request.Scheme}://{request.Host.Host}:{port}") || (port == DefaultPort && Is($"{request.Scheme}://{request.Host.Host}"));

        bool Is(string own) => own.Equals(origin[0], StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Browsers send one of four words, in lower case; whatever else is there is no browser's, or somebody's attempt to confuse.</summary>
    private static bool IsOwnSite(StringValues site) => site.Count == 0 || (site.Count == 1 && site[0] is ("same-origin" or "none"));
}
