using System.Globalization;
using EntityImport.Access;
using EntityImport.Engine;
using EntityImport.Entities;
using EntityImport.Records;
using EntityImport.Server.Access;
using EntityImport.Server.Http;
using EntityImport.Server.OpenApi;
using Microsoft.AspNetCore.Http.HttpResults;
using HistoryEntry = EntityImport.Api.HistoryEntry;
using RecordHistory = EntityImport.Api.RecordHistory;

namespace EntityImport.Server.Records;

/// <summary>The story of one record: which import set what, and when.</summary>
internal static class RecordHistoryEndpoint
{
    private const string Inserted = "INSERTED";
    private const string Updated = "UPDATED";
    private const string Removed = "REMOVED";

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/LogicalEntityData/{entity}/history", ReadAsync)
            .Needs(Scope.Read)
            .Takes(Place.Queries)
            .WithTags("Entities")
            .WithName("ReadHistory")
            .WithSummary("Read the story of a record")
            .WithDescription("Which import inserted, updated or removed the record of a key, and what its values were before and after, newest first, as far back as what imports changed is kept.")
            .TakesQuery(("key", "The value of the entity's key. A key of several fields is given by repeating the parameter in the order of the fields."))
            .ProducesProblems(400, 404, 503);

    /// <summary>The story of the record whose key has these values, in the order of the key's fields.</summary>
    /// <exception cref="RequestException">They are no key of the entity, or nothing is known of such a record.</exception>
    public static async Task<RecordHistory> TellAsync(ImportEngine engine, Request request, EntityDefinition entity, IReadOnlyList<string> key, CancellationToken cancellationToken)
    {
        var story = await engine.History.ReadAsync(request, entity, ReadKey(entity, key), cancellationToken);
        if (story is { Now: null, Changes.Count: 0 }) throw Refusal.UnknownRecord(entity.SystemName);
        return new RecordHistory(entity.SystemName, RecordWriter.ToJson(entity.Fields, story.Now), [.. story.Changes.Select(change => Describe(entity, change))], story.IsComplete);
    }

    private static async Task<Ok<RecordHistory>> ReadAsync(string entity, HttpRequest request, Call call, CancellationToken cancellationToken)
    {
        var definition = await call.Engine.Entities.FindAsync(call.Request, entity, cancellationToken) ?? throw Refusal.UnknownEntity(entity);
        return TypedResults.Ok(await TellAsync(call.Engine, call.Request, definition, [.. request.Query["key"].Select(value => value ?? "")], cancellationToken));
    }

    private static Condition ReadKey(EntityDefinition entity, IReadOnlyList<string> values)
    {
        var fields = entity.Key.ToList();
        if (fields.Count == 0) throw Refusal.Parameter("key", $"{entity.SystemName} has no key, so that none of its records can be named.");
        if (values.Count != fields.Count)
        {
            throw Refusal.Parameter("key", string.Create(
                CultureInfo.InvariantCulture, $"The key of {entity.SystemName} is {string.Join(", ", fields.Select(field => field.SystemName))}: {fields.Count} values are expected in this order, and {values.Count} are given."));
        }

        try
        {
            return fields.Select((field, i) => (Condition)new Comparison(ComparisonOperator.Equal, new FieldOperand(field), FilterTypes.Plain(field, values[i])))
                .Aggregate((left, right) => new AndCondition(left, right));
        }
        catch (FormatException e)
        {
            throw Refusal.Parameter("key", e.Message);
        }
    }

    private static HistoryEntry Describe(EntityDefinition entity, Engine.HistoryEntry change) => new(
        change.Before is null ? Inserted : change.After is null ? Removed : Updated,
        change.Import?.Id,
        change.Import?.Undoes,
        change.Import?.StoppedAt,
        change.Import?.InvokedBy,
        RecordWriter.ToJson(entity.Fields, change.Before),
        RecordWriter.ToJson(entity.Fields, change.After));
}
