using System.Globalization;
using EntityImport.Access;
using EntityImport.Server.Access.Jwt;
using EntityImport.Server.Access.Salesforce;
using EntityImport.Server.Access.SignIn;
using EntityImport.Server.Hosting;
using EntityImport.Server.Options;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.Options;

namespace EntityImport.Server.Access;

/// <summary>The schemes of authentication that are configured, and which of them a request uses.</summary>
internal static class Schemes
{
    /// <summary>Adds what finds out who calls.</summary>
    public static void AddTo(IServiceCollection services, AccessOptions options)
    {
        // AddAuthentication would keep the keys of cookies in the user's home.
        services.AddAuthenticationCore(authentication =>
        {
            authentication.AddScheme<NoCredentialHandler>(Credentials.None, displayName: null);
            authentication.AddScheme<ApiKeyHandler>(Credentials.ApiKey, displayName: null);
            authentication.AddScheme<SessionHandler>(Credentials.Session, displayName: null);
        }).AddWebEncoders().AddTransient<NoCredentialHandler>().AddTransient<ApiKeyHandler>().AddTransient<SessionHandler>();
        services.AddDataProtection().SetApplicationName("eis");
        services.AddOptions<KeyManagementOptions>().Configure<EngineHost>((keys, host) => (keys.XmlRepository, keys.XmlEncryptor) = (new StoredKeys(host), new NullXmlEncryptor()));
        services.AddSingleton<SessionCookie>();
        var schemes = new AuthenticationBuilder(services)
            .AddScheme<AuthenticationSchemeOptions, SalesforceHandler>(Credentials.Salesforce, configureOptions: null);
        services.AddSingleton<CredentialLog>();
        if (options.Salesforce is { } salesforce)
            services.AddSingleton(provider => new SalesforceEnvironments(salesforce, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<SalesforceEnvironments>>()));
        foreach (var (name, issuer) in options.Jwt?.Issuers ?? new Dictionary<string, JwtIssuerOptions>())
        {
            schemes.AddScheme<JwtBearerOptions, JwtBearerHandler>(Credentials.JwtPrefix + name, configureOptions: null);
            services.AddKeyedSingleton(name, (provider, _) => new IssuerKeys(issuer, IssuerHttp.Connect(issuer), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<IssuerKeys>>()));
            services.AddOptions<JwtBearerOptions>(Credentials.JwtPrefix + name).Configure<IServiceProvider>((bearer, provider) => new IssuerScheme(
                name, issuer, provider.GetRequiredKeyedService<IssuerKeys>(name), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<CredentialLog>()).Configure(bearer));
        }

        if (options.SignIn.Oidc is { } oidc) AddProvider(schemes, options.SignIn, oidc);
    }

    private static void AddProvider(AuthenticationBuilder schemes, SignInOptions signIn, OidcOptions oidc)
    {
        // AddOpenIdConnect would read options from the application's settings, which there are none of here.
        schemes.AddRemoteScheme<OpenIdConnectOptions, OpenIdConnectHandler>(Credentials.Oidc, displayName: null, configureOptions: null);
        schemes.Services.AddSingleton<IPostConfigureOptions<OpenIdConnectOptions>, OpenIdConnectPostConfigureOptions>();
        var http = IssuerHttp.Connect(oidc, oidc.MayCall);
        schemes.Services.AddSingleton(provider => new IssuerKeys(oidc, http, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<IssuerKeys>>()));
        schemes.Services.AddOptions<OpenIdConnectOptions>(Credentials.Oidc).Configure<IServiceProvider>((handler, provider) =>
        {
            var (keys, time) = (provider.GetRequiredService<IssuerKeys>(), provider.GetRequiredService<TimeProvider>());
            new OidcScheme(signIn, oidc, http, keys, provider.GetRequiredService<EngineHost>(), provider.GetRequiredService<SessionCookie>(), time, provider.GetRequiredService<CredentialLog>()).Configure(handler);
        });
    }

    /// <summary>What a refused caller is told of how to be believed: the header WWW-Authenticate (RFC 9110, section 11.6.1).</summary>
    public static string Challenge(AccessOptions options) => string.Join(", ", Names(options).Select(name => string.Create(CultureInfo.InvariantCulture, $"{name} realm=\"eis\"")));

    private static IEnumerable<string> Names(AccessOptions options)
    {
        if (options.ApiKeys || options.AdminKey is not null || options.Jwt is not null) yield return "Bearer";
        if (options.Salesforce is not null) yield return "OAuth";
        // Where people's browsers alone are let in there is no scheme that has a name.
        if (options is { ApiKeys: false, AdminKey: null, Jwt: null, Salesforce: null }) yield return "Cookie";
    }

    /// <summary>The scheme whose form the credential has. One that is not configured is as good as none.</summary>
    public static string Choose(HttpRequest request, AccessOptions options)
    {
        var hasKey = request.Headers.ContainsKey(Credentials.ApiKeyHeader);
        if (hasKey || Credentials.Bearer(request)?.StartsWith(ApiKeyText.Prefix, StringComparison.Ordinal) == true)
            return options.ApiKeys || options.AdminKey is not null ? Credentials.ApiKey : Credentials.None;
        if (options.Jwt is { } jwt && Credentials.Bearer(request) is { } token) return SchemeOf(token, jwt);
        if (options.Salesforce is not null && Credentials.OAuth(request) is not null) return Credentials.Salesforce;
        // Browsers add the cookie by themselves; what a caller shows of its own accord goes before it.
        return request.Headers.Authorization.Count == 0 && SessionCookie.IsShown(request, options.SignIn) ? Credentials.Session : Credentials.None;
    }

    /// <summary>The scheme of the issuer whom a token names, exactly; whether it has it from there, that scheme finds out.</summary>
    private static string SchemeOf(string token, JwtOptions options) =>
        UnverifiedToken.Read(token)?.Issuer is { } named && options.Issuers.FirstOrDefault(issuer => issuer.Value.Issuer == named).Key is { } name ? Credentials.JwtPrefix + name : Credentials.None;
}
