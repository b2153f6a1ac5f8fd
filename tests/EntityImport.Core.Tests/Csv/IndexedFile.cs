using System.Text;
using EntityImport.Csv;
using EntityImport.Files;
using EntityImport.Inputs.Csv;

namespace EntityImport.Core.Tests.Csv;

/// <summary>A file, how it is laid out, and what the reference finds in it.</summary>
internal sealed class IndexedFile
{
    public IndexedFile(byte[] bytes, FileLayout layout, CsvLimits limits)
    {
        Bytes = bytes;
        Layout = layout;
        Limits = limits;
        End = EndOf(bytes, layout.SkipFooterLines);
        bytes = bytes[..End];
        var reference = new ReferenceTokenizer(bytes, layout.CreateDialect(), limits.RecordBytes);
        if (bytes.AsSpan().StartsWith<byte>([0xEF, 0xBB, 0xBF])) reference.SkipBytes(3);
        for (var i = 0; i < layout.SkipLines; i++) reference.SkipLine();
        reference.BlankLinesAreRecords = !layout.HasHeader && layout.ColumnCount == 1;
        if (layout.HasHeader)
        {
            Header = reference.ReadNext();
            HeaderOffset = reference.RecordStart;
            reference.BlankLinesAreRecords = reference.FieldCount == 1;
        }

        Rows = reference.ReadAll();
        ByteOrderMarks = (reference.ByteOrderMarks, reference.FirstByteOrderMarkLine);
    }

    public byte[] Bytes { get; }

    public FileLayout Layout { get; }

    public CsvLimits Limits { get; }

    /// <summary>Offset at which the records end.</summary>
    public int End { get; }

    /// <summary>Byte order marks inside of the file, and the line of the first one.</summary>
    public (long Count, long FirstLine) ByteOrderMarks { get; }

    public Row? Header { get; }

    public long HeaderOffset { get; }

    public List<Row> Rows { get; }

    /// <summary>Indexes the file as it comes in pieces of these lengths, the last one over and over.</summary>
    public RecordIndex Index(params int[] pieces)
    {
        var builder = new RecordIndexBuilder(Layout, End, Limits);
        var at = 0;
        for (var i = 0; at < Bytes.Length; i++)
        {
            var length = Math.Min(pieces[Math.Min(i, pieces.Length - 1)], Bytes.Length - at);
            builder.Append(Bytes.AsSpan(at, length));
            at += length;
        }

        return builder.Complete();
    }

    /// <summary>Reads the file by the parts of an index, each on its own.</summary>
    public List<(long Number, Row Row)> ReadParts(RecordIndex index, FileStream file)
    {
        file.SetLength(0);
        RandomAccess.Write(file.SafeFileHandle, Bytes, 0);
        return ReadParts(index, new LocalFile(file));
    }

    /// <summary>The same, of a file that holds the bytes.</summary>
    public List<(long Number, Row Row)> ReadParts(RecordIndex index, IStoredFile file)
    {
        var source = new CsvInput(file, index, FileEncoding.Utf8, hasByteOrderMark: false);
        var reader = new PartReader(source, Limits);
        var rows = new List<(long Number, Row Row)>();
        // Backwards, so that no part profits from the one before it.
        foreach (var part in index.Parts.Reverse())
        {
            var ofPart = new List<(long Number, Row Row)>();
            reader.Open(part);
            while (reader.Read())
                for (var i = 0; i < reader.Batch.Count; i++) ofPart.Add((reader.Batch.RecordsBefore + i + 1, Row.Of(reader.Batch, i, source.Dialect)));
            if (ofPart.Count != part.RecordCount) throw new InvalidDataException($"{part} has {ofPart.Count} records:\n{string.Join('\n', ofPart)}");
            rows.InsertRange(0, ofPart);
        }

        return rows;
    }

    /// <summary>Where the records end, by the lines of the file one after the other.</summary>
    private static int EndOf(byte[] file, int footerLines)
    {
        var text = file.AsSpan();
        var behind = text.LastIndexOfAnyExcept<byte>(0x1A, (byte)'\n', (byte)'\r') + 1;
        var mark = text[behind..].IndexOf<byte>(0x1A);
        if (mark >= 0) text = text[..(behind + mark)];
        if (footerLines == 0) return text.Length;
        var starts = new List<int>();
        for (var at = 0; at < text.Length;)
        {
            starts.Add(at);
            while (at < text.Length && text[at] is not ((byte)'\n' or (byte)'\r')) at++;
            at += text[at..].StartsWith("\r\n"u8) ? 2 : 1;
        }

        return starts.Count <= footerLines ? 0 : starts[^footerLines];
    }

    /// <summary>The file as a failing test shows it.</summary>
    public override string ToString() => new StringBuilder().Append(Layout).AppendLine().Append(Limits).AppendLine().Append(RandomFile.Show(Bytes)).ToString();
}
