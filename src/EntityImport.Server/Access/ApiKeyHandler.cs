using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using EntityImport.Access;
using EntityImport.Server.Hosting;
using EntityImport.Server.Options;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Connections.Features;

namespace EntityImport.Server.Access;

/// <summary>Callers that show an API key, in the header X-Api-Key or as a bearer token.</summary>
internal sealed class ApiKeyHandler(EngineHost host, ServerOptions server) : PlainHandler
{
    private static readonly object Shown = new();

    /// <summary>Results of callers that come again and again, each the same one as long as its key is; nothing in them changes.</summary>
    private static readonly ConditionalWeakTable<Caller, Task<AuthenticateResult>> Results = [];

    private static readonly Caller Administrator = new() { Id = "key:admin", Scheme = "key", Subject = "admin", Name = "administrator" };

    protected override Task<AuthenticateResult> AuthenticateAsync(HttpRequest request) => Find(request) is { } caller
        ? Results.GetValue(caller, found => Task.FromResult(CallerPrincipal.Success(found, Scheme)))
        : Task.FromResult(AuthenticateResult.Fail(Credentials.Bad()));

    private Caller? Find(HttpRequest request)
    {
        var header = request.Headers[Credentials.ApiKeyHeader];
        if (header.Count > 1 || (header.Count == 1 && request.Headers.Authorization.Count > 0)) return null;
        if ((header.Count == 1 ? header[0] : Credentials.Bearer(request)) is not { Length: ApiKeyText.Length } key) return null;
        return server.Access.ApiKeys ? Find(key, request.HttpContext) : FindAdministrator(key);
    }

    /// <summary>A connection mostly shows the key again that it has shown before, and need not be asked for its hash each time. Whether the key is still good is looked at each time.</summary>
    private Caller? Find(string key, HttpContext context)
    {
        var keys = host.Engine.ApiKeys;
        var connection = context.Features.Get<IConnectionItemsFeature>()?.Items;
        if (connection is not null && connection.TryGetValue(Shown, out var before) && before is (string text, KnownKey same) && text == key) return keys.CallerOf(same);
        if (FindAdministrator(key) is { } administrator) return administrator;
        if (keys.Find(key) is not { } known) return null;
        if (connection is not null) connection[Shown] = (key, known);
        return keys.CallerOf(known);
    }

    private Caller? FindAdministrator(string key) =>
        server.Access.AdminKey is { } admin && CryptographicOperations.FixedTimeEquals(MemoryMarshal.AsBytes<char>(key), MemoryMarshal.AsBytes<char>(admin)) ? Administrator : null;
}
