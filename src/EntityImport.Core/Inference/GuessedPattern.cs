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

    /// <summary>Whether dots stand between its parts.</summary>
    public bool HasDots => Text.Length > 2 && Text[2] == '.';

    /// <summary>Whether the month is a name, and the day stands before it.</summary>
    public bool IsDayBeforeName => FindName() is > 0 and var name && Text.IndexOf("dd", StringComparison.Ordinal) < name;

    /// <summary>Whether the month is a name, and the day stands behind it.</summary>
    public bool IsNameBeforeDay => FindName() is >= 0 and var name && Text.IndexOf("dd", StringComparison.Ordinal) > name;

    private int FindName() => Text.IndexOf("MMM", StringComparison.Ordinal);

    private bool Begins(string first, string second) =>
        Text.Length >= 6 && Text.StartsWith(first, StringComparison.Ordinal) && Text.AsSpan(3).StartsWith(second, StringComparison.Ordinal)
        && Text[5] == Text[2];
}
