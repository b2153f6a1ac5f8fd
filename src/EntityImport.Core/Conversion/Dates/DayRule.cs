namespace EntityImport.Conversion.Dates;

/// <summary>Which fields of a pattern give the day; the others must agree with it.</summary>
internal enum DayRule
{
    /// <summary>Year, month and day of the month.</summary>
    MonthDay,

    /// <summary>Year, month, week of the month, weekday.</summary>
    WeekOfMonth,

    /// <summary>Year, month, which one of its weekday in the month.</summary>
    WeekdayInMonth,

    /// <summary>Year and day of the year.</summary>
    DayOfYear,

    /// <summary>Year, week counted in the calendar year, weekday.</summary>
    WeekOfYear,

    /// <summary>Week-year, week, weekday.</summary>
    WeekDate,
}
