using System.Text.Json.Nodes;
using EntityImport.Conversion;
using EntityImport.Conversion.Locales;
using EntityImport.Conversion.Texts;
using EntityImport.Csv;

namespace EntityImport.Mappings;

/// <summary>How a file is written and which of its columns go into which fields: a mapping's <c>definition</c>, all defaults resolved. Immutable.</summary>
public sealed record ImportDefinition
{
    /// <summary>What the import does to existing records.</summary>
    public ImportMode Mode { get; init; } = ImportMode.Upsert;

    /// <summary>The JDK locale of names and symbols, <c>en-US</c> and <c>en_US</c> alike.</summary>
    public string Locale { get; init; } = "en-US";

    /// <summary>How the file's records are found.</summary>
    public FileLayout Layout { get; init; } = new();

    /// <summary>The IANA name of the file's encoding; a byte order mark overrides it.</summary>
    public string Encoding { get; init; } = "UTF-8";

    /// <summary>The formats of DATE fields.</summary>
    public DateFormats DateFormat { get; init; } = "yyyy-MM-dd";

    /// <summary>The formats of DATETIME fields.</summary>
    public DateFormats DateTimeFormat { get; init; } = "yyyy-MM-dd HH:mm:ss";

    /// <summary>The first of the 100 years that two digits stand for, 1000 to 9900; null means that they begin 80 years before the import was invoked, on that day.</summary>
    public int? TwoDigitYearStart { get; init; }

    /// <summary>Whether <c>24:00</c> is the midnight at the end of a day; else it is no time.</summary>
    public bool ReadsEndOfDay { get; init; }

    /// <summary>The decimal separator; null means the locale's.</summary>
    public string? DecimalSeparator { get; init; }

    /// <summary>The grouping separator; null means the locale's.</summary>
    public string? GroupingSeparator { get; init; }

    /// <summary>The currency symbol; null means the locale's.</summary>
    public string? CurrencySymbol { get; init; }

    /// <summary>The percent symbol; null means the locale's.</summary>
    public string? PercentSymbol { get; init; }

    /// <summary>Texts that are null besides the empty one.</summary>
    public WordList NullValues { get; init; } = [];

    /// <summary>Further currency symbols besides <see cref="CurrencySymbol"/>, which is not null where there are any.</summary>
    public IReadOnlyList<string> OtherCurrencySymbols { get; init; } = [];

    /// <summary>Texts that are 0 in fields that are numbers, alone or beside a currency symbol.</summary>
    public WordList ZeroValues { get; init; } = [];

    /// <summary>Whether a minus sign may stand behind a number.</summary>
    public bool TrailingMinus { get; init; }

    /// <summary>What texts mean that spreadsheets were to show as they are.</summary>
    public SpreadsheetText SpreadsheetText { get; init; }

    /// <summary>Words for true; empty means the built-in ones.</summary>
    public WordList TrueValues { get; init; } = [];

    /// <summary>Words for false; empty means the built-in ones.</summary>
    public WordList FalseValues { get; init; } = [];

    /// <summary>What becomes of records with too few or too many fields.</summary>
    public RaggedRows RaggedRows { get; init; }

    /// <summary>What becomes of records of delimiters alone.</summary>
    public EmptyRows EmptyRows { get; init; }

    /// <summary>What an empty field does to an existing record.</summary>
    public EmptyValues EmptyValues { get; init; }

    /// <summary>How many rejected rows fail the import; null means any number is allowed as long as one row is good.</summary>
    public FailureLimit? MaxFailedRows { get; init; }

    /// <summary>Whether everything is done but the write.</summary>
    public bool DryRun { get; init; }

    /// <summary>The columns that are imported; empty means every column whose header equals a field's name.</summary>
    public IReadOnlyList<FieldMapping> Fields { get; init; } = [];

    /// <summary>The definition as JSON: what a mapping's <c>definition</c> must say to mean this. What is default is left out.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject();
        foreach (var member in DefinitionMembers.Definition) member.WriteTo(json, this);
        return json;
    }

    /// <summary>How values are written, symbols that are not given taken from the locale.</summary>
    /// <param name="twoDigitYearStart">The first day that a two-digit year can stand for where the definition states no year.</param>
    /// <exception cref="InvalidOperationException">The locale is unknown; a definition that was accepted has a known one.</exception>
    internal ValueFormat CreateValueFormat(DateOnly twoDigitYearStart)
    {
        var locale = LocaleData.Find(Locale) ?? throw new InvalidOperationException($"Unknown locale '{Locale}'.");
        return new ValueFormat
        {
            Locale = Locale,
            DateFormat = DateFormat,
            DateTimeFormat = DateTimeFormat,
            DecimalSeparator = DecimalSeparator ?? locale.DecimalSeparator,
            GroupingSeparator = GroupingSeparator ?? locale.GroupingSeparator,
            CurrencySymbol = CurrencySymbol ?? locale.CurrencySymbol,
            PercentSymbol = PercentSymbol ?? locale.PercentSymbol,
            OtherCurrencySymbols = OtherCurrencySymbols,
            ZeroValues = ZeroValues,
            TrailingMinus = TrailingMinus,
            UnwrapsSpreadsheetText = SpreadsheetText == SpreadsheetText.Unwrap,
            CutsSpaces = Layout.TrimSpaces,
            NullValues = NullValues,
            TrueValues = TrueValues,
            FalseValues = FalseValues,
            TwoDigitYearStart = TwoDigitYearStart is { } year ? new DateOnly(year, 1, 1) : twoDigitYearStart,
            ReadsEndOfDay = ReadsEndOfDay,
        };
    }
}

/// <summary>One column that goes into one field.</summary>
/// <param name="SystemName">The entity's field.</param>
/// <param name="CsvColumnName">The column by its name; null where <c>ColumnIndex</c> tells it, or the field is filled with <paramref name="DefaultValue"/> alone.</param>
/// <param name="DefaultValue">What is read in place of null, written as in the file; null means nothing is.</param>
/// <param name="Format">The date formats of this column; null means the definition's.</param>
public sealed record FieldMapping(string SystemName, string? CsvColumnName, string? DefaultValue = null, DateFormats? Format = null)
{
    /// <summary>The column by its place, from 1, in place of <see cref="CsvColumnName"/>; null where it is not told so.</summary>
    public int? ColumnIndex { get; init; }

    /// <summary>Whether a column of the file fills the field, and not its default alone.</summary>
    public bool HasColumn => CsvColumnName is not null || ColumnIndex is not null;

    /// <summary>What becomes of the column's texts before they are converted.</summary>
    public TextRules Texts { get; init; } = TextRules.None;

    /// <summary>What a field is before any of its members was read.</summary>
    internal static readonly FieldMapping Absent = new(null!, null);

    /// <summary>The field as JSON, as one of a definition's <c>fields</c>.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject();
        foreach (var member in DefinitionMembers.Field) member.WriteTo(json, this);
        return json;
    }
}

/// <summary>The most rejected rows that an import may have.</summary>
/// <param name="Rows">As a number of rows; null where it is a share.</param>
/// <param name="Percent">As percent of the file's records, 0 to 100; null where it is a number.</param>
public sealed record FailureLimit(long? Rows, decimal? Percent)
{
    /// <summary>Whether this many rejected rows are more than allowed.</summary>
    public bool IsExceeded(long rejected, long records) =>
        Rows is { } rows ? rejected > rows : rejected * 100m > Percent!.Value * records;
}
