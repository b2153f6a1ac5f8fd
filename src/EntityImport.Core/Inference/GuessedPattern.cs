namespace EntityImport.Inference;

/// <summary>A <c>SimpleDateFormat</c> pattern.</summary>
/// <param name="Text">The pattern.</param>
/// <param name="IsDateTime">Whether it has a time of day.</param>
internal readonly record struct GuessedPattern(string Text, bool IsDateTime)
{
    /// <summary>Whether it begins with the day, in digits, and the month in digits follows.</summary>
    public bool IsDayFirst => Begins("dd", "MM");

    /// <summary>Whether it begins with the month in digits, and the day follows.</summary>
    public bool IsMonthFirst => Begins("MM", "dd");

    private bool Begins(string first, string second) =>
        Text.Length >= 6 && Text.StartsWith(first, StringComparison.Ordinal) && Text.AsSpan(3).StartsWith(second, StringComparison.Ordinal)
        && Text[5] == Text[2];
}
