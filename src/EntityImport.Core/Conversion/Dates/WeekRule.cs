namespace EntityImport.Conversion.Dates;

/// <summary>How weeks are counted within years and months. Days are numbers counted from 1970-01-01; weekdays are 0 for Sunday to 6.</summary>
/// <param name="FirstDay">The weekday on which weeks begin.</param>
/// <param name="MinimalDays">Days of a new year or month that its week 1 has at least, 1 to 7. The days before week 1 are in week 0.</param>
internal readonly record struct WeekRule(int FirstDay, int MinimalDays)
{
    /// <summary>The last day not after a day that is a certain weekday.</summary>
    public static int OnOrBefore(int day, int weekday) => day - (CivilDate.Weekday(day) - weekday + 7) % 7;

    /// <summary>The first day of week 1 of the year or month that begins on a day.</summary>
    public int FirstWeek(int periodStart)
    {
        var start = OnOrBefore(periodStart + 6, FirstDay);
        return start - periodStart >= MinimalDays ? start - 7 : start;
    }

    /// <summary>The week in which a day is, counted from the year or month that begins on a day.</summary>
    public int WeekOf(int periodStart, int day) => (day - FirstWeek(periodStart) + 7) / 7;

    /// <summary>The day of a week: the given weekday, or the first of the week where that is negative.</summary>
    public int DayOf(int periodStart, int week, int weekday) =>
        FirstWeek(periodStart) + 7 * (week - 1) + (weekday < 0 ? 0 : (weekday - FirstDay + 7) % 7);

    /// <summary>The week of the week-year in which a day is, 1 to 53, and that week-year.</summary>
    public int WeekOfWeekYear(int day, int year, out int weekYear)
    {
        weekYear = year;
        if (day >= FirstWeek(CivilDate.FirstOfYear(year + 1))) weekYear = year + 1;
        else if (day < FirstWeek(CivilDate.FirstOfYear(year))) weekYear = year - 1;
        return WeekOf(CivilDate.FirstOfYear(weekYear), day);
    }
}
