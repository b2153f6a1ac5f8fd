namespace EntityImport.Server.Http;

/// <summary>
/// Refuses what web pages of other hosts could do through the user's browser: reach this server by a name of their own that resolves to
/// 127.0.0.1, or post to it blindly. Programs send neither another host's name nor <c>Sec-Fetch-Site</c>.
/// </summary>
internal sealed class LocalCallersOnly(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (!LoopbackEndpoints.IsLoopback(request.Host.Host))
        {
            throw new RequestException(
                FaultKind.Invalid, "host-not-local", $"This server is only for its own machine; call it as 127.0.0.1 or localhost, not as '{Refusal.Cut(request.Host.Host)}'.");
        }

        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method) && request.Headers["Sec-Fetch-Site"] == "cross-site")
            throw new RequestException(FaultKind.Invalid, "cross-site-request", "Web pages of other sites may not change anything here.");
        return next(context);
    }
}
