using System.Text.Json;
using System.Text.Json.Nodes;
using EntityImport.Cli.Services;
using EntityImport.Entities;
using EntityImport.Inference;
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

    /// <summary>Whether what was stated leaves nothing to what is known.</summary>
    public static bool IsStated(JsonObject stated) => stated.ContainsKey("locale");

    /// <summary>Whether values of a file cannot be read in the known format.</summary>
    public static bool IsContradicted(InferredSchema asBefore) => asBefore.Columns.Any(column => column is { Refused: > 0, Field.DataType: not DataType.String });

    /// <summary>
    /// Whether a file is written in another format than the last one, rather than that single values of it are wrong: judged by itself more of its values can be read, and its
    /// fields are separated otherwise, or dates are among them, or most values of a column.
    /// </summary>
    public static bool IsOtherFormat(InferredSchema asBefore, InferredSchema byItself, JsonObject known)
    {
        if (byItself.Columns.Sum(column => column.Refused) >= asBefore.Columns.Sum(column => column.Refused)) return false;
        if (Delimiter(Definition(byItself.MappingDocument)) != Delimiter(known)) return true;
        return asBefore.Columns.Zip(byItself.Columns).Any(column => column.Second.Refused < column.First.Refused
            && (column.First.Field?.DataType is DataType.Date or DataType.DateTime || column.First.Refused * 2 > column.First.Rows - column.First.Empty));
    }

    private static string Delimiter(JsonObject definition) => definition["fieldDelimiter"]?.GetValue<string>() ?? ",";

    /// <summary>The format that a mapping states, for people.</summary>
    public static string Describe(string mappingDocument) => Describe(Definition(mappingDocument));

    /// <summary>The format that a definition states, for people.</summary>
    public static string Describe(JsonObject definition) => List(Members.Where(member => definition[member] is not null), definition) is { Length: > 0 } stated ? stated : "locale 'en-US'";

    /// <summary>What a mapping states of the format beside what was known, as the end of a sentence; empty where that is all.</summary>
    public static string DescribeNew(string mappingDocument, JsonObject known)
    {
        var definition = Definition(mappingDocument);
        return List(Members.Where(member => definition[member] is not null && known[member] is null), definition) is { Length: > 0 } added ? $"; new in this file: {added}" : "";
    }

    private static JsonObject Definition(string mappingDocument) => JsonNode.Parse(mappingDocument)?["definition"] as JsonObject ?? [];

    private static string List(IEnumerable<string> members, JsonObject definition) => string.Join(", ", members.Select(member => $"{member} {Show(definition[member]!)}"));

    private static string Show(JsonNode value) => value.GetValueKind() == JsonValueKind.String ? $"'{value.GetValue<string>()}'" : value.ToJsonString();
}
