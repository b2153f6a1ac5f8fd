using System.Text;

namespace EntityImport.Conversion.Texts;

/// <summary>Texts that stand for zero, alone or beside a currency symbol and spaces, as accounting cells have it: <c>-</c>, <c>$ -</c>. Immutable and thread-safe.</summary>
internal sealed class ZeroWords(WordList words, IReadOnlyList<string> currencySymbols)
{
    private readonly byte[][] _currencies = [.. currencySymbols.Select(Encoding.UTF8.GetBytes).OrderByDescending(symbol => symbol.Length)];

    /// <summary>Whether the text is zero.</summary>
    public bool Contains(ReadOnlySpan<byte> text)
    {
        if (words.Contains(text)) return true;
        var bare = CutSpaces(text);
        if (words.Contains(bare)) return true;
        foreach (var symbol in _currencies)
        {
            if (bare.StartsWith(symbol) && words.Contains(CutSpaces(bare[symbol.Length..]))) return true;
            if (bare.EndsWith(symbol) && words.Contains(CutSpaces(bare[..^symbol.Length]))) return true;
        }

        return false;
    }

    /// <summary>The text without the spaces that a number may have beside its symbol, any number of them: accounting cells are filled up.</summary>
    private static ReadOnlySpan<byte> CutSpaces(ReadOnlySpan<byte> text)
    {
        while (SpaceAtStart(text) is > 0 and var length) text = text[length..];
        while (SpaceAtEnd(text) is > 0 and var length) text = text[..^length];
        return text;
    }

    private static int SpaceAtStart(ReadOnlySpan<byte> text) =>
        text.StartsWith(" "u8) ? 1 : text.StartsWith("\u00A0"u8) ? 2 : text.StartsWith("\u202F"u8) ? 3 : 0;

    private static int SpaceAtEnd(ReadOnlySpan<byte> text) =>
        text.EndsWith(" "u8) ? 1 : text.EndsWith("\u00A0"u8) ? 2 : text.EndsWith("\u202F"u8) ? 3 : 0;
}
