using System.Globalization;
using System.Text;
using EntityImport.Conversion.Locales;

namespace EntityImport.Conversion.Dates;

/// <summary>Writes instants in the shape that a pattern reads, for examples in messages.</summary>
internal static class DateFormatter
{
    /// <summary>Writes an instant of the years 0001 to 9999, in UTC.</summary>
    public static string Format(IReadOnlyList<PatternElement> elements, LocaleData locale, long microseconds)
    {
        var number = (int)Math.Floor((decimal)microseconds / CivilDate.MicrosecondsPerDay);
        var microsecond = microseconds - number * CivilDate.MicrosecondsPerDay;
        var date = CivilDate.FromNumber(number);
        var weeks = new WeekRule((int)locale.FirstDayOfWeek, locale.MinimalDaysInFirstWeek);
        var week = weeks.WeekOfWeekYear(number, date.Year, out var weekYear);
        var hour = (int)(microsecond / 3_600_000_000);
        var text = new StringBuilder();
        foreach (var element in elements)
        {
            _ = element.Letter switch
            {
                '\0' => text.Append(element.Literal),
                'y' => Year(date.Year),
                'Y' => Year(weekYear),
                'M' or 'L' when element.IsName => text.Append(Month()),
                'M' or 'L' => Number(date.Month),
                'd' => Number(date.Day),
                'D' => Number(date.DayOfYear),
                'w' => Number(week),
                'W' => Number(weeks.WeekOf(number - date.Day + 1, number)),
                'F' => Number((date.Day - 1) / 7 + 1),
                'E' => text.Append((element.Count > 3 ? locale.Weekdays.Full : locale.Weekdays.Short)[CivilDate.Weekday(number)]),
                'u' => Number((CivilDate.Weekday(number) + 6) % 7 + 1),
                'a' => text.Append(locale.DayHalves.Short[hour / 12]),
                'G' => text.Append(locale.Eras.Short[1]),
                'H' => Number(hour),
                'k' => Number(hour == 0 ? 24 : hour),
                'K' => Number(hour % 12),
                'h' => Number(hour % 12 == 0 ? 12 : hour % 12),
                'm' => Number((int)(microsecond / 60_000_000 % 60)),
                's' => Number((int)(microsecond / 1_000_000 % 60)),
                'S' => text.Append((microsecond % 1_000_000).ToString("D6", CultureInfo.InvariantCulture).PadRight(9, '0').AsSpan(0, element.Count)),
                'z' => text.Append("UTC"),
                'Z' => text.Append("+0000"),
                _ => text.Append('Z'),
            };

            StringBuilder Number(int value) => text.Append(value.ToString(CultureInfo.InvariantCulture).PadLeft(element.Count, '0'));

            StringBuilder Year(int year) => element.Count switch
            {
                1 => text.Append(year.ToString("D4", CultureInfo.InvariantCulture)),
                2 => text.Append((year % 100).ToString("D2", CultureInfo.InvariantCulture)),
                _ => Number(year),
            };

            string Month() => (element.Letter, element.Count) switch
            {
                ('M', 3) => locale.Months.Short,
                ('M', _) => locale.Months.Full,
                (_, 3) => locale.Months.ShortAlone,
                _ => locale.Months.FullAlone,
            } is { } names ? names[date.Month - 1] : "";
        }

        return text.ToString();
    }
}
