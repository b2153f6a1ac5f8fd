using System.Text;

namespace EntityImport.Csv;

/// <summary>
/// Bytes that are no character of a file's encoding: which they are, and how they stand in the UTF-8 that the file is turned into, so that the field that holds them is refused and can tell them.
/// </summary>
/// <remarks>A mark is the byte 0xFF, which is no UTF-8, and the bad byte in two that are none without a first one, so that no delimiter, quote or line end is in it.</remarks>
internal static class BadBytes
{
    /// <summary>The byte that a mark begins with.</summary>
    public const byte Marker = 0xFF;

    /// <summary>The length of a mark.</summary>
    public const int MarkBytes = 3;

    /// <summary>Writes a mark; answers its length.</summary>
    public static int Write(Span<byte> target, byte bad)
    {
        target[0] = Marker;
        target[1] = (byte)(0x80 | (bad >> 6));
        target[2] = (byte)(0x80 | (bad & 0x3F));
        return MarkBytes;
    }

    /// <summary>The bad byte at the beginning of a text that is no UTF-8 there, and how many bytes stand for it: a mark, or the byte itself in a file that was not turned into UTF-8.</summary>
    public static (byte Bad, int Length) Read(ReadOnlySpan<byte> text) => text is [Marker, >= 0x80 and < 0x84, >= 0x80 and < 0xC0, ..]
        ? ((byte)(((text[1] & 3) << 6) | (text[2] & 0x3F)), MarkBytes)
        : (text[0], 1);

    /// <summary>The first bad byte of a text, and whether it is marked; null where there is none.</summary>
    public static (byte Bad, bool IsMarked)? Find(ReadOnlySpan<byte> text)
    {
        while (!text.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(text, out _, out var length) != System.Buffers.OperationStatus.Done)
            {
                var (bad, marked) = Read(text);
                return (bad, marked == MarkBytes);
            }

            text = text[length..];
        }

        return null;
    }

    /// <summary>What each byte alone is in a code page; null where it does not define it, or where it begins a character of several bytes.</summary>
    /// <remarks>.NET reads some bytes that are not defined as control characters or private ones, which would be values that nobody wrote.</remarks>
    /// <param name="encoding">An encoding that is not one of all Unicode's.</param>
    public static char?[] Characters(Encoding encoding)
    {
        var strict = Encoding.GetEncoding(encoding.CodePage, EncoderFallback.ReplacementFallback, DecoderFallback.ExceptionFallback);
        // In EBCDIC bytes from 0x80 on are letters, and control characters stand elsewhere.
        var isAscii = strict.GetString("Aa0,"u8) == "Aa0,";
        var characters = new char?[256];
        for (var code = 0; code < characters.Length; code++)
        {
            if (Alone(strict, (byte)code) is { } character && !IsMadeUp(character, isAscii && code >= 0x80)) characters[code] = character;
        }

        return characters;
    }

    /// <summary>The character that an encoding makes of a byte alone; null where it makes none.</summary>
    public static char? Alone(Encoding strict, byte value)
    {
        try
        {
            return strict.GetString([value]) is [var character] ? character : null;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static bool IsMadeUp(char character, bool isAbove) =>
        character is '\uFFFD' or (>= '\uF700' and <= '\uF8FE') || (isAbove && character is < '\u00A0');
}
