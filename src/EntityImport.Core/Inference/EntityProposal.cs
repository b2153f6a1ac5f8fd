using System.Text.Json.Nodes;
using EntityImport.Entities;

namespace EntityImport.Inference;

/// <summary>Writes an entity as the JSON that declares it.</summary>
internal static class EntityProposal
{
    public static JsonObject Write(EntityDefinition entity)
    {
        var document = new JsonObject { ["systemName"] = entity.SystemName };
        if (entity.DisplayName is { } displayName) document["displayName"] = displayName;
        document["fields"] = new JsonArray([.. entity.Fields.Select(Write)]);
        return document;
    }

    private static JsonObject Write(FieldDefinition field)
    {
        var document = new JsonObject { ["systemName"] = field.SystemName };
        if (field.DisplayName is { } displayName) document["displayName"] = displayName;
        document["dataType"] = EntityReader.Name(field.DataType);
        if (field.IsRequired) document["required"] = true;
        if (field.PrimaryKey) document["primaryKey"] = true;
        if (field.Length is { } length) document["length"] = length;
        if (!field.IsDecimal) return document;
        document["precision"] = field.Precision;
        document["scale"] = field.Scale;
        return document;
    }
}
