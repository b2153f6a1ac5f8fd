using System.Text.Json;
using System.Text.Json.Serialization;
using EntityImport.Access;
using EntityImport.Api;
using EntityImport.Server.Access;
using EntityImport.Server.Http;
using EntityImport.Server.OpenApi;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EntityImport.Server.Keys;

/// <summary>API keys: make, list and revoke them.</summary>
internal static class KeyEndpoints
{
    private static readonly JsonSerializerOptions Strict = new(ApiJson.Options) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectNullableAnnotations = true };

    public static void Map(IEndpointRouteBuilder routes)
    {
        var keys = routes.MapGroup("/keys").WithTags("Callers");
        keys.MapGet("", ListAsync)
            .Needs(Scope.Admin)
            .WithName("ListKeys")
            .WithSummary("All API keys, oldest first")
            .WithDescription("Also those that are revoked or expired. The keys themselves are not kept.");
        keys.MapPost("", CreateAsync)
            .Needs(Scope.Admin)
            .WithName("CreateKey")
            .WithSummary("Make an API key")
            .WithDescription("The key is told once, in this answer. Sent again, the request makes another key.")
            .TakesJson<NewApiKey>("""{ "name": "nightly prices", "scopes": ["import:Price"], "expiresDate": "2027-01-01T00:00:00Z" }""")
            .Produces<ApiKeyCreated>(StatusCodes.Status201Created)
            .ProducesProblems(400, 409, 413, 415);
        keys.MapDelete("/{keyId}", RevokeAsync)
            .Needs(Scope.Admin)
            .WithName("RevokeKey")
            .WithSummary("Revoke an API key")
            .WithDescription("It lets nobody in any longer when the answer comes.")
            .ProducesProblems(404);
    }

    private static async Task<Ok<ApiKeyList>> ListAsync(Call call, CancellationToken cancellationToken)
    {
        var keys = await call.Engine.Keys.ListAsync(call.Request, cancellationToken);
        return TypedResults.Ok(new ApiKeyList([.. keys.Select(kept => ApiKeyDetails.Of(kept.Key, kept.LastUsedAt))]));
    }

    private static async Task<Created<ApiKeyCreated>> CreateAsync(HttpContext context, Call call, CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ReadAsync(context.Request, cancellationToken);
        var wanted = Read(body.RootElement);
        var (key, text) = await call.Engine.Keys.CreateAsync(call.Request, wanted.Name, wanted.Scopes, wanted.ExpiresDate, cancellationToken);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created($"/v1/keys/{key.Id}", new ApiKeyCreated(text, ApiKeyDetails.Of(key, lastUsedAt: null)));
    }

    private static async Task<NoContent> RevokeAsync(string keyId, Call call, CancellationToken cancellationToken)
    {
        var id = RouteId.Find(keyId, Refusal.UnknownKey);
        return await call.Engine.Keys.RevokeAsync(call.Request, id, cancellationToken) is null ? throw Refusal.UnknownKey(id) : TypedResults.NoContent();
    }

    private static NewApiKey Read(JsonElement body)
    {
        try
        {
            return body.Deserialize<NewApiKey>(Strict) ?? throw new JsonException("The body is null.");
        }
        catch (JsonException e)
        {
            throw RequestException.Invalid([new RequestFault((e.Path ?? "").TrimStart('$', '.'), "Expected is an object with name, scopes and maybe expiresDate, a time like 2027-01-01T00:00:00Z.")]);
        }
    }
}
