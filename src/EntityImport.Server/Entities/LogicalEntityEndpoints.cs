using EntityImport.Access;
using EntityImport.Api;
using EntityImport.Server.Access;
using EntityImport.Server.Http;
using EntityImport.Server.OpenApi;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EntityImport.Server.Entities;

/// <summary>Entities: list, read, declare, change and delete them.</summary>
internal static class LogicalEntityEndpoints
{
    private const string Example = """
        {
          "displayName": "Products",
          "fields": [
            { "systemName": "Sku", "dataType": "STRING", "length": 40, "primaryKey": true },
            { "systemName": "Price", "dataType": "CURRENCY", "precision": 18, "scale": 2 },
            { "systemName": "ValidFrom", "dataType": "DATE" }
          ]
        }
        """;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var entities = routes.MapGroup("/LogicalEntity").WithTags("Entities");
        entities.MapGet("", ListAsync)
            .Needs(Scope.Read | Scope.Import)
            .WithName("ListEntities")
            .WithSummary("All entities, by name");
        entities.MapGet("/{systemName}", FindAsync)
            .Needs(Scope.Read | Scope.Import)
            .WithName("GetEntity")
            .WithSummary("Read an entity's definition")
            .ProducesProblems(404);
        entities.MapPut("/{systemName}", PutAsync)
            .Needs(Scope.Admin)
            .WithName("PutEntity")
            .WithSummary("Declare or change an entity")
            .WithDescription("An existing entity may get further optional fields and wider types. A change that could lose data is refused with 409.")
            .TakesJson<EntityDeclaration>(Example)
            .Produces<Entity>(StatusCodes.Status201Created)
            .Produces<Entity>()
            .ProducesProblems(400, 409, 413, 415);
        entities.MapDelete("/{systemName}", DeleteAsync)
            .Needs(Scope.Admin)
            .WithName("DeleteEntity")
            .WithSummary("Delete an entity with its records")
            .WithDescription("An entity that holds records is only deleted with force=true.")
            .TakesQuery(("force", "true deletes the entity even if it holds records."))
            .ProducesProblems(400, 404, 409);
    }

    private static async Task<Ok<Entity[]>> ListAsync(Call call, CancellationToken cancellationToken)
    {
        var entities = await call.Engine.Entities.ListAsync(call.Request, cancellationToken);
        return TypedResults.Ok(entities.Select(Entity.Of).ToArray());
    }

    private static async Task<Ok<Entity>> FindAsync(string systemName, Call call, CancellationToken cancellationToken) =>
        TypedResults.Ok(Entity.Of(await call.Engine.Entities.FindAsync(call.Request, systemName, cancellationToken) ?? throw Refusal.UnknownEntity(systemName)));

    private static async Task<IResult> PutAsync(string systemName, HttpRequest request, Call call, CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ReadAsync(request, cancellationToken);
        var (entity, created) = await call.Engine.Entities.PutAsync(call.Request, systemName, body.RootElement, cancellationToken);
        return created ? TypedResults.Created($"/v1/LogicalEntity/{entity.SystemName}", Entity.Of(entity)) : TypedResults.Ok(Entity.Of(entity));
    }

    private static async Task<NoContent> DeleteAsync(string systemName, HttpRequest request, Call call, CancellationToken cancellationToken)
    {
        var force = Parameters.Flag(request, "force");
        return await call.Engine.Entities.DeleteAsync(call.Request, systemName, force, cancellationToken) ? TypedResults.NoContent() : throw Refusal.UnknownEntity(systemName);
    }
}
