namespace EntityImport.Server.Access;

/// <summary>Which credential a request shows, and the wording of what is refused because of it.</summary>
internal static class Credentials
{
    /// <summary>The header with an API key.</summary>
    public const string ApiKeyHeader = "X-Api-Key";

    /// <summary>The scheme of a request that shows nothing that could be believed.</summary>
    public const string None = "eis-none";

    /// <summary>The scheme of API keys.</summary>
    public const string ApiKey = "eis-key";

    /// <summary>The scheme of Salesforce's token responses.</summary>
    public const string Salesforce = "eis-salesforce";

    /// <summary>The scheme of people's browsers.</summary>
    public const string Session = "eis-session";

    /// <summary>The scheme by which they sign in at a provider.</summary>
    public const string Oidc = "eis-oidc";

    /// <summary>What the schemes of issuers begin with; their names in configuration follow.</summary>
    public const string JwtPrefix = "eis-jwt-";

    private const string BearerPrefix = "Bearer ";
    private const string OAuthPrefix = "OAuth ";

    /// <summary>What stands behind <c>Bearer</c> in the header Authorization; null where that is something else.</summary>
    public static string? Bearer(HttpRequest request) => After(request, BearerPrefix);

    /// <summary>What stands behind <c>OAuth</c> in the header Authorization; null where that is something else.</summary>
    public static string? OAuth(HttpRequest request) => After(request, OAuthPrefix);

    /// <summary>The request shows nothing.</summary>
    public static RequestException Missing() => new(FaultKind.Unauthenticated, "credentials-missing", "This service asks callers who they are: send a credential. /docs tells which.");

    /// <summary>The request shows something that cannot be believed; which part of it is nobody's business but the log's.</summary>
    public static RequestException Bad() => new(FaultKind.Unauthenticated, "credentials-bad", "The credential is unknown, malformed, expired or revoked.");

    /// <summary>Whom the request is of cannot be told at the moment.</summary>
    public static RequestException CannotTell(TimeSpan retryAfter) =>
        new(FaultKind.Busy, "credentials-unchecked", "Whether the credential is good cannot be told at the moment.") { RetryAfter = retryAfter };

    /// <summary>What stands behind a scheme's name in the header Authorization; null where it is not given once, or has another scheme.</summary>
    /// <param name="request">The request.</param>
    /// <param name="prefix">The scheme's name, in any case, and a space.</param>
    public static string? After(HttpRequest request, string prefix) =>
        request.Headers.Authorization is [{ } value] && value.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) ? value[prefix.Length..].Trim() : null;
}
