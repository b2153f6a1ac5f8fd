namespace EntityImport.Encodings;

/// <summary>The pieces of a file that are not ASCII, each once: what its encoding is judged by.</summary>
/// <remarks>
/// A piece ends at bytes that are ASCII in every encoding that is weighed: below the digits, and the punctuation behind them. Letters and digits may be the second half of a character.
/// </remarks>
internal static class ForeignText
{
    private const int MaxPieces = 1_200;
    private const int MaxPieceBytes = 200;

    /// <summary>Finds the pieces.</summary>
    /// <param name="bytes">The bytes, which are ASCII but for some.</param>
    /// <param name="isWholeFile">Whether the file ends with them; else the last piece is left out, which may be cut.</param>
    public static List<ForeignPiece> Find(ReadOnlySpan<byte> bytes, bool isWholeFile)
    {
        var pieces = new List<ForeignPiece>();
        var known = new HashSet<string>(StringComparer.Ordinal);
        var counted = 0;
        var line = 1L;
        for (var at = 0; pieces.Count < MaxPieces;)
        {
            var found = bytes[at..].IndexOfAnyInRange((byte)0x80, (byte)0xFF);
            if (found < 0) break;
            var start = at + found;
            while (start > at && !IsBorder(bytes[start - 1])) start--;
            var end = at + found;
            while (end < bytes.Length && !IsBorder(bytes[end])) end++;
            if (end == bytes.Length && !isWholeFile) break;
            line += CountLines(bytes[counted..start]);
            counted = start;
            at = end;
            if (end - start > MaxPieceBytes) end = Cut(bytes, start);
            var piece = bytes[start..end];
            if (known.Add(Convert.ToHexString(piece))) pieces.Add(new ForeignPiece(piece.ToArray(), line));
        }

        return pieces;
    }

    private static bool IsBorder(byte value) => value is < (byte)'0' or (> (byte)'9' and < (byte)'@');

    /// <summary>Where a piece without borders is cut: behind an ASCII byte if possible, so that no character is.</summary>
    private static int Cut(ReadOnlySpan<byte> bytes, int start)
    {
        var last = bytes.Slice(start, MaxPieceBytes).LastIndexOfAnyInRange((byte)0, (byte)0x3F);
        return last > 0 ? start + last : start + MaxPieceBytes;
    }

    private static int CountLines(ReadOnlySpan<byte> bytes) =>
        bytes.Contains((byte)'\n') ? bytes.Count((byte)'\n') : bytes.Count((byte)'\r');
}

/// <summary>Bytes that are not all ASCII, and the line on which they occur first, from 1.</summary>
internal readonly record struct ForeignPiece(byte[] Bytes, long Line);
