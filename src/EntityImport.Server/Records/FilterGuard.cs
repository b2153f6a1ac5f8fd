namespace EntityImport.Server.Records;

/// <summary>Bounds what the OData library is given to read: how long it is, how deep, and which characters stand outside of quotes.</summary>
internal static class FilterGuard
{
    /// <summary>How deep parentheses, functions and <c>not</c> may be nested.</summary>
    public const int MaxDepth = 50;

    /// <summary>The longest text of an option, in characters.</summary>
    public const int MaxLength = 16 * 1024;

    /// <summary>Passes a text, or says what is wrong with it. Positions count from 0, as they do in what the library says.</summary>
    /// <exception cref="FormatException">The text is refused.</exception>
    public static void Check(string text)
    {
        if (text.Length > MaxLength) throw new FormatException($"It has more than {MaxLength} characters.");
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
                    throw new FormatException($"Unexpected '{c}' at position {i}.");
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
}
