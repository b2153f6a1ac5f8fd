using System.Text;
using System.Text.Unicode;

namespace EntityImport.Conversion.Texts;

/// <summary>How texts are made alike before anything is looked for in them: unwrapped, then normalized. Immutable and thread-safe.</summary>
/// <param name="Unwraps">Whether cells of spreadsheets are unwrapped.</param>
/// <param name="DropsInvisible">See <see cref="TextNormalization.Invisible"/>.</param>
/// <param name="Composes">See <see cref="TextNormalization.Nfc"/>.</param>
/// <param name="Capitalizes">See <see cref="TextNormalization.Upper"/>.</param>
/// <param name="Trims">See <see cref="TextNormalization.Trim"/>.</param>
/// <param name="CutsSpaces">Whether spaces and tabs around what is left are no part of it, as around the field in the file.</param>
internal sealed record TextPreparation(bool Unwraps, bool DropsInvisible, bool Composes, bool Capitalizes, bool Trims, bool CutsSpaces)
{
    /// <summary>Characters of a text in form C for each character that it had: Unicode knows none that becomes more.</summary>
    private const int MostComposed = 3;

    /// <summary>.NET takes this for no character at all, and refuses what has it. It combines with nothing.</summary>
    private const char NoCharacter = '\uFFFE';

    private readonly bool _normalizes = DropsInvisible || Composes || Capitalizes || Trims;

    /// <summary>Whether characters can be composed on this machine: .NET does nothing, and does not say so, where it runs without Unicode's data.</summary>
    public static bool CanCompose { get; } = "e\u0301".Normalize(NormalizationForm.FormC).Length == 1;

    /// <summary>The text as it is looked at.</summary>
    /// <param name="text">The text as it stands in the file, escapes resolved. Bytes that are no text are not normalized.</param>
    /// <param name="room">Where texts are made; it is overwritten by the next one.</param>
    public ReadOnlySpan<byte> Read(ReadOnlySpan<byte> text, TextRoom room)
    {
        if (Unwraps) text = SpreadsheetCell.Unwrap(text, room);
        if (_normalizes) text = Normalize(text, room);
        return CutsSpaces ? text.Trim(" \t"u8) : text;
    }

    /// <inheritdoc cref="Read(ReadOnlySpan{byte}, TextRoom)"/>
    public string Read(string text) => Encoding.UTF8.GetString(Read(Encoding.UTF8.GetBytes(text), new TextRoom()));

    private ReadOnlySpan<byte> Normalize(ReadOnlySpan<byte> text, TextRoom room)
    {
        if (Composes && !CanCompose) throw new InvalidOperationException("Texts cannot be normalized to NFC: the Unicode data of the operating system (ICU) is missing.");
        if (IsPlain(text)) return Trims ? text.Trim((byte)' ') : text;
        if (!Utf8.IsValid(text)) return text;
        var chars = room.Chars(text.Length);
        chars = chars[..Encoding.UTF8.GetChars(text, chars)];
        if (DropsInvisible) chars = DropInvisible(chars);
        if (Composes) chars = Compose(chars, room);
        if (Capitalizes)
        {
            var capitals = room.NextChars(chars.Length)[..chars.Length];
            ((ReadOnlySpan<char>)chars).ToUpperInvariant(capitals);
            // Capitals may combine with marks that small letters did not combine with.
            chars = Composes ? Compose(capitals, room) : capitals;
        }

        if (Trims) chars = chars.Trim();
        var bytes = room.Bytes(Encoding.UTF8.GetMaxByteCount(chars.Length));
        return bytes[..Encoding.UTF8.GetBytes(chars, bytes)];
    }

    /// <summary>Whether nothing but spaces at the ends can change.</summary>
    private bool IsPlain(ReadOnlySpan<byte> text)
    {
        foreach (var character in text)
            if (character is < (byte)' ' or > (byte)'~' || (Capitalizes && char.IsAsciiLetterLower((char)character))) return false;
        return true;
    }

    private static Span<char> DropInvisible(Span<char> chars)
    {
        var (from, to) = (0, 0);
        while (from < chars.Length)
        {
            _ = Rune.DecodeFromUtf16(chars[from..], out var rune, out var length);
            if (!UnseenCharacters.IsInvisible(rune))
            {
                chars.Slice(from, length).CopyTo(chars[to..]);
                to += length;
            }

            from += length;
        }

        return chars[..to];
    }

    private static Span<char> Compose(Span<char> chars, TextRoom room)
    {
        var composed = room.NextChars(MostComposed * chars.Length);
        var length = 0;
        while (true)
        {
            var end = chars.IndexOf(NoCharacter);
            ReadOnlySpan<char> piece = end < 0 ? chars : chars[..end];
            if (!piece.TryNormalize(composed[length..], out var written, NormalizationForm.FormC)) throw new InvalidOperationException("A text in form C is longer than Unicode says that it can be.");
            length += written;
            if (end < 0) return composed[..length];
            composed[length++] = NoCharacter;
            chars = chars[(end + 1)..];
        }
    }
}
