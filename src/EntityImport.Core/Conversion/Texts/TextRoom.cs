namespace EntityImport.Conversion.Texts;

/// <summary>Where texts are made that do not stand in the file. Reused from text to text; not thread-safe.</summary>
internal sealed class TextRoom
{
    private byte[] _bytes = [];
    private char[] _chars = [];
    private char[] _otherChars = [];

    /// <summary>Room for a text in UTF-8.</summary>
    public Span<byte> Bytes(int length)
    {
        if (_bytes.Length < length) _bytes = new byte[Math.Max(length, 2 * _bytes.Length)];
        return _bytes;
    }

    /// <summary>Room for characters.</summary>
    public Span<char> Chars(int length)
    {
        if (_chars.Length < length) _chars = new char[Math.Max(length, 2 * _chars.Length)];
        return _chars;
    }

    /// <summary>Room for what is made of the characters in <see cref="Chars"/>, which stay where they are until the next call.</summary>
    public Span<char> NextChars(int length)
    {
        (_chars, _otherChars) = (_otherChars, _chars);
        return Chars(length);
    }
}
