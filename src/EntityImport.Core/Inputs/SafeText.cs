using System.Globalization;
using System.Text;

namespace EntityImport.Inputs;

/// <summary>
/// How texts stand in a safe copy of an error file: no spreadsheet takes one of them for a formula, or for a number or date that it would write in another way, and each comes back exactly.
/// </summary>
/// <remarks>
/// <para>
/// A text that needs it is protected: <see cref="Mark"/> stands before it, and inside before each of <c>= + - @</c> that follows neither a letter nor a digit. A spreadsheet
/// that knows another delimiter or no quotes cuts texts at other places, but wherever it does, no cell begins with one of them. A text that begins with the mark is protected,
/// too; so what does not begin with it stands for itself, and what somebody typed instead of a protected text is taken as it was typed.
/// </para>
/// <para>
/// Inside of protected texts, a mark, <c>x</c> and four hexadecimal digits are a character: those that spreadsheets drop, and, in texts so long that Excel goes on with them in the next row, each of
/// <c>= + - @</c>. The mark is no apostrophe, which spreadsheets drop when a cell is edited, and with which names begin.
/// </para>
/// </remarks>
internal static class SafeText
{
    /// <summary>The mark of protected texts: a backtick.</summary>
    public const byte Mark = (byte)'`';

    /// <summary>What stands behind a mark where a character follows as its number.</summary>
    private const byte Number = (byte)'x';

    private const int NumberDigits = 4;

    /// <summary>The most characters of a cell in Excel.</summary>
    private const int MostCharacters = 32_767;

    /// <summary>Dates have up to three words, <c>5 de março de 2024</c>; texts with more are no values.</summary>
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
        if (!always && !NeedsProtection(text))
        {
            target.Write(text);
            return;
        }

        var start = target.Length;
        WriteProtected(text, hasNone: false, target);
        if (target.Length - start <= MostCharacters) return;
        target.SetLength(start);
        WriteProtected(text, hasNone: true, target);
    }

    /// <summary>Appends the text that a cell of a safe copy stands for.</summary>
    public static void Unprotect(ReadOnlySpan<byte> cell, MemoryStream target)
    {
        if (cell.IsEmpty || cell[0] != Mark)
        {
            target.Write(cell);
            return;
        }

        Span<byte> character = stackalloc byte[4];
        for (var text = cell[1..]; !text.IsEmpty;)
        {
            // Of marks in a row only the last one may have been added.
            var marks = text.IndexOfAnyExcept(Mark);
            if (marks < 0) marks = text.Length;
            var behind = text[marks..];
            if (marks > 0 && ReadNumber(behind) is { } numbered)
            {
                target.Write(text[..(marks - 1)]);
                target.Write(character[..numbered.EncodeToUtf8(character)]);
                text = behind[(1 + NumberDigits)..];
                continue;
            }

            _ = Rune.DecodeFromUtf8(behind, out var rune, out var length);
            target.Write(text[(marks > 0 && BeginsFormulas(rune) ? 1 : 0)..(marks + length)]);
            text = behind[length..];
        }
    }

    private static bool NeedsProtection(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty) return false;
        if (text[0] is Mark or (byte)'\n' || text.IndexOfAny((byte)'\t', (byte)'\r') >= 0 || text.Length > MostCharacters) return true;
        var (words, hasDigit, isWord) = (0, false, false);
        var rest = text;
        for (Rune before = default; !rest.IsEmpty;)
        {
            _ = Rune.DecodeFromUtf8(rest, out var rune, out var length);
            if (IsExposed(before, rune)) return true;
            hasDigit |= Rune.IsDigit(rune);
            if (Rune.IsLetter(rune) && !isWord) words++;
            isWord = Rune.IsLetter(rune);
            rest = rest[length..];
            before = rune;
        }

        var isPlainNumber = text.Length <= MostDigitsKept && !text.ContainsAnyExceptInRange((byte)'0', (byte)'9') && (text[0] != '0' || text.Length == 1);
        return (hasDigit && words <= MostWordsOfValues && !isPlainNumber) || Ascii.EqualsIgnoreCase(text, "true"u8) || Ascii.EqualsIgnoreCase(text, "false"u8);
    }

    /// <summary>Writes a protected text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="hasNone">Whether it is to have none of the characters with which formulas begin, wherever they stand.</param>
    /// <param name="target">Where it goes.</param>
    private static void WriteProtected(ReadOnlySpan<byte> text, bool hasNone, MemoryStream target)
    {
        target.WriteByte(Mark);
        // That mark stands before the first character already.
        var isFirst = true;
        for (Rune before = default; !text.IsEmpty; isFirst = false)
        {
            _ = Rune.DecodeFromUtf8(text, out var rune, out var length);
            if (rune.Value is '\t' or '\r' || (hasNone && BeginsFormulas(rune)) || (rune.Value == Mark && text[length..].StartsWith(Number)))
            {
                target.Write([Mark, Number, .. Encoding.ASCII.GetBytes(rune.Value.ToString("X4", CultureInfo.InvariantCulture))]);
            }
            else
            {
                if (!isFirst && IsExposed(before, rune)) target.WriteByte(Mark);
                target.Write(text[..length]);
            }

            text = text[length..];
            before = rune;
        }
    }

    /// <summary>The character whose number a text begins with; null where it does not.</summary>
    private static Rune? ReadNumber(ReadOnlySpan<byte> text) =>
        text.Length > NumberDigits && text[0] == Number
        && ushort.TryParse(text.Slice(1, NumberDigits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number)
        && Rune.TryCreate((char)number, out var rune) ? rune : null;

    /// <summary>Whether a cell may begin with a character in a spreadsheet that knows another delimiter, quote or line end.</summary>
    private static bool IsExposed(Rune before, Rune rune) => BeginsFormulas(rune) && !Rune.IsLetterOrDigit(before);
}
