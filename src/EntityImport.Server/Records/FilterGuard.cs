using System.Text.RegularExpressions;

namespace EntityImport.Server.Records;

/// <summary>Bounds what the OData library is given to read: how long it is, how deep, and which characters stand outside of quotes.</summary>
internal static partial class FilterGuard
{
    /// <summary>How deep parentheses, functions and <c>not</c> may be nested.</summary>
    public const int MaxDepth = 50;

    /// <summary>The longest text of an option, in characters.</summary>
    public const int MaxLength = 16 * 1024;

    /// <summary>
    /// How many operators a text may have. The library descends once for each that follows another, however flat the condition is, and whoever fills the stack of a thread
    /// ends the process. Two hundred negated comparisons, joined, have as many.
    /// </summary>
    private const int MaxOperators = 600;

    /// <summary>Passes a text, or says what is wrong with it. Positions count from 0, as they do in what the library says.</summary>
    /// <exception cref="FormatException">The text is refused.</exception>
    public static void Check(string text)
    {
        if (text.Length > MaxLength) throw new FormatException($"It has more than {MaxLength} characters.");
        var operators = 0;
        foreach (var match in OperatorsAndTexts().EnumerateMatches(text))
            if (text[match.Index] != '\'' && ++operators > MaxOperators) throw new FormatException($"It has more than {MaxOperators} operators.");
        var depth = 0;
        var quote = -1;
        var isQuoted = false;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '\'')
            {
                // A doubled quote ends a text and goes on with it at once.
                if (!isQuoted && (quote < 0 || text[i - 1] != '\'')) quote = i;
                isQuoted = !isQuoted;
            }
            else if (!isQuoted)
            {
                if (!char.IsAsciiLetterOrDigit(c) && !char.IsWhiteSpace(c) && !"_.,:+-()".Contains(c, StringComparison.Ordinal))
                    throw new FormatException($"Unexpected '{c}' at position {i}.{(c is '=' or '<' or '>' or '!' ? " Comparisons are eq, ne, gt, ge, lt and le: name eq 'Iceland'." : "")}");
                if (c == '(' && ++depth > MaxDepth) throw TooDeep();
                if (c == ')' && --depth < 0) throw new FormatException($"Unexpected ')' at position {i}.");
            }
        }

        if (isQuoted) throw new FormatException($"The text that begins at position {quote} has no closing quote.");
        if (depth > 0) throw new FormatException("Expected ')', not the end.");
        if (string.IsNullOrWhiteSpace(text)) throw new FormatException("Expected an expression, not the end.");
    }

    /// <summary>The refusal of what is nested too deep.</summary>
    public static FormatException TooDeep() => new($"The condition is nested deeper than {MaxDepth} levels.");

    // Texts in quotes match as well, so that nothing in them does; a minus before a digit belongs to a number or a date.
    [GeneratedRegex(
        "'[^']*' | (?<![A-Za-z0-9_]) (?:and|or|not|eq|ne|lt|le|gt|ge|in|has|add|sub|mul|div|divby|mod) (?![A-Za-z0-9_]) | -(?![0-9])",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex OperatorsAndTexts();
}
