using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace EntityImport.Entities;

/// <summary>Reads an entity definition from JSON and notes every fault.</summary>
internal static partial class EntityReader
{
    /// <summary>The most fields that an entity has.</summary>
    public const int MaxFields = 1000;

    private const int DefaultPrecision = 18;
    private const int DefaultCurrencyScale = 4;
    private const int DefaultScale = 6;

    private static readonly string[] TypeNames =
        ["STRING", "INTEGER", "DECIMAL", "DOUBLE", "BOOLEAN", "DATE", "DATETIME", "CURRENCY", "PERCENT"];

    /// <summary>The type's name in JSON.</summary>
    public static string Name(DataType type) => TypeNames[(int)type];

    /// <summary>Whether a text can be the system name of an entity or field.</summary>
    public static bool IsSystemName(string name) => SystemName().IsMatch(name);

    /// <summary>Reads a definition; null where it has faults.</summary>
    /// <param name="document">The JSON.</param>
    /// <param name="systemName">The name that it must have where it has one, ignoring case.</param>
    /// <param name="faults">Where faults are noted.</param>
    public static EntityDefinition? Read(JsonElement document, string systemName, RequestFaults faults)
    {
        var reader = new JsonObjectReader(document, "", faults);
        var name = reader.String("systemName") ?? systemName;
        if (!IsSystemName(name)) reader.Fault("systemName", NameRule(name));
        else if (!name.Equals(systemName, StringComparison.OrdinalIgnoreCase))
            reader.Fault("systemName", $"The name differs from '{ShownText.Cut(systemName)}' in the path.");
        var displayName = ReadDisplayName(reader);
        var fields = new List<FieldDefinition>();
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var array = reader.Array("fields", MaxFields);
        foreach (var (path, element) in array ?? [])
        {
            var field = ReadField(element, path, faults);
            if (!names.Add(field.SystemName)) faults.Add($"{path}.systemName", $"Another field has the name '{ShownText.Cut(field.SystemName)}', ignoring case.");
            fields.Add(field);
        }

        if (array is not null && fields.Count == 0)
            reader.Fault("fields", string.Create(CultureInfo.InvariantCulture, $"An entity has 1 to {MaxFields} fields."));

        var keepsBefore = reader.Boolean("keepBefore", absent: true);
        reader.End();
        return faults.Count > 0 ? null : new EntityDefinition { SystemName = name, DisplayName = displayName, Fields = fields, KeepBefore = keepsBefore ? null : false };
    }

    private static FieldDefinition ReadField(JsonElement element, string path, RequestFaults faults)
    {
        var reader = new JsonObjectReader(element, path, faults);
        var stated = reader.String("systemName", required: true);
        if (stated is not null && !IsSystemName(stated)) reader.Fault("systemName", NameRule(stated));
        var name = stated ?? "";
        if (reader.Member("dataType") is null) reader.Fault("dataType", "The member is required.");
        var type = (DataType)(reader.Word("dataType", TypeNames) ?? 0);
        var displayName = ReadDisplayName(reader);
        var required = reader.Boolean("required", absent: false);
        var primaryKey = reader.Boolean("primaryKey", absent: false);
        var length = reader.Integer("length", 1, Csv.CsvDialect.MaxRecordBytes);
        var precision = reader.Integer("precision", 1, FieldDefinition.MaxPrecision);
        var scale = reader.Integer("scale", 0, FieldDefinition.MaxPrecision);
        reader.End();
        if (primaryKey && type == DataType.Double) reader.Fault("primaryKey", "A DOUBLE cannot be a key: equal values may differ in their last bit.");
        if (length is not null && type != DataType.String) reader.Fault("length", $"Only STRING has a length, not {Name(type)}.");
        var isDecimal = type is DataType.Decimal or DataType.Currency or DataType.Percent;
        if (precision is not null && !isDecimal) reader.Fault("precision", $"Only DECIMAL, CURRENCY and PERCENT have a precision, not {Name(type)}.");
        if (scale is not null && !isDecimal) reader.Fault("scale", $"Only DECIMAL, CURRENCY and PERCENT have a scale, not {Name(type)}.");
        var usedPrecision = isDecimal ? precision ?? Math.Max(DefaultPrecision, scale ?? 0) : 0;
        var usedScale = isDecimal ? scale ?? Math.Min(usedPrecision, type == DataType.Currency ? DefaultCurrencyScale : DefaultScale) : 0;
        if (usedScale > usedPrecision) reader.Fault("scale", "The scale is larger than the precision.");
        return new FieldDefinition
        {
            SystemName = name,
            DisplayName = displayName,
            DataType = type,
            Required = required || primaryKey,
            PrimaryKey = primaryKey,
            Length = length,
            Precision = usedPrecision,
            Scale = usedScale,
        };
    }

    private static string? ReadDisplayName(JsonObjectReader reader)
    {
        var name = reader.String("displayName", most: Limits.ColumnNameCharacters);
        if (name?.Contains('\0', StringComparison.Ordinal) is true) reader.Fault("displayName", "It has the character U+0000, which databases cannot hold.");
        return name;
    }

    private static string NameRule(string name) =>
        $"'{ShownText.Cut(name)}' is no system name: a letter or underscore, then up to 62 letters, digits and underscores (ASCII).";

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]{0,62}\z", RegexOptions.CultureInvariant)]
    private static partial Regex SystemName();
}
