using System.Globalization;
using EntityImport.Access;
using EntityImport.Engine;
using EntityImport.Entities;
using EntityImport.Records;
using EntityImport.Server.Access;
using EntityImport.Server.Http;
using EntityImport.Server.OpenApi;
using Microsoft.AspNetCore.Http.HttpResults;
using EntrySource = EntityImport.Api.EntrySource;
using EntrySourceState = EntityImport.Api.EntrySourceState;
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
            .WithDescription("Which import inserted, updated or removed the record of a key, and what its values were before and after, newest first, as far back as what imports changed is kept. With rows=true, of the 20 newest entries also the row and line of the import's file: they are kept nowhere, and found by reading the file, which takes seconds where it is large.")
            .TakesQuery(("key", "The value of the entity's key. A key of several fields is given by repeating the parameter in the order of the fields."), ("rows", "true finds the row and line of each entry in the import's file."))
            .ProducesProblems(400, 404, 503);

    /// <summary>The story of the record whose key has these values, in the order of the key's fields.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="request">The request.</param>
    /// <param name="entity">The entity.</param>
    /// <param name="key">The key's values.</param>
    /// <param name="withRows">Whether the rows are looked up that entries come from.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="RequestException">They are no key of the entity, or nothing is known of such a record.</exception>
    public static async Task<RecordHistory> TellAsync(ImportEngine engine, Request request, EntityDefinition entity, IReadOnlyList<string> key, bool withRows, CancellationToken cancellationToken)
    {
        var story = await engine.History.ReadAsync(request, entity, ReadKey(entity, key), cancellationToken);
        if (story is { Now: null, Changes.Count: 0 }) throw Refusal.UnknownRecord(entity.SystemName);
        var sources = withRows ? await engine.History.FindRowsAsync(request, entity, story.Changes, cancellationToken) : [.. story.Changes.Select(_ => (Engine.EntrySource?)null)];
        return new RecordHistory(entity.SystemName, RecordWriter.ToJson(entity.Fields, story.Now), [.. story.Changes.Zip(sources, (change, source) => Describe(entity, change, source))], story.IsComplete);
    }

    private static async Task<Ok<RecordHistory>> ReadAsync(string entity, HttpRequest request, Call call, CancellationToken cancellationToken)
    {
        var definition = await call.Engine.Entities.FindAsync(call.Request, entity, cancellationToken) ?? throw Refusal.UnknownEntity(entity);
        return TypedResults.Ok(await TellAsync(call.Engine, call.Request, definition, [.. request.Query["key"].Select(value => value ?? "")], Parameters.Flag(request, "rows"), cancellationToken));
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

    private static HistoryEntry Describe(EntityDefinition entity, Engine.HistoryEntry change, Engine.EntrySource? source) => new(
        change.Before is null ? Inserted : change.After is null ? Removed : Updated,
        change.Import?.Id,
        change.Import?.Undoes,
        change.Import?.StoppedAt,
        change.Import?.InvokedBy,
        RecordWriter.ToJson(entity.Fields, change.Before),
        RecordWriter.ToJson(entity.Fields, change.After),
        source is null ? null : new EntrySource((EntrySourceState)source.State, source.Row > 0 ? source.Row : null, source.Line > 0 ? source.Line : null));
}
