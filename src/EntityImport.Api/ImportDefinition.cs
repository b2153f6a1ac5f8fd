using System.Text.Json;

namespace EntityImport.Api;

/// <summary>How a file is written and which of its columns go into which fields. Every member may be absent.</summary>
/// <remarks>Null means absent: the service's default holds then.</remarks>
public sealed record ImportDefinition
{
    /// <summary>What the import does to existing records; absent means UPSERT.</summary>
    public ImportMode? ImportMode { get; init; }

    /// <summary>The JDK locale of names and symbols; en-US and en_US alike.</summary>
    public string? Locale { get; init; }

    /// <summary>What separates fields: up to 4 characters, or \t written as backslash-t.</summary>
    public string? FieldDelimiter { get; init; }

    /// <summary>The format of DATE fields: a Java SimpleDateFormat pattern, ISO_8601, EXCEL_DAYS, EXCEL_DAYS_1904, UNIX_SECONDS or UNIX_MILLIS; or several, by which a value must have exactly one reading.</summary>
    public TextOrTexts? DateFormat { get; init; }

    /// <summary>The format of DATETIME fields, or several, likewise.</summary>
    public TextOrTexts? DateTimeFormat { get; init; }

    /// <summary>The first of the 100 years that two digits stand for, 1000 to 9900; absent means that they begin 80 years before the import is invoked.</summary>
    public int? TwoDigitYearStart { get; init; }

    /// <summary>"24:00" where that is the midnight at the end of a day; absent means that it is no time.</summary>
    public string? EndOfDay { get; init; }

    /// <summary>The decimal separator; absent means the locale's.</summary>
    public string? DecimalSeparator { get; init; }

    /// <summary>The grouping separator; absent means the locale's.</summary>
    public string? GroupingSeparator { get; init; }

    /// <summary>The currency symbol, or several of which each means the same; absent means the locale's.</summary>
    public TextOrTexts? CurrencySymbol { get; init; }

    /// <summary>The percent symbol; absent means the locale's.</summary>
    public string? PercentSymbol { get; init; }

    /// <summary>Whether spaces around fields are cut.</summary>
    public bool? IgnoreSurroundingSpaces { get; init; }

    /// <summary>The file's encoding, such as UTF-16 or windows-1252; a byte order mark overrides it.</summary>
    public string? Encoding { get; init; }

    /// <summary>The quote.</summary>
    public string? QuoteCharacter { get; init; }

    /// <summary>What makes a quote part of a quoted field; absent means the quote itself.</summary>
    public string? EscapeCharacter { get; init; }

    /// <summary>Whether the first record is the header; without one, columns are named 1, 2, …</summary>
    public bool? Header { get; init; }

    /// <summary>How many columns a file without header has; absent means as many as the highest one mapped.</summary>
    public int? ColumnCount { get; init; }

    /// <summary>Lines before the header.</summary>
    public int? SkipLines { get; init; }

    /// <summary>Lines at the file's end that are no records; error files have none.</summary>
    public int? SkipFooterLines { get; init; }

    /// <summary>The largest number of bytes of a record, in UTF-8; absent means 1 MiB.</summary>
    public int? MaxRecordBytes { get; init; }

    /// <summary>Whether quotes enclose line ends, too; false: each line is a record, and a quote that does not close in its line rejects that line alone.</summary>
    public bool? MultilineFields { get; init; }

    /// <summary>Texts that are null besides the empty one.</summary>
    public IReadOnlyList<string>? NullValues { get; init; }

    /// <summary>Texts that are 0 in fields that are numbers, alone or beside a currency symbol and spaces.</summary>
    public IReadOnlyList<string>? ZeroValues { get; init; }

    /// <summary>Whether a minus sign may stand behind a number, as in 1.234,56-.</summary>
    public bool? TrailingMinus { get; init; }

    /// <summary>What texts mean that a spreadsheet was to show as they are.</summary>
    public SpreadsheetText? SpreadsheetText { get; init; }

    /// <summary>Words for true; absent means the built-in ones.</summary>
    public IReadOnlyList<string>? TrueValues { get; init; }

    /// <summary>Words for false; absent means the built-in ones.</summary>
    public IReadOnlyList<string>? FalseValues { get; init; }

    /// <summary>What becomes of records with too few or too many fields.</summary>
    public RaggedRows? RaggedRows { get; init; }

    /// <summary>What becomes of records of delimiters alone.</summary>
    public EmptyRows? EmptyRows { get; init; }

    /// <summary>What an empty field does to an existing record on UPSERT.</summary>
    public EmptyValues? EmptyValues { get; init; }

    /// <summary>More rejected rows than this fail the import: a number, or percent as the string "5%"; absent means no limit.</summary>
    public JsonElement? MaxFailedRows { get; init; }

    /// <summary>Whether everything is done but the write.</summary>
    public bool? DryRun { get; init; }

    /// <summary>The columns to import; absent means every column whose header equals a field's name.</summary>
    public IReadOnlyList<FieldMapping>? Fields { get; init; }
}

/// <summary>One column that goes into one field.</summary>
/// <param name="SystemName">The entity's field.</param>
/// <param name="CsvColumnName">The file's column; absent where the default value alone fills the field.</param>
/// <param name="DefaultValue">What is read in place of an empty field, written as in the file.</param>
/// <param name="Format">The date format of this column, or several.</param>
public sealed record FieldMapping(string SystemName, string? CsvColumnName = null, string? DefaultValue = null, TextOrTexts? Format = null)
{
    /// <summary>The file's column by its place, from 1, in place of <see cref="CsvColumnName"/>.</summary>
    public int? ColumnIndex { get; init; }

    /// <summary>Texts of this column that are null besides the empty one, in place of the definition's; empty means none.</summary>
    public IReadOnlyList<string>? NullValues { get; init; }

    /// <summary>Texts of this column that are 0, in place of the definition's; empty means none.</summary>
    public IReadOnlyList<string>? ZeroValues { get; init; }

    /// <summary>Texts of this column that stand for other texts, or for null; what they stand for is converted.</summary>
    public IReadOnlyDictionary<string, string?>? ValueMap { get; init; }

    /// <summary>How texts of this column are made alike before anything is looked for in them.</summary>
    public IReadOnlyList<TextNormalization>? Normalize { get; init; }
}

/// <summary>A way in which texts are made alike; whatever order they are stated in, they are done as INVISIBLE, NFC, UPPER, TRIM.</summary>
public enum TextNormalization
{
    /// <summary>White space at both ends is cut.</summary>
    Trim,

    /// <summary>Characters that nobody can see are dropped, but for white space.</summary>
    Invisible,

    /// <summary>A letter and the marks behind it become one character where there is such a one (Unicode's form C).</summary>
    Nfc,

    /// <summary>Letters become capitals.</summary>
    Upper,
}

/// <summary>What texts mean that a spreadsheet was to show as they are.</summary>
public enum SpreadsheetText
{
    /// <summary>They are what they are.</summary>
    Keep,

    /// <summary>="00123" and '00123 are read as 00123.</summary>
    Unwrap,
}

/// <summary>What an import does to the records of its entity.</summary>
public enum ImportMode
{
    /// <summary>New keys are inserted, existing ones updated; the last row of a key wins.</summary>
    Upsert,

    /// <summary>New keys are inserted; a key that exists or came earlier in the file is a rejected row.</summary>
    Insert,

    /// <summary>The entity holds exactly the file's good rows afterwards; a repeated key is a rejected row.</summary>
    Replace,
}

/// <summary>What becomes of records whose number of fields is not that of the columns.</summary>
public enum RaggedRows
{
    /// <summary>They are rejected.</summary>
    Reject,

    /// <summary>Missing fields are null; records with surplus fields are rejected.</summary>
    Pad,

    /// <summary>Missing fields are null, and surplus fields are dropped where they are empty.</summary>
    Fit,
}

/// <summary>What becomes of records of delimiters alone, in a file of several columns.</summary>
public enum EmptyRows
{
    /// <summary>They are rejected, with a code of their own.</summary>
    Reject,

    /// <summary>They are passed over and counted.</summary>
    Skip,
}

/// <summary>What an empty field does to an existing record when rows are upserted.</summary>
public enum EmptyValues
{
    /// <summary>It makes the field null.</summary>
    Clear,

    /// <summary>It leaves the field as it is.</summary>
    Keep,
}
