using System.Text.Json;
using System.Text.Json.Nodes;
using EntityImport.Catalog;
using EntityImport.Entities;

namespace EntityImport.Notices;

/// <summary>What a webhook is to be, as far as its JSON says.</summary>
/// <param name="Url">Where notices are sent.</param>
/// <param name="Description">What it is for.</param>
/// <param name="Events">What it is told of.</param>
/// <param name="Entities">The entities that it is told about; null means all.</param>
/// <param name="Disabled">Whether nothing is sent there.</param>
internal sealed record WantedWebhook(string Url, string? Description, IReadOnlyList<string> Events, IReadOnlyList<string>? Entities, bool Disabled);

/// <summary>Reads what a webhook is to be from JSON, and notes every fault.</summary>
internal static class WebhookReader
{
    private const int MostUrlCharacters = 2_000;
    private const int MostDescriptionCharacters = 200;
    private const int MostEntities = 1_000;

    /// <summary>Reads it; whether it has faults, <paramref name="faults"/> tell.</summary>
    public static WantedWebhook Read(JsonElement document, RequestFaults faults)
    {
        var reader = new JsonObjectReader(document, "", faults);
        var url = reader.String("url", required: true, most: MostUrlCharacters) ?? "";
        var description = reader.String("description", most: MostDescriptionCharacters);
        var noted = faults.Count;
        var events = reader.Words("events", [.. NoticeEvent.All]).Select(index => NoticeEvent.All[index]).ToList();
        if (events.Count == 0 && faults.Count == noted) reader.Fault("events", $"Name at least one of {string.Join(", ", NoticeEvent.All)}.");
        IReadOnlyList<string>? entities = null;
        if (reader.Member("entities") is not null)
        {
            noted = faults.Count;
            var names = reader.Strings("entities", most: MostEntities);
            if (names.Count == 0 && faults.Count == noted) reader.Fault("entities", "Name at least one entity, or leave the member out for all of them.");
            foreach (var name in names.Where(name => !EntityReader.IsSystemName(name))) reader.Fault("entities", $"'{ShownText.Cut(name)}' cannot be the name of an entity.");
            entities = [.. names.Where(EntityReader.IsSystemName).Distinct(StringComparer.OrdinalIgnoreCase)];
        }

        var disabled = reader.Boolean("disabled", absent: false);
        reader.End();
        return new WantedWebhook(url, description, events, entities, disabled);
    }

    /// <summary>A webhook with a merge patch (RFC 7396) as JSON that can be read; removed members stand there as null, so that a typo shows.</summary>
    public static JsonObject Merge(Webhook webhook, JsonElement patch)
    {
        var merged = new JsonObject
        {
            ["url"] = webhook.Url,
            ["description"] = webhook.Description,
            ["events"] = new JsonArray([.. webhook.Events.Select(name => JsonValue.Create(name))]),
            ["entities"] = webhook.Entities is { } entities ? new JsonArray([.. entities.Select(name => JsonValue.Create(name))]) : null,
            ["disabled"] = webhook.DisabledAt is not null,
        };
        foreach (var member in patch.EnumerateObject()) merged[member.Name] = JsonNode.Parse(member.Value.GetRawText());
        return merged;
    }
}
