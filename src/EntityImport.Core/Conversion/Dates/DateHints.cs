using System.Text;
using EntityImport.Conversion.Ambiguity;
using EntityImport.Conversion.Locales;
using EntityImport.Rows;

namespace EntityImport.Conversion.Dates;

/// <summary>Guesses what the writer of a date meant that no format of a column reads. Thread-safe.</summary>
internal sealed class DateHints(DateFormatSet formats)
{
    private static readonly IsoFormat Iso = new(readsEndOfDay: false);
    private static readonly UnixTime Seconds = new(isMillis: false);
    private static readonly UnixTime Milliseconds = new(isMillis: true);

    private static readonly string[] CommonPatterns =
    [
        "yyyy-MM-dd", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ssXXX", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
        "dd-MM-yyyy", "dd/MM/yyyy", "dd.MM.yyyy", "MM/dd/yyyy", "MM-dd-yyyy", "dd-MM-yyyy HH:mm:ss", "dd/MM/yyyy HH:mm:ss", "dd.MM.yyyy HH:mm:ss",
        "dd-MM-yyyy HH:mm", "dd/MM/yyyy HH:mm", "dd.MM.yyyy HH:mm", "MM/dd/yyyy HH:mm:ss", "MM/dd/yyyy HH:mm", "MM/dd/yyyy h:mm a", "MM/dd/yyyy h:mm:ss a",
        "yyyy/MM/dd", "yyyy.MM.dd", "yyyyMMdd", "dd-MM-yy", "dd/MM/yy", "dd.MM.yy", "MM/dd/yy", "d MMM yyyy", "dd-MMM-yyyy", "MMM d, yyyy", "dd-MMM-yy",
    ];

    // Compiled at the first refused value, as most columns have none.
    private readonly Lazy<DatePattern[]> _swapped = new(() =>
        [.. formats.Formats.OfType<DatePattern>().Select(pattern => DayMonthOrder.Exchange(pattern.Pattern)).OfType<string>().Select(swapped => Compile(swapped, formats.Locale)).OfType<DatePattern>()]);

    private readonly Lazy<DatePattern[]> _common = new(() => [.. CommonPatterns.Select(common => Compile(common, formats.Locale)).OfType<DatePattern>()]);
    private readonly Lazy<SpreadsheetDays> _days = new(() => new SpreadsheetDays(is1904: false, formats.DecimalSeparator));

    /// <summary>A hint, or null.</summary>
    public string? Find(ReadOnlySpan<byte> text)
    {
        var trimmed = text.Trim(" \t"u8);
        if (trimmed.IsEmpty) return DateWording.Blank;
        if (trimmed.Length != text.Length && IsRead(trimmed)) return DateWording.SpacesAround;
        if (text.StartsWith("'"u8) && !IsRead(text[1..]) && FindFormat(text[1..]) is not null) return DateWording.Apostrophe;
        if (text.StartsWith("0"u8) && text.Length <= Limits.NameCharacters && ZeroDate.Is(Encoding.UTF8.GetString(text))) return DateWording.Zero;
        return FindNumber(text) ?? FindFormat(text);
    }

    private bool IsRead(ReadOnlySpan<byte> text) => formats.Read(text, out _, out _) == FaultCode.None;

    /// <summary>A number as which programs keep dates.</summary>
    private string? FindNumber(ReadOnlySpan<byte> text)
    {
        if (_days.Value.TryRead(text, out var day, out var microsecond) && SpreadsheetDays.IsLikely(day))
            return DateWording.DayNumber(microsecond == 0 ? StoredValue.ShowDay(day) : StoredValue.ShowInstant(day, microsecond), DateFormats.ExcelDays);
        return text.Length switch
        {
            10 when Seconds.TryRead(text, out day, out microsecond) && text[0] is >= (byte)'1' and <= (byte)'4' => DateWording.SecondsOf(StoredValue.ShowInstant(day, microsecond)),
            13 when Milliseconds.TryRead(text, out day, out microsecond) && text[0] is >= (byte)'1' and <= (byte)'4' => DateWording.MillisecondsOf(StoredValue.ShowInstant(day, microsecond)),
            _ => null,
        };
    }

    /// <summary>Another format that reads the text.</summary>
    private string? FindFormat(ReadOnlySpan<byte> text)
    {
        foreach (var swapped in _swapped.Value)
            if (swapped.TryRead(text, out _)) return DateWording.DayAndMonthSwapped(swapped.Pattern);
        foreach (var common in _common.Value)
            if (common.TryRead(text, out _)) return DateWording.IsPattern(common.Pattern);
        return Iso.TryRead(text, out _, out _) ? DateWording.Iso : null;
    }

    private static DatePattern? Compile(string pattern, LocaleData locale)
    {
        try
        {
            return DatePattern.Compile(pattern, locale, new DateOnly(1950, 1, 1));
        }
        catch (DatePatternException)
        {
            return null;
        }
    }
}
