using EntityImport.Access;
using EntityImport.Server.Access;
using EntityImport.Server.Access.Jwt;
using EntityImport.Server.Access.SignIn;
using EntityImport.Server.Hosting;
using EntityImport.Server.Options;
using EntityImport.Web.Shared;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace EntityImport.Server.Sessions;

/// <summary>
/// How a browser gets its session, and gives it up. These are steps between pages, not calls of the API: each ends in another page, and what goes wrong is told by the page to sign in.
/// </summary>
internal static class SignInEndpoints
{
    private const int MostFormBytes = 16 << 10;

    public static void Map(IEndpointRouteBuilder routes, SignInOptions options)
    {
        // A link, and no form: browsers take it for a form that leads to another host, which pages forbid.
        if (options.Oidc is not null)
        {
            routes.MapGet(OidcScheme.BeginPath, (HttpContext context) => GuardAsync(context, () => BeginAsync(context, options)));
            routes.MapGet(OidcScheme.CallbackPath, (HttpContext context) => GuardAsync(context, () => EndAsync(context)));
            routes.MapGet(OidcScheme.EndPath, (HttpContext context) => GuardAsync(context, () => SignOutAtProviderAsync(context, options)));
        }

        routes.MapPost("/sign-in/link", (HttpContext context) => GuardAsync(context, () => OpenByLinkAsync(context, options)));
        routes.MapPost("/sign-out", (HttpContext context) => GuardAsync(context, () => SignOutAsync(context)));
    }

    private static async Task BeginAsync(HttpContext context, SignInOptions options)
    {
        // Before the provider is asked for anything.
        SessionCookie.Origin(context.Request, options);
        var handler = await HandlerAsync(context);
        await handler.ChallengeAsync(new AuthenticationProperties { RedirectUri = LocalPath.Of(context.Request.Query["back"], LocalPath.MostAtProvider) });
    }

    private static async Task EndAsync(HttpContext context)
    {
        var handler = await HandlerAsync(context);
        if (!await handler.HandleRequestAsync()) throw new InvalidOperationException("The handler of sign-ins does not know its own address.");
    }

    private static async Task OpenByLinkAsync(HttpContext context, SignInOptions options)
    {
        CheckOwn(context);
        SessionCookie.Origin(context.Request, options);
        var (engine, request) = (context.RequestServices.GetRequiredService<EngineHost>().Engine, Of(context));
        try
        {
            var secret = await engine.SignIns.OpenByLinkAsync(await ReadTokenAsync(context), request, options.SessionLifetime, context.RequestAborted);
            context.RequestServices.GetRequiredService<SessionCookie>().Write(context, secret);
        }
        catch (RequestException refusal)
        {
            engine.RefusedAttempts.Note(request, refusal.Type);
            throw;
        }

        GoTo(context, "/");
    }

    /// <summary>What the form has; empty where it is none.</summary>
    private static async Task<string> ReadTokenAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = MostFormBytes;
        if (!context.Request.HasFormContentType) return "";
        try
        {
            return (await context.Request.ReadFormAsync(context.RequestAborted))["token"].ToString();
        }
        catch (Exception exception) when (exception is InvalidDataException or BadHttpRequestException)
        {
            return "";
        }
    }

    private static async Task SignOutAsync(HttpContext context)
    {
        CheckOwn(context);
        var cookie = context.RequestServices.GetRequiredService<SessionCookie>();
        if (cookie.Read(context.Request) is { } secret) await context.RequestServices.GetRequiredService<EngineHost>().Engine.SignIns.EndAsync(secret, Of(context), context.RequestAborted);
        cookie.Clear(context);
        GoTo(context, "/sign-in?why=signed-out");
    }

    /// <summary>
    /// Sends the browser to where the provider ends what it knows it by, and from there back (OpenID Connect RP-Initiated Logout 1.0). No token is kept that would say whose end that is, so that the provider may ask.
    /// </summary>
    private static async Task SignOutAtProviderAsync(HttpContext context, SignInOptions options)
    {
        var handler = await HandlerAsync(context);
        var provider = await handler.Options.ConfigurationManager!.GetConfigurationAsync(context.RequestAborted);
        if (string.IsNullOrEmpty(provider.EndSessionEndpoint)) throw new RequestException(FaultKind.Conflict, "provider-without-end", "The provider names no address to sign out at.");
        var message = new OpenIdConnectMessage
        {
            IssuerAddress = provider.EndSessionEndpoint,
            ClientId = handler.Options.ClientId,
            PostLogoutRedirectUri = SessionCookie.Origin(context.Request, options) + "/sign-in",
            EnableTelemetryParameters = false,
        };
        GoTo(context, message.CreateLogoutRequestUrl());
    }

    /// <summary>What is refused, the page to sign in tells by the problem's name.</summary>
    private static async Task GuardAsync(HttpContext context, Func<Task> step)
    {
        context.Response.Headers.CacheControl = "no-store";
        try
        {
            await step();
        }
        catch (RequestException refusal)
        {
            GoTo(context, $"/sign-in?why={refusal.Type}");
        }
        catch (MetadataUnavailableException)
        {
            GoTo(context, $"/sign-in?why={Credentials.CannotTell(IssuerKeys.Pause).Type}");
        }
    }

    private static void CheckOwn(HttpContext context)
    {
        if (!OwnPages.Sent(context.Request)) throw new RequestException(FaultKind.Forbidden, "cross-site-request", "Forms are taken from this service's own pages alone.");
    }

    private static Request Of(HttpContext context) =>
        new(Caller.Anonymous) { Call = $"{context.Request.Method} {context.Request.Path}", Address = context.Connection.RemoteIpAddress?.ToString() };

    private static void GoTo(HttpContext context, string address)
    {
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = address;
    }

    /// <summary>The handler of sign-ins at the provider. What it would log of each that fails has no bound, and has what was sent; the log of credentials tells why it failed.</summary>
    private static async Task<OpenIdConnectHandler> HandlerAsync(HttpContext context)
    {
        var schemes = context.RequestServices.GetRequiredService<IOptions<AuthenticationOptions>>().Value;
        var handler = ActivatorUtilities.CreateInstance<OpenIdConnectHandler>(context.RequestServices, NullLoggerFactory.Instance);
        await handler.InitializeAsync(schemes.SchemeMap[Credentials.Oidc].Build(), context);
        return handler;
    }
}
