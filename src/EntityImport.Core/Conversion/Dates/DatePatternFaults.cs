namespace EntityImport.Conversion.Dates;

/// <summary>The wording of everything that can be wrong with a date pattern. Indexes count from 0, positions from 1.</summary>
internal static class DatePatternFaults
{
    public static DatePatternException Empty(string pattern) =>
        new(pattern, 1, "it has no letter that stands for a part of a date");

    public static DatePatternException NoDate(string pattern) =>
        new(pattern, 1, "it reads no part of a date, but the field is a DATE");

    public static DatePatternException Twice(string pattern) => new(pattern, 1, "it is stated twice");

    public static DatePatternException SameNumbers(string pattern, string other) =>
        new(pattern, 1, $"{other} is stated, too, and would read the same numbers as other dates");

    public static DatePatternException UnclosedQuote(string pattern, int position) =>
        new(pattern, position, "the quote does not close; a quote that is text is written ''", CloseQuote(pattern, position));

    public static DatePatternException UnknownLetter(string pattern, int index, int count) =>
        new(pattern, index + 1, $"'{pattern[index]}' has no meaning; text stands in single quotes", Replace(pattern, index, count, Meant(pattern[index], count)));

    public static DatePatternException LongZone(string pattern, PatternElement zone) =>
        new(pattern, zone.Position, "'X' stands there at most three times", Replace(pattern, zone.Position - 1, zone.Count, "XXX"));

    public static DatePatternException LongFraction(string pattern, PatternElement fraction) =>
        new(pattern, fraction.Position, "a fraction of a second has at most nine digits");

    public static DatePatternException WeekYear(string pattern, PatternElement weekYear, string? likelyMeant) =>
        new(pattern, weekYear.Position, "'Y' is the year of a week and goes with 'w'; the calendar year is 'y'", likelyMeant);

    public static DatePatternException Minutes(string pattern, PatternElement minutes) =>
        new(pattern, minutes.Position, "'m' is the minute; the month is 'M'", Replace(pattern, minutes.Position - 1, minutes.Count, new string('M', minutes.Count)));

    public static DatePatternException DayOfYear(string pattern, PatternElement day, string likelyMeant) =>
        new(pattern, day.Position, "'D' is the day of the year, which does not go with a month; the day of the month is 'd'", likelyMeant);

    /// <summary>The pattern with some of its characters replaced.</summary>
    public static string Replace(string pattern, int index, int count, string text) => pattern[..index] + text + pattern[(index + count)..];

    // What other pattern languages call it.
    private static string Meant(char letter, int count) => letter switch
    {
        't' => "a",
        'f' or 'n' => new string('S', Math.Min(count, 9)),
        'A' => "a",
        'x' => new string('X', Math.Min(count, 3)),
        'e' => new string('E', count),
        _ => $"'{new string(letter, count)}'",
    };

    private static string? CloseQuote(string pattern, int position) =>
        pattern.IndexOf('\'', position) < 0 && pattern.Length - position <= 1 ? pattern + "'" : null;
}
