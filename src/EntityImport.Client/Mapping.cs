using System.Text.Json;

namespace EntityImport.Client;

/// <summary>How a file is written and which of its columns go into which fields. What is null is left to the service's defaults.</summary>
public sealed record ImportDefinition
{
    /// <summary>What the import does to existing records.</summary>
    public ImportMode? ImportMode { get; init; }

    /// <summary>The JDK locale of names and symbols.</summary>
    public string? Locale { get; init; }

    /// <summary>What separates fields: up to 4 characters.</summary>
    public string? FieldDelimiter { get; init; }

    /// <summary>The SimpleDateFormat pattern of DATE fields.</summary>
    public string? DateFormat { get; init; }

    /// <summary>The SimpleDateFormat pattern of DATETIME fields.</summary>
    public string? DateTimeFormat { get; init; }

    /// <summary>The decimal separator.</summary>
    public string? DecimalSeparator { get; init; }

    /// <summary>The grouping separator.</summary>
    public string? GroupingSeparator { get; init; }

    /// <summary>The currency symbol.</summary>
    public string? CurrencySymbol { get; init; }

    /// <summary>The percent symbol.</summary>
    public string? PercentSymbol { get; init; }

    /// <summary>Whether spaces around fields are cut.</summary>
    public bool? IgnoreSurroundingSpaces { get; init; }

    /// <summary>The file's encoding.</summary>
    public string? Encoding { get; init; }

    /// <summary>The quote.</summary>
    public string? QuoteCharacter { get; init; }

    /// <summary>What makes a quote part of a quoted field.</summary>
    public string? EscapeCharacter { get; init; }

    /// <summary>Whether the first record is the header.</summary>
    public bool? Header { get; init; }

    /// <summary>How many columns a file without header has.</summary>
    public int? ColumnCount { get; init; }

    /// <summary>Lines before the header.</summary>
    public int? SkipLines { get; init; }

    /// <summary>Texts that are null besides the empty one.</summary>
    public IReadOnlyList<string>? NullValues { get; init; }

    /// <summary>Words for true.</summary>
    public IReadOnlyList<string>? TrueValues { get; init; }

    /// <summary>Words for false.</summary>
    public IReadOnlyList<string>? FalseValues { get; init; }

    /// <summary>What becomes of records with too few or too many fields: REJECT, PAD or FIT.</summary>
    public string? RaggedRows { get; init; }

    /// <summary>What an empty field does to an existing record: CLEAR or KEEP.</summary>
    public string? EmptyValues { get; init; }

    /// <summary>More rejected rows than this fail the import: a number or a percentage.</summary>
    public JsonElement? MaxFailedRows { get; init; }

    /// <summary>Whether everything is done but the write.</summary>
    public bool? DryRun { get; init; }

    /// <summary>The columns to import; null means every column whose header equals a field's name.</summary>
    public IReadOnlyList<FieldMapping>? Fields { get; init; }
}

/// <summary>One column that goes into one field.</summary>
/// <param name="SystemName">The entity's field.</param>
/// <param name="CsvColumnName">The file's column; null where the default value alone fills the field.</param>
/// <param name="DefaultValue">What is read in place of an empty field, written as in the file.</param>
/// <param name="Format">The date pattern of this column.</param>
public sealed record FieldMapping(string SystemName, string? CsvColumnName, string? DefaultValue = null, string? Format = null);

/// <summary>What an import does to the records of its entity.</summary>
public enum ImportMode
{
    /// <summary>New keys are inserted, existing ones updated.</summary>
    Upsert,

    /// <summary>New keys are inserted; existing ones are rejected rows.</summary>
    Insert,

    /// <summary>The entity holds exactly the file's good rows afterwards.</summary>
    Replace,
}

/// <summary>A mapping as stored.</summary>
/// <param name="MappingId">The mapping's id, the same for all revisions.</param>
/// <param name="Revision">The revision, from 1; each patch makes the next.</param>
/// <param name="EntitySystemName">The entity that it is for.</param>
/// <param name="Definition">The definition as it was sent, with all patches applied.</param>
/// <param name="CreatedDate">When this revision was made.</param>
public sealed record Mapping(Guid MappingId, int Revision, string EntitySystemName, JsonElement Definition, DateTimeOffset CreatedDate);
