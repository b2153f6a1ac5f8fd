namespace EntityImport.Conversion.Locales;

/// <summary>The names that a locale has for the members of a series, such as its months. Immutable.</summary>
/// <param name="Full">Full names as within a date.</param>
/// <param name="Short">Abbreviations as within a date.</param>
/// <param name="FullAlone">Full names as they stand alone.</param>
/// <param name="ShortAlone">Abbreviations as they stand alone.</param>
public sealed record LocaleNames(
    IReadOnlyList<string> Full,
    IReadOnlyList<string> Short,
    IReadOnlyList<string> FullAlone,
    IReadOnlyList<string> ShortAlone)
{
    /// <summary>Names that other versions of the locale data use.</summary>
    public IReadOnlyList<AlternativeName> Alternatives { get; init; } = [];
}

/// <summary>A name that another version of the locale data uses.</summary>
/// <param name="Index">Index of the member in its series, from 0.</param>
/// <param name="Name">The name.</param>
/// <param name="IsShort">Whether it is an abbreviation.</param>
public readonly record struct AlternativeName(int Index, string Name, bool IsShort);
