using System.Text;

namespace EntityImport.Conversion.Texts;

/// <summary>Texts written so that a spreadsheet shows them as they are, instead of what it takes them for.</summary>
internal static class SpreadsheetCell
{
    /// <summary>The text that a cell means: that of <c>="00123"</c>, or what stands behind the apostrophe of <c>'-4</c>; any other text itself.</summary>
    public static ReadOnlySpan<byte> Unwrap(ReadOnlySpan<byte> text, TextRoom room) => text switch
    {
        [(byte)'=', (byte)'"', .. var inside, (byte)'"'] => Undouble(text, inside, room),
        // 's-Hertogenbosch is a town.
        [(byte)'\'', .. { Length: > 0 } behind] when !BeginsWithLetter(behind) => behind,
        _ => text,
    };

    private static bool BeginsWithLetter(ReadOnlySpan<byte> text)
    {
        _ = Rune.DecodeFromUtf8(text, out var rune, out _);
        return Rune.IsLetter(rune);
    }

    private static ReadOnlySpan<byte> Undouble(ReadOnlySpan<byte> text, ReadOnlySpan<byte> inside, TextRoom room)
    {
        if (!inside.Contains((byte)'"')) return inside;
        var undoubled = room.Bytes(inside.Length);
        var length = 0;
        for (var i = 0; i < inside.Length; i++)
        {
            // A quote that is not doubled ends the text: ="a"&"b" is a formula.
            if (inside[i] == '"' && (++i == inside.Length || inside[i] != '"')) return text;
            undoubled[length++] = inside[i];
        }

        return undoubled[..length];
    }
}
