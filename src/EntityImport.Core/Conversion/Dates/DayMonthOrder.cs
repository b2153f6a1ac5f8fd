using System.Text;

namespace EntityImport.Conversion.Dates;

/// <summary>The order of day and month in date patterns.</summary>
internal static class DayMonthOrder
{
    /// <summary>The pattern with day and month exchanged; null where it does not have each of them once, as a number.</summary>
    public static string? Exchange(string pattern)
    {
        var elements = PatternLexer.Split(pattern);
        var days = elements.Where(element => element.Letter == 'd').ToList();
        var months = elements.Where(element => element.Letter is 'M' or 'L').ToList();
        if (days is not [{ Count: <= 2 } day] || months is not [{ IsName: false } month]) return null;
        var exchanged = new StringBuilder(pattern);
        // The lengths stay where they are, so that they are exchanged, too, where they differ: d/MM becomes M/dd.
        for (var i = 0; i < day.Count; i++) exchanged[day.Position - 1 + i] = month.Letter;
        for (var i = 0; i < month.Count; i++) exchanged[month.Position - 1 + i] = 'd';
        return exchanged.ToString();
    }

    /// <summary>Whether the pattern has a year before the day and the day before the month.</summary>
    public static bool IsYearDayMonth(string pattern)
    {
        var letters = string.Concat(PatternLexer.Split(pattern).Select(element => element.Letter)).Replace('L', 'M');
        var year = letters.IndexOf('y', StringComparison.Ordinal);
        var day = letters.IndexOf('d', StringComparison.Ordinal);
        return year >= 0 && year < day && day < letters.IndexOf('M', StringComparison.Ordinal);
    }
}
