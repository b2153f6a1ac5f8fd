using EntityImport.Access;
using EntityImport.Api;
using EntityImport.Catalog;
using EntityImport.Server.Access;
using EntityImport.Server.Http;
using EntityImport.Server.OpenApi;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EntityImport.Server.Mappings;

/// <summary>Mappings: make, change and read one.</summary>
internal static class MappingEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/EntityImport", CreateAsync)
            .Needs(Scope.Import)
            .WithTags("Mappings")
            .WithName("CreateMapping")
            .WithSummary("Create a mapping")
            .WithDescription("Says how a file is written and which of its columns go into which fields of an entity. Unknown members are refused, and every fault is listed at once.")
            .TakesJson<MappingDocument>(MappingExamples.Document)
            .Example(201, """{ "mappingId": "0b1c2d3e-4f50-4172-8394-a5b6c7d8e9f0" }""")
            .TakesIdempotencyKey()
            .ProducesProblems(400, 409, 413, 415, 422, 503, 507);
        routes.MapPatch("/EntityImport/{mappingId}", PatchAsync)
            .Needs(Scope.Import)
            .WithTags("Mappings")
            .WithName("PatchMapping")
            .WithSummary("Change a mapping")
            .WithDescription(
                "A merge patch (RFC 7396): members that are absent stay, null removes one, arrays such as fields are replaced whole. " +
                "Makes a new revision; imports that were invoked before keep theirs.")
            .TakesJson<MappingPatch>(MappingExamples.Patch)
            .ProducesProblems(400, 404, 413, 415, 503, 507);
        routes.MapGet("/EntityImport/mappings", ListAsync)
            .Needs(Scope.Read | Scope.Import)
            .WithTags("Mappings")
            .WithName("ListMappings")
            .WithSummary("Mappings in their newest revision, newest first")
            .TakesQuery(
                ("entity", "Only mappings for this entity, ignoring case."),
                ("headerSha256", "Only mappings that were used last for a file with these columns, as the answer of an inference tells: those that were used last first, and no next page."),
                ("limit", "The most to return: 1 to 200, default 50."),
                ("cursor", "The nextCursor of the page before."))
            .ProducesProblems(400);
        routes.MapGet("/EntityImport/{mappingId}", FindAsync)
            .Needs(Scope.Read | Scope.Import)
            .WithTags("Mappings")
            .WithName("GetMapping")
            .WithSummary("Read a mapping as stored")
            .ProducesProblems(404);
        routes.MapGet("/EntityImport/{mappingId}/revisions", ListRevisionsAsync)
            .Needs(Scope.Read | Scope.Import)
            .WithTags("Mappings")
            .WithName("ListMappingRevisions")
            .WithSummary("A mapping's revisions, newest first")
            .WithDescription("Each as it was stored: the first as it was sent, and one for each PATCH. Imports keep the revision that was the newest when they were invoked.")
            .TakesQuery(
                ("limit", "The most to return: 1 to 200, default 50."),
                ("cursor", "The nextCursor of the page before."))
            .ProducesProblems(400, 404);
    }

    private static async Task<Created<MappingCreated>> CreateAsync(HttpRequest request, Call call, CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ReadAsync(request, cancellationToken);
        var mapping = await call.Engine.Mappings.CreateAsync(call.Request, body.RootElement, cancellationToken);
        return TypedResults.Created($"/v1/EntityImport/{mapping.Id}", new MappingCreated(mapping.Id));
    }

    private static async Task<Ok<StoredMapping>> PatchAsync(string mappingId, HttpRequest request, Call call, CancellationToken cancellationToken)
    {
        var id = RouteId.Require(mappingId, nameof(mappingId));
        using var body = await JsonBody.ReadAsync(request, cancellationToken);
        var mapping = await call.Engine.Mappings.PatchAsync(call.Request, id, body.RootElement, cancellationToken) ?? throw Refusal.UnknownMapping(id);
        return TypedResults.Ok(StoredMapping.Of(mapping));
    }

    private static async Task<Ok<MappingPage>> ListAsync(HttpRequest request, Call call, CancellationToken cancellationToken)
    {
        var limit = Parameters.Limit(request, max: 200, absent: 50);
        // One more than asked for tells whether there is a next page.
        var query = new MappingQuery(Parameters.One(request, "entity"), Parameters.PlaceOfId(request), limit + 1) { HeaderSha256 = Parameters.One(request, "headerSha256") };
        // The order of last uses changes while somebody turns pages.
        if (query is { HeaderSha256: not null, Before: not null }) throw Refusal.Parameter("cursor", "Mappings for columns have no pages: the first are those that were used last.");
        var found = await call.Engine.Mappings.ListAsync(call.Request, query, cancellationToken);
        var (page, next) = Parameters.Page(found, limit, item => Parameters.Cursor(item.Mapping.Id));
        if (query.HeaderSha256 is not null) next = null;
        return TypedResults.Ok(new MappingPage([.. page.Select(item => StoredMapping.Of(item.Mapping, item.LastUse))], next));
    }

    private static async Task<Ok<StoredMapping>> FindAsync(string mappingId, Call call, CancellationToken cancellationToken)
    {
        var id = RouteId.Find(mappingId, Refusal.UnknownMapping);
        var mapping = await call.Engine.Mappings.FindAsync(call.Request, id, cancellationToken) ?? throw Refusal.UnknownMapping(id);
        return TypedResults.Ok(StoredMapping.Of(mapping));
    }

    private static async Task<Ok<MappingPage>> ListRevisionsAsync(string mappingId, HttpRequest request, Call call, CancellationToken cancellationToken)
    {
        var id = RouteId.Find(mappingId, Refusal.UnknownMapping);
        var limit = Parameters.Limit(request, max: 200, absent: 50);
        var before = Parameters.Place(request) is { } place ? (int)Math.Min(place, int.MaxValue) : (int?)null;
        var found = await call.Engine.Mappings.ListRevisionsAsync(call.Request, new MappingRevisionQuery(id, before, limit + 1), cancellationToken) ?? throw Refusal.UnknownMapping(id);
        var (page, next) = Parameters.Page(found, limit, item => Parameters.Cursor(item.Revision));
        return TypedResults.Ok(new MappingPage([.. page.Select(StoredMapping.Of)], next));
    }
}
