using System.Buffers;
using System.Text;
using EntityImport.Csv;

namespace EntityImport.Encodings;

/// <summary>Judges the encoding of a file that says nothing of it: UTF-8 where bytes speak for it, else the one whose reading somebody is likely to have written.</summary>
/// <remarks>
/// Each encoding turns the same bytes into a text, so how likely the texts are can be compared: letters that stand beside each other in some language, signs within words,
/// capitals within words, scripts that no word mixes, bytes that are not defined. Each piece of text counts once, however often it occurs.
/// </remarks>
internal static class EncodingJudge
{
    /// <summary>By how much, as a natural logarithm, a reading must be likelier than any other: once in 60,000 the other would be right.</summary>
    public const double Clear = 11;

    /// <summary>How many times as many valid sequences as bad bytes a file in UTF-8 has.</summary>
    private const int ValidForEachBad = 4;

    /// <summary>Readings that are less likely than the best by more than this are not worth asking about.</summary>
    private const double Hopeless = 40;

    private const int MaxAnswers = 4;

    /// <summary>Judges a file's first bytes, which have no byte order mark.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="isWholeFile">Whether the file ends with them.</param>
    public static EncodingVerdict Judge(ReadOnlySpan<byte> bytes, bool isWholeFile)
    {
        if (Utf16Without(bytes) is { } utf16) return new EncodingVerdict(EncodingEvidence.ZeroBytes, utf16, [], [], new Utf8Count());
        if (IsStateful(bytes)) return new EncodingVerdict(EncodingEvidence.Escapes, "ISO-2022-JP", [], [], new Utf8Count());
        var count = CountUtf8(bytes, isWholeFile);
        if (count.Bad == 0) return new EncodingVerdict(EncodingEvidence.None, "UTF-8", [], [], count);
        if (count.Valid >= ValidForEachBad * count.Bad) return new EncodingVerdict(EncodingEvidence.ValidUtf8, "UTF-8", [], [], count);

        var pieces = ForeignText.Find(bytes, isWholeFile);
        var readings = ReadAll(pieces);
        var evidence = readings is [var best, ..] && best.IsSensible && (readings.Count == 1 || best.Likelihood - readings[1].Likelihood >= Clear)
            // What is half UTF-8 is a file of two encodings, of which neither reads the other's rows.
            && count.Valid <= count.Bad
            ? EncodingEvidence.Text
            : EncodingEvidence.Unclear;
        var name = readings is [var likeliest, ..] ? likeliest.Encoding.Name : "UTF-8";
        var near = readings.Where(reading => readings[0].Likelihood - reading.Likelihood <= Hopeless).Take(MaxAnswers).ToList();
        return new EncodingVerdict(evidence, name, pieces, near, count);
    }

    /// <summary>The pieces as each encoding reads them, the likeliest reading first; encodings that read them alike are together.</summary>
    private static List<Reading> ReadAll(List<ForeignPiece> pieces)
    {
        var readings = new List<Reading>();
        foreach (var encoding in CandidateEncoding.All)
        {
            if (readings.Find(other => other.Texts.Select((text, i) => text == encoding.Decode(pieces[i].Bytes)).All(isEqual => isEqual)) is { } alike)
            {
                alike.Alike.Add(encoding);
                continue;
            }

            if (Reading.Of(encoding, pieces) is { } reading) readings.Add(reading);
        }

        readings.Sort((a, b) => b.Likelihood.CompareTo(a.Likelihood));
        return readings;
    }

    /// <summary>How many sequences of several bytes are valid UTF-8, and how many bytes are none; what the end of a sample cuts is neither.</summary>
    private static Utf8Count CountUtf8(ReadOnlySpan<byte> bytes, bool isWholeFile)
    {
        if (System.Text.Unicode.Utf8.IsValid(bytes)) return new Utf8Count();
        var count = new Utf8Count();
        var line = 1L;
        var lineOf = 0;
        for (var at = 0; at < bytes.Length;)
        {
            var next = bytes[at..].IndexOfAnyInRange((byte)0x80, (byte)0xFF);
            if (next < 0) break;
            at += next;
            var status = Rune.DecodeFromUtf8(bytes[at..], out _, out var length);
            if (status == OperationStatus.Done) count.Valid++;
            else if (status == OperationStatus.NeedMoreData && !isWholeFile) break;
            else
            {
                count.Bad++;
                if (count.First.Count < Utf8Count.MaxShown)
                {
                    line += bytes[lineOf..at].Count((byte)'\n');
                    lineOf = at;
                    count.First.Add((line, bytes[at]));
                }
            }

            at += length;
        }

        return count;
    }

    /// <summary>UTF-16 of either order, known by the zero bytes of its ASCII characters; null where the bytes are something else.</summary>
    private static string? Utf16Without(ReadOnlySpan<byte> bytes)
    {
        bytes = bytes[..Math.Min(bytes.Length, 64 << 10)];
        if (bytes.Length < 2 || !bytes.Contains((byte)0)) return null;
        int[] zeros = [0, 0];
        for (var i = 0; i < bytes.Length; i++)
            if (bytes[i] == 0) zeros[i & 1]++;
        var even = bytes[..(bytes.Length & ~1)];
        var isLittle = zeros[1] > zeros[0];
        // Line ends and delimiters are ASCII in any language.
        if (Math.Max(zeros[0], zeros[1]) * 50 < bytes.Length || Math.Min(zeros[0], zeros[1]) * 20 > Math.Max(zeros[0], zeros[1])) return null;
        var text = (isLittle ? Encoding.Unicode : Encoding.BigEndianUnicode).GetString(even);
        return text.Contains('\0', StringComparison.Ordinal) || text[..^1].Contains('\uFFFD', StringComparison.Ordinal) || !text.Contains('\n', StringComparison.Ordinal) ? null
            : isLittle ? "UTF-16LE" : "UTF-16BE";
    }

    /// <summary>Whether escape sequences switch to Japanese and back, all in 7 bits.</summary>
    private static bool IsStateful(ReadOnlySpan<byte> bytes) =>
        bytes.IndexOf("\e$"u8) is >= 0 and var at && at + 2 < bytes.Length && bytes[at + 2] is (byte)'B' or (byte)'@' && bytes[at..].IndexOf("\e("u8) > 0 && Ascii.IsValid(bytes);
}

/// <summary>What an encoding was judged by.</summary>
internal enum EncodingEvidence
{
    /// <summary>All bytes are UTF-8.</summary>
    None,

    /// <summary>Most of what is not ASCII is valid UTF-8; some bytes are not.</summary>
    ValidUtf8,

    /// <summary>Zero bytes beside ASCII characters: UTF-16.</summary>
    ZeroBytes,

    /// <summary>Escape sequences.</summary>
    Escapes,

    /// <summary>What the text becomes.</summary>
    Text,

    /// <summary>None that is enough: it has to be stated.</summary>
    Unclear,
}

/// <summary>The encoding of a file, and what speaks for it.</summary>
/// <param name="Evidence">What it was judged by.</param>
/// <param name="Name">The IANA name; where it is unclear, the likeliest.</param>
/// <param name="Pieces">The pieces of text that it was judged by.</param>
/// <param name="Readings">How the likeliest encodings read them, the likeliest first.</param>
/// <param name="Utf8">How much of it is UTF-8.</param>
internal sealed record EncodingVerdict(EncodingEvidence Evidence, string Name, IReadOnlyList<ForeignPiece> Pieces, IReadOnlyList<Reading> Readings, Utf8Count Utf8)
{
    /// <summary>The reading of an encoding that files before this one were in, where it is not much less likely than the best; else null.</summary>
    public Reading? FindUsual(string? name)
    {
        if (name is null || FileEncoding.Find(name) is not { } usual) return null;
        return Readings.FirstOrDefault(reading => Readings[0].Likelihood - reading.Likelihood < EncodingJudge.Clear && reading.UndefinedBytes == 0
            && reading.Alike.Prepend(reading.Encoding).Any(encoding => FileEncoding.Find(encoding.Name)!.CodePage == usual.CodePage));
    }
}

/// <summary>How many sequences of several bytes are valid UTF-8, and which bytes are none.</summary>
internal record struct Utf8Count()
{
    /// <summary>How many bad bytes are kept.</summary>
    public const int MaxShown = 3;

    /// <summary>Valid sequences.</summary>
    public long Valid { get; set; }

    /// <summary>Bytes, or beginnings of sequences, that are not valid.</summary>
    public long Bad { get; set; }

    /// <summary>The first bad ones: the line, from 1, and the byte.</summary>
    public List<(long Line, byte Byte)> First { get; } = [];
}
