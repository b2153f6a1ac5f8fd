using Microsoft.AspNetCore.Authentication;

namespace EntityImport.Server.Access;

/// <summary>Refuses requests without a credential of a configured scheme.</summary>
internal sealed class NoCredentialHandler : PlainHandler
{
    protected override Task<AuthenticateResult> AuthenticateAsync(HttpRequest request) =>
        Task.FromResult(AuthenticateResult.Fail(request.Headers.Authorization.Count == 0 && !request.Headers.ContainsKey(Credentials.ApiKeyHeader) ? Credentials.Missing() : Credentials.Bad()));
}
