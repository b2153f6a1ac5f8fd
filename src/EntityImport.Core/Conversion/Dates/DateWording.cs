namespace EntityImport.Conversion.Dates;

/// <summary>The wording of what date fields accept and refuse.</summary>
internal static class DateWording
{
    // 2024-12-31T23:59:58.123456Z: a day that cannot be taken for a month, and an hour that cannot be taken for one of 12.
    private const long Instant = 1_735_689_598_123_456;

    // 2024-12-31, without a time of day, which dates cannot have.
    private const long Day = 1_735_603_200_000_000;

    private const int MostOfOne = Limits.ExpectedCharacters - 60;
    private const int MostOfAll = Limits.ExpectedCharacters - 40;

    public const string TimeOfDay = "it has a time of day, which a DATE cannot hold";

    public const string Blank = "it is blank";

    public const string SpacesAround = "it has spaces around it";

    public const string Apostrophe = "it has an apostrophe in front, as spreadsheets put before texts";

    public const string Zero = "it is a date of zeros, as some databases write where there is none; nullValues can name it";

    public const string Iso = "it is as in ISO 8601; the format ISO_8601 reads those";

    public static string ExpectedDate(params IEnumerable<IDateFormat> formats) => $"a date like {Examples(formats, Day)}";

    public static string ExpectedInstant(params IEnumerable<IDateFormat> formats) => $"a date and time like {Examples(formats, Instant)}";

    public static string DayNumber(string date, string format) => $"it looks like the day number of {date} in a spreadsheet; the format {format} reads those";

    public static string SecondsOf(string instant) => $"it looks like {instant} in seconds since 1970; the format {DateFormats.UnixSeconds} reads those";

    public static string MillisecondsOf(string instant) => $"it looks like {instant} in milliseconds since 1970; the format {DateFormats.UnixMillis} reads those";

    public static string IsPattern(string pattern) => $"is the pattern '{pattern}'?";

    public static string DayAndMonthSwapped(string pattern) => $"there is no such day; are day and month swapped ('{pattern}')?";

    // Where not all of them have room, how many more there are must have some.
    private static string Examples(IEnumerable<IDateFormat> formats, long microseconds) =>
        ShownText.Join(formats.Select(format => ShownText.Fit($"{format.Format(microseconds)} ({format.Pattern})", MostOfOne)), ", ", MostOfAll);
}
