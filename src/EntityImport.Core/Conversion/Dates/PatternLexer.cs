using System.Text;

namespace EntityImport.Conversion.Dates;

/// <summary>Splits a date pattern into its elements.</summary>
internal static class PatternLexer
{
    /// <summary>Every letter that a pattern may contain outside quotes.</summary>
    public const string Letters = "GyYMLwWdDFEuaHkKhmsSzZX";

    /// <summary>Splits a pattern. Neighbouring literals become one element; <c>''</c> is a quote, inside quotes and outside.</summary>
    /// <exception cref="DatePatternException">A quote does not close, or a letter has no meaning.</exception>
    public static IReadOnlyList<PatternElement> Split(string pattern)
    {
        var elements = new List<PatternElement>();
        var literal = new StringBuilder();
        var literalPosition = 0;
        var quotePosition = 0;
        for (var i = 0; i < pattern.Length; i++)
        {
            var letter = pattern[i];
            if (letter == '\'' && i + 1 < pattern.Length && pattern[i + 1] == '\'')
            {
                AddLiteral(letter, i++);
            }
            else if (letter == '\'')
            {
                quotePosition = quotePosition > 0 ? 0 : i + 1;
            }
            else if (quotePosition > 0 || !char.IsAsciiLetter(letter))
            {
                AddLiteral(letter, i);
            }
            else
            {
                EndLiteral();
                var count = 1;
                while (i + count < pattern.Length && pattern[i + count] == letter) count++;
                if (!Letters.Contains(letter, StringComparison.Ordinal)) throw DatePatternFaults.UnknownLetter(pattern, i, count);
                elements.Add(new PatternElement(letter, count, i + 1, ""));
                i += count - 1;
            }
        }

        if (quotePosition > 0) throw DatePatternFaults.UnclosedQuote(pattern, quotePosition);
        EndLiteral();
        return elements;

        void AddLiteral(char character, int index)
        {
            if (literal.Length == 0) literalPosition = index + 1;
            literal.Append(character);
        }

        void EndLiteral()
        {
            if (literal.Length > 0) elements.Add(new PatternElement('\0', 0, literalPosition, literal.ToString()));
            literal.Clear();
        }
    }
}
