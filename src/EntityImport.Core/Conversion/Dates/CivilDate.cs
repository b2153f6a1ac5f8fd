using System.Runtime.CompilerServices;

namespace EntityImport.Conversion.Dates;

/// <summary>A day of the proleptic Gregorian calendar, and its number.</summary>
/// <param name="Year">The year; 0 is the one before 0001.</param>
/// <param name="Month">1 to 12.</param>
/// <param name="Day">1 to the length of the month.</param>
internal readonly record struct CivilDate(int Year, int Month, int Day)
{
    /// <summary>Number of 0001-01-01, counted from 1970-01-01 as 0.</summary>
    public const int FirstDay = -719_162;

    /// <summary>Number of 9999-12-31.</summary>
    public const int LastDay = 2_932_896;

    /// <summary>Microseconds of a day.</summary>
    public const long MicrosecondsPerDay = 86_400_000_000;

    private const int DaysBefore1970 = 719_162;
    private const int DaysIn400Years = 146_097;

    /// <summary>Days of the year before a month; 16 places for a common year, then 16 for a leap year, so that no branch is needed.</summary>
    private static ReadOnlySpan<ushort> DaysBeforeMonth =>
    [
        0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 0, 0, 0,
        0, 0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335, 0, 0, 0,
    ];

    private static ReadOnlySpan<byte> MonthLengths => [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

    /// <summary>Brings a time of day that an offset has moved by less than a day back into one, and the day along with it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Carry(ref int day, ref long microsecond)
    {
        if (microsecond < 0)
        {
            microsecond += MicrosecondsPerDay;
            day--;
        }
        else if (microsecond >= MicrosecondsPerDay)
        {
            microsecond -= MicrosecondsPerDay;
            day++;
        }
    }

    /// <summary>Days since 1970-01-01.</summary>
    public int Number
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => FirstOfYear(Year) + DayOfYear - 1;
    }

    /// <summary>Day of the year, from 1.</summary>
    public int DayOfYear
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => DaysBeforeMonth[Month + (IsLeapYear(Year) ? 16 : 0)] + Day;
    }

    /// <summary>Whether the year has 366 days.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsLeapYear(int year) => (year & (year % 25 == 0 ? 15 : 3)) == 0;

    /// <summary>Number of days of a month, 28 to 31.</summary>
    public static int LengthOfMonth(int year, int month) => MonthLengths[month] + (month == 2 && IsLeapYear(year) ? 1 : 0);

    /// <summary>Number of the first day of a year; the year is not below -399.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int FirstOfYear(int year)
    {
        // Shifted by 400 years, so that divisions round the same way before 0001.
        var before = (uint)(year + 399);
        return (int)(before * 365 + before / 4 - before / 100 + before / 400) - DaysIn400Years - DaysBefore1970;
    }

    /// <summary>The day of a number, which lies in the years -398 to 20000.</summary>
    public static CivilDate FromNumber(int number)
    {
        var year = (int)((number + DaysBefore1970) / 365.2425) + 1;
        while (number < FirstOfYear(year)) year--;
        while (number >= FirstOfYear(year + 1)) year++;
        var rest = number - FirstOfYear(year);
        var month = 1;
        while (rest >= LengthOfMonth(year, month)) rest -= LengthOfMonth(year, month++);
        return new CivilDate(year, month, rest + 1);
    }

    /// <summary>The day of the week of a day: 0 is Sunday.</summary>
    public static int Weekday(int number) => (int)((uint)(number + 4 + 7 * 200_000) % 7);
}
