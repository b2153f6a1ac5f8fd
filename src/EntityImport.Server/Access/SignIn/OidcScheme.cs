using EntityImport.Access;
using EntityImport.Server.Access.Jwt;
using EntityImport.Server.Hosting;
using EntityImport.Server.Options;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace EntityImport.Server.Access.SignIn;

/// <summary>
/// Sign-in at an OpenID Connect provider: the framework's handler of the code flow, with PKCE, told what this provider's tokens must be, and made to end in a session. What it has to remember between the two requests of a sign-in
/// is in cookies, encrypted, so that the second may come to another node, or after a restart.
/// </summary>
internal sealed class OidcScheme(SignInOptions signIn, OidcOptions options, HttpClient http, IssuerKeys keys, EngineHost host, SessionCookie cookie, TimeProvider time, CredentialLog log)
{
    /// <summary>Where the browser begins to sign in.</summary>
    public const string BeginPath = "/sign-in/provider";

    /// <summary>Where the provider sends it back to.</summary>
    public const string CallbackPath = "/sign-in/callback";

    /// <summary>Where it is sent to the provider to sign out there, too.</summary>
    public const string EndPath = "/sign-in/provider/end";

    /// <summary>What the log calls the provider.</summary>
    private const string Name = "sign-in";

    private readonly IssuerTokens _tokens = new(options, time);

    /// <summary>Sets the handler up.</summary>
    public void Configure(OpenIdConnectOptions oidc)
    {
        oidc.ConfigurationManager = keys;
        oidc.Backchannel = http;
        oidc.ClientId = options.ClientId;
        oidc.ClientSecret = options.ClientSecret;
        oidc.CallbackPath = CallbackPath;
        oidc.SignInScheme = Credentials.Session;
        oidc.ResponseType = OpenIdConnectResponseType.Code;
        // Sent back by a link, and not by a form of the provider's, the browser brings cookies along that no other site's page can have it send.
        oidc.ResponseMode = OpenIdConnectResponseMode.Query;
        oidc.UsePkce = true;
        oidc.GetClaimsFromUserInfoEndpoint = true;
        oidc.MapInboundClaims = false;
        oidc.SaveTokens = false;
        oidc.DisableTelemetry = true;
        oidc.Scope.Clear();
        foreach (var scope in options.AskedFor) oidc.Scope.Add(scope);
        foreach (var claim in new[] { options.SubjectClaim, options.NameClaim }) oidc.ClaimActions.MapUniqueJsonKey(claim, claim);
        oidc.ClaimActions.MapJsonKey(options.ScopeClaim, options.ScopeClaim);
        oidc.TokenValidationParameters = _tokens.Rules(options.ClientId);
        oidc.TokenValidationParameters.IssuerSigningKeyResolver = (_, _, _, _) => keys.Known;
        foreach (var remembered in new[] { oidc.CorrelationCookie, oidc.NonceCookie })
        {
            remembered.SameSite = SameSiteMode.Lax;
            remembered.SecurePolicy = signIn.Address?.Scheme is not { } scheme ? CookieSecurePolicy.SameAsRequest : scheme == Uri.UriSchemeHttps ? CookieSecurePolicy.Always : CookieSecurePolicy.None;
        }

        oidc.CorrelationCookie.Name = "eis-sign-in.";
        oidc.NonceCookie.Name = "eis-sign-in-nonce.";
        oidc.Events = new OpenIdConnectEvents { OnRedirectToIdentityProvider = SendAsync, OnTokenResponseReceived = LookForKeyAsync, OnTicketReceived = OpenSessionAsync, OnRemoteFailure = RefuseAsync };
    }

    /// <summary>Has the provider send the browser back to the service as the browser calls it.</summary>
    private Task SendAsync(RedirectContext context)
    {
        context.ProtocolMessage.RedirectUri = SessionCookie.Origin(context.Request, signIn) + CallbackPath;
        return Task.CompletedTask;
    }

    /// <summary>Sees to it that the key which the token names is known, where the provider has it.</summary>
    private async Task LookForKeyAsync(TokenResponseReceivedContext context) =>
        await keys.FindAsync(UnverifiedToken.Read(context.TokenEndpointResponse.IdToken)?.KeyId, context.HttpContext.RequestAborted);

    private async Task OpenSessionAsync(TicketReceivedContext context)
    {
        if (_tokens.CallerOf(context.Principal!, "oidc", "oidc") is not { } caller)
        {
            log.Refused(Name, "subject-missing");
            throw Refused();
        }

        var request = new Request(caller) { Call = $"GET {CallbackPath}", Address = context.HttpContext.Connection.RemoteIpAddress?.ToString() };
        try
        {
            cookie.Write(context.HttpContext, await host.Engine.SignIns.OpenAsync(request, signIn.SessionLifetime, context.HttpContext.RequestAborted));
        }
        catch (RequestException refusal)
        {
            host.Engine.RefusedAttempts.Note(request, refusal.Type);
            throw;
        }

        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = context.ReturnUri;
        context.HandleResponse();
    }

    private Task RefuseAsync(RemoteFailureContext context)
    {
        if (context.Failure is OperationCanceledException) throw context.Failure;
        if (Find<MetadataUnavailableException>(context.Failure) is not null || Find<HttpRequestException>(context.Failure) is not null)
        {
            log.Unchecked(Name, "provider-unavailable");
            throw Credentials.CannotTell(IssuerKeys.Pause);
        }

        log.Refused(Name, context.Request.Query.ContainsKey("error") ? "provider-refused" : ReasonOf(context.Failure));
        host.Engine.RefusedAttempts.Note(new Request(Caller.Anonymous) { Call = $"GET {CallbackPath}", Address = context.HttpContext.Connection.RemoteIpAddress?.ToString() }, Refused().Type);
        throw Refused();
    }

    private static RequestException Refused() => new(FaultKind.Unauthenticated, "sign-in-refused", "The provider's answer cannot be believed, or it has refused to sign you in.");

    private static string ReasonOf(Exception? failure) => failure switch
    {
        _ when Find<OpenIdConnectProtocolInvalidNonceException>(failure) is not null => "nonce-wrong",
        _ when Find<OpenIdConnectProtocolException>(failure) is not null => "answer-unexpected",
        _ when Find<Microsoft.IdentityModel.Tokens.SecurityTokenException>(failure) is { } token => IssuerTokens.ReasonOf(token),
        _ => "state-wrong",
    };

    private static T? Find<T>(Exception? exception) where T : Exception
    {
        for (; exception is not null; exception = exception.InnerException) if (exception is T found) return found;
        return null;
    }
}
