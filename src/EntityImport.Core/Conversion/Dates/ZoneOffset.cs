using System.Text;

namespace EntityImport.Conversion.Dates;

/// <summary>Reads time zones: offsets from UTC, <c>GMT</c> and <c>UTC</c>. Zones with names and rules are not read.</summary>
internal static class ZoneOffset
{
    /// <summary>Reads a zone at the beginning of a text.</summary>
    /// <param name="text">UTF-8 text, after any spaces.</param>
    /// <param name="letter">The pattern's letter: <c>X</c> as in ISO 8601, <c>z</c> or <c>Z</c> as in RFC 822 or words.</param>
    /// <param name="count">How often the letter stands in the pattern.</param>
    /// <param name="allowsGmt">Whether <c>GMT</c> may stand there: not after spaces that were skipped.</param>
    /// <param name="length">Length of the zone in bytes.</param>
    /// <param name="minutes">What local time is ahead of UTC.</param>
    public static bool TryRead(ReadOnlySpan<byte> text, char letter, int count, bool allowsGmt, out int length, out int minutes)
    {
        length = 1;
        minutes = 0;
        if (text.IsEmpty) return false;
        if (letter == 'X')
        {
            if (text[0] == 'Z') return true;
            return TryReadOffset(text, hasMinutes: count > 1, hasColon: count == 3, allowsOneDigit: false, out length, out minutes);
        }

        if (text[0] is (byte)'+' or (byte)'-')
            return TryReadOffset(text, hasMinutes: true, hasColon: false, allowsOneDigit: false, out length, out minutes);
        if (text.Length < 3) return false;
        length = 3;
        if (Ascii.EqualsIgnoreCase(text[..3], "UTC"u8)) return true;
        if (!allowsGmt || !Ascii.EqualsIgnoreCase(text[..3], "GMT"u8)) return false;
        if (text.Length == 3 || text[3] is not ((byte)'+' or (byte)'-')) return true;
        if (!TryReadOffset(text[3..], hasMinutes: true, hasColon: true, allowsOneDigit: true, out length, out minutes)) return false;
        length += 3;
        return true;
    }

    private static bool TryReadOffset(ReadOnlySpan<byte> text, bool hasMinutes, bool hasColon, bool allowsOneDigit, out int length, out int minutes)
    {
        minutes = 0;
        length = 1;
        if (text[0] is not ((byte)'+' or (byte)'-')) return false;
        if (!TryReadTwoDigits(text, ref length, out var hours))
        {
            if (!allowsOneDigit || text.Length < 2 || !char.IsAsciiDigit((char)text[1])) return false;
            hours = text[1] - '0';
            length = 2;
        }

        var rest = 0;
        if (hasMinutes)
        {
            if (hasColon && (length >= text.Length || text[length++] != ':')) return false;
            if (!TryReadTwoDigits(text, ref length, out rest)) return false;
        }

        if (hours > 23 || rest > 59) return false;
        minutes = (hours * 60 + rest) * (text[0] == '-' ? -1 : 1);
        return true;
    }

    private static bool TryReadTwoDigits(ReadOnlySpan<byte> text, ref int position, out int number)
    {
        number = 0;
        if (text.Length < position + 2) return false;
        var tens = text[position] - '0';
        var ones = text[position + 1] - '0';
        if ((uint)tens > 9 || (uint)ones > 9) return false;
        number = tens * 10 + ones;
        position += 2;
        return true;
    }
}
