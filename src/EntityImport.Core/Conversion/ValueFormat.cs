namespace EntityImport.Conversion;

/// <summary>How values are written in a file: an import definition's options with all defaults resolved. Immutable.</summary>
public sealed record ValueFormat
{
    /// <summary>The locale whose names and symbols are used, as the definition names it: <c>en-US</c> or <c>en_US</c>.</summary>
    public required string Locale { get; init; }

    /// <summary>The formats of DATE fields.</summary>
    public required DateFormats DateFormat { get; init; }

    /// <summary>The formats of DATETIME fields.</summary>
    public required DateFormats DateTimeFormat { get; init; }

    /// <summary>The decimal separator, one character.</summary>
    public required string DecimalSeparator { get; init; }

    /// <summary>The grouping separator, one character; empty where numbers are not grouped.</summary>
    public required string GroupingSeparator { get; init; }

    /// <summary>The currency symbol, one or more characters.</summary>
    public required string CurrencySymbol { get; init; }

    /// <summary>The percent symbol, one or more characters.</summary>
    public required string PercentSymbol { get; init; }

    /// <summary>Texts read as null besides the empty one.</summary>
    public WordList NullValues { get; init; } = [];

    /// <summary>Words read as true; empty means the built-in ones.</summary>
    public WordList TrueValues { get; init; } = [];

    /// <summary>Words read as false; empty means the built-in ones.</summary>
    public WordList FalseValues { get; init; } = [];

    /// <summary>The first day that a two-digit year can stand for; the window is 100 years long. 80 years before the import was invoked where the definition states no other.</summary>
    public required DateOnly TwoDigitYearStart { get; init; }

    /// <summary>Whether <c>24:00</c> is the midnight at the end of a day; else it is no time.</summary>
    public bool ReadsEndOfDay { get; init; }
}
