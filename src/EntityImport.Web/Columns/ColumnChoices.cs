using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using EntityImport.Api;
using EntityImport.Web.Reading;
using Microsoft.Extensions.Primitives;

namespace EntityImport.Web.Columns;

/// <summary>Which column goes into which field: as found out, until a person has said it. The machine never changes what a person set.</summary>
public sealed class ColumnChoices
{
    /// <summary>What chooses a new field of an entity that exists.</summary>
    public const string AddField = "+";

    /// <summary>The parameter that says where the first column goes: where it is there, all is said.</summary>
    public const string FirstField = "f0";

    /// <summary>The parameter with the name of an entity that is made.</summary>
    public const string EntityName = "name";

    /// <summary>The most characters of an entity's name.</summary>
    public const int MaxName = 63;

    private readonly InferredSchema _schema;
    private readonly Entity? _entity;

    private ColumnChoices(InferredSchema schema, Entity? entity, IReadOnlyList<ChosenColumn> columns, string name, ImportMode mode) =>
        (_schema, _entity, Columns, Name, Mode) = (schema, entity, columns, name, mode);

    /// <summary>The file's columns, in its order.</summary>
    public IReadOnlyList<ChosenColumn> Columns { get; }

    /// <summary>The entity's name.</summary>
    public string Name { get; }

    /// <summary>Why the entity cannot be called so; null where it can.</summary>
    public string? NameFault => !IsNew || IsName(Name) ? null : $"An entity's name has letters, digits and underscores, and no digit first: {AsName(Name) ?? "products"}, for example.";

    /// <summary>What the import does to records that are there.</summary>
    public ImportMode Mode { get; }

    /// <summary>Whether the entity is made for this file.</summary>
    public bool IsNew => _entity is null;

    /// <summary>What was found in the file beside its columns.</summary>
    public IReadOnlyList<InferenceFinding> Findings => _schema.Findings;

    /// <summary>What is open of the key, as long as it is the one that was found out, which is a guess then; null where nothing is.</summary>
    public InferenceQuestion? KeyQuestion => !IsNew || Columns.Any(column => column.IsKey != (column.Found.Field?.PrimaryKey == true)) ? null : _schema.Questions.FirstOrDefault(question => question.Kind == "KEY");

    /// <summary>What is open of how the file is read.</summary>
    public IReadOnlyList<InferenceQuestion> Open(StatedReading stated) => stated.Open(_schema);

    /// <summary>Whether fields would be added to the entity.</summary>
    public bool AddsFields => !IsNew && Columns.Any(column => column.IsAdded);

    public static ColumnChoices Of(InferredSchema schema, Entity? entity, IReadOnlyList<KeyValuePair<string, StringValues>> said)
    {
        var texts = said.GroupBy(pair => pair.Key).ToDictionary(pair => pair.Key, pair => pair.Last().Value.ToString());
        var isSaid = texts.ContainsKey(FirstField);
        var columns = schema.Columns.Select((column, i) =>
        {
            var found = column.Field;
            string? Said(string name) => texts.GetValueOrDefault(string.Create(CultureInfo.InvariantCulture, $"{name}{i}"));
            var choice = isSaid ? Said("f") ?? "" : found?.SystemName ?? "";
            var isAdded = entity is not null && choice == AddField;
            var known = entity?.Fields.FirstOrDefault(field => field.SystemName == choice);
            return new ChosenColumn(
                i,
                column,
                isAdded ? FieldName(column.CsvColumnName, i) : choice.Trim(),
                known?.DataType ?? Said("t") ?? found?.DataType ?? "STRING",
                known?.PrimaryKey ?? (isSaid ? Said("k") is not null : found?.PrimaryKey == true),
                known?.Required ?? (isSaid ? Said("r") is not null : found?.Required == true),
                isAdded);
        }).ToList();
        var name = texts.GetValueOrDefault(EntityName) is { Length: > 0 } given ? given.Trim() : schema.Entity.SystemName;
        var mode = Enum.TryParse<ImportMode>(texts.GetValueOrDefault("mode"), ignoreCase: true, out var chosen) ? chosen : ImportMode.Upsert;
        var choices = new ColumnChoices(schema, entity, columns, entity?.SystemName ?? name, mode);
        foreach (var column in columns) column.Fault = choices.FaultOf(column);
        return choices;
    }

    /// <summary>What was said when a mapping was made of the file's columns, as the parameters that say so; of the columns nothing, where the file is read otherwise now and has others.</summary>
    /// <param name="schema">What was found out of the file.</param>
    /// <param name="entity">The entity of the mapping.</param>
    /// <param name="definition">The mapping's definition.</param>
    public static IEnumerable<KeyValuePair<string, StringValues>> SaidBy(InferredSchema schema, Entity entity, JsonElement definition)
    {
        var mapping = JsonObject.Create(definition)!;
        var mapped = (mapping["fields"] as JsonArray ?? []).OfType<JsonObject>().ToList();
        yield return new(EntityName, entity.SystemName);
        if (mapping["importMode"] is { } mode) yield return new("mode", mode.GetValue<string>());
        // Without a word on columns, each goes into the field of its name, as is proposed anyway.
        if (mapped.Count == 0 || mapped.Exists(field => (field["csvColumnName"] ?? field["columnIndex"]) is not null && !schema.Columns.Index().Any(column => IsOf(field, column.Item, column.Index)))) yield break;
        foreach (var (i, column) in schema.Columns.Index())
        {
            var place = i.ToString(CultureInfo.InvariantCulture);
            var name = mapped.Find(field => IsOf(field, column, i))?["systemName"]?.GetValue<string>();
            var known = entity.Fields.FirstOrDefault(field => field.SystemName.Equals(name, StringComparison.OrdinalIgnoreCase));
            yield return new("f" + place, known?.SystemName ?? "");
            if (known is null) continue;
            yield return new("t" + place, known.DataType);
            if (known.PrimaryKey) yield return new("k" + place, "1");
            if (known.Required) yield return new("r" + place, "1");
        }
    }

    /// <summary>The definition that the choices make of what was found out.</summary>
    public JsonObject ToDefinition()
    {
        var definition = (JsonObject)JsonNode.Parse(_schema.Mapping.GetProperty("definition").GetRawText())!;
        var found = (definition["fields"] as JsonArray ?? []).OfType<JsonObject>().ToList();
        var fields = new JsonArray();
        foreach (var column in Columns.Where(column => column.Field.Length > 0))
        {
            var known = found.Find(field => IsOf(field, column.Found, column.Index));
            var field = known is null ? new JsonObject { ["csvColumnName"] = column.Found.CsvColumnName } : (JsonObject)known.DeepClone();
            // A column without a name of its own is told by its place.
            if (known is null && definition["header"]?.GetValue<bool>() == false) field = new JsonObject { ["columnIndex"] = column.Index + 1 };
            field["systemName"] = column.Field;
            // The format was found for a type; another one has no use for it.
            if (column.Found.Field is { } before && before.DataType != column.DataType) field.Remove("format");
            fields.Add(field);
        }

        definition["fields"] = fields;
        if (Mode != ImportMode.Upsert) definition["importMode"] = Mode.ToString().ToUpperInvariant();
        return definition;
    }

    /// <summary>The fields that the entity has with them.</summary>
    public IReadOnlyList<EntityField> ToFields() =>
        [.. _entity?.Fields ?? [], .. Columns.Where(column => column.Field.Length > 0 && (IsNew || column.IsAdded)).Select(ToField)];

    private static EntityField ToField(ChosenColumn column)
    {
        var found = column.Found.Field is { } field && field.DataType == column.DataType ? field : null;
        var isDecimal = column.DataType is "DECIMAL" or "CURRENCY" or "PERCENT";
        return new EntityField
        {
            SystemName = column.Field,
            DataType = column.DataType,
            PrimaryKey = column.IsKey,
            Required = column.IsRequired && !column.IsAdded,
            Length = found?.Length,
            Precision = isDecimal ? found?.Precision ?? 18 : null,
            Scale = isDecimal ? found?.Scale ?? (column.DataType == "PERCENT" ? 6 : 2) : null,
        };
    }

    private string? FaultOf(ChosenColumn column)
    {
        if (column.Field.Length == 0) return null;
        if (Columns.FirstOrDefault(other => other.Index != column.Index && other.Field.Equals(column.Field, StringComparison.OrdinalIgnoreCase)) is { } other)
            return $"'{other.Found.CsvColumnName}' goes into {column.Field}, too.";
        if (IsNew && !IsName(column.Field)) return $"A field's name has letters, digits and underscores, and no digit first: {FieldName(column.Field, column.Index)}, for example.";
        return null;
    }

    private static bool IsName(string name) => name.Length is > 0 and <= MaxName && (char.IsAsciiLetter(name[0]) || name[0] == '_') && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    private static bool IsOf(JsonObject field, InferredColumn column, int place) =>
        field["csvColumnName"] is JsonValue name ? name.GetValue<string>() == column.CsvColumnName : field["columnIndex"] is JsonValue index && index.GetValue<int>() == place + 1;

    private static string FieldName(string column, int index) => AsName(column) ?? string.Create(CultureInfo.InvariantCulture, $"field_{index + 1}");

    /// <summary>A text as a name; null where nothing of it could be one.</summary>
    private static string? AsName(string text)
    {
        var name = string.Concat(text.Select(c => char.IsAsciiLetterOrDigit(c) || c == '_' ? c : '_')).Trim('_');
        return name.Length == 0 || !char.IsAsciiLetter(name[0]) ? null : name[..Math.Min(MaxName, name.Length)];
    }
}

/// <summary>A column, and where it goes.</summary>
/// <param name="Index">Its place in the file, from 0.</param>
/// <param name="Found">What was found out of it.</param>
/// <param name="Field">The field that it goes into; empty for none.</param>
/// <param name="DataType">That field's type.</param>
/// <param name="IsKey">Whether that is part of the key.</param>
/// <param name="IsRequired">Whether that is required.</param>
/// <param name="IsAdded">Whether that is added to an entity that exists.</param>
public sealed record ChosenColumn(int Index, InferredColumn Found, string Field, string DataType, bool IsKey, bool IsRequired, bool IsAdded)
{
    /// <summary>Why it cannot be so; null where it can.</summary>
    public string? Fault { get; set; }
}
