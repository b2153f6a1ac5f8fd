namespace EntityImport.Conversion.Dates;

/// <summary>Makes an instant of what the fields of a pattern have read, and refuses fields that are out of range or contradict one another.</summary>
internal sealed class DateResolver(PatternFields fields, WeekRule weeks, TwoDigitYears window, bool readsEndOfDay)
{
    /// <summary>The zone farthest behind UTC.</summary>
    public const int MinOffsetMinutes = -13 * 60;

    /// <summary>The zone farthest ahead of UTC.</summary>
    public const int MaxOffsetMinutes = 14 * 60;

    /// <summary>Resolves the fields.</summary>
    /// <param name="read">What was read.</param>
    /// <param name="day">Days since 1970-01-01, in UTC.</param>
    /// <param name="microsecond">Microseconds of that day.</param>
    /// <returns>Whether there is such an instant in the years 0001 to 9999.</returns>
    public bool TryResolve(ref DateFields read, out int day, out long microsecond)
    {
        if (!TryResolveOnce(read, out day, out microsecond)) return false;
        if (read.IsFirstYearOfWindow && day < window.FirstDay)
        {
            read.Year += 100;
            read.WeekYear += 100;
            if (!TryResolveOnce(read, out day, out microsecond)) return false;
        }

        return day is >= CivilDate.FirstDay and <= CivilDate.LastDay;
    }

    private bool TryResolveOnce(in DateFields read, out int day, out long microsecond)
    {
        microsecond = 0;
        if (!TryResolveDay(read, out day) || !TryResolveHour(read, out var hour)) return false;
        if ((uint)read.Minute > 59 || (uint)read.Second > 59) return false;
        if (read.OffsetMinutes is < MinOffsetMinutes or > MaxOffsetMinutes) return false;
        microsecond = ((hour * 60L + read.Minute - read.OffsetMinutes) * 60 + read.Second) * 1_000_000 + read.Microsecond;
        CivilDate.Carry(ref day, ref microsecond);
        return true;
    }

    private bool TryResolveHour(in DateFields read, out int hour)
    {
        hour = fields.HasHour ? read.Hour : read.DayHalf * 12 + read.HourOfHalf;
        if ((uint)hour > 23) return IsEndOfDay(read);
        if ((uint)read.HourOfHalf > 11) return false;
        if (!fields.HasHour) return true;
        return (!fields.HasHourOfHalf || read.HourOfHalf == hour % 12) && (!fields.HasDayHalf || read.DayHalf == hour / 12);
    }

    /// <summary>Whether the time is 24:00, and that is one: the midnight at the end of its day.</summary>
    private bool IsEndOfDay(in DateFields read) =>
        readsEndOfDay && read is { Hour: 24, Minute: 0, Second: 0, Microsecond: 0 } && fields is { HasHour: true, HasHourOfHalf: false, HasDayHalf: false };

    private bool TryResolveDay(in DateFields read, out int day)
    {
        day = 0;
        // Up to 10000, because a zone can bring the last hours of it back into 9999.
        if (read.Era == 0 || read.Year is < 1 or > 10_000 || read.WeekYear is < 0 or > 10_000 || read.Month is < 1 or > 12) return false;
        if (fields.IsPlain)
        {
            if ((uint)(read.Day - 1) >= CivilDate.LengthOfMonth(read.Year, read.Month)) return false;
            day = new CivilDate(read.Year, read.Month, read.Day).Number;
            return true;
        }

        if (!AreInRange(read)) return false;
        day = fields.Rule switch
        {
            DayRule.WeekOfMonth => weeks.DayOf(new CivilDate(read.Year, read.Month, 1).Number, read.WeekOfMonth, read.Weekday),
            DayRule.WeekdayInMonth => WeekRule.OnOrBefore(
                new CivilDate(read.Year, read.Month, 1).Number + 7 * read.WeekdayInMonth - 1,
                read.Weekday < 0 ? weeks.FirstDay : read.Weekday),
            DayRule.DayOfYear => CivilDate.FirstOfYear(read.Year) + read.DayOfYear - 1,
            DayRule.WeekOfYear => weeks.DayOf(CivilDate.FirstOfYear(read.Year), read.Week, read.Weekday),
            DayRule.WeekDate => weeks.DayOf(CivilDate.FirstOfYear(read.WeekYear), read.Week, read.Weekday),
            _ => new CivilDate(read.Year, read.Month, 1).Number + read.Day - 1,
        };
        return Agrees(read, day);
    }

    // Ranges that keep the arithmetic small; what is within them but wrong does not agree afterwards.
    private static bool AreInRange(in DateFields read) =>
        read.Day is >= 1 and <= 31 && read.DayOfYear is >= 1 and <= 366 && read.Week is >= 1 and <= 53
        && read.WeekOfMonth is >= 0 and <= 6 && read.WeekdayInMonth is >= 1 and <= 6 && read.Weekday <= 6;

    private bool Agrees(in DateFields read, int day)
    {
        var date = CivilDate.FromNumber(day);
        var isWeekDate = fields.Rule == DayRule.WeekDate;
        if (fields.HasYear && !isWeekDate && read.Year != date.Year) return false;
        if (fields.HasMonth && read.Month != date.Month) return false;
        if (fields.HasDay && read.Day != date.Day) return false;
        if (fields.HasDayOfYear && read.DayOfYear != date.DayOfYear) return false;
        if (fields.HasWeekday && read.Weekday != CivilDate.Weekday(day)) return false;
        if (fields.HasWeekdayInMonth && read.WeekdayInMonth != (date.Day - 1) / 7 + 1) return false;
        if (fields.HasWeekOfMonth && read.WeekOfMonth != weeks.WeekOf(day - date.Day + 1, day)) return false;
        if (!fields.HasWeek && !isWeekDate) return true;
        var week = weeks.WeekOfWeekYear(day, date.Year, out var weekYear);
        return read.Week == week && (!isWeekDate || read.WeekYear == weekYear);
    }
}
