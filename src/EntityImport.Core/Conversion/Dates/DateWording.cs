namespace EntityImport.Conversion.Dates;

/// <summary>The wording of what date fields accept and refuse.</summary>
internal static class DateWording
{
    // 2024-12-31T23:59:58.123456Z: a day that cannot be taken for a month, and an hour that cannot be taken for one of 12.
    private const long Example = 1_735_689_598_123_456;

    public const string TimeOfDay = "it has a time of day, which a DATE cannot hold";

    public const string Blank = "it is blank";

    public const string SpacesAround = "it has spaces around it";

    public static string Expected(string kind, DatePattern pattern) => $"{kind} like {pattern.Format(Example)} ({pattern.Pattern})";

    public static string IsPattern(string pattern) => $"is the pattern '{pattern}'?";

    public static string DayAndMonthSwapped(string pattern) => $"there is no such day; are day and month swapped ('{pattern}')?";
}
