using EntityImport.Bench.RandomEntities;

namespace EntityImport.Bench.Histories;

/// <summary>The few values that fields have in a history, so that records become again what they were. All stay good, and bad texts bad, when a field gets more room.</summary>
internal static class FieldDomain
{
    /// <summary>How many values each type has but BOOLEAN.</summary>
    public const int Count = 6;

    private static readonly string[] Numbers = ["0", "100", "110", "120", "200", "-100"];
    private static readonly string[] Decimals = ["0", "100", "110.5", "120", "200", "-100"];

    /// <summary>Some of them only differ at the end.</summary>
    private static readonly string[] LongTexts = ["a", new('a', 20_000), new string('a', 20_000) + "b", new('é', 9_000)];

    private static readonly Dictionary<FieldType, string[]> Values = new()
    {
        [FieldType.String] = ["a", "A", "b", " ", "c, \"d\"", "é"],
        [FieldType.Integer] = Numbers,
        [FieldType.Decimal] = Decimals,
        [FieldType.Currency] = Decimals,
        [FieldType.Percent] = Decimals,
        [FieldType.Double] = ["0", "1.5", "3", "1E+300", "-1.5", "100"],
        [FieldType.Boolean] = ["true", "false"],
        [FieldType.Date] = ["2024-01-31", "2024-02-29", "1990-01-01", "2024-02-01", "2031-12-31", "2000-01-01"],
        [FieldType.DateTime] = ["2024-01-31 00:00:00.000000", "2024-01-31 23:59:59.999999", "1990-01-01 12:00:00.000000", "2024-01-31 00:00:00.000001", "2000-01-01 00:00:00.500000", "2024-02-29 01:00:00.000000"],
    };

    private static readonly FileForm Form = new() { Delimiter = ',', LineEnd = "\n", HasHeader = true, HasMark = false, EndsWithLineEnd = true, DayFirst = false, NullWords = [] };

    /// <summary>A value of the field, in the one form of <see cref="FieldValue"/>.</summary>
    public static string Value(Field field, int number)
    {
        if (field.IsLong) return LongTexts[number % LongTexts.Length];
        var values = Values[field.Type];
        // A key of spaces is none.
        return values[number % values.Length] is var value && field.IsKey && value == " " ? "z" : value;
    }

    /// <summary>That value as a file says it, in one of several ways.</summary>
    public static string Text(Field field, int number) => ValueText.Write(new Random(number), field, Value(field, number), Form);

    /// <summary>A text that the field refuses, and why; null where it takes every text.</summary>
    public static (string Text, string Code)? Bad(Field field) => field.Type switch
    {
        FieldType.String => null,
        FieldType.Boolean => ("maybe", "boolean.format"),
        FieldType.Date or FieldType.DateTime => ("2021-02-30", "date.format"),
        _ => ("1x", "number.format"),
    };
}
