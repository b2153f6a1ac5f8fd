using System.Collections.Concurrent;
using System.Text;
using EntityImport.Conversion.Locales;

namespace EntityImport.Conversion.Dates;

/// <summary>Guesses what the writer of a date meant that could not be read.</summary>
internal static class DateHints
{
    private static readonly string[] CommonPatterns =
    [
        "yyyy-MM-dd", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ssXXX", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
        "dd-MM-yyyy", "dd/MM/yyyy", "dd.MM.yyyy", "MM/dd/yyyy", "MM-dd-yyyy", "dd-MM-yyyy HH:mm:ss", "dd/MM/yyyy HH:mm:ss", "dd.MM.yyyy HH:mm:ss",
        "dd-MM-yyyy HH:mm", "dd/MM/yyyy HH:mm", "dd.MM.yyyy HH:mm", "MM/dd/yyyy HH:mm:ss", "MM/dd/yyyy HH:mm", "MM/dd/yyyy h:mm a", "MM/dd/yyyy h:mm:ss a",
        "yyyy/MM/dd", "yyyy.MM.dd", "yyyyMMdd", "dd-MM-yy", "dd/MM/yy", "dd.MM.yy", "MM/dd/yy", "d MMM yyyy", "dd-MMM-yyyy", "MMM d, yyyy", "dd-MMM-yy",
    ];

    private static readonly ConcurrentDictionary<(string Pattern, LocaleData Locale), DatePattern?> Compiled = new();

    /// <summary>A hint, or null.</summary>
    public static string? Find(DatePattern pattern, ReadOnlySpan<byte> text)
    {
        var trimmed = text.Trim(" \t"u8);
        if (trimmed.IsEmpty) return DateWording.Blank;
        if (trimmed.Length != text.Length && pattern.TryRead(trimmed, out _)) return DateWording.SpacesAround;
        var swapped = SwapDayAndMonth(pattern.Pattern);
        if (swapped is not null && Compile(swapped, pattern.Locale) is { } other && other.TryRead(text, out _)) return DateWording.DayAndMonthSwapped(swapped);
        foreach (var common in CommonPatterns)
            if (Compile(common, pattern.Locale)!.TryRead(text, out _)) return DateWording.IsPattern(common);
        return null;
    }

    private static DatePattern? Compile(string pattern, LocaleData locale) => Compiled.GetOrAdd((pattern, locale), static key =>
    {
        try
        {
            return DatePattern.Compile(key.Pattern, key.Locale, new DateOnly(1950, 1, 1));
        }
        catch (DatePatternException)
        {
            return null;
        }
    });

    private static string? SwapDayAndMonth(string pattern)
    {
        var elements = PatternLexer.Split(pattern);
        var day = elements.FirstOrDefault(element => element.Letter == 'd');
        var month = elements.FirstOrDefault(element => element is { Letter: 'M', Count: <= 2 });
        if (day.Count is 0 or > 2 || month.Count == 0) return null;
        var swapped = new StringBuilder(pattern);
        // The lengths are swapped, too, where they differ: d/MM becomes M/dd.
        for (var i = 0; i < day.Count; i++) swapped[day.Position - 1 + i] = 'M';
        for (var i = 0; i < month.Count; i++) swapped[month.Position - 1 + i] = 'd';
        return swapped.ToString();
    }
}
