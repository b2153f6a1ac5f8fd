using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using EntityImport.Access;
using EntityImport.Server.Hosting;
using EntityImport.Server.Options;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace EntityImport.Server.Access;

/// <summary>Callers that show an API key, in the header X-Api-Key or as a bearer token.</summary>
internal sealed class ApiKeyHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, UrlEncoder encoder, EngineHost host, ServerOptions server)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, NullLoggerFactory.Instance, encoder)
{
    private static readonly Caller Administrator = new() { Id = "key:admin", Scheme = "key", Subject = "admin", Name = "administrator" };

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(Find() is { } caller ? CallerIdentity.Success(caller, Scheme.Name) : AuthenticateResult.Fail(Credentials.Bad()));

    private Caller? Find()
    {
        var header = Request.Headers[Credentials.ApiKeyHeader];
        if (header.Count > 1 || (header.Count == 1 && Request.Headers.Authorization.Count > 0)) return null;
        if ((header.Count == 1 ? header[0] : Credentials.Bearer(Request)) is not { } key || !ApiKeyText.IsValid(key)) return null;
        if (server.Access.AdminKey is { } admin && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(key), Encoding.ASCII.GetBytes(admin))) return Administrator;
        return server.Access.ApiKeys ? host.Engine.ApiKeys.FindCaller(key) : null;
    }
}
