using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace EntityImport.Server.Access;

/// <summary>Refuses requests without a credential of a configured scheme.</summary>
internal sealed class NoCredentialHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, NullLoggerFactory.Instance, encoder)
{
    protected override Task<AuthenticateResult> HandleAuthenticateAsync() =>
        Task.FromResult(AuthenticateResult.Fail(Request.Headers.Authorization.Count == 0 && !Request.Headers.ContainsKey(Credentials.ApiKeyHeader) ? Credentials.Missing() : Credentials.Bad()));
}
