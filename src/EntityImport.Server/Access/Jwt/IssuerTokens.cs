using System.Security.Claims;
using EntityImport.Access;
using EntityImport.Server.Options;
using Microsoft.IdentityModel.Tokens;

namespace EntityImport.Server.Access.Jwt;

/// <summary>What tokens of an issuer must be, and who somebody is by what they say.</summary>
internal sealed class IssuerTokens(IssuerOptions options, TimeProvider time)
{
    private const int MostSubjectCharacters = 255;

    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(2);

    /// <summary>Algorithms with a key that only the issuer has. With the others, whoever can check a token can make one.</summary>
    private static readonly string[] Algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512, SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    private readonly ILookup<string, string> _grants = options.Grants.SelectMany(grant => grant.Scopes.Select(scope => (grant.Value, scope))).ToLookup(pair => pair.Value, pair => pair.scope, StringComparer.Ordinal);

    /// <summary>What is checked of a token, by the library.</summary>
    /// <param name="audience">Whom it must be for.</param>
    public TokenValidationParameters Rules(string audience) => new()
    {
        ValidIssuer = options.Issuer,
        ValidAudience = audience,
        ValidAlgorithms = Algorithms,
        LifetimeValidator = (from, to, _, _) => time.GetUtcNow().UtcDateTime is var now && to > now - Skew && (from is null || from < now + Skew),
    };

    /// <summary>Who somebody is; null where the claims do not say it.</summary>
    /// <param name="claims">The claims of a token that was validated.</param>
    /// <param name="scheme">The caller's scheme.</param>
    /// <param name="prefix">What tells its callers' ids from those of others.</param>
    public Caller? CallerOf(ClaimsPrincipal claims, string scheme, string prefix)
    {
        if (Claim(claims, options.SubjectClaim) is not { Length: > 0 and <= MostSubjectCharacters } subject) return null;
        var scopes = Values(claims).Distinct(StringComparer.Ordinal).SelectMany(value => _grants[value]);
        return new Caller
        {
            Id = $"{prefix}:{subject}",
            Scheme = scheme,
            Subject = subject,
            Name = ShownText.Cut(Claim(claims, options.NameClaim) ?? subject),
            Organisation = options.Issuer,
            // What many grants name together may be more than a caller can have.
            Scopes = ScopeSet.TryParse(scopes, out var all, out _) ? all : ScopeSet.None,
        };
    }

    /// <summary>Why a token was not believed, as a stable word.</summary>
    public static string ReasonOf(Exception exception) => exception switch
    {
        SecurityTokenSignatureKeyNotFoundException => "key-unknown",
        SecurityTokenInvalidSignatureException => "signature-wrong",
        SecurityTokenInvalidAudienceException => "audience-wrong",
        SecurityTokenInvalidIssuerException => "issuer-wrong",
        SecurityTokenInvalidLifetimeException or SecurityTokenExpiredException or SecurityTokenNotYetValidException or SecurityTokenNoExpirationException => "not-its-time",
        _ => "malformed",
    };

    /// <summary>The one text of a claim; null where there is none, or more than one.</summary>
    private static string? Claim(ClaimsPrincipal claims, string type) => claims.FindAll(type).ToList() is [{ Value: var text }] ? text : null;

    private IEnumerable<string> Values(ClaimsPrincipal claims)
    {
        var texts = claims.FindAll(options.ScopeClaim).Select(claim => claim.Value);
        return options.ClaimsAreSpaced ? texts.SelectMany(text => text.Split(' ', StringSplitOptions.RemoveEmptyEntries)) : texts;
    }
}
