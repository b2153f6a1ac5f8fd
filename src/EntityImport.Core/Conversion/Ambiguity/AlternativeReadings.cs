using System.Text;
using EntityImport.Conversion.Dates;
using EntityImport.Entities;

namespace EntityImport.Conversion.Ambiguity;

/// <summary>Which other reading a column may be meant by.</summary>
/// <remarks>
/// Dates: day and month exchanged, in each of several patterns. That is only asked where somebody writes the other order: a year before a day before a month is nobody's
/// (so that ISO dates have no alternative, but <c>yyyy-dd-MM</c> has), and an exchange of a two-digit year is not asked for, because nearly
/// every day of this century fits, which would say nothing about the file. Numbers: point and comma exchanged.
/// </remarks>
internal static class AlternativeReadings
{
    /// <summary>Compiles the other reading of a column; null where there is none.</summary>
    /// <param name="converter">What reads the column.</param>
    /// <param name="format">How values are written in the file.</param>
    /// <param name="pattern">The column's own date formats; null where it has none.</param>
    public static AlternativeReading? Find(FieldConverter converter, ValueFormat format, DateFormats? pattern = null) => converter.Field.DataType switch
    {
        DataType.String or DataType.Boolean => null,
        DataType.Date => FindDate(converter, format, pattern ?? format.DateFormat),
        DataType.DateTime => FindDate(converter, format, pattern ?? format.DateTimeFormat),
        _ => FindNumber(converter, format),
    };

    private static AlternativeReading? FindDate(FieldConverter converter, ValueFormat format, DateFormats formats)
    {
        DateFormats other = [.. formats.Select(Exchange)];
        // The same formats in another order are no other reading: a value that two of them read differently is refused anyway.
        if (other.ToHashSet(StringComparer.Ordinal).SetEquals(formats)) return null;
        // Where one of them becomes another one, there is nothing left to exchange.
        if (other.Distinct(StringComparer.Ordinal).Count() < other.Count) return null;
        var readings = new ReadingPair(ImportWarning.AmbiguousDate, formats.ToString(), other.ToString(), []);
        return converter.CompareWith(FieldConverters.Create(converter.Field, format, other), readings);
    }

    /// <summary>The format with day and month exchanged; itself where nobody writes that.</summary>
    private static string Exchange(string format) =>
        !DateFormatSet.IsNamed(format) && DayMonthOrder.Exchange(format) is { } other && !DayMonthOrder.IsYearDayMonth(other) ? other : format;

    private static AlternativeReading? FindNumber(FieldConverter converter, ValueFormat format)
    {
        // What separates decimals groups digits then; a grouping by spaces or apostrophes gives no other decimal separator but point or comma.
        var point = format.DecimalSeparator switch
        {
            "." => ",",
            "," => ".",
            _ => format.GroupingSeparator,
        };
        if (point.Length == 0) return null;
        var other = format with { DecimalSeparator = point, GroupingSeparator = format.DecimalSeparator };
        var readings = new ReadingPair(
            ImportWarning.AmbiguousNumber,
            AmbiguityWording.Separators(format.DecimalSeparator, format.GroupingSeparator),
            AmbiguityWording.Separators(other.DecimalSeparator, other.GroupingSeparator),
            Encoding.UTF8.GetBytes(other.GroupingSeparator));
        return converter.CompareWith(FieldConverters.Create(converter.Field, other), readings);
    }
}
