using System.Collections.Frozen;
using EntityImport.Access;
using EntityImport.Server.Hosting;
using EntityImport.Server.Options;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.Features.Authentication;
using Microsoft.Extensions.Options;

namespace EntityImport.Server.Access;

/// <summary>
/// Finds out who calls, before anything of a body is read, and has what was refused for that noted. What a caller may do is the engine's to decide; what it may do with nothing at all is decided here,
/// by the same rule.
/// </summary>
internal sealed class AccessGate(RequestDelegate next, EngineHost host, CallerQuotas quotas, IOptions<AuthenticationOptions> authentication, ServerOptions options)
{
    private readonly FrozenDictionary<string, AuthenticationScheme> _schemes = authentication.Value.Schemes.Select(scheme => scheme.Build()).ToFrozenDictionary(scheme => scheme.Name, StringComparer.Ordinal);

    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint() is not RouteEndpoint endpoint || endpoint.Metadata.GetMetadata<OpenToAll>() is not null)
        {
            // What is not there, or not so, is so for everybody.
            await next(context);
            return;
        }

        var needed = endpoint.Metadata.GetMetadata<NeededScope>() ?? NeededScope.Undeclared;
        var caller = Caller.Anonymous;
        try
        {
            var found = await FindAsync(context);
            caller = found.Caller;
            quotas.CountRequest(caller, context.Response);
            var request = Of(caller, needed, context);
            Admission.Check(request, needed.AnyOf);
            context.Features.Set<IHttpAuthenticationFeature>(new AdmittedRequest(request, found, async () => Admission.Check(Of((await FindAsync(context)).Caller, needed, context), needed.AnyOf)));
            using var place = endpoint.Metadata.GetMetadata<TakenPlace>() is { } taken ? quotas.Take(caller, taken.Place) : null;
            await next(context);
        }
        catch (RequestException refusal) when (refusal.Kind is FaultKind.Unauthenticated or FaultKind.Forbidden or FaultKind.TooMany)
        {
            host.Engine.RefusedAttempts.Note(Of(caller, needed, context), refusal.Type);
            throw;
        }
    }

    private static Request Of(Caller caller, NeededScope needed, HttpContext context) => new(caller) { Call = needed.Call, Address = context.Connection.RemoteIpAddress?.ToString() };

    /// <exception cref="RequestException">The credential is refused, or there is none.</exception>
    private async ValueTask<CallerPrincipal> FindAsync(HttpContext context)
    {
        var found = await AuthenticateAsync(context);
        return found.Principal as CallerPrincipal ?? throw (found.Failure ?? Credentials.Missing());
    }

    /// <summary>Asks the scheme whose form the credential has. Its handler is this request's own: the server has one scope of services for all requests, in which ASP.NET Core would keep one handler for all of them.</summary>
    private async ValueTask<AuthenticateResult> AuthenticateAsync(HttpContext context)
    {
        var scheme = _schemes[Schemes.Choose(context.Request, options.Access)];
        var handler = (IAuthenticationHandler)context.RequestServices.GetRequiredService(scheme.HandlerType);
        await handler.InitializeAsync(scheme, context);
        return await handler.AuthenticateAsync();
    }
}
