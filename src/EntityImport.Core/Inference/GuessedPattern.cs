using EntityImport.Conversion;
using EntityImport.Conversion.Dates;

namespace EntityImport.Inference;

/// <summary>What dates may be written by.</summary>
/// <param name="Formats">The pattern, or the formats.</param>
/// <param name="IsDateTime">Whether there is a time of day.</param>
internal readonly record struct GuessedPattern(DateFormats Formats, bool IsDateTime)
{
    /// <summary>The pattern, or the formats, as they are shown.</summary>
    public string Text => Formats.ToString();

    /// <summary>Whether there is a format that has a name, and so is no pattern.</summary>
    public bool IsNamed => Formats.Any(DateFormatSet.IsNamed);

    /// <summary>Whether the dates are numbers of days or seconds.</summary>
    public bool IsNumberedDate => Formats is [not DateFormats.Iso8601] && IsNamed;

    /// <summary>Whether it begins with the day, in digits, and the month in digits follows.</summary>
    public bool IsDayFirst => Formats.Any(format => Begins(format, "dd", "MM"));

    /// <summary>Whether it begins with the month in digits, and the day follows.</summary>
    public bool IsMonthFirst => Formats.Any(format => Begins(format, "MM", "dd"));

    private static bool Begins(string format, string first, string second) =>
        format.Length >= 6 && format.StartsWith(first, StringComparison.Ordinal) && format.AsSpan(3).StartsWith(second, StringComparison.Ordinal)
        && format[5] == format[2];
}
