using System.Globalization;

namespace EntityImport.Conversion.Ambiguity;

/// <summary>The wording of what can be read in two ways.</summary>
internal static class AmbiguityWording
{
    /// <summary>"decimal separator '.' and grouping separator ','".</summary>
    public static string Separators(string decimalSeparator, string groupingSeparator) => groupingSeparator.Length == 0
        ? $"decimal separator '{decimalSeparator}' without grouping"
        : $"decimal separator '{decimalSeparator}' and grouping separator '{groupingSeparator}'";

    /// <summary>"MM/dd/yyyy would read them all, too", of the values of a column.</summary>
    public static string ReadsAllToo(string otherReading) => $"{otherReading} would read them all, too";

    /// <summary>The sentence of a warning.</summary>
    public static string Describe(ReadingPair readings, string column, long differing, long values, AmbiguousValue example)
    {
        var (noun, how) = readings.Code == ImportWarning.AmbiguousDate ? ("date", "as") : ("number", "with");
        var others = differing == 1 ? $"another {noun}" : $"other {noun}s";
        var (used, other) = (ShownText.Fit(readings.Used, Limits.ExpectedCharacters), ShownText.Fit(readings.Other, Limits.ExpectedCharacters));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"The values of column '{RejectionReasons.Show(column)}' were read {how} {used}, but {ReadsAllToo(other)}: {differing:N0} of {values:N0} would be {others}, such as '{example.Value}', which is {example.Reading} and would be {example.OtherReading}.");
    }
}
