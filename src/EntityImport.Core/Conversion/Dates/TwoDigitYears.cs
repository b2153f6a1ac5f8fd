namespace EntityImport.Conversion.Dates;

/// <summary>The 100 years that two digits stand for. Two digits are the year in which the date is not before the window's first day.</summary>
internal readonly struct TwoDigitYears(DateOnly start)
{
    /// <summary>The first day of the window, counted from 1970-01-01.</summary>
    public int FirstDay { get; } = new CivilDate(start.Year, start.Month, start.Day).Number;

    /// <summary>The year of two digits; <paramref name="isFirst"/> where it may be 100 years too early, depending on the day.</summary>
    public int Resolve(int digits, out bool isFirst)
    {
        var first = start.Year % 100;
        isFirst = digits == first;
        return start.Year - first + digits + (digits < first ? 100 : 0);
    }
}
