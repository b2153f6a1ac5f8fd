using System.Text;
using EntityImport.Conversion.Locales;

namespace EntityImport.Conversion.Dates;

/// <summary>One element of a pattern, ready to be read.</summary>
internal readonly struct DateStep
{
    /// <summary>Compiles an element.</summary>
    /// <param name="element">The element.</param>
    /// <param name="next">The element right after it; null at the end of the pattern.</param>
    /// <param name="locale">Whose names are read.</param>
    public DateStep(PatternElement element, PatternElement? next, LocaleData locale)
    {
        Letter = element is { IsName: true, Letter: 'M' or 'L' } ? 'N' : element.Letter;
        Count = element.Count;
        Literal = Encoding.UTF8.GetBytes(element.Literal);
        Width = element.IsNumber && next is { IsNumber: true } ? element.Count : 0;
        IsBeforePeriod = next is { } literal && literal.Literal.StartsWith('.');
        Names = Letter switch
        {
            'N' => locale.MonthTrie,
            'E' => locale.WeekdayTrie,
            'a' => locale.DayHalfTrie,
            'G' => locale.EraTrie,
            _ => null,
        };
    }

    /// <summary>The letter; <c>N</c> for months that are names, NUL for literal text.</summary>
    public char Letter { get; }

    /// <summary>How often the letter stands in the pattern.</summary>
    public int Count { get; }

    /// <summary>The text that must stand there.</summary>
    public byte[] Literal { get; }

    /// <summary>The characters that a number takes at most, because another follows right after it; 0 means as many digits as there are.</summary>
    public int Width { get; }

    /// <summary>Whether the pattern goes on with a period.</summary>
    public bool IsBeforePeriod { get; }

    /// <summary>The names that are read; null where the step reads none.</summary>
    public NameTrie? Names { get; }
}
