using System.Globalization;
using EntityImport.Conversion.Dates;
using EntityImport.Entities;
using EntityImport.Rows;

namespace EntityImport.Conversion.Ambiguity;

/// <summary>Shows values as <see cref="ColumnVector"/> holds them.</summary>
internal static class StoredValue
{
    /// <summary>The text of a record's value, which is one and not null.</summary>
    public static ReadOnlySpan<byte> TextOf(RecordBatch batch, ColumnVector column, int record)
    {
        var span = column.Values<TextSpan>()[record];
        var source = span.Source switch
        {
            TextSource.Buffer => batch.Buffer.Span,
            TextSource.Unescaped => batch.UnescapedText.Span,
            _ => column.DefaultText.Span,
        };
        return source.Slice(span.Start, span.Length);
    }

    /// <summary>A record's value, which is not null and no text, as text.</summary>
    public static string Show(ColumnVector column, int record)
    {
        var field = column.Field;
        return field.DataType switch
        {
            DataType.Boolean => column.Values<byte>()[record] != 0 ? "true" : "false",
            DataType.Double => Show(field, column.Values<double>()[record]),
            _ => column.ValueSize switch
            {
                sizeof(short) => Show(field, column.Values<short>()[record]),
                sizeof(int) => Show(field, column.Values<int>()[record]),
                sizeof(long) => Show(field, column.Values<long>()[record]),
                _ => Show(field, column.Values<Int128>()[record]),
            },
        };
    }

    /// <summary>A value of a field as text: dates in ISO 8601, numbers plain with a point and without zeros at the end.</summary>
    public static string Show<T>(FieldDefinition field, T value) where T : unmanaged => (object)value switch
    {
        int day when field.DataType == DataType.Date => ShowDay(day),
        long instant when field.DataType == DataType.DateTime => ShowInstant(instant),
        double number => number.ToString(CultureInfo.InvariantCulture),
        short scaled => ShowDecimal(scaled, field.Scale),
        int scaled => ShowDecimal(scaled, field.Scale),
        long scaled => ShowDecimal(scaled, field.Scale),
        Int128 scaled => ShowDecimal(scaled, field.Scale),
        _ => value.ToString() ?? "",
    };

    /// <summary>A day, counted from 1970-01-01.</summary>
    public static string ShowDay(int number)
    {
        var date = CivilDate.FromNumber(number);
        return string.Create(CultureInfo.InvariantCulture, $"{date.Year:D4}-{date.Month:D2}-{date.Day:D2}");
    }

    /// <summary>An instant in microseconds since 1970-01-01T00:00:00Z.</summary>
    public static string ShowInstant(long microseconds)
    {
        var day = (int)Math.Floor((decimal)microseconds / CivilDate.MicrosecondsPerDay);
        return ShowInstant(day, microseconds - day * CivilDate.MicrosecondsPerDay);
    }

    /// <summary>An instant by its day, counted from 1970-01-01, and its microsecond of that day.</summary>
    public static string ShowInstant(int day, long microsecond)
    {
        var (seconds, fraction) = Math.DivRem(microsecond, 1_000_000);
        var decimals = fraction == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $".{fraction:D6}").TrimEnd('0');
        return string.Create(CultureInfo.InvariantCulture, $"{ShowDay(day)}T{seconds / 3600:D2}:{seconds / 60 % 60:D2}:{seconds % 60:D2}{decimals}Z");
    }

    private static string ShowDecimal(Int128 scaled, int scale)
    {
        var digits = Int128.Abs(scaled).ToString(CultureInfo.InvariantCulture).PadLeft(scale + 1, '0');
        var decimals = digits[^scale..].TrimEnd('0');
        return (scaled < 0 ? "-" : "") + digits[..^scale] + (decimals.Length == 0 ? "" : "." + decimals);
    }
}
