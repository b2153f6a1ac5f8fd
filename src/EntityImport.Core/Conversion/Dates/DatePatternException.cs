namespace EntityImport.Conversion.Dates;

/// <summary>A date pattern that cannot work, or that would only mislead.</summary>
public sealed class DatePatternException : FormatException
{
    internal DatePatternException(string pattern, int position, string reason, string? likelyMeant = null)
        : base(Compose(pattern, position, reason, likelyMeant))
    {
        Pattern = pattern;
        Position = position;
        LikelyMeant = likelyMeant;
    }

    /// <summary>The pattern.</summary>
    public string Pattern { get; }

    /// <summary>Where in the pattern the fault lies, in UTF-16 units from 1.</summary>
    public int Position { get; }

    /// <summary>The pattern that was probably meant; null where none suggests itself.</summary>
    public string? LikelyMeant { get; }

    private static string Compose(string pattern, int position, string reason, string? likelyMeant) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"The date pattern '{ShownText.Cut(pattern)}' cannot be used: {reason} (position {position}).")
        + (likelyMeant is null ? "" : $" Probably '{ShownText.Cut(likelyMeant)}' is meant.");
}
