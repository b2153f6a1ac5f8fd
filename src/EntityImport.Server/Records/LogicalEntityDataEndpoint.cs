using EntityImport.Access;
using EntityImport.Entities;
using EntityImport.Records;
using EntityImport.Server.Access;
using EntityImport.Server.Hosting;
using EntityImport.Server.Http;
using EntityImport.Server.OpenApi;
using EntityImport.Server.Options;

namespace EntityImport.Server.Records;

/// <summary>An entity's records, filtered, ordered and cut as OData says.</summary>
internal static class LogicalEntityDataEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/LogicalEntityData/{entity}", ReadAsync)
            .Needs(Scope.Read)
            .Takes(Place.Queries)
            .WithTags("Entities")
            .WithName("ReadRecords")
            .WithSummary("Read an entity's records")
            .WithDescription(
                $"Answers at most {RecordQuery.MaxTop} records as an array of objects. Besides the options, any field can be given as a parameter: " +
                "field=value. All conditions must hold. A text that ends in * means \"begins with\" after eq and in field=value.")
            .TakesQuery(
                ("$filter", "A condition. " + FilterParser.Supported),
                ("$select", "The fields to read, separated by commas, in this order."),
                ("$orderby", "Fields or functions of them, separated by commas, each with asc or desc."),
                ("$top", "The most records to return."),
                ("$skip", "Records to pass over."),
                ("$count", "true puts the number of all records that fulfil the conditions into the header X-Total-Count."))
            .ProducesRecords()
            .ProducesProblems(400, 404, 503);

    private static async Task ReadAsync(string entity, HttpContext context, Call call, EngineHost host, ServerOptions options, CancellationToken cancellationToken)
    {
        var definition = await call.Engine.Entities.FindAsync(call.Request, entity, cancellationToken) ?? throw Refusal.UnknownEntity(entity);
        var query = await ReadQueryAsync(definition, context.Request.Query, host, options.Engine.Limits, cancellationToken);
        await RecordWriter.WriteAsync(call, query, context.Response, cancellationToken);
    }

    /// <summary>Long conditions take their time to be understood: one after the other, so that a hundred of them do not keep everybody else waiting.</summary>
    private static async Task<RecordQuery> ReadQueryAsync(
        EntityDefinition entity, IQueryCollection options, EngineHost host, Limits limits, CancellationToken cancellationToken)
    {
        await host.Queries.WaitAsync(cancellationToken);
        try
        {
            return QueryOptions.Read(entity, options, limits);
        }
        finally
        {
            host.Queries.Release();
        }
    }
}
