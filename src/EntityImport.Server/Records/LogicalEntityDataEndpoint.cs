using EntityImport.Server.Http;
using EntityImport.Server.OpenApi;

namespace EntityImport.Server.Records;

/// <summary>An entity's records, filtered, ordered and cut as OData says.</summary>
internal static class LogicalEntityDataEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/v1/LogicalEntityData/{entity}", ReadAsync)
            .WithTags("Entities")
            .WithName("ReadRecords")
            .WithSummary("Read an entity's records")
            .WithDescription(
                $"Answers at most {Storage.RecordQuery.MaxTop} records as an array of objects. Besides the options, any field can be given as a parameter: " +
                "field=value. All conditions must hold. A text that ends in * means \"begins with\" after eq and in field=value.")
            .TakesQuery(
                ("$filter", "A condition. " + FilterParser.Supported),
                ("$select", "The fields to read, separated by commas, in this order."),
                ("$orderby", "Fields or functions of them, separated by commas, each with asc or desc."),
                ("$top", "The most records to return."),
                ("$skip", "Records to pass over."),
                ("$count", "true puts the number of all records that fulfil the conditions into the header X-Total-Count."))
            .ProducesRecords()
            .ProducesProblems(400, 404);

    private static async Task ReadAsync(string entity, HttpContext context, EngineHost host, ServerOptions options, CancellationToken cancellationToken)
    {
        var definition = await host.Engine.Entities.FindAsync(entity, cancellationToken) ?? throw Refusal.UnknownEntity(entity);
        var query = QueryOptions.Read(definition, context.Request.Query, options.Engine.Limits);
        await RecordWriter.WriteAsync(host.Engine, query, context.Response, cancellationToken);
    }
}
