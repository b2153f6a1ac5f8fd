using System.Text.Json;
using System.Text.Json.Nodes;
using EntityImport.Cli.Services;
using EntityImport.Entities;
using EntityImport.Mappings;

namespace EntityImport.Cli.Imports;

/// <summary>
/// How the files of an entity are written, known from its last import: the next file is read in the same way, so that <c>1.234</c> and <c>05/06/2024</c> do not change
/// their meaning with the values beside them.
/// </summary>
internal static class FormatMemory
{
    private static readonly string[] Members = [.. DefinitionMembers.OfDefinition.Where(member => member.IsValueFormat).Select(member => member.Name)];

    /// <summary>The format of the newest import into the entity that did not fail; null where there is none.</summary>
    public static async Task<JsonObject?> OfLastImportAsync(IService service, EntityDefinition entity, CancellationToken cancellationToken)
    {
        var last = await service.FindLastSuccessAsync(entity.SystemName, cancellationToken);
        return last is null ? null : JsonObject.Create(last.Definition);
    }

    /// <summary>What was stated, completed by what is known; a stated locale brings its own symbols.</summary>
    public static JsonObject Complete(JsonObject stated, JsonObject? known)
    {
        var complete = (JsonObject)stated.DeepClone();
        if (known is null || stated.ContainsKey("locale")) return complete;
        foreach (var member in Members)
            if (!complete.ContainsKey(member) && known[member] is { } value) complete[member] = value.DeepClone();
        // What an accepted mapping leaves out is the default, not open.
        if (!complete.ContainsKey("locale")) complete["locale"] = "en-US";
        return complete;
    }

    /// <summary>The encoding that the last file was in, where that had to be stated or guessed; else null.</summary>
    public static string? Encoding(JsonObject? known) => known?["encoding"] is JsonValue value && value.TryGetValue<string>(out var name) ? name : null;

    /// <summary>The format that a mapping states, for people.</summary>
    public static string Describe(string mappingDocument)
    {
        var definition = JsonNode.Parse(mappingDocument)?["definition"] as JsonObject ?? [];
        var stated = Members.Where(member => definition[member] is not null).Select(member => $"{member} {Show(definition[member]!)}").ToList();
        return stated.Count == 0 ? "locale 'en-US'" : string.Join(", ", stated);
    }

    private static string Show(JsonNode value) => value.GetValueKind() == JsonValueKind.String ? $"'{value.GetValue<string>()}'" : value.ToJsonString();
}
