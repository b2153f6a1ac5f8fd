using System.ComponentModel;
using System.Text.Json;

namespace EntityImport.Server.Mappings;

/// <summary>A mapping as clients send it. The server passes the JSON on as it is; this type describes it in the API document.</summary>
internal sealed record MappingDocument
{
    /// <summary>The entity that the rows go into.</summary>
    public required string EntitySystemName { get; init; }

    /// <summary>How the file is written and which columns go into which fields; absent means all defaults.</summary>
    public DefinitionDocument? Definition { get; init; }
}

/// <summary>A merge patch of a mapping as clients send it.</summary>
internal sealed record MappingPatch
{
    /// <summary>The entity that the rows go into.</summary>
    public string? EntitySystemName { get; init; }

    /// <summary>Members of the definition to change; null takes one away.</summary>
    public DefinitionDocument? Definition { get; init; }
}

/// <summary>How a file is written and which of its columns go into which fields. Every member may be absent.</summary>
internal sealed record DefinitionDocument
{
    /// <summary>UPSERT, INSERT or REPLACE.</summary>
    [DefaultValue("UPSERT")]
    public string? ImportMode { get; init; }

    /// <summary>The JDK locale of names and symbols; en-US and en_US alike.</summary>
    [DefaultValue("en-US")]
    public string? Locale { get; init; }

    /// <summary>What separates fields: up to 4 characters, or \t written as backslash-t.</summary>
    [DefaultValue(",")]
    public string? FieldDelimiter { get; init; }

    /// <summary>The pattern of DATE fields (Java SimpleDateFormat).</summary>
    [DefaultValue("yyyy-MM-dd")]
    public string? DateFormat { get; init; }

    /// <summary>The pattern of DATETIME fields (Java SimpleDateFormat).</summary>
    [DefaultValue("yyyy-MM-dd HH:mm:ss")]
    public string? DateTimeFormat { get; init; }

    /// <summary>The decimal separator; absent means the locale's.</summary>
    public string? DecimalSeparator { get; init; }

    /// <summary>The grouping separator; absent means the locale's.</summary>
    public string? GroupingSeparator { get; init; }

    /// <summary>The currency symbol; absent means the locale's.</summary>
    public string? CurrencySymbol { get; init; }

    /// <summary>The percent symbol; absent means the locale's.</summary>
    public string? PercentSymbol { get; init; }

    /// <summary>Whether spaces around fields are cut.</summary>
    [DefaultValue(true)]
    public bool? IgnoreSurroundingSpaces { get; init; }

    /// <summary>The file's encoding, such as UTF-16 or windows-1252; a byte order mark overrides it.</summary>
    [DefaultValue("UTF-8")]
    public string? Encoding { get; init; }

    /// <summary>The quote.</summary>
    [DefaultValue("\"")]
    public string? QuoteCharacter { get; init; }

    /// <summary>What makes a quote part of a quoted field; absent means the quote itself.</summary>
    public string? EscapeCharacter { get; init; }

    /// <summary>Whether the first record is the header; without one, columns are named 1, 2, …</summary>
    [DefaultValue(true)]
    public bool? Header { get; init; }

    /// <summary>How many columns a file without header has; absent means as many as the highest one mapped.</summary>
    public int? ColumnCount { get; init; }

    /// <summary>Lines before the header.</summary>
    [DefaultValue(0)]
    public int? SkipLines { get; init; }

    /// <summary>Texts that are null besides the empty one.</summary>
    public IReadOnlyList<string>? NullValues { get; init; }

    /// <summary>Words for true; absent means the built-in ones.</summary>
    public IReadOnlyList<string>? TrueValues { get; init; }

    /// <summary>Words for false; absent means the built-in ones.</summary>
    public IReadOnlyList<string>? FalseValues { get; init; }

    /// <summary>What becomes of records with too few or too many fields: REJECT, PAD (missing ones are null) or FIT (surplus empty ones are dropped, too).</summary>
    [DefaultValue("REJECT")]
    public string? RaggedRows { get; init; }

    /// <summary>What an empty field does to an existing record on UPSERT: CLEAR or KEEP.</summary>
    [DefaultValue("CLEAR")]
    public string? EmptyValues { get; init; }

    /// <summary>More rejected rows than this fail the import: a number, or percent as "5%"; absent means no limit.</summary>
    public JsonElement? MaxFailedRows { get; init; }

    /// <summary>Whether everything is done but the write.</summary>
    [DefaultValue(false)]
    public bool? DryRun { get; init; }

    /// <summary>The columns to import; absent means every column whose header equals a field's name.</summary>
    public IReadOnlyList<FieldMappingDocument>? Fields { get; init; }
}

/// <summary>One column that goes into one field.</summary>
internal sealed record FieldMappingDocument
{
    /// <summary>The entity's field.</summary>
    public required string SystemName { get; init; }

    /// <summary>The file's column; absent where the default value alone fills the field.</summary>
    public string? CsvColumnName { get; init; }

    /// <summary>What is read in place of an empty field, written as in the file.</summary>
    public string? DefaultValue { get; init; }

    /// <summary>The date pattern of this column.</summary>
    public string? Format { get; init; }
}

/// <summary>Examples of mappings in the API document.</summary>
internal static class MappingExamples
{
    public const string Document = """
        {
          "entitySystemName": "Product",
          "definition": {
            "importMode": "UPSERT",
            "locale": "en-US",
            "fieldDelimiter": ",",
            "dateFormat": "dd-MM-yyyy",
            "fields": [
              { "systemName": "Sku", "csvColumnName": "SKU" },
              { "systemName": "Price", "csvColumnName": "List Price" }
            ]
          }
        }
        """;

    public const string Patch = """{ "definition": { "fieldDelimiter": ";", "dateFormat": null } }""";
}
