using System.Security.Cryptography;
using System.Text;
using EntityImport.Access;
using EntityImport.Server.Hosting;
using EntityImport.Server.Options;
using Microsoft.AspNetCore.Authentication;

namespace EntityImport.Server.Access;

/// <summary>Callers that show an API key, in the header X-Api-Key or as a bearer token.</summary>
internal sealed class ApiKeyHandler(EngineHost host, ServerOptions server) : PlainHandler
{
    private static readonly Caller Administrator = new() { Id = "key:admin", Scheme = "key", Subject = "admin", Name = "administrator" };

    protected override AuthenticateResult Authenticate(HttpRequest request) => Find(request) is { } caller ? CallerIdentity.Success(caller, Scheme) : AuthenticateResult.Fail(Credentials.Bad());

    private Caller? Find(HttpRequest request)
    {
        var header = request.Headers[Credentials.ApiKeyHeader];
        if (header.Count > 1 || (header.Count == 1 && request.Headers.Authorization.Count > 0)) return null;
        if ((header.Count == 1 ? header[0] : Credentials.Bearer(request)) is not { } key || !ApiKeyText.IsValid(key)) return null;
        if (server.Access.AdminKey is { } admin && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(key), Encoding.ASCII.GetBytes(admin))) return Administrator;
        return server.Access.ApiKeys ? host.Engine.ApiKeys.FindCaller(key) : null;
    }
}
