namespace EntityImport.Conversion.Dates;

/// <summary>What the fields of a pattern have read from a text. Fields that the pattern lacks keep the values of 1970-01-01T00:00:00Z.</summary>
internal struct DateFields
{
    public DateFields()
    {
    }

    /// <summary>The year, after two digits were put into the window.</summary>
    public int Year = 1970;

    /// <summary>Whether <see cref="Year"/> or <see cref="WeekYear"/> is the first year of the window, and so may be 100 years too early.</summary>
    public bool IsFirstYearOfWindow;

    /// <summary>The year of a week.</summary>
    public int WeekYear = 1970;

    /// <summary>1 to 12 where valid.</summary>
    public int Month = 1;

    /// <summary>From 1.</summary>
    public int Day = 1;

    /// <summary>From 1.</summary>
    public int DayOfYear = 1;

    /// <summary>Week of the year or week-year, from 1.</summary>
    public int Week = 1;

    /// <summary>Week of the month, from 0.</summary>
    public int WeekOfMonth = 1;

    /// <summary>Which one of its weekday in the month the day is, from 1.</summary>
    public int WeekdayInMonth = 1;

    /// <summary>0 for Sunday to 6 where valid; -1 where not given, 7 where invalid.</summary>
    public int Weekday = -1;

    /// <summary>0 to 23 where valid.</summary>
    public int Hour;

    /// <summary>0 to 11 where valid.</summary>
    public int HourOfHalf;

    /// <summary>0 before noon, 1 after.</summary>
    public int DayHalf;

    /// <summary>0 to 59 where valid.</summary>
    public int Minute;

    /// <summary>0 to 59 where valid.</summary>
    public int Second;

    /// <summary>Microseconds of the second.</summary>
    public int Microsecond;

    /// <summary>What local time is ahead of UTC.</summary>
    public int OffsetMinutes;

    /// <summary>0 before the era, 1 since its start.</summary>
    public int Era = 1;
}
