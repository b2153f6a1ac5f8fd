using System.Globalization;
using EntityImport.Access;
using EntityImport.Server.Options;
using Microsoft.AspNetCore.Authentication;

namespace EntityImport.Server.Access;

/// <summary>The schemes of authentication that are configured, and which of them a request uses.</summary>
internal static class Schemes
{
    /// <summary>Adds what finds out who calls.</summary>
    public static void AddTo(IServiceCollection services, AccessOptions options)
    {
        services.AddAuthentication()
            .AddScheme<AuthenticationSchemeOptions, NoCredentialHandler>(Credentials.None, configureOptions: null)
            .AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(Credentials.ApiKey, configureOptions: null);
    }

    /// <summary>What a refused caller is told of how to be believed: the header WWW-Authenticate (RFC 9110, section 11.6.1).</summary>
    public static string Challenge(AccessOptions options) => string.Join(", ", Names(options).Select(name => string.Create(CultureInfo.InvariantCulture, $"{name} realm=\"eis\"")));

    private static IEnumerable<string> Names(AccessOptions options)
    {
        if (options.IsOn) yield return "Bearer";
    }

    /// <summary>The scheme whose form the credential has. One that is not configured is as good as none.</summary>
    public static string Choose(HttpRequest request, AccessOptions options)
    {
        var hasKey = request.Headers.ContainsKey(Credentials.ApiKeyHeader);
        if (hasKey || Credentials.Bearer(request)?.StartsWith(ApiKeyText.Prefix, StringComparison.Ordinal) == true)
            return options.ApiKeys || options.AdminKey is not null ? Credentials.ApiKey : Credentials.None;
        return Credentials.None;
    }
}
