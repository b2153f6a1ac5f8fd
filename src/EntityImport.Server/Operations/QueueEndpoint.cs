using EntityImport.Access;
using EntityImport.Api;
using EntityImport.Catalog;
using EntityImport.Server.Access;
using EntityImport.Server.Http;
using EntityImport.Server.OpenApi;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EntityImport.Server.Operations;

/// <summary>What waits and why, for operators.</summary>
internal static class QueueEndpoint
{
    private const string Example = """
        {
          "unfinished": 3,
          "entities": [
            {
              "entitySystemName": "prices", "unfinished": 2, "importId": "019577b4-9d2c-7f0a-8a56-0c4d2d8c1f10", "invokedDate": "2026-03-01T08:00:00.000Z",
              "attempts": 1, "reason": "retrying", "node": null, "nextAttemptDate": "2026-03-01T08:00:40.000Z", "problem": "the disk is full"
            },
            {
              "entitySystemName": "stock", "unfinished": 1, "importId": "019577b4-a1c3-7d44-9b0e-6a1f27c5d2e8", "invokedDate": "2026-03-01T08:00:01.000Z",
              "attempts": 1, "reason": "running", "node": "eis-1", "nextAttemptDate": null, "problem": null
            }
          ]
        }
        """;

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/operations/queue", ReadAsync)
            .Needs(Scope.Admin)
            .WithTags("Operations")
            .WithName("GetQueue")
            .WithSummary("The imports that have not ended, and what they wait for")
            .WithDescription("An entry for each entity, whose imports run one after the other: of the oldest one, for which the others wait. When it is tried again is known where it runs; other nodes tell only that it does.")
            .TakesQuery(("limit", "The most entities to return: 1 to 1000, default 100."))
            .Example(200, Example)
            .ProducesProblems(400, 503);

    private static async Task<Ok<ImportQueue>> ReadAsync(HttpContext context, Call call, CancellationToken cancellationToken)
    {
        var (unfinished, entities) = await call.Engine.Queue.ReadAsync(call.Request, Parameters.Limit(context.Request, max: 1_000, absent: 100), cancellationToken);
        return TypedResults.Ok(new ImportQueue(unfinished, [.. entities.Select(Of)]));
    }

    private static QueuedImports Of(QueuedEntity queue) => new(
        queue.EntitySystemName, queue.Unfinished, queue.ImportId, queue.InvokedAt, queue.Attempts, NameOf(queue.Reason), queue.Node, queue.Retry?.At, queue.Retry?.Problem);

    private static string NameOf(QueueReason reason) => reason switch
    {
        QueueReason.Running => "running",
        QueueReason.Retrying => "retrying",
        QueueReason.WaitsForPlace => "waits-for-place",
        QueueReason.Draining => "draining",
        _ => throw new ArgumentOutOfRangeException(nameof(reason)),
    };
}
