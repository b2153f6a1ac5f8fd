using System.Globalization;
using System.Numerics;
using System.Text;

namespace EntityImport.Bench.RandomEntities;

/// <summary>
/// Values of fields, each in one form, so that equal values are equal texts: decimals without zeros at their end, doubles as .NET writes them, times to the microsecond.
/// </summary>
internal static class FieldValue
{
    public const string TimeForm = "yyyy-MM-dd HH:mm:ss.ffffff";
    public const string DateForm = "yyyy-MM-dd";

    /// <summary>Words that a file may have for null; no value is one of them.</summary>
    public static readonly IReadOnlyList<string> NullWords = ["NULL", @"\N", "n/a", "(none)"];

    private static readonly string[] Texts =
    [
        "a", "A", "ä", "Ä", "ß", "Ann", "Bob's", "'; DROP TABLE records.t; --", "\"quoted\"", "comma, semicolon; tab\t|", "two\nlines", " leading", "trailing ", "0", "00123", "-1",
        "1,5", "true", "NaN", "null", "rowid", "%", "_", "*", "a*", "\\", "\\n", "{}", "[1]", "=1+1", "漢字", "🙂", "e\u0301", "\u00a0", "\u200b", "ﬁ", "İ", "\ufffd", "$1", "?", "#row",
    ];

    /// <summary>Ends of long texts: just below and above the length from which on a text is compared by its digest, and so long that records are.</summary>
    private static readonly string[] LongEnds = [.. ((int[])[60, 64, 200, 4_500, 8_900, 8_901]).Select(length => new string('z', length))];

    private static readonly long[] Integers = [0, 1, -1, 2, 7, 9, 10, 99, 127, 128, 255, 256, 32767, -32768, 65536, int.MaxValue, int.MinValue, 1L << 53, long.MaxValue, long.MinValue];

    /// <summary>Draws a value.</summary>
    public static string Draw(Random random, Field field) => field.Type switch
    {
        FieldType.String => DrawText(random, field.Length ?? int.MaxValue) + (field.IsLong && random.Next(5) > 0 ? LongEnds[random.Next(LongEnds.Length)] : ""),
        FieldType.Integer => (random.Next(4) == 0 ? Integers[random.Next(Integers.Length)] : random.NextInt64(-1000, 1000) >> random.Next(10)).ToString(CultureInfo.InvariantCulture),
        FieldType.Boolean => random.Next(2) == 0 ? "true" : "false",
        FieldType.Date => DrawTime(random).ToString(DateForm, CultureInfo.InvariantCulture),
        FieldType.DateTime => DrawTime(random).AddTicks(random.NextInt64(TimeSpan.TicksPerDay / 10) * 10).ToString(TimeForm, CultureInfo.InvariantCulture),
        FieldType.Double => Write(random.Next(3) == 0 ? random.Next(-50, 50) : (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-250, 250))),
        _ => DrawDecimal(random, field),
    };

    /// <summary>What the service says of a value, in the one form.</summary>
    public static string? Read(Field field, string? text) => text is null ? null : field.Type switch
    {
        FieldType.Double => Write(double.Parse(text, CultureInfo.InvariantCulture)),
        FieldType.DateTime => DateTime.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal).ToString(TimeForm, CultureInfo.InvariantCulture),
        _ when field.IsDecimal => Strip(text),
        _ => text,
    };

    /// <summary>What values compare by, as the store must order them.</summary>
    public static int Compare(Field field, string? left, string? right)
    {
        if (left is null || right is null) return (left is null ? 0 : 1) - (right is null ? 0 : 1);
        return field.Type switch
        {
            FieldType.String => Encoding.UTF8.GetBytes(left).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(right)),
            FieldType.Integer => long.Parse(left, CultureInfo.InvariantCulture).CompareTo(long.Parse(right, CultureInfo.InvariantCulture)),
            FieldType.Double => double.Parse(left, CultureInfo.InvariantCulture).CompareTo(double.Parse(right, CultureInfo.InvariantCulture)),
            _ when field.IsDecimal => Unscaled(left, 38).CompareTo(Unscaled(right, 38)),
            _ => string.CompareOrdinal(left, right),
        };
    }

    /// <summary>A decimal's digits as one whole number.</summary>
    /// <param name="value">The decimal.</param>
    /// <param name="scale">Digits after the point; at least as many as it has.</param>
    public static BigInteger Unscaled(string value, int scale)
    {
        var point = value.IndexOf('.', StringComparison.Ordinal);
        var decimals = point < 0 ? 0 : value.Length - point - 1;
        return BigInteger.Parse(value.Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) * BigInteger.Pow(10, scale - decimals);
    }

    /// <summary>A decimal from its digits.</summary>
    public static string Plain(BigInteger unscaled, int scale)
    {
        var digits = BigInteger.Abs(unscaled).ToString(CultureInfo.InvariantCulture).PadLeft(scale + 1, '0');
        return (unscaled < 0 ? "-" : "") + digits[..^scale] + (scale > 0 ? "." + digits[^scale..] : "");
    }

    private static string Strip(string text) => !text.Contains('.', StringComparison.Ordinal) ? text : text.TrimEnd('0').TrimEnd('.') is var short_ && short_ == "-0" ? "0" : short_;

    private static string DrawDecimal(Random random, Field field)
    {
        var digits = random.Next(3) == 0 ? field.Precision : random.Next(1, field.Precision + 1);
        var unscaled = BigInteger.Zero;
        for (var i = 0; i < digits; i++) unscaled = (unscaled * 10) + (random.Next(4) == 0 ? 9 : random.Next(10));
        return Strip(Plain(random.Next(3) == 0 ? -unscaled : unscaled, field.Scale));
    }

    private static string DrawText(Random random, int length)
    {
        var text = random.Next(8) switch
        {
            0 => NastyNames.All[random.Next(NastyNames.All.Count)],
            1 => random.Next(100_000).ToString(CultureInfo.InvariantCulture),
            2 => string.Concat(Enumerable.Range(0, random.Next(1, 40)).Select(_ => Texts[random.Next(Texts.Length)])),
            _ => Texts[random.Next(Texts.Length)],
        };
        if (text.EnumerateRunes().Count() > length) text = string.Concat(text.EnumerateRunes().Take(length));
        return NullWords.Contains(text) ? "x" : text;
    }

    private static DateTime DrawTime(Random random) => random.Next(10) switch
    {
        0 => new DateTime(1, 1, 1),
        1 => new DateTime(9999, 12, 31),
        2 => new DateTime(2024, 2, 29),
        3 => DateTime.MinValue.AddDays(random.Next(3_652_059)),
        _ => new DateTime(1990, 1, 1).AddDays(random.Next(20_000)),
    };

    /// <summary>Zero has one sign, as the store takes both for equal.</summary>
    private static string Write(double value) => (value + 0.0).ToString("R", CultureInfo.InvariantCulture);
}
