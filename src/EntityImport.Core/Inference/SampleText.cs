using System.Text;
using EntityImport.Csv;
using EntityImport.Encodings;

namespace EntityImport.Inference;

/// <summary>A sample's bytes as UTF-8.</summary>
/// <param name="Utf8">The text, without byte order mark.</param>
/// <param name="Encoding">The IANA name of the encoding that the sample is in.</param>
/// <param name="IsGuessed">Whether that is neither proven by a byte order mark nor stated nor the default.</param>
internal readonly record struct SampleText(ReadOnlyMemory<byte> Utf8, string Encoding, bool IsGuessed)
{
    /// <summary>What was found of the encoding; null where there is nothing to say.</summary>
    public Finding? Finding { get; private init; }

    /// <summary>Which encodings it may be; null where one is clear.</summary>
    public OpenQuestion? Question { get; private init; }

    /// <summary>Reads a sample: a byte order mark wins, then the stated encoding; without either it is judged by the bytes.</summary>
    /// <param name="sample">The file's first bytes.</param>
    /// <param name="isWholeFile">Whether the file ends with them.</param>
    /// <param name="encoding">The name of the encoding that is stated, or that is the default.</param>
    /// <param name="isStated">Whether it is stated.</param>
    /// <param name="usual">The encoding of the file before this one, which decides where the bytes do not; null where there is none.</param>
    public static SampleText Read(ReadOnlyMemory<byte> sample, bool isWholeFile, string encoding, bool isStated, string? usual)
    {
        var (marked, length) = FileEncoding.DetectByteOrderMark(sample.Span[..Math.Min(4, sample.Length)]);
        var body = sample[length..];
        var known = marked ?? FileEncoding.Find(encoding)!;
        if (marked is not null || isStated) return known.CodePage == FileEncoding.Utf8.CodePage ? new SampleText(body, "UTF-8", IsGuessed: false) : Decode(body, isWholeFile, known, isGuessed: false);

        var verdict = EncodingJudge.Judge(body.Span, isWholeFile);
        switch (verdict.Evidence)
        {
            case EncodingEvidence.None:
                return new SampleText(body, "UTF-8", IsGuessed: false);
            case EncodingEvidence.ValidUtf8:
                return new SampleText(body, "UTF-8", IsGuessed: false) { Finding = new Finding("encoding.badBytes", null, EncodingWording.BadBytes(verdict.Utf8)) };
            case EncodingEvidence.Unclear when verdict.FindUsual(usual) is { } reading:
                return Guess(usual!, EncodingWording.AsBefore(usual!, reading, verdict));
            case EncodingEvidence.Unclear:
                return Guess(verdict.Name, finding: null) with { Question = EncodingWording.Ask(verdict) };
            default:
                return Guess(verdict.Name, EncodingWording.Guessed(verdict));
        }

        SampleText Guess(string name, string? finding)
        {
            var found = FileEncoding.Find(name)!;
            var text = found == FileEncoding.Utf8 ? new SampleText(body, name, IsGuessed: true) : Decode(body, isWholeFile, found, isGuessed: true) with { Encoding = name };
            return text with { Finding = finding is null ? null : new Finding("encoding.guessed", null, finding) };
        }
    }

    private static SampleText Decode(ReadOnlyMemory<byte> body, bool isWholeFile, Encoding encoding, bool isGuessed) =>
        new(new Utf8Transcoder(encoding).Convert(body.Span, isWholeFile).ToArray(), encoding.WebName, isGuessed);
}
