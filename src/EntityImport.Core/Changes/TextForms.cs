using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace EntityImport.Changes;

/// <summary>What one text is of another, both in UTF-8 and of at most <see cref="ChangeValues.MaxTextBytes"/> bytes.</summary>
internal static class TextForms
{
    /// <summary>What windows-1252 has for 0x80 to 0x9F; the five that it does not define stay what they are.</summary>
    private const string HighControls = "\u20AC\u0081\u201A\u0192\u201E\u2026\u2020\u2021\u02C6\u2030\u0160\u2039\u0152\u008D\u017D\u008F\u0090\u2018\u2019\u201C\u201D\u2022\u2013\u2014\u02DC\u2122\u0161\u203A\u0153\u009D\u017E\u0178";

    private static readonly SearchValues<byte> OfNumbers = SearchValues.Create("0123456789.,eE+"u8);

    private static readonly (byte Sign, byte[][] Entities)[] Markup =
    [
        ((byte)'&', ["&amp;"u8.ToArray(), "&#38;"u8.ToArray()]), ((byte)'<', ["&lt;"u8.ToArray()]), ((byte)'>', ["&gt;"u8.ToArray()]),
        ((byte)'"', ["&quot;"u8.ToArray(), "&#34;"u8.ToArray(), "\\\""u8.ToArray(), "\"\""u8.ToArray()]), ((byte)'\'', ["&#39;"u8.ToArray(), "&apos;"u8.ToArray(), "&#x27;"u8.ToArray(), "\\'"u8.ToArray(), "''"u8.ToArray()]),
    ];

    /// <summary>Digits without the zeros that they begin with; the last of them stays.</summary>
    public static ReadOnlySpan<byte> WithoutZeros(ReadOnlySpan<byte> digits)
    {
        var zeros = digits.IndexOfAnyExcept((byte)'0');
        return zeros < 0 ? digits[^Math.Min(1, digits.Length)..] : digits[zeros..];
    }

    /// <summary>Whether a text is how a program writes the number that digits are: <c>4711.0</c>, <c>4.71E+12</c>, <c>4,711</c>.</summary>
    public static bool IsNumberOf(ReadOnlySpan<byte> digits, ReadOnlySpan<byte> text)
    {
        if (text.Length < 2 || text[0] is < (byte)'0' or > (byte)'9') return false;
        if (text.IndexOfAny("eE"u8) is var exponent and > 0)
        {
            return digits.Length >= 5 && !text.ContainsAnyExcept(OfNumbers)
                && Number(text, out var rounded) && Number(digits, out var exact) && Math.Abs(rounded - exact) <= 0.05 * exact;
        }

        var significant = WithoutZeros(digits);
        if (text.IndexOfAny(".,"u8) is var point and > 0 && text[point..].IndexOfAnyExcept(".,0"u8) < 0 && text.Length - point <= 4 && text[..point].SequenceEqual(significant)) return text.Length - point > 1;
        // Groups of three digits.
        if (significant.Length < 4 || text.Length != significant.Length + (significant.Length - 1) / 3) return false;
        for (int i = text.Length - 1, digit = significant.Length - 1, place = 1; i >= 0; i--, place++)
        {
            if (place % 4 == 0 ? text[i] is not ((byte)',' or (byte)'.' or (byte)' ' or (byte)'\'') : text[i] != significant[digit--]) return false;
        }

        return true;

        static bool Number(ReadOnlySpan<byte> text, out double number)
        {
            Span<byte> plain = stackalloc byte[64];
            number = 0;
            if (text.Length > plain.Length) return false;
            text.CopyTo(plain);
            MemoryExtensions.Replace(plain[..text.Length], (byte)',', (byte)'.');
            return Utf8Parser.TryParse(plain[..text.Length], out number, out var used) && used == text.Length;
        }
    }

    /// <summary>Whether a text is another one whose UTF-8 was read as windows-1252, or as ISO-8859-1.</summary>
    public static bool IsMojibake(ReadOnlySpan<byte> original, ReadOnlySpan<byte> text)
    {
        if (text.Length <= original.Length) return false;
        var at = 0;
        foreach (var value in original)
        {
            if (at >= text.Length) return false;
            if (value < 0x80)
            {
                if (text[at++] != value) return false;
                continue;
            }

            if (Rune.DecodeFromUtf8(text[at..], out var rune, out var length) != OperationStatus.Done || (rune.Value != value && (value > 0x9F || rune.Value != HighControls[value - 0x80]))) return false;
            at += length;
        }

        return at == text.Length;
    }

    /// <summary>Whether a text is another one but for characters outside of ASCII, which are question marks, unknown characters, plain letters, or gone.</summary>
    public static bool HasLostCharacters(ReadOnlySpan<byte> original, ReadOnlySpan<byte> text)
    {
        if (text.Length > 3 * original.Length) return false;
        Span<char> parts = stackalloc char[8];
        Span<char> one = stackalloc char[2];
        var (at, lost) = (0, 0);
        while (!original.IsEmpty)
        {
            Rune.DecodeFromUtf8(original, out var rune, out var length);
            if (rune.IsAscii)
            {
                if (at >= text.Length || text[at++] != original[0]) return false;
                original = original[1..];
                continue;
            }

            if (text[at..].StartsWith(original[..length]))
            {
                at += length;
                original = original[length..];
                continue;
            }

            lost++;
            original = original[length..];
            // One sign stands for the character, or for each of its bytes.
            var signs = 0;
            while (signs < length && text[at..].StartsWith("\uFFFD"u8))
            {
                at += 3;
                signs++;
            }

            while (signs < length && at < text.Length && text[at] == '?')
            {
                at++;
                signs++;
            }

            if (signs > 0) continue;
            if (one[..rune.EncodeToUtf16(one)].TryNormalize(parts, out _, NormalizationForm.FormD) && char.IsAsciiLetter(parts[0]) && at < text.Length && text[at] == parts[0]) at++;
        }

        return lost > 0 && at == text.Length;
    }

    /// <summary>Whether a text is another one in quotes, or with signs of it written as in HTML or behind an escape.</summary>
    public static bool IsEscaped(ReadOnlySpan<byte> original, ReadOnlySpan<byte> text)
    {
        if (text.Length == original.Length + 2 && text[0] == text[^1] && text[0] is (byte)'"' or (byte)'\'' && text[1..^1].SequenceEqual(original)) return true;
        var escaped = false;
        foreach (var value in original)
        {
            if (LengthOfEntity(value, text) is var length and > 0)
            {
                escaped = true;
                text = text[length..];
                continue;
            }

            if (text.IsEmpty || text[0] != value) return false;
            text = text[1..];
        }

        return escaped && text.IsEmpty;

        static int LengthOfEntity(byte sign, ReadOnlySpan<byte> text)
        {
            foreach (var (known, entities) in Markup)
            {
                if (known != sign) continue;
                foreach (var entity in entities)
                    if (text.StartsWith(entity)) return entity.Length;
            }

            return 0;
        }
    }

    /// <summary>Whether two texts that are not equal are equal but for the case of letters.</summary>
    public static bool DiffersInCase(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after, bool areAscii)
    {
        if (areAscii) return Ascii.EqualsIgnoreCase(before, after);
        Span<char> left = stackalloc char[ChangeValues.MaxTextBytes];
        Span<char> right = stackalloc char[ChangeValues.MaxTextBytes];
        return Encoding.UTF8.TryGetChars(before, left, out var length) && Encoding.UTF8.TryGetChars(after, right, out var other)
            && left[..length].Equals(right[..other], StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Whether all letters are of one case that were not.</summary>
    public static bool LosesCase(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after) =>
        before.ContainsAnyInRange((byte)'a', (byte)'z') && before.ContainsAnyInRange((byte)'A', (byte)'Z')
        && (!after.ContainsAnyInRange((byte)'a', (byte)'z') || !after.ContainsAnyInRange((byte)'A', (byte)'Z'));

    /// <summary>Whether two texts that are not equal are equal but for spaces.</summary>
    public static bool DiffersInSpaces(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after)
    {
        while (true)
        {
            before = before[SpacesAt(before)..];
            after = after[SpacesAt(after)..];
            if (before.IsEmpty || after.IsEmpty) return before.IsEmpty && after.IsEmpty;
            if (before[0] != after[0]) return false;
            before = before[1..];
            after = after[1..];
        }
    }

    /// <summary>Whether texts that differ in spaces have the same words, and the later one no space too many: between digits and signs, spaces are a way of writing.</summary>
    public static bool IsTidied(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after)
    {
        if (after[0] == ' ' || after[^1] == ' ') return false;
        before = before[SpacesAt(before)..];
        byte last = 0;
        while (!after.IsEmpty)
        {
            var spaces = SpacesAt(before);
            before = before[spaces..];
            var isSpace = after[0] == ' ';
            if (isSpace) after = after[1..];
            if (before.IsEmpty || before[0] != after[0] || (isSpace != spaces > 0 && IsLetter(last) && IsLetter(after[0]))) return false;
            last = after[0];
            before = before[1..];
            after = after[1..];
        }

        return SpacesAt(before) == before.Length;

        static bool IsLetter(byte value) => value >= 0x80 || char.IsAsciiLetter((char)value);
    }

    /// <summary>How many bytes of spaces of any kind a text begins with.</summary>
    private static int SpacesAt(ReadOnlySpan<byte> text)
    {
        var at = 0;
        while (at < text.Length)
        {
            if (text[at] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n') at++;
            else if (text[at] >= 0xC2 && Rune.DecodeFromUtf8(text[at..], out var rune, out var length) == OperationStatus.Done && (Rune.IsWhiteSpace(rune) || rune.Value is 0x200B or 0xFEFF)) at += length;
            else break;
        }

        return at;
    }
}
