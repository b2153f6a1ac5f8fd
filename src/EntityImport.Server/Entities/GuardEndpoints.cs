using EntityImport.Access;
using EntityImport.Api;
using EntityImport.Server.Access;
using EntityImport.Server.Http;
using EntityImport.Server.OpenApi;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EntityImport.Server.Entities;

/// <summary>The guards of an entity: read, put and delete them.</summary>
internal static class GuardEndpoints
{
    private const string Example = """
        {
          "maxRemovedPercent": 5,
          "maxRejectedPercent": 2,
          "minRowsPercent": 80,
          "sameHeader": true,
          "moves": [{ "field": "Price", "byPercent": 20, "maxPercent": 5 }],
          "emptied": [{ "field": "Price", "maxPercent": 1 }]
        }
        """;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var guards = routes.MapGroup("/LogicalEntity/{systemName}/guards").WithTags("Entities");
        guards.MapGet("", FindAsync)
            .Needs(Scope.Read)
            .WithName("GetGuards")
            .WithSummary("Read an entity's guards")
            .ProducesProblems(404);
        guards.MapPut("", PutAsync)
            .Needs(Scope.Admin)
            .WithName("PutGuards")
            .WithSummary("Put guards in place of those that an entity has")
            .WithDescription("An import that they forbid ends FAILED with the code guarded, and nothing is written. They hold for imports that begin after the answer.")
            .TakesJson<EntityGuards>(Example)
            .ProducesProblems(400, 404, 413, 415);
        guards.MapDelete("", DeleteAsync)
            .Needs(Scope.Admin)
            .WithName("DeleteGuards")
            .WithSummary("Delete an entity's guards")
            .ProducesProblems(404);
    }

    private static async Task<Ok<EntityGuards>> FindAsync(string systemName, Call call, CancellationToken cancellationToken) =>
        TypedResults.Ok(EntityGuards.Of(await call.Engine.Guards.FindAsync(call.Request, systemName, cancellationToken) ?? throw Refusal.NoGuards(systemName)));

    private static async Task<Ok<EntityGuards>> PutAsync(string systemName, HttpRequest request, Call call, CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ReadAsync(request, cancellationToken);
        return TypedResults.Ok(EntityGuards.Of(await call.Engine.Guards.PutAsync(call.Request, systemName, body.RootElement, cancellationToken) ?? throw Refusal.UnknownEntity(systemName)));
    }

    private static async Task<NoContent> DeleteAsync(string systemName, Call call, CancellationToken cancellationToken) =>
        await call.Engine.Guards.DeleteAsync(call.Request, systemName, cancellationToken) ? TypedResults.NoContent() : throw Refusal.NoGuards(systemName);
}
