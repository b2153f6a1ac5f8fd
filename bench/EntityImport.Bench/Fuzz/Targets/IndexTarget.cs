using System.IO.Hashing;
using EntityImport.Core.Tests.Csv;
using EntityImport.Csv;
using EntityImport.Files;

namespace EntityImport.Bench.Fuzz.Targets;

/// <summary>
/// The record index and the reading by parts, against the plain reference that reads the file as a whole. The first bytes choose layout, limits and the pieces in which
/// the file comes.
/// </summary>
internal sealed class IndexTarget : FuzzTarget
{
    private static readonly int[] Sizes = [1, 2, 3, 4, 7, 12, 20, 33, 64, 65, 90, 1000];

    public override string Name => "index";

    public override IReadOnlyList<string> Tokens { get; } =
    [
        "\uFEFF", "\n\uFEFF\"", "\u001A", "\u001A\r\n", "a,b\n", ",", "\"", "\"\"", "\",\"", "\n", "\r", "\r\n", "\n\n\n", "\"\n\"", "\\\"", " ", "§", "«", "||", "1,2,errorRow,errorLine,errorReasons\n", new string('\n', 70), new string('a', 70),
    ];

    public override void Run(byte[] input)
    {
        var chosen = new FuzzInput(input);
        var dialect = chosen.Choose(RandomFile.Dialects);
        var layout = new FileLayout(
            dialect.Delimiter, dialect.Quote, dialect.Escape, dialect.TrimSpaces, HasHeader: chosen.ChooseFlag(), SkipLines: chosen.Choose(3), ColumnCount: 1 + chosen.Choose(2), SkipFooterLines: chosen.Choose(3),
            MultilineFields: dialect.MultilineFields);
        var limits = new CsvLimits(chosen.Choose(Sizes), chosen.Choose(Sizes), Math.Max(4, chosen.Choose(Sizes)));
        var piece = chosen.Choose(Sizes);
        var file = new IndexedFile(chosen.Rest(), layout, limits);

        var index = file.Index(piece);
        Check(file, index);
        // A file that comes at once, in one byte after the other, and in pieces, is the same.
        foreach (var other in (RecordIndex[])[file.Index(Math.Max(1, file.Bytes.Length)), file.Index(1, 2, 3)])
        {
            DisagreementException.ThrowUnless(index.Parts.SequenceEqual(other.Parts) && index.Hashes.SequenceEqual(other.Hashes), "The pieces change parts or hashes.");
            DisagreementException.ThrowIfDifferent(index with { Parts = other.Parts, Hashes = other.Hashes }, other, "in other pieces");
        }

        List<(long Number, Row Row)> read;
        try
        {
            read = file.ReadParts(index, new MemoryFile(file.Bytes));
        }
        catch (ImportRefusedException) when (file.Layout.HasHeader)
        {
            return;
        }

        DisagreementException.ThrowIfDifferent(file.Rows.Count, read.Count, "records of all parts");
        for (var i = 0; i < read.Count; i++) DisagreementException.ThrowIfDifferent((i + 1L, file.Rows[i]), read[i], $"record {i + 1} by parts");
    }

    private static void Check(IndexedFile file, RecordIndex index)
    {
        DisagreementException.ThrowIfDifferent(file.Bytes.LongLength, index.Size, "size");
        DisagreementException.ThrowIfDifferent(file.Rows.Count, index.RecordCount, "records");
        DisagreementException.ThrowIfDifferent((long)file.End, index.End, "end of the records");
        DisagreementException.ThrowIfDifferent(file.End, RecordsEnd.Find(file.Bytes, file.Layout.SkipFooterLines), "end of the records, found backwards");
        DisagreementException.ThrowIfDifferent(file.ByteOrderMarks, (index.InnerByteOrderMarks.Count, index.InnerByteOrderMarks.FirstLine), "byte order marks");
        DisagreementException.ThrowIfDifferent(
            file.Header is { } header ? new RecordPlace(file.HeaderOffset, header.Raw.Length, header.LineNumber, header.Fault) : null, index.Header, "header");
        var (records, end) = (0L, 0L);
        foreach (var part in index.Parts)
        {
            DisagreementException.ThrowIfDifferent(records, part.RecordsBefore, "records before a part");
            DisagreementException.ThrowIfDifferent(file.Rows[(int)records].LineNumber, part.LineNumber, "line of a part");
            DisagreementException.ThrowUnless(part.Offset >= end && part.RecordCount > 0, $"{part} overlaps, or is empty");
            (records, end) = (records + part.RecordCount, part.Offset + part.Length);
        }

        DisagreementException.ThrowIfDifferent(file.Rows.Count, records, "records of the parts");
        DisagreementException.ThrowUnless(end <= index.Size, "The last part ends behind the file.");
        long[] borders = [0, .. index.Parts.Select(part => part.Offset), index.Size];
        DisagreementException.ThrowIfDifferent(borders.Length - 1, index.Hashes.Count, "hashes");
        for (var i = 0; i < index.Hashes.Count; i++)
            DisagreementException.ThrowIfDifferent(XxHash3.HashToUInt64(file.Bytes.AsSpan((int)borders[i]..(int)borders[i + 1])), index.Hashes[i], "a hash");
    }

    /// <summary>A file in memory.</summary>
    private sealed class MemoryFile(byte[] bytes) : IStoredFile
    {
        public long Length => bytes.Length;

        public int Read(Span<byte> buffer, long offset)
        {
            var read = bytes.AsSpan((int)Math.Min(offset, bytes.Length));
            if (read.Length > buffer.Length) read = read[..buffer.Length];
            read.CopyTo(buffer);
            return read.Length;
        }

        public void Dispose()
        {
        }
    }
}
