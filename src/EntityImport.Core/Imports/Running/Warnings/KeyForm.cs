using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;

namespace EntityImport.Imports.Running.Warnings;

/// <summary>What of a key people see: without characters that nobody sees, with single plain spaces, none at the ends, and accents composed (NFC).</summary>
internal static class KeyForm
{
    /// <summary>
    /// The first bytes, in UTF-8, of all that <see cref="Of"/> changes beyond ASCII: U+0080 to U+00BF, combining marks, Hangul's letters and other scripts' marks, spaces and marks of the
    /// general punctuation, U+3000 and the Japanese voice marks, U+FB00 to U+FEFF, and what needs four bytes.
    /// </summary>
    private static readonly SearchValues<byte> Suspicious = SearchValues.Create([0xC2, 0xCC, 0xCD, 0xD6, 0xD7, 0xD8, 0xD9, 0xDB, 0xE0, 0xE1, 0xE2, 0xE3, 0xEF, 0xF0, 0xF3]);

    /// <summary>Whether a text is certainly its own form; cheap for ordinary keys.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsOrdinary(ReadOnlySpan<byte> text) =>
        text.Length is >= 8 and <= 16
            ? (AreShown(Unsafe.ReadUnaligned<ulong>(ref MemoryMarshal.GetReference(text))) && AreShown(Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref MemoryMarshal.GetReference(text), text.Length - 8))))
                || IsOrdinaryByParts(text)
            : IsOrdinaryByParts(text);

    /// <summary>Whether 8 bytes are all from ! to ~. False is not certain.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool AreShown(ulong bytes) => unchecked((bytes | (bytes - 0x2121212121212121) | (bytes + 0x0101010101010101)) & 0x8080808080808080) == 0;

    private static bool IsOrdinaryByParts(ReadOnlySpan<byte> text)
    {
        if (!text.ContainsAnyExceptInRange((byte)'!', (byte)'~')) return true;
        if (text[0] <= ' ' || text[^1] <= ' ' || text.IndexOf("  "u8) >= 0 || text.ContainsAnyInRange((byte)0, (byte)0x1F) || text.Contains((byte)0x7F)) return false;
        return !text.ContainsAny(Suspicious);
    }

    /// <summary>The form of a text.</summary>
    public static string Of(ReadOnlySpan<byte> text)
    {
        if (!Utf8.IsValid(text)) return Encoding.UTF8.GetString(text);
        var form = new StringBuilder(text.Length);
        foreach (var rune in Encoding.UTF8.GetString(text).EnumerateRunes())
        {
            if (Rune.IsWhiteSpace(rune))
            {
                if (form.Length > 0 && form[^1] != ' ') form.Append(' ');
            }
            else if (!UnseenCharacters.IsInvisible(rune))
            {
                form.Append(rune.ToString());
            }
        }

        return form.ToString().TrimEnd(' ').Normalize(NormalizationForm.FormC);
    }

    /// <summary>A text in which everything that <see cref="Of"/> may change beside plain spaces is told: <c>A-1[U+200B]</c>.</summary>
    public static string Show(string text)
    {
        var shown = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (shown.Length >= Limits.NameCharacters) return shown.Append('…').ToString();
            if (UnseenCharacters.MustBeNamed(rune) || Rune.GetUnicodeCategory(rune) == UnicodeCategory.NonSpacingMark) shown.Append('[').Append(UnseenCharacters.Name(rune)).Append(']');
            else shown.Append(rune.ToString());
        }

        return shown.ToString();
    }
}
