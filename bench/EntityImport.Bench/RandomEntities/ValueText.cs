using System.Globalization;
using System.Numerics;

namespace EntityImport.Bench.RandomEntities;

/// <summary>How a file says a value: one of the texts that mean it, or one that must be rejected.</summary>
internal static class ValueText
{
    private static readonly string[] TrueWords = ["true", "TRUE", "yes", "y", "t", "1", "on"];
    private static readonly string[] FalseWords = ["false", "False", "no", "n", "f", "0", "off"];

    /// <summary>A text that means the value.</summary>
    public static string Write(Random random, Field field, string value, FileForm form) => field.Type switch
    {
        FieldType.Integer => WriteNumber(random, BigInteger.Parse(value, CultureInfo.InvariantCulture), 0),
        FieldType.Boolean => Pick(random, value == "true" ? TrueWords : FalseWords),
        FieldType.Date => DateOnly.ParseExact(value, FieldValue.DateForm, CultureInfo.InvariantCulture).ToString(form.DateForm, CultureInfo.InvariantCulture),
        FieldType.DateTime => DateTime.ParseExact(value, FieldValue.TimeForm, CultureInfo.InvariantCulture).ToString(form.TimeForm, CultureInfo.InvariantCulture),
        FieldType.Double => value.Replace("E+", "e", StringComparison.Ordinal).Replace('E', 'e'),
        _ when field.IsDecimal => WriteNumber(random, FieldValue.Unscaled(value, field.Scale), field.Scale),
        _ => value,
    };

    /// <summary>A text that the field must refuse, and the code of the reason; null where the field takes every text.</summary>
    public static (string Text, string Code)? WriteBad(Random random, Field field)
    {
        switch (field.Type)
        {
            case FieldType.String:
                return field.Length is { } length ? (new string('x', length + 1), "string.length") : null;
            case FieldType.Integer:
                return random.Next(3) switch { 0 => ("12x", "number.format"), 1 => ("1.5", "number.scale"), _ => ("9223372036854775808", "number.range") };
            case FieldType.Boolean:
                return ("maybe", "boolean.format");
            case FieldType.Date or FieldType.DateTime:
                return ("2021-02-30", "date.format");
            case FieldType.Double:
                return random.Next(2) == 0 ? ("1..5", "number.format") : ("x", "number.format");
            default:
                return random.Next(3) switch
                {
                    0 => ("1,23.5", "number.format"),
                    1 => ("1" + new string('0', field.Precision - field.Scale), "number.range"),
                    _ => ("0." + new string('0', field.Scale) + "1", "number.scale"),
                };
        }
    }

    private static string WriteNumber(Random random, BigInteger unscaled, int scale)
    {
        var plain = FieldValue.Plain(unscaled, scale);
        var digits = plain.TrimStart('-');
        return random.Next(9) switch
        {
            0 => unscaled < 0 ? $"({digits})" : "+" + plain,
            1 => (unscaled < 0 ? "-$" : "$") + digits,
            2 => FieldValue.Plain(unscaled * 100, scale) + "%",
            3 => Group(plain),
            4 => scale > 0 ? plain + "000" : plain + ".0",
            5 when digits.StartsWith("0.", StringComparison.Ordinal) => (unscaled < 0 ? "-" : "") + digits[1..],
            _ => plain,
        };
    }

    /// <summary>Puts a comma between groups of three digits before the point.</summary>
    private static string Group(string plain)
    {
        var end = plain.IndexOf('.', StringComparison.Ordinal);
        var first = plain.StartsWith('-') ? 1 : 0;
        for (var i = (end < 0 ? plain.Length : end) - 3; i > first; i -= 3) plain = plain.Insert(i, ",");
        return plain;
    }

    private static string Pick(Random random, string[] texts) => texts[random.Next(texts.Length)];
}
