using System.Text.Json;
using EntityImport.Catalog;

namespace EntityImport.Mappings;

/// <summary>What is to be known of a mapping's format before its file is there.</summary>
public static class MappingFormat
{
    /// <summary>The name of the encoding that the mapping states for its files, which a byte order mark overrides; null where it states none.</summary>
    public static string? StatedEncoding(this Mapping mapping)
    {
        ArgumentNullException.ThrowIfNull(mapping);
        using var document = JsonDocument.Parse(mapping.Document);
        return document.RootElement.TryGetProperty("definition", out var definition) ? StatedEncoding(definition) : null;
    }

    /// <summary>The encoding that a definition states; null where it states none.</summary>
    internal static string? StatedEncoding(JsonElement definition) =>
        definition.ValueKind == JsonValueKind.Object && definition.TryGetProperty("encoding", out var encoding) && encoding.ValueKind == JsonValueKind.String ? encoding.GetString() : null;

    /// <summary>The definition as it holds for an upload: where the mapping states no encoding, the charset counts that the file came with.</summary>
    internal static ImportDefinition For(this ImportDefinition definition, string? charset, Mapping mapping) =>
        charset is null || mapping.StatedEncoding() is not null ? definition : definition with { Encoding = charset };
}
