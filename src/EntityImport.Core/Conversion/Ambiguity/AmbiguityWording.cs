using System.Globalization;

namespace EntityImport.Conversion.Ambiguity;

/// <summary>The wording of what can be read in two ways.</summary>
internal static class AmbiguityWording
{
    /// <summary>"decimal separator '.', grouping separator ','".</summary>
    public static string Separators(string decimalSeparator, string groupingSeparator) => groupingSeparator.Length == 0
        ? $"decimal separator '{decimalSeparator}', no grouping"
        : $"decimal separator '{decimalSeparator}', grouping separator '{groupingSeparator}'";

    /// <summary>"MM/dd/yyyy reads them all, too", of the values of a column.</summary>
    public static string ReadsAllToo(string otherReading) => $"{otherReading} reads them all, too";

    /// <summary>The sentence of a warning.</summary>
    public static string Describe(ReadingPair readings, string column, long differing, long values, AmbiguousValue example)
    {
        var noun = readings.Code == ImportWarning.AmbiguousDate ? "date" : "number";
        var others = differing == 1 ? $"another {noun}" : $"other {noun}s";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"The values of column '{column}' were read as {readings.Used}, but {ReadsAllToo(readings.Other)}: {differing:N0} of {values:N0} would be {others}, such as '{example.Value}', which is {example.Reading} and would be {example.OtherReading}.");
    }
}
