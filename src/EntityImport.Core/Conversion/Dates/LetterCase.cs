namespace EntityImport.Conversion.Dates;

/// <summary>When two letters of a name are equal ignoring case.</summary>
/// <remarks>
/// As in <c>String.regionMatches(ignoreCase)</c> of the JDK: letter by letter and without a locale. So <c>i I ı İ</c> are all equal, in
/// Turkish names as in English ones, and accents are significant.
/// </remarks>
internal static class LetterCase
{
    /// <summary>The character that stands for all that equal it; also for the three spaces that are the same inside a name.</summary>
    public static char Fold(char letter)
    {
        if (char.IsAscii(letter)) return char.ToLowerInvariant(letter);
        return letter switch
        {
            '\u00A0' or '\u202F' => ' ',
            // The platform leaves these alone, the JDK does not.
            'ı' or 'İ' => 'i',
            'ſ' => 's',
            '\u212A' => 'k',
            '\u212B' => 'å',
            '\u2126' => 'ω',
            _ => char.ToLowerInvariant(char.ToUpperInvariant(letter)),
        };
    }
}
