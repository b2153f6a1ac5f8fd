namespace EntityImport.Conversion.Dates;

/// <summary>Which fields a pattern has and in which order, as far as that decides what the others mean.</summary>
/// <remarks>
/// The order counts as it does in <c>java.util.Calendar</c>: of several groups of fields that give the day, the one that is complete last
/// decides. Since the order is that of the pattern, it is decided once for all texts.
/// </remarks>
internal sealed class PatternFields
{
    private readonly int _dayOfMonth;
    private readonly int _month;
    private readonly int _weekday;
    private readonly int _weekOfMonth;
    private readonly int _weekdayInMonth;
    private readonly int _dayOfYear;
    private readonly int _week;

    /// <summary>Reads the fields off a pattern's elements.</summary>
    public PatternFields(IReadOnlyList<PatternElement> elements)
    {
        // From 1 in the order of the pattern, the last of several alike; 0 where the pattern lacks the field.
        int Last(string letters) =>
            elements.Select((element, index) => !element.IsLiteral && letters.Contains(element.Letter, StringComparison.Ordinal) ? index + 1 : 0).Max();

        _dayOfMonth = Last("d");
        _month = Last("ML");
        _weekday = Last("Eu");
        _weekOfMonth = Last("W");
        _weekdayInMonth = Last("F");
        _dayOfYear = Last("D");
        _week = Last("w");
        HasYear = Last("y") > 0;
        HasHour = Last("Hk") > 0;
        HasHourOfHalf = Last("Kh") > 0;
        HasDayHalf = Last("a") > 0;
        Rule = Last("Y") > Last("y") ? DayRule.WeekDate : ChooseRule();
        HasDate = Last("yYMLdDwWFEu") > 0;
        HasTime = Last("HkKhmsSa") > 0;
        HasZone = Last("zZX") > 0;
    }

    public DayRule Rule { get; }

    public bool HasYear { get; }

    public bool HasMonth => _month > 0;

    public bool HasDay => _dayOfMonth > 0;

    public bool HasDayOfYear => _dayOfYear > 0;

    public bool HasWeek => _week > 0;

    public bool HasWeekOfMonth => _weekOfMonth > 0;

    public bool HasWeekdayInMonth => _weekdayInMonth > 0;

    public bool HasWeekday => _weekday > 0;

    public bool HasHour { get; }

    public bool HasHourOfHalf { get; }

    public bool HasDayHalf { get; }

    /// <summary>Whether any field is part of a date.</summary>
    public bool HasDate { get; }

    /// <summary>Whether any field is part of the time of day.</summary>
    public bool HasTime { get; }

    /// <summary>Whether there is a time zone.</summary>
    public bool HasZone { get; }

    /// <summary>Whether the day follows from year, month and day and nothing has to agree with it.</summary>
    public bool IsPlain =>
        Rule == DayRule.MonthDay && !HasDayOfYear && !HasWeek && !HasWeekOfMonth && !HasWeekdayInMonth && !HasWeekday;

    private DayRule ChooseRule()
    {
        // A week needs its weekday; it counts from the later of the two.
        var weekOfMonth = With(_weekday, _weekOfMonth);
        var weekdayInMonth = With(_weekday, _weekdayInMonth);
        var week = With(_weekday, _week);
        var day = _dayOfMonth;
        var best = Math.Max(Math.Max(Math.Max(day, weekOfMonth), Math.Max(weekdayInMonth, _dayOfYear)), week);
        if (best == 0)
        {
            // No group is complete: a week without weekday, or a weekday without week.
            weekOfMonth = _weekOfMonth;
            weekdayInMonth = Math.Max(_weekdayInMonth, _weekday);
            week = _week;
            best = Math.Max(Math.Max(weekOfMonth, weekdayInMonth), week);
            if (best == 0) best = day = _month;
        }

        if (best == day) return DayRule.MonthDay;
        if ((best == weekOfMonth && _weekOfMonth >= _week) || (best == weekdayInMonth && _weekdayInMonth >= _week))
        {
            var isWeekOfMonth = weekOfMonth == weekdayInMonth ? _weekOfMonth >= _weekdayInMonth : best == weekOfMonth;
            return isWeekOfMonth ? DayRule.WeekOfMonth : DayRule.WeekdayInMonth;
        }

        return best == _dayOfYear ? DayRule.DayOfYear : DayRule.WeekOfYear;

        static int With(int weekday, int other) => weekday == 0 || other == 0 ? 0 : Math.Max(weekday, other);
    }
}
