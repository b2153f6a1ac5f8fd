using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace EntityImport.Csv;

/// <summary>Turns the bytes of a file in another encoding into UTF-8, piece by piece. Not thread-safe.</summary>
/// <remarks>Bytes that are no character become the marks of <see cref="BadBytes"/>, so that the field that holds them is refused instead of guessed at.</remarks>
public sealed class Utf8Transcoder
{
    /// <summary>What the decoder writes in front of a byte that is no character: a code point that no text contains. The byte's halves follow as such code points, too.</summary>
    private const char Sentinel = '\uFFFF';

    private const char FirstHalf = '\uFDD0';

    /// <summary>What no character of all Unicode is.</summary>
    private static readonly SearchValues<char> SentinelOnly = SearchValues.Create([Sentinel]);

    /// <summary>The same, and the characters at which .NET puts bytes that a code page does not define: control characters, and private ones above those for users.</summary>
    private static readonly SearchValues<char> SentinelAndUndefined = SearchValues.Create(
        [Sentinel, .. Enumerable.Range(0x80, 0x20).Concat(Enumerable.Range(0xF850, 0xF8FF - 0xF850)).Select(code => (char)code)]);

    /// <summary>The UTF-8 of each byte; null where characters may have several.</summary>
    private readonly byte[][]? _table;

    private readonly Decoder? _decoder;
    private readonly SearchValues<char> _noCharacters = SentinelOnly;
    private readonly Dictionary<char, byte> _undefined = [];
    private char[] _chars = new char[16 << 10];
    private byte[] _utf8 = new byte[48 << 10];
    private char _pendingSurrogate;

    /// <summary>Begins a file.</summary>
    public Utf8Transcoder(Encoding encoding)
    {
        ArgumentNullException.ThrowIfNull(encoding);
        if (encoding.IsSingleByte)
        {
            _table = [.. BadBytes.Characters(encoding).Select((character, code) => character is { } known ? Encoding.UTF8.GetBytes([known]) : Mark((byte)code))];
            return;
        }

        // In the encodings that cover all of Unicode such characters stand for themselves: UTF-16, UTF-32, GB18030.
        var isUnicode = encoding.CodePage is 1200 or 1201 or 12000 or 12001 or 54936;
        if (!isUnicode)
        {
            _noCharacters = SentinelAndUndefined;
            var strict = Encoding.GetEncoding(encoding.CodePage, EncoderFallback.ReplacementFallback, DecoderFallback.ExceptionFallback);
            for (var code = 0x80; code <= 0xFF; code++)
                if (BadBytes.Alone(strict, (byte)code) is { } alone) _undefined[alone] = (byte)code;
        }

        _decoder = Encoding.GetEncoding(encoding.CodePage, EncoderFallback.ReplacementFallback, new MarkingFallback(keepsAscii: encoding.CodePage is not (1200 or 1201 or 12000 or 12001))).GetDecoder();
    }

    /// <summary>Turns the next bytes; the result is valid until the next call.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="final">Whether the file ends with them.</param>
    public ReadOnlySpan<byte> Convert(ReadOnlySpan<byte> bytes, bool final) => _table is null ? Decode(bytes, final) : LookUp(bytes, _table);

    private ReadOnlySpan<byte> LookUp(ReadOnlySpan<byte> bytes, byte[][] table)
    {
        if (_utf8.Length < bytes.Length * 3) _utf8 = new byte[bytes.Length * 3];
        var written = 0;
        foreach (var value in bytes)
        {
            var utf8 = table[value];
            if (utf8.Length == 1)
            {
                _utf8[written++] = utf8[0];
                continue;
            }

            utf8.CopyTo(_utf8.AsSpan(written));
            written += utf8.Length;
        }

        return _utf8.AsSpan(0, written);
    }

    private ReadOnlySpan<byte> Decode(ReadOnlySpan<byte> bytes, bool final)
    {
        var needed = _decoder!.GetCharCount(bytes, final) + 1;
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
            if (chars is [Sentinel, >= FirstHalf and < (char)(FirstHalf + 16), >= FirstHalf and < (char)(FirstHalf + 16), ..])
            {
                written += BadBytes.Write(_utf8.AsSpan(written), (byte)((chars[1] - FirstHalf) << 4 | (chars[2] - FirstHalf)));
                chars = chars[3..];
                continue;
            }

            written += BadBytes.Write(_utf8.AsSpan(written), _undefined.GetValueOrDefault(chars[0], BadBytes.Marker));
            chars = chars[1..];
        }

        return _utf8.AsSpan(0, written);
    }

    private static byte[] Mark(byte bad)
    {
        var mark = new byte[BadBytes.MarkBytes];
        BadBytes.Write(mark, bad);
        return mark;
    }

    /// <summary>Writes the bytes that are no character in a form in which they can be told.</summary>
    /// <param name="keepsAscii">Whether an ASCII byte behind a bad one stands for itself: it may be the delimiter or the end of the line.</param>
    private sealed class MarkingFallback(bool keepsAscii) : DecoderFallback
    {
        public override int MaxCharCount => 3 * 4;

        public override DecoderFallbackBuffer CreateFallbackBuffer() => new Buffer(keepsAscii);

        private sealed class Buffer(bool keepsAscii) : DecoderFallbackBuffer
        {
            private readonly List<char> _chars = [];
            private int _next;

            public override int Remaining => _chars.Count - _next;

            public override bool Fallback(byte[] bytesUnknown, int index)
            {
                _chars.Clear();
                _next = 0;
                for (var i = 0; i < bytesUnknown.Length; i++)
                {
                    var bad = bytesUnknown[i];
                    if (i > 0 && keepsAscii && bad < 0x80) _chars.Add((char)bad);
                    else _chars.AddRange([Sentinel, (char)(FirstHalf + (bad >> 4)), (char)(FirstHalf + (bad & 0xF))]);
                }

                return _chars.Count > 0;
            }

            public override char GetNextChar() => _next < _chars.Count ? _chars[_next++] : '\0';

            public override bool MovePrevious()
            {
                if (_next == 0) return false;
                _next--;
                return true;
            }

            public override void Reset()
            {
                _chars.Clear();
                _next = 0;
            }
        }
    }
}
