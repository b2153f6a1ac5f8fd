using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace EntityImport.Server.Access.Salesforce;

/// <summary>Callers that show a token response of Salesforce: <c>Authorization: OAuth</c> and its base64, with the environment's name in <c>X-Forwarded-Host</c>.</summary>
/// <remarks>The base class would tell of each refusal in the log; <see cref="CredentialLog"/> does that, and not without end.</remarks>
internal sealed class SalesforceHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, UrlEncoder encoder, SalesforceEnvironments environments, CredentialLog log)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, NullLoggerFactory.Instance, encoder)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (environments.Find(Request.Headers[SalesforceEnvironments.Header], out var fault) is not { } environment) return Refuse(null, fault);
        if (Credentials.OAuth(Request) is not { } credential || !TokenResponse.TryParse(Encoding.UTF8.GetBytes(credential), out var response)) return Refuse(environment.Name, "malformed");
        var verdict = await environment.JudgeAsync(response, Context.RequestAborted);
        if (verdict.Caller is { } caller) return CallerPrincipal.Success(caller, Scheme.Name);
        if (verdict.IsCertain) return Refuse(environment.Name, verdict.Reason!);
        log.Unchecked(environment.Name, verdict.Reason!);
        return AuthenticateResult.Fail(Credentials.CannotTell(RetryAfter));
    }

    private AuthenticateResult Refuse(string? environment, string reason)
    {
        log.Refused(environment, reason);
        return AuthenticateResult.Fail(Credentials.Bad());
    }
}
