using System.Text.Json;
using EntityImport.Catalog;

namespace EntityImport.Server.Mappings;

/// <summary>What the API tells of mappings.</summary>
internal static class MappingAnswers
{
    extension(Api.StoredMapping)
    {
        public static Api.StoredMapping Of(Mapping mapping) => new(mapping.Id, mapping.Revision, mapping.EntitySystemName, DefinitionOf(mapping), mapping.CreatedAt);

        public static Api.StoredMapping Of(Mapping mapping, MappingUse? use) =>
            Api.StoredMapping.Of(mapping) with { LastUse = use is null ? null : new Api.MappingUse(use.ImportId, use.Revision, use.At, use.HeaderSha256) };
    }

    /// <summary>The document's definition; an empty object where it has none, for all is default then.</summary>
    public static JsonElement DefinitionOf(Mapping mapping)
    {
        using var document = JsonDocument.Parse(mapping.Document);
        return document.RootElement.TryGetProperty("definition", out var definition) && definition.ValueKind == JsonValueKind.Object
            ? definition.Clone()
            : JsonElement.Parse("{}");
    }
}
