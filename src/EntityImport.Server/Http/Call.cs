using EntityImport.Access;
using EntityImport.Engine;
using EntityImport.Server.Access;
using EntityImport.Server.Hosting;
using Microsoft.AspNetCore.Http.Features.Authentication;

namespace EntityImport.Server.Http;

/// <summary>One call of the API, as each handler takes it: the engine, and what its services are told of every request. HTTP becomes a caller and a key here and nowhere else.</summary>
/// <param name="Request">The request.</param>
/// <param name="Engine">The engine.</param>
internal sealed record Call(Request Request, ImportEngine Engine)
{
    /// <summary>Binds a handler's parameter.</summary>
    /// <exception cref="RequestException">The header Idempotency-Key is malformed.</exception>
    public static ValueTask<Call> BindAsync(HttpContext context)
    {
        // The other methods do the same however often they come.
        var key = HttpMethods.IsPost(context.Request.Method) ? IdempotencyKey.Read(context.Request) : null;
        var request = (context.Features.Get<IHttpAuthenticationFeature>() as AdmittedRequest)?.Request ?? Open(context);
        return ValueTask.FromResult(new Call(key is null ? request : request with { Key = key }, context.RequestServices.GetRequiredService<EngineHost>().Engine));
    }

    /// <summary>The request of whoever reaches the server, where nobody is asked who he is.</summary>
    private static Request Open(HttpContext context) =>
        new(Caller.Anonymous) { Call = context.GetEndpoint()?.Metadata.GetMetadata<NeededScope>()?.Call, Address = context.Connection.RemoteIpAddress?.ToString() };
}
