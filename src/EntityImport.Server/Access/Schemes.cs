using System.Globalization;
using EntityImport.Access;
using EntityImport.Server.Access.Jwt;
using EntityImport.Server.Access.Salesforce;
using EntityImport.Server.Options;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;

namespace EntityImport.Server.Access;

/// <summary>The schemes of authentication that are configured, and which of them a request uses.</summary>
internal static class Schemes
{
    /// <summary>Adds what finds out who calls.</summary>
    public static void AddTo(IServiceCollection services, AccessOptions options)
    {
        // What AddAuthentication would add beside this, keys to protect cookies with in the user's home, nobody needs here.
        services.AddAuthenticationCore(authentication =>
        {
            authentication.AddScheme<NoCredentialHandler>(Credentials.None, displayName: null);
            authentication.AddScheme<ApiKeyHandler>(Credentials.ApiKey, displayName: null);
        }).AddWebEncoders().AddTransient<NoCredentialHandler>().AddTransient<ApiKeyHandler>();
        var schemes = new AuthenticationBuilder(services)
            .AddScheme<AuthenticationSchemeOptions, SalesforceHandler>(Credentials.Salesforce, configureOptions: null);
        services.AddSingleton<CredentialLog>();
        if (options.Salesforce is { } salesforce)
            services.AddSingleton(provider => new SalesforceEnvironments(salesforce, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<SalesforceEnvironments>>()));
        foreach (var (name, issuer) in options.Jwt?.Issuers ?? new Dictionary<string, JwtIssuerOptions>())
        {
            schemes.AddScheme<JwtBearerOptions, JwtBearerHandler>(Credentials.JwtPrefix + name, configureOptions: null);
            services.AddKeyedSingleton(name, (provider, _) => new IssuerKeys(issuer, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<IssuerKeys>>()));
            services.AddOptions<JwtBearerOptions>(Credentials.JwtPrefix + name).Configure<IServiceProvider>((bearer, provider) => new IssuerScheme(
                name, issuer, provider.GetRequiredKeyedService<IssuerKeys>(name), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<CredentialLog>()).Configure(bearer));
        }
    }

    /// <summary>What a refused caller is told of how to be believed: the header WWW-Authenticate (RFC 9110, section 11.6.1).</summary>
    public static string Challenge(AccessOptions options) => string.Join(", ", Names(options).Select(name => string.Create(CultureInfo.InvariantCulture, $"{name} realm=\"eis\"")));

    private static IEnumerable<string> Names(AccessOptions options)
    {
        if (options.ApiKeys || options.AdminKey is not null || options.Jwt is not null) yield return "Bearer";
        if (options.Salesforce is not null) yield return "OAuth";
    }

    /// <summary>The scheme whose form the credential has. One that is not configured is as good as none.</summary>
    public static string Choose(HttpRequest request, AccessOptions options)
    {
        var hasKey = request.Headers.ContainsKey(Credentials.ApiKeyHeader);
        if (hasKey || Credentials.Bearer(request)?.StartsWith(ApiKeyText.Prefix, StringComparison.Ordinal) == true)
            return options.ApiKeys || options.AdminKey is not null ? Credentials.ApiKey : Credentials.None;
        if (options.Jwt is { } jwt && Credentials.Bearer(request) is { } token) return SchemeOf(token, jwt);
        return options.Salesforce is not null && Credentials.OAuth(request) is not null ? Credentials.Salesforce : Credentials.None;
    }

    /// <summary>The scheme of the issuer whom a token names, exactly; whether it has it from there, that scheme finds out.</summary>
    private static string SchemeOf(string token, JwtOptions options) =>
        UnverifiedToken.Read(token)?.Issuer is { } named && options.Issuers.FirstOrDefault(issuer => issuer.Value.Issuer == named).Key is { } name ? Credentials.JwtPrefix + name : Credentials.None;
}
