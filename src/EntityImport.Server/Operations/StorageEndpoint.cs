using EntityImport.Access;
using EntityImport.Api;
using EntityImport.Engine;
using EntityImport.Server.Access;
using EntityImport.Server.Http;
using EntityImport.Server.OpenApi;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EntityImport.Server.Operations;

/// <summary>How much space what takes, for operators.</summary>
internal static class StorageEndpoint
{
    private const string Example = """
        {
          "databaseBytes": 12845056,
          "uploads": { "count": 3, "bytes": 27360, "oldestDate": "2026-03-01T08:00:00.000Z", "expiresDate": null },
          "errorFiles": { "count": 3, "bytes": 1210, "oldestDate": "2026-03-01T08:00:01.000Z", "expiresDate": null },
          "errorFilesDate": "2026-03-01T09:50:00.000Z",
          "beforeImages": {
            "bytes": 524288,
            "maxBytes": 21474836480,
            "entities": [{ "entitySystemName": "prices", "bytes": 524288, "imports": 3, "records": 198, "oldestDate": "2026-03-01T08:00:01.250Z", "expiresDate": "2026-03-31T08:00:01.250Z" }]
          },
          "plans": { "count": 1, "bytes": 2176, "maxBytes": 21474836480, "expiresDate": "2026-03-08T08:00:01.250Z" }
        }
        """;

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/operations/storage", ReadAsync)
            .Needs(Scope.Admin)
            .WithTags("Operations")
            .WithName("GetStorage")
            .WithSummary("How much space what takes, and when it expires")
            .WithDescription("From figures that are kept: those of error files are of `errorFilesDate`, every ten minutes, and all others of now.")
            .Example(200, Example)
            .ProducesProblems(503);

    private static async Task<Ok<StorageUse>> ReadAsync(Call call, CancellationToken cancellationToken)
    {
        var figures = await call.Engine.Storage.ReadAsync(call.Request, cancellationToken);
        return TypedResults.Ok(new StorageUse(
            figures.DatabaseBytes,
            Of(figures.Uploads),
            figures.ErrorFiles is { } errorFiles ? Of(errorFiles) : null,
            figures.ErrorFilesAt,
            new BeforeImageUse(
                figures.Before.Sum(entity => entity.Space.Bytes),
                figures.MaxBeforeBytes,
                [.. figures.Before.Select(entity => new EntityBeforeImageUse(entity.EntitySystemName, entity.Space.Bytes, entity.Space.Count, entity.Records, entity.Space.Oldest, entity.Space.Expires))]),
            new PlanUse(figures.Plans.Count, figures.Plans.Bytes, figures.MaxPlanBytes, figures.Plans.Expires)));
    }

    private static SpaceUse Of(SpaceFigures figures) => new(figures.Count, figures.Bytes, figures.Oldest, figures.Expires);
}
