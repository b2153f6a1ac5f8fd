using System.Collections.Immutable;
using System.Net;
using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace EntityImport.Server.Tests.Access;

/// <summary>A real OpenID Connect provider, OpenIddict, on this machine, over https, with one client and one user, who has agreed to everything.</summary>
internal sealed class OpenIddictProvider : IAsyncDisposable
{
    public const string ClientId = "eis";
    public const string ClientSecret = SuiteLog.Canary + "-client";
    public const string Subject = "248289761001";

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly WebApplication _app;

    private OpenIddictProvider(TestAuthority authority, string? tokenHost, bool endsSessions)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(authority.Server)));
        builder.Services.AddRouting();
        builder.Services.AddOpenIddict().AddServer(server =>
        {
            server.SetAuthorizationEndpointUris("authorize").SetTokenEndpointUris(tokenHost is null ? "token" : $"https://{tokenHost}/token").SetUserInfoEndpointUris("userinfo");
            if (endsSessions) server.SetEndSessionEndpointUris("logout");
            server.AllowAuthorizationCodeFlow().RequireProofKeyForCodeExchange();
            server.RegisterScopes(Scopes.Profile);
            server.AddEncryptionKey(new SymmetricSecurityKey(RandomNumberGenerator.GetBytes(32))).AddSigningKey(new ECDsaSecurityKey(_key));
            server.EnableDegradedMode();
            server.UseAspNetCore();
            server.AddEventHandler<ValidateAuthorizationRequestContext>(handler => handler.UseInlineHandler(Validate));
            server.AddEventHandler<ValidateTokenRequestContext>(handler => handler.UseInlineHandler(Validate));
            server.AddEventHandler<HandleAuthorizationRequestContext>(handler => handler.UseInlineHandler(Answer));
            server.AddEventHandler<HandleUserInfoRequestContext>(handler => handler.UseInlineHandler(Answer));
            server.AddEventHandler<ValidateEndSessionRequestContext>(handler => handler.UseInlineHandler(Validate));
            server.AddEventHandler<HandleEndSessionRequestContext>(handler => handler.UseInlineHandler(Answer));
        });
        _app = builder.Build();
        _app.UseAuthentication();
    }

    /// <summary>What its tokens name in <c>iss</c>.</summary>
    public string Issuer => _app.Urls.Single() + "/";

    /// <summary>What the user has in the claim <c>roles</c>.</summary>
    public ImmutableArray<string> Roles { get; set; } = ["importers"];

    /// <summary>Whether its tokens have that claim; else only what it tells of the user when it is asked has it.</summary>
    public bool HasRolesInToken { get; set; } = true;

    /// <summary>Whether the user has said no.</summary>
    public bool IsRefused { get; set; }

    /// <summary>What its tokens have in place of what they were asked for with; null means just that.</summary>
    public string? Nonce { get; set; }

    /// <summary>The last request for a sign-in that came.</summary>
    public OpenIddictRequest? Asked { get; private set; }

    /// <summary>How often somebody signed out.</summary>
    public int Ended { get; private set; }

    /// <summary>Whether a code was exchanged with the verifier of its challenge.</summary>
    public bool HasVerified { get; private set; }

    /// <param name="authority">Whose certificate it has.</param>
    /// <param name="tokenHost">The host that its metadata name for tokens; null means itself.</param>
    /// <param name="endsSessions">Whether its metadata name an address to sign out at.</param>
    public static async Task<OpenIddictProvider> StartAsync(TestAuthority authority, string? tokenHost = null, bool endsSessions = true)
    {
        var provider = new OpenIddictProvider(authority, tokenHost, endsSessions);
        await provider._app.StartAsync();
        return provider;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _key.Dispose();
    }

    private ValueTask Validate(ValidateAuthorizationRequestContext context)
    {
        Asked = context.Request;
        if (context.ClientId != ClientId) context.Reject(Errors.InvalidClient);
        else if (context.RedirectUri?.EndsWith("/sign-in/callback", StringComparison.Ordinal) != true) context.Reject(Errors.InvalidRequest);
        return default;
    }

    private ValueTask Validate(ValidateTokenRequestContext context)
    {
        if (context.ClientId != ClientId || context.ClientSecret != ClientSecret) context.Reject(Errors.InvalidClient);
        else HasVerified = context.Request.CodeVerifier is { Length: > 40 };
        return default;
    }

    private static ValueTask Validate(ValidateEndSessionRequestContext context)
    {
        if (context.ClientId != ClientId || context.PostLogoutRedirectUri?.EndsWith("/sign-in", StringComparison.Ordinal) != true) context.Reject(Errors.InvalidRequest);
        return default;
    }

    private ValueTask Answer(HandleEndSessionRequestContext context)
    {
        Ended++;
        context.SignOut();
        return default;
    }

    private ValueTask Answer(HandleAuthorizationRequestContext context)
    {
        if (IsRefused)
        {
            context.Reject(Errors.AccessDenied);
            return default;
        }

        if (Nonce is not null) context.Request.Nonce = Nonce;
        var identity = new ClaimsIdentity("test");
        identity.SetClaim(Claims.Subject, Subject).SetClaim(Claims.PreferredUsername, "Anna");
        if (HasRolesInToken) identity.SetClaims("roles", Roles);
        identity.SetScopes(context.Request.GetScopes());
        identity.SetDestinations(_ => [Destinations.AccessToken, Destinations.IdentityToken]);
        context.Principal = new ClaimsPrincipal(identity);
        return default;
    }

    private ValueTask Answer(HandleUserInfoRequestContext context)
    {
        context.Subject = Subject;
        if (!HasRolesInToken) context.Claims["roles"] = new OpenIddictParameter([.. Roles]);
        return default;
    }
}
