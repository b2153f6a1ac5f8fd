using System.Text;

namespace EntityImport.Inputs;

/// <summary>
/// How texts stand in a safe copy of an error file: no spreadsheet takes one of them for a formula, or for a number or date that it would write in another way, and each comes back exactly.
/// </summary>
/// <remarks>
/// A text that needs it is protected: <see cref="Mark"/> stands before it, and inside before each of <c>= + - @</c> that follows neither a letter nor a digit. A spreadsheet
/// that knows another delimiter or no quotes cuts texts at other places, but wherever it does, no cell begins with one of them. A text that begins with the mark is protected,
/// too; so what does not begin with it stands for itself, and what somebody typed instead of a protected text is taken as it was typed.
/// The mark is no apostrophe, which spreadsheets drop when a cell is edited, and with which names begin.
/// </remarks>
internal static class SafeText
{
    /// <summary>The mark of protected texts: a backtick.</summary>
    public const byte Mark = (byte)'`';

    /// <summary>Days and months have up to three words, <c>5 de março de 2024</c>; longer texts with digits in them are no values.</summary>
    private const int MostWordsOfValues = 3;

    /// <summary>Longer whole numbers lose digits in spreadsheets.</summary>
    private const int MostDigitsKept = 15;

    /// <summary>Whether a formula may begin with a character: <c>= + - @</c>, and what Unicode knows as other forms of them.</summary>
    public static bool BeginsFormulas(Rune rune) => rune.Value is '=' or '+' or '-' or '@' or 0xFE62 or 0xFE63 or 0xFE66 or 0xFE6B or 0xFF0B or 0xFF0D or 0xFF1D or 0xFF20;

    /// <summary>Appends a text as a safe copy has it.</summary>
    /// <param name="text">The text in UTF-8; bytes that are none are kept.</param>
    /// <param name="always">Whether it is protected even if it need not be.</param>
    /// <param name="target">Where it goes.</param>
    public static void Protect(ReadOnlySpan<byte> text, bool always, MemoryStream target)
    {
        if (always || NeedsProtection(text))
        {
            target.WriteByte(Mark);
            // That mark stands before the first character already.
            var isFirst = true;
            for (Rune before = default; !text.IsEmpty; isFirst = false)
            {
                _ = Rune.DecodeFromUtf8(text, out var rune, out var length);
                if (!isFirst && IsExposed(before, rune)) target.WriteByte(Mark);
                target.Write(text[..length]);
                text = text[length..];
                before = rune;
            }
        }
        else
        {
            target.Write(text);
        }
    }

    /// <summary>Appends the text that a cell of a safe copy stands for.</summary>
    public static void Unprotect(ReadOnlySpan<byte> cell, MemoryStream target)
    {
        if (cell.IsEmpty || cell[0] != Mark)
        {
            target.Write(cell);
            return;
        }

        for (var text = cell[1..]; !text.IsEmpty;)
        {
            // Of the marks right before such a character one was added, whatever the others are for.
            var marks = text.IndexOfAnyExcept(Mark);
            if (marks < 0) marks = text.Length;
            _ = Rune.DecodeFromUtf8(text[marks..], out var rune, out var length);
            var added = marks > 0 && BeginsFormulas(rune) ? 1 : 0;
            target.Write(text[added..(marks + length)]);
            text = text[(marks + length)..];
        }
    }

    private static bool NeedsProtection(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty) return false;
        if (text[0] is Mark or (byte)'\t' or (byte)'\n' or (byte)'\r') return true;
        var (words, digits, isWord) = (0, 0, false);
        var rest = text;
        for (Rune before = default; !rest.IsEmpty;)
        {
            _ = Rune.DecodeFromUtf8(rest, out var rune, out var length);
            if (IsExposed(before, rune)) return true;
            if (Rune.IsDigit(rune)) digits++;
            if (Rune.IsLetter(rune) && !isWord) words++;
            isWord = Rune.IsLetter(rune);
            rest = rest[length..];
            before = rune;
        }

        var isPlainNumber = text.Length <= MostDigitsKept && !text.ContainsAnyExceptInRange((byte)'0', (byte)'9') && (text[0] != '0' || text.Length == 1);
        return (digits > 0 && words <= MostWordsOfValues && !isPlainNumber) || Ascii.EqualsIgnoreCase(text, "true"u8) || Ascii.EqualsIgnoreCase(text, "false"u8);
    }

    /// <summary>Whether a cell may begin with a character in a spreadsheet that knows another delimiter, quote or line end.</summary>
    private static bool IsExposed(Rune before, Rune rune) => BeginsFormulas(rune) && !Rune.IsLetterOrDigit(before);
}
