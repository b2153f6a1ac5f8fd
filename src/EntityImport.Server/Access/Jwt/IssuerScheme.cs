using System.Security.Claims;
using EntityImport.Access;
using EntityImport.Server.Options;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.Tokens;

namespace EntityImport.Server.Access.Jwt;

/// <summary>The scheme of one issuer: the framework's handler of bearer tokens, told what this issuer's must be, and made to end in a caller.</summary>
internal sealed class IssuerScheme(string name, JwtIssuerOptions options, IssuerKeys keys, TimeProvider time, CredentialLog log)
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

    /// <summary>Sets the handler up.</summary>
    public void Configure(JwtBearerOptions bearer)
    {
        bearer.ConfigurationManager = keys;
        bearer.MapInboundClaims = false;
        bearer.SaveToken = false;
        bearer.TokenValidationParameters = new TokenValidationParameters
        {
            ValidIssuer = options.Issuer,
            ValidAudience = options.Audience,
            ValidAlgorithms = Algorithms,
            LifetimeValidator = (from, to, _, _) => time.GetUtcNow().UtcDateTime is var now && to > now - Skew && (from is null || from < now + Skew),
        };
        bearer.Events = new JwtBearerEvents { OnMessageReceived = LookForKeyAsync, OnTokenValidated = FindCallerAsync, OnAuthenticationFailed = RefuseAsync };
    }

    /// <summary>Sees to it that the key which the token names is known, where the issuer has it.</summary>
    private async Task LookForKeyAsync(MessageReceivedContext context)
    {
        context.Token = Credentials.Bearer(context.Request);
        try
        {
            await keys.FindAsync(UnverifiedToken.Read(context.Token)?.KeyId, context.HttpContext.RequestAborted);
        }
        catch (MetadataUnavailableException)
        {
            log.Unchecked(name, "metadata-unavailable");
            context.Fail(Credentials.CannotTell(IssuerKeys.Pause));
        }
    }

    private Task FindCallerAsync(TokenValidatedContext context)
    {
        if (Claim(context.Principal!, options.SubjectClaim) is not { Length: > 0 and <= MostSubjectCharacters } subject)
        {
            Refuse(context, "subject-missing");
            return Task.CompletedTask;
        }

        var scopes = Values(context.Principal!).SelectMany(value => _grants[value]);
        var caller = new Caller
        {
            Id = $"jwt:{name}:{subject}",
            Scheme = "jwt",
            Subject = subject,
            Name = ShownText.Cut(Claim(context.Principal!, options.NameClaim) ?? subject),
            Organisation = options.Issuer,
            // What many grants name together may be more than a caller can have.
            Scopes = ScopeSet.TryParse(scopes, out var all, out _) ? all : ScopeSet.None,
        };
        context.Principal = new CallerPrincipal(caller);
        context.Success();
        return Task.CompletedTask;
    }

    private Task RefuseAsync(AuthenticationFailedContext context)
    {
        if (context.Exception is OperationCanceledException) return Task.CompletedTask;
        if (context.Exception is MetadataUnavailableException)
        {
            log.Unchecked(name, "metadata-unavailable");
            context.Fail(Credentials.CannotTell(IssuerKeys.Pause));
        }
        else
        {
            Refuse(context, ReasonOf(context.Exception));
        }

        return Task.CompletedTask;
    }

    private void Refuse(ResultContext<JwtBearerOptions> context, string reason)
    {
        log.Refused(name, reason);
        context.Fail(Credentials.Bad());
    }

    /// <summary>The one text of a claim; null where there is none, or more than one.</summary>
    private static string? Claim(ClaimsPrincipal token, string type) => token.FindAll(type).ToList() is [{ Value: var text }] ? text : null;

    private IEnumerable<string> Values(ClaimsPrincipal token)
    {
        var texts = token.FindAll(options.ScopeClaim).Select(claim => claim.Value);
        return options.ClaimsAreSpaced ? texts.SelectMany(text => text.Split(' ', StringSplitOptions.RemoveEmptyEntries)) : texts;
    }

    private static string ReasonOf(Exception exception) => exception switch
    {
        SecurityTokenSignatureKeyNotFoundException => "key-unknown",
        SecurityTokenInvalidSignatureException => "signature-wrong",
        SecurityTokenInvalidAudienceException => "audience-wrong",
        SecurityTokenInvalidIssuerException => "issuer-wrong",
        SecurityTokenInvalidLifetimeException or SecurityTokenExpiredException or SecurityTokenNotYetValidException or SecurityTokenNoExpirationException => "not-its-time",
        _ => "malformed",
    };
}
