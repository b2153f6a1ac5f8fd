using EntityImport.Access;
using EntityImport.Api;
using EntityImport.Server.Access;
using EntityImport.Server.Http;
using EntityImport.Server.OpenApi;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EntityImport.Server.Entities;

/// <summary>Figures over the last imports into an entity.</summary>
internal static class StatisticsEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/LogicalEntity/{systemName}/statistics", ReadAsync)
            .Needs(Scope.Read | Scope.Import)
            .WithTags("Entities")
            .WithName("GetStatistics")
            .WithSummary("Figures over the last imports into an entity")
            .WithDescription(
                "Of the last imports of files: their ledgers in one, and median, least and greatest of rows, rejected rows in percent, seconds and bytes, with what stands out of them. " +
                "Undos, repairs and dry runs are not among them.")
            .TakesQuery(("limit", "How many imports at most, the last ones: 1 to 200, default 20."))
            .ProducesProblems(400, 404);

    private static async Task<Ok<EntityStatistics>> ReadAsync(string systemName, HttpRequest request, Call call, CancellationToken cancellationToken)
    {
        var limit = Parameters.Limit(request, max: 200, absent: 20);
        return TypedResults.Ok(EntityStatistics.Of(await call.Engine.ImportViews.ReadStatisticsAsync(call.Request, systemName, limit, cancellationToken) ?? throw Refusal.UnknownEntity(systemName)));
    }
}
