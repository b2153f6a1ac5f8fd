using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace EntityImport.Csv;

/// <summary>Turns the bytes of a file in another encoding into UTF-8, piece by piece. Not thread-safe.</summary>
/// <remarks>Bytes that are no character become the byte 0xFF, which is no UTF-8, so that the field that holds them is refused instead of guessed at.</remarks>
public sealed class Utf8Transcoder
{
    /// <summary>The byte that stands for bytes that are no character.</summary>
    internal const byte NoCharacter = 0xFF;

    /// <summary>What the decoder writes for bytes that are no character: a code point that no text contains.</summary>
    private const char Sentinel = '\uFFFF';

    private static readonly SearchValues<char> SentinelOnly = SearchValues.Create([Sentinel]);

    /// <summary>The sentinel, and the private characters at which code pages put bytes that they do not define, above those for users.</summary>
    private static readonly SearchValues<char> SentinelAndUndefined =
        SearchValues.Create([Sentinel, .. Enumerable.Range(0xF850, 0xF8FF - 0xF850).Select(code => (char)code)]);

    private readonly Decoder _decoder;
    private readonly SearchValues<char> _noCharacters;
    private char[] _chars = new char[16 << 10];
    private byte[] _utf8 = new byte[48 << 10];
    private char _pendingSurrogate;

    /// <summary>Begins a file.</summary>
    public Utf8Transcoder(Encoding encoding)
    {
        ArgumentNullException.ThrowIfNull(encoding);
        // In the encodings that cover all of Unicode such characters stand for themselves: UTF-16, UTF-32, GB18030.
        _noCharacters = encoding.CodePage is 1200 or 1201 or 12000 or 12001 or 54936 ? SentinelOnly : SentinelAndUndefined;
        _decoder = Encoding.GetEncoding(
            encoding.CodePage, EncoderFallback.ReplacementFallback, new DecoderReplacementFallback(Sentinel.ToString())).GetDecoder();
    }

    /// <summary>Turns the next bytes; the result is valid until the next call.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="final">Whether the file ends with them.</param>
    public ReadOnlySpan<byte> Convert(ReadOnlySpan<byte> bytes, bool final)
    {
        var needed = _decoder.GetCharCount(bytes, final) + 1;
        if (_chars.Length < needed) _chars = new char[needed];
        if (_utf8.Length < needed * 3) _utf8 = new byte[needed * 3];
        var length = 0;
        if (_pendingSurrogate != 0)
        {
            _chars[length++] = _pendingSurrogate;
            _pendingSurrogate = '\0';
        }

        length += _decoder.GetChars(bytes, _chars.AsSpan(length), final);
        if (!final && length > 0 && char.IsHighSurrogate(_chars[length - 1])) _pendingSurrogate = _chars[--length];
        var chars = _chars.AsSpan(0, length);
        var written = 0;
        while (!chars.IsEmpty)
        {
            var stop = chars.IndexOfAny(_noCharacters);
            var clean = stop < 0 ? chars : chars[..stop];
            var status = Utf8.FromUtf16(clean, _utf8.AsSpan(written), out var read, out var produced, replaceInvalidSequences: false);
            written += produced;
            chars = chars[read..];
            if (status == OperationStatus.Done && stop < 0) break;
            _utf8[written++] = NoCharacter;
            chars = chars[1..];
        }

        return _utf8.AsSpan(0, written);
    }
}
