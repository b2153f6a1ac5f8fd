using System.Text;

namespace EntityImport.Conversion.Texts;

/// <summary>Guesses what the writer of a value of any type meant that is refused: what has been put around it, or into it, where nobody sees it.</summary>
internal static class TextHints
{
    private const string Apostrophe = "an apostrophe stands before it, as a spreadsheet writes what it must not change; spreadsheetText UNWRAP reads it without";

    private const string Formula = "it is written as a formula, as for a spreadsheet that must not change it; spreadsheetText UNWRAP reads what is in the quotes";

    private static readonly (string Open, string Close)[] Quotes = [("“", "”"), ("„", "“"), ("”", "”"), ("‘", "’"), ("‚", "‘"), ("’", "’"), ("«", "»"), ("\"", "\""), ("'", "'")];

    /// <summary>A hint, or null.</summary>
    /// <param name="text">The refused text.</param>
    /// <param name="reads">Whether another text would be read.</param>
    public static string? Find(ReadOnlySpan<byte> text, Func<ReadOnlySpan<byte>, bool> reads)
    {
        if (text.IsEmpty) return null;
        var unwrapped = SpreadsheetCell.Unwrap(text, new TextRoom());
        if (unwrapped.Length < text.Length && reads(unwrapped)) return text[0] == '=' ? Formula : Apostrophe;
        var written = Encoding.UTF8.GetString(text);
        foreach (var (open, close) in Quotes)
        {
            if (written.Length > 2 && written.StartsWith(open, StringComparison.Ordinal) && written.EndsWith(close, StringComparison.Ordinal) && reads(Encoding.UTF8.GetBytes(written[1..^1])))
                return $"it stands in the quotes {open} and {close}, which are not those of the file";
        }

        return FindInside(written, UnseenCharacters.MustBeNamed, reads);
    }

    /// <summary>Names the first of some characters without which the text would be read; null where it would not.</summary>
    internal static string? FindInside(string text, Func<Rune, bool> isMeant, Func<ReadOnlySpan<byte>, bool> reads)
    {
        if (!text.EnumerateRunes().Any(isMeant)) return null;
        var first = text.EnumerateRunes().First(isMeant);
        var without = string.Concat(text.EnumerateRunes().Where(rune => !isMeant(rune)));
        return reads(Encoding.UTF8.GetBytes(without)) ? $"it has {(first.Value == ' ' ? "a space" : UnseenCharacters.Name(first))} inside" : null;
    }
}
