using EntityImport.Conversion.Ambiguity;
using EntityImport.Conversion.Locales;
using EntityImport.Rows;

namespace EntityImport.Conversion.Dates;

/// <summary>The formats of a column of dates, compiled. Immutable and thread-safe.</summary>
internal sealed class DateFormatSet
{
    private DateFormatSet(IReadOnlyList<IDateFormat> formats, LocaleData locale, ValueFormat format)
    {
        Formats = formats;
        Locale = locale;
        DecimalSeparator = format.DecimalSeparator;
    }

    /// <summary>The formats, at least one.</summary>
    public IReadOnlyList<IDateFormat> Formats { get; }

    /// <summary>The locale whose names patterns read.</summary>
    public LocaleData Locale { get; }

    /// <summary>What stands before decimals.</summary>
    public string DecimalSeparator { get; }

    /// <summary>The pattern where there is nothing but one; null else.</summary>
    public DatePattern? OnlyPattern => Formats is [DatePattern pattern] ? pattern : null;

    /// <summary>Compiles formats.</summary>
    /// <param name="formats">Patterns and names of formats.</param>
    /// <param name="format">How values are written in the file.</param>
    /// <param name="needsDate">Whether each pattern must read a part of a date.</param>
    /// <exception cref="DatePatternException">One of them cannot work or can only mislead, or two of them contradict each other.</exception>
    /// <exception cref="ArgumentException">The format's locale does not exist.</exception>
    public static DateFormatSet Compile(DateFormats formats, ValueFormat format, bool needsDate)
    {
        var locale = LocaleData.Find(format.Locale) ?? throw new ArgumentException($"There is no locale '{format.Locale}'.", nameof(format));
        var compiled = formats.Select(text => Compile(text, locale, format)).ToArray();
        foreach (var pattern in compiled)
            if (needsDate && pattern is DatePattern { HasDate: false }) throw DatePatternFaults.NoDate(pattern.Pattern);
        for (var i = 0; i < compiled.Length; i++)
        {
            var text = compiled[i].Pattern;
            if (formats.Take(i).Contains(text, StringComparer.Ordinal)) throw DatePatternFaults.Twice(text);
            if (OtherUnit(text) is { } other && formats.Take(i).Contains(other, StringComparer.Ordinal)) throw DatePatternFaults.SameNumbers(text, other);
        }

        return new DateFormatSet(compiled, locale, format);
    }

    /// <summary>Whether the format has a name, and so is no pattern.</summary>
    public static bool IsNamed(string format) =>
        format is DateFormats.Iso8601 or DateFormats.ExcelDays or DateFormats.ExcelDays1904 or DateFormats.UnixSeconds or DateFormats.UnixMillis;

    /// <summary>Reads a text by each of the formats.</summary>
    /// <param name="text">UTF-8 text, which is read to its end.</param>
    /// <param name="day">Days since 1970-01-01, in UTC.</param>
    /// <param name="microsecond">Microseconds of that day.</param>
    /// <returns>Why there is not exactly one reading; <see cref="FaultCode.None"/> where there is.</returns>
    public FaultCode Read(ReadOnlySpan<byte> text, out int day, out long microsecond)
    {
        day = 0;
        microsecond = 0;
        var isRead = false;
        foreach (var format in Formats)
        {
            if (!format.TryRead(text, out var otherDay, out var otherMicrosecond)) continue;
            if (isRead && (otherDay != day || otherMicrosecond != microsecond)) return FaultCode.DateTwoReadings;
            (isRead, day, microsecond) = (true, otherDay, otherMicrosecond);
        }

        return isRead ? FaultCode.None : FaultCode.DateFormat;
    }

    /// <summary>What the formats make of a text that several of them read: <c>2024-04-03 by dd/MM/yyyy</c>, as far as there is room.</summary>
    public string DescribeReadings(ReadOnlySpan<byte> text, bool isDateTime)
    {
        var readings = new List<string>();
        foreach (var format in Formats)
        {
            if (!format.TryRead(text, out var day, out var microsecond)) continue;
            var value = isDateTime || microsecond != 0 ? StoredValue.ShowInstant(day, microsecond) : StoredValue.ShowDay(day);
            readings.Add($"{value} by {ShownText.Cut(format.Pattern)}");
        }

        return ShownText.Join(readings, ", ", Limits.ExpectedCharacters);
    }

    private static IDateFormat Compile(string text, LocaleData locale, ValueFormat format) => text switch
    {
        DateFormats.Iso8601 => new IsoFormat(format.ReadsEndOfDay),
        DateFormats.ExcelDays or DateFormats.ExcelDays1904 => new SpreadsheetDays(text == DateFormats.ExcelDays1904, format.DecimalSeparator),
        DateFormats.UnixSeconds or DateFormats.UnixMillis => new UnixTime(text == DateFormats.UnixMillis),
        _ => DatePattern.Compile(text, locale, format.TwoDigitYearStart, format.ReadsEndOfDay),
    };

    /// <summary>The format that reads the same numbers as other instants.</summary>
    private static string? OtherUnit(string format) => format switch
    {
        DateFormats.ExcelDays => DateFormats.ExcelDays1904,
        DateFormats.ExcelDays1904 => DateFormats.ExcelDays,
        DateFormats.UnixSeconds => DateFormats.UnixMillis,
        DateFormats.UnixMillis => DateFormats.UnixSeconds,
        _ => null,
    };
}
