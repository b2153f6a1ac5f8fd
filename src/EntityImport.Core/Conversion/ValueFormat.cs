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

    /// <summary>Further currency symbols, which mean the same for a number: none of them any more than a sign that it is an amount.</summary>
    public IReadOnlyList<string> OtherCurrencySymbols { get; init; } = [];

    /// <summary>The percent symbol, one or more characters.</summary>
    public required string PercentSymbol { get; init; }

    /// <summary>Texts read as null besides the empty one.</summary>
    public WordList NullValues { get; init; } = [];

    /// <summary>Texts read as 0 in fields that are numbers, alone or beside a currency symbol.</summary>
    public WordList ZeroValues { get; init; } = [];

    /// <summary>Whether a minus sign may stand behind a number: <c>1.234,56-</c>.</summary>
    public bool TrailingMinus { get; init; }

    /// <summary>Whether texts are unwrapped that spreadsheets were to show as they are: <c>="00123"</c>, <c>'-4</c>.</summary>
    public bool UnwrapsSpreadsheetText { get; init; }

    /// <summary>Whether spaces and tabs around a value that is no string are no part of it.</summary>
    public bool CutsSpaces { get; init; } = true;

    /// <summary>Words read as true; empty means the built-in ones.</summary>
    public WordList TrueValues { get; init; } = [];

    /// <summary>Words read as false; empty means the built-in ones.</summary>
    public WordList FalseValues { get; init; } = [];

    /// <summary>The first day that a two-digit year can stand for; the window is 100 years long. 80 years before the import was invoked where the definition states no other.</summary>
    public required DateOnly TwoDigitYearStart { get; init; }

    /// <summary>Whether <c>24:00</c> is the midnight at the end of a day; else it is no time.</summary>
    public bool ReadsEndOfDay { get; init; }
}
