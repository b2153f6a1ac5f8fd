using System.Globalization;
using System.Text;
using EntityImport.Rows;

namespace EntityImport.Conversion.Booleans;

/// <summary>Reads words for true and false: 1 or 0.</summary>
internal readonly struct BooleanParser : IValueParser<byte>
{
    /// <summary>The most characters of each list that are shown.</summary>
    private const int MaxShownCharacters = 60;

    private static readonly WordList BuiltInTrue = ["true", "yes", "y", "t", "1", "on"];
    private static readonly WordList BuiltInFalse = ["false", "no", "n", "f", "0", "off"];

    private readonly WordList _true;
    private readonly WordList _false;

    /// <summary>Makes a parser.</summary>
    /// <param name="trueWords">Words for true; empty means the built-in ones.</param>
    /// <param name="falseWords">Words for false; empty means the built-in ones.</param>
    public BooleanParser(WordList trueWords, WordList falseWords)
    {
        _true = trueWords.Count > 0 ? trueWords : Without(BuiltInTrue, falseWords);
        _false = falseWords.Count > 0 ? falseWords : Without(BuiltInFalse, trueWords);
    }

    public string Expected => $"one of {Show(_true)} for true, {Show(_false)} for false";

    public FaultCode Parse(ReadOnlySpan<byte> text, out byte value)
    {
        value = 1;
        if (_true.Contains(text)) return FaultCode.None;
        value = 0;
        if (_false.Contains(text)) return FaultCode.None;

        // An exact match goes first, because words may differ by letter case alone. What then could be either, is neither.
        var isTrue = _true.ContainsInAnyCase(text);
        if (isTrue) value = 1;
        return isTrue != _false.ContainsInAnyCase(text) ? FaultCode.None : FaultCode.BooleanFormat;
    }

    public string? Hint(ReadOnlySpan<byte> text, FaultCode code) => null;

    // A word that is configured for the other value is none of this one's built-in words.
    private static WordList Without(WordList builtIn, WordList others) =>
        others.Count == 0 ? builtIn : [.. builtIn.Where(word => !others.ContainsInAnyCase(Encoding.UTF8.GetBytes(word)))];

    /// <summary>The first words, and how many more there are.</summary>
    private static string Show(WordList words)
    {
        var shown = new StringBuilder();
        for (var i = 0; i < words.Count; i++)
        {
            if (shown.Length + words[i].Length > MaxShownCharacters && i > 0)
                return shown.Append(CultureInfo.InvariantCulture, $" and {words.Count - i} more").ToString();
            shown.Append(i > 0 ? ", " : "").Append(ShownText.Fit(words[i], MaxShownCharacters + 1));
        }

        return shown.ToString();
    }
}
