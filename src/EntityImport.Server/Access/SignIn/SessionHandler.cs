using EntityImport.Server.Hosting;
using EntityImport.Web.Shared;
using Microsoft.AspNetCore.Authentication;

namespace EntityImport.Server.Access.SignIn;

/// <summary>
/// Callers that are signed in with a browser. It adds their cookie to whatever any page has it send here, so that a call which changes something must come from a page of this service.
/// </summary>
internal sealed class SessionHandler(EngineHost host, SessionCookie cookie) : PlainHandler
{
    protected override async Task<AuthenticateResult> AuthenticateAsync(HttpRequest request)
    {
        if (!IsReading(request.Method) && !OwnPages.Sent(request)) return AuthenticateResult.Fail(new RequestException(FaultKind.Forbidden, "cross-site-request", "Who is signed in with a browser changes something by this service's own pages alone. Nothing was changed."));
        var caller = cookie.Read(request) is { } secret ? await host.Engine.SignIns.FindAsync(secret, request.HttpContext.RequestAborted) : null;
        return caller is null ? AuthenticateResult.Fail(Credentials.Bad()) : CallerPrincipal.Success(caller, Scheme);
    }

    private static bool IsReading(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method);
}
