using System.Text;

namespace EntityImport.Conversion.Booleans;

/// <summary>Reads words for true and false: 1 or 0.</summary>
internal readonly struct BooleanParser : IValueParser<byte>
{
    private static readonly string[] BuiltInTrue = ["true", "yes", "y", "t", "1", "on"];
    private static readonly string[] BuiltInFalse = ["false", "no", "n", "f", "0", "off"];

    private readonly byte[][] _true;
    private readonly byte[][] _false;

    /// <summary>Compiles the words.</summary>
    /// <param name="trueWords">Words for true; empty means the built-in ones.</param>
    /// <param name="falseWords">Words for false; empty means the built-in ones.</param>
    public BooleanParser(IReadOnlyList<string> trueWords, IReadOnlyList<string> falseWords)
    {
        _true = Compile(trueWords, BuiltInTrue, falseWords);
        _false = Compile(falseWords, BuiltInFalse, trueWords);
    }

    public string Expected =>
        $"one of {string.Join(", ", _true.Select(Encoding.UTF8.GetString))} for true, {string.Join(", ", _false.Select(Encoding.UTF8.GetString))} for false";

    public FaultCode Parse(ReadOnlySpan<byte> text, out byte value)
    {
        value = 1;
        if (Contains(_true, text)) return FaultCode.None;
        if (Contains(_false, text))
        {
            value = 0;
            return FaultCode.None;
        }

        // An exact match goes first, because words may differ by letter case alone.
        if (ContainsIgnoreCase(_true, text)) return FaultCode.None;
        value = 0;
        return ContainsIgnoreCase(_false, text) ? FaultCode.None : FaultCode.BooleanFormat;
    }

    public string? Hint(ReadOnlySpan<byte> text, FaultCode code) => null;

    // A word that is configured for the other value is none of this one's built-in words.
    private static byte[][] Compile(IReadOnlyList<string> words, string[] builtIn, IReadOnlyList<string> others) =>
        [.. (words.Count > 0 ? words : builtIn.Except(others, StringComparer.OrdinalIgnoreCase)).Select(Encoding.UTF8.GetBytes)];

    private static bool Contains(byte[][] words, ReadOnlySpan<byte> text)
    {
        foreach (var word in words)
            if (text.SequenceEqual(word)) return true;
        return false;
    }

    private static bool ContainsIgnoreCase(byte[][] words, ReadOnlySpan<byte> text)
    {
        foreach (var word in words)
            if (EqualsIgnoreCase(word, text)) return true;
        return false;
    }

    // Letters outside ASCII must be equal.
    private static bool EqualsIgnoreCase(byte[] word, ReadOnlySpan<byte> text)
    {
        if (word.Length != text.Length) return false;
        for (var i = 0; i < word.Length; i++)
        {
            if (word[i] == text[i]) continue;
            if ((word[i] | 0x20) != (text[i] | 0x20) || !char.IsAsciiLetter((char)word[i])) return false;
        }

        return true;
    }
}
