using System.Text;
using EntityImport.Csv;

namespace EntityImport.Inference;

/// <summary>A sample's bytes as UTF-8.</summary>
/// <param name="Utf8">The text, without byte order mark.</param>
/// <param name="Encoding">The IANA name of the encoding that the sample is in.</param>
/// <param name="IsGuessed">Whether that is neither proven by a byte order mark nor stated nor the default.</param>
internal readonly record struct SampleText(ReadOnlyMemory<byte> Utf8, string Encoding, bool IsGuessed)
{
    private const string Western = "windows-1252";

    /// <summary>Reads a sample: a byte order mark wins, then the stated encoding; without either, bytes that are no UTF-8 are taken for windows-1252.</summary>
    public static SampleText Read(ReadOnlyMemory<byte> sample, bool isWholeFile, string encoding, bool isStated)
    {
        var (marked, length) = FileEncoding.DetectByteOrderMark(sample.Span[..Math.Min(4, sample.Length)]);
        var body = sample[length..];
        var known = marked ?? FileEncoding.Find(encoding)!;
        if (known.CodePage != FileEncoding.Utf8.CodePage) return Decode(body, isWholeFile, known, isGuessed: false);
        if (marked is null && !isStated && !IsUtf8(body.Span, isWholeFile)) return Decode(body, isWholeFile, FileEncoding.Find(Western)!, isGuessed: true);
        return new SampleText(body, "UTF-8", IsGuessed: false);
    }

    private static SampleText Decode(ReadOnlyMemory<byte> body, bool isWholeFile, Encoding encoding, bool isGuessed) =>
        new(new Utf8Transcoder(encoding).Convert(body.Span, isWholeFile).ToArray(), encoding.WebName, isGuessed);

    /// <summary>Whether the bytes are UTF-8, but for a character that the sample's end cuts.</summary>
    private static bool IsUtf8(ReadOnlySpan<byte> bytes, bool isWholeFile)
    {
        if (isWholeFile || bytes.Length < 4) return System.Text.Unicode.Utf8.IsValid(bytes);
        var end = bytes.Length;
        while (end > bytes.Length - 4 && (bytes[end - 1] & 0xC0) == 0x80) end--;
        if ((bytes[end - 1] & 0x80) != 0) end--;
        return System.Text.Unicode.Utf8.IsValid(bytes[..end]);
    }
}
