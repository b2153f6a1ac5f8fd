using EntityImport.Conversion.Locales;

namespace EntityImport.Conversion.Dates;

/// <summary>Guesses what the writer of a date meant that a pattern does not read. Thread-safe.</summary>
internal sealed class DateHints(DatePattern pattern)
{
    private static readonly string[] CommonPatterns =
    [
        "yyyy-MM-dd", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ssXXX", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
        "dd-MM-yyyy", "dd/MM/yyyy", "dd.MM.yyyy", "MM/dd/yyyy", "MM-dd-yyyy", "dd-MM-yyyy HH:mm:ss", "dd/MM/yyyy HH:mm:ss", "dd.MM.yyyy HH:mm:ss",
        "dd-MM-yyyy HH:mm", "dd/MM/yyyy HH:mm", "dd.MM.yyyy HH:mm", "MM/dd/yyyy HH:mm:ss", "MM/dd/yyyy HH:mm", "MM/dd/yyyy h:mm a", "MM/dd/yyyy h:mm:ss a",
        "yyyy/MM/dd", "yyyy.MM.dd", "yyyyMMdd", "dd-MM-yy", "dd/MM/yy", "dd.MM.yy", "MM/dd/yy", "d MMM yyyy", "dd-MMM-yyyy", "MMM d, yyyy", "dd-MMM-yy",
    ];

    // Compiled at the first refused value, as most columns have none.
    private readonly Lazy<DatePattern?> _swapped = new(() => DayMonthOrder.Exchange(pattern.Pattern) is { } swapped ? Compile(swapped, pattern.Locale) : null);
    private readonly Lazy<DatePattern[]> _common = new(() => [.. CommonPatterns.Select(common => Compile(common, pattern.Locale)).OfType<DatePattern>()]);

    /// <summary>A hint, or null.</summary>
    public string? Find(ReadOnlySpan<byte> text)
    {
        var trimmed = text.Trim(" \t"u8);
        if (trimmed.IsEmpty) return DateWording.Blank;
        if (trimmed.Length != text.Length && pattern.TryRead(trimmed, out _)) return DateWording.SpacesAround;
        if (_swapped.Value is { } swapped && swapped.TryRead(text, out _)) return DateWording.DayAndMonthSwapped(swapped.Pattern);
        foreach (var common in _common.Value)
            if (common.TryRead(text, out _)) return DateWording.IsPattern(common.Pattern);
        return null;
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
