using System.Text.Json;
using System.Text.Json.Nodes;
using EntityImport.Conversion;
using EntityImport.Entities;
using EntityImport.Mappings;

namespace EntityImport.Inference;

/// <summary>The part of an import definition that the caller stated, and the definition that it makes with all defaults.</summary>
internal sealed class StatedDefinition
{
    private StatedDefinition(JsonObject members, ImportDefinition options, IReadOnlyList<StatedField> fields, bool hasHeader, int columnCount)
    {
        Members = members;
        Options = options;
        Fields = fields;
        HasHeader = hasHeader;
        ColumnCount = columnCount;
    }

    /// <summary>The members as they were stated.</summary>
    public JsonObject Members { get; }

    /// <summary>The definition with defaults, without fields and as if there were a header.</summary>
    public ImportDefinition Options { get; }

    /// <summary>The stated fields; empty means all columns.</summary>
    public IReadOnlyList<StatedField> Fields { get; }

    /// <summary>Whether the file's first record names its columns.</summary>
    public bool HasHeader { get; }

    /// <summary>The stated number of columns; 0 where it is not stated.</summary>
    public int ColumnCount { get; }

    /// <summary>Whether the member was stated.</summary>
    public bool Has(string member) => Members[member] is not null;

    /// <summary>Reads what was stated.</summary>
    /// <exception cref="RequestException">It has faults; all are listed.</exception>
    public static StatedDefinition Read(JsonElement? definition, Limits limits)
    {
        if (definition is { ValueKind: not JsonValueKind.Object and not JsonValueKind.Null and not JsonValueKind.Undefined })
            throw RequestException.Invalid([new RequestFault("definition", "Expected a JSON object.")]);
        var faults = new RequestFaults(limits);
        if (definition is { ValueKind: JsonValueKind.Object } stated
            && ImportDefinitionReader.ReadFields(new DefinitionReading(new JsonObjectReader(stated, "definition", faults), Entity: null, faults, limits)) is null)
            throw RequestException.Invalid(faults);
        var members = definition is { ValueKind: JsonValueKind.Object } given ? JsonObject.Create(given.Clone())! : [];
        var fields = ReadFields(members);
        var hasHeader = !(members["header"] is JsonValue header && header.TryGetValue<bool>(out var value) && !value);

        // Fields are checked with the proposed entity at the end; here they would be found to name none.
        var options = (JsonObject)members.DeepClone();
        options.Remove("fields");
        var columnCount = 0;
        if (!hasHeader)
        {
            options.Remove("header");
            if (options["columnCount"] is JsonValue count && count.TryGetValue(out columnCount)) options.Remove("columnCount");
        }

        var entity = new EntityDefinition
        {
            SystemName = "sample",
            Fields = [new FieldDefinition { SystemName = "field", DataType = DataType.String }],
        };
        using var document = JsonDocument.Parse(new JsonObject { ["entitySystemName"] = entity.SystemName, ["definition"] = options }.ToJsonString());
        var read = ImportDefinitionReader.Read(document.RootElement, entity, faults, limits);
        return faults.Count == 0 ? new StatedDefinition(members, read, fields, hasHeader, columnCount) : throw RequestException.Invalid(faults);
    }

    private static List<StatedField> ReadFields(JsonObject members)
    {
        if (members["fields"] is not JsonArray array) return [];
        var fields = new List<StatedField>();
        foreach (var item in array.OfType<JsonObject>())
            fields.Add(new StatedField(item, Text(item, "systemName"), Text(item, "csvColumnName"), DateFormats.FromJson(item["format"]))
            {
                ColumnIndex = item["columnIndex"] is JsonValue index && index.TryGetValue<int>(out var number) ? number : null,
            });
        return fields;
    }

    private static string? Text(JsonObject item, string member) =>
        item[member] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}

/// <summary>A field that the caller stated.</summary>
/// <param name="Members">All its members.</param>
/// <param name="SystemName">The entity's field.</param>
/// <param name="CsvColumnName">The file's column; null where a default fills the field.</param>
/// <param name="Format">The date formats of this column; null means the definition's.</param>
internal sealed record StatedField(JsonObject Members, string? SystemName, string? CsvColumnName, DateFormats? Format)
{
    /// <summary>The file's column by its place, from 1; null where it is not told so.</summary>
    public int? ColumnIndex { get; init; }

    /// <summary>Whether a default alone fills the field.</summary>
    public bool HasNoColumn => CsvColumnName is null && ColumnIndex is null;
}
