namespace EntityImport.Conversion.Dates;

/// <summary>Dates of zeros, such as <c>0000-00-00 00:00:00</c>, which some databases write where there is none.</summary>
internal static class ZeroDate
{
    private const int DateLength = 10;
    private const int MaxFractionLength = 10;

    private static readonly string[] Dates = ["0000-00-00", "0000/00/00", "0000.00.00", "00-00-0000", "00/00/0000", "00.00.0000"];

    /// <summary>Whether the text is one, alone or with a time of zeros.</summary>
    public static bool Is(ReadOnlySpan<char> text)
    {
        if (text.Length < DateLength || text[0] != '0') return false;
        foreach (var date in Dates)
            if (text.StartsWith(date, StringComparison.Ordinal)) return IsTime(text[DateLength..]);
        return false;
    }

    private static bool IsTime(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty) return true;
        if (text[0] is not (' ' or 'T') || !text[1..].StartsWith("00:00", StringComparison.Ordinal)) return false;
        text = text[6..];
        if (text.StartsWith(":00", StringComparison.Ordinal)) text = text[3..];
        if (text.EndsWith("Z", StringComparison.Ordinal)) text = text[..^1];
        return text.IsEmpty || (text[0] == '.' && text.Length is > 1 and <= MaxFractionLength && !text[1..].ContainsAnyExcept('0'));
    }
}
