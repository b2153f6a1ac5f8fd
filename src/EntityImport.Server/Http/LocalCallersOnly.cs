namespace EntityImport.Server.Http;

/// <summary>
/// Refuses requests that were made for another host's name. Without it, a web page could reach this server through the user's browser by letting
/// its own name resolve to 127.0.0.1.
/// </summary>
internal sealed class LocalCallersOnly(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        var host = context.Request.Host.Host;
        if (LoopbackEndpoints.IsLoopback(host)) return next(context);
        throw new RequestException(FaultKind.Invalid, "host-not-local", $"This server is only for its own machine; call it as 127.0.0.1 or localhost, not as '{host}'.");
    }
}
