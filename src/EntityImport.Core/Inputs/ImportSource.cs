using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EntityImport.Catalog;
using EntityImport.Conversion;
using EntityImport.Csv;
using EntityImport.Files;
using EntityImport.Imports.Rejections;
using EntityImport.Mappings;
using EntityImport.Rows;
using Microsoft.Win32.SafeHandles;

namespace EntityImport.Inputs;

/// <summary>An upload's file as the import reads it: in UTF-8, with its index, its header read. Thread-safe but for disposal.</summary>
internal sealed class ImportSource : IDisposable
{
    /// <summary>The columns that an error file has beside those of its input.</summary>
    public static IReadOnlyList<string> ErrorColumns { get; } = ["errorRow", "errorLine", "errorReasons", "errorRecord"];

    private const int TranscodeBytes = 64 << 10;

    private readonly FileStream _file;

    internal ImportSource(FileStream file, RecordIndex index, Encoding encoding, bool hasByteOrderMark)
    {
        _file = file;
        Index = index;
        Encoding = encoding;
        HasByteOrderMark = hasByteOrderMark;
        Dialect = index.Layout.CreateDialect();
        Parts = index.Parts;
        RecordCount = index.RecordCount;
        Columns = index.Layout.HasHeader ? ReadHeader() : NumberColumns();
        BlankLinesAreRecords = Columns.Count == 1;
        InputColumns = Columns.Count - CountErrorColumns(Columns);
        if (!index.Layout.HasHeader) SkipErrorFileHeader();
    }

    /// <summary>The bytes in UTF-8.</summary>
    public SafeFileHandle Handle => _file.SafeFileHandle;

    /// <summary>Where the records are.</summary>
    public RecordIndex Index { get; }

    /// <summary>The encoding of the upload.</summary>
    public Encoding Encoding { get; }

    /// <summary>Whether the upload begins with a byte order mark.</summary>
    public bool HasByteOrderMark { get; }

    /// <summary>How records are written.</summary>
    public CsvDialect Dialect { get; }

    /// <summary>The parts that hold the records.</summary>
    public IReadOnlyList<FilePart> Parts { get; private set; }

    /// <summary>Number of records.</summary>
    public long RecordCount { get; private set; }

    /// <summary>The names of all columns that records have.</summary>
    public IReadOnlyList<string> Columns { get; private set; }

    /// <summary>Whether a blank line is a record of one empty field; as in the index, what an error file adds to the columns does not count.</summary>
    public bool BlankLinesAreRecords { get; }

    /// <summary>How many of them are the file's own: all but those that an error file adds at the end.</summary>
    public int InputColumns { get; }

    /// <summary>Index of the column in which an error file keeps the text of records that had no columns; -1 where there is none.</summary>
    public int RecordTextColumn => Columns.Count - InputColumns == ErrorColumns.Count ? Columns.Count - 1 : -1;

    /// <summary>Opens an upload's file. What of it is not read here is compared with what was uploaded while it is read by its parts.</summary>
    /// <exception cref="ImportRefusedException">It cannot be read as described.</exception>
    /// <exception cref="StoredFileException">It is lost, or is not what was uploaded.</exception>
    public static ImportSource Open(FileStore files, Upload upload, ImportDefinition definition, CancellationToken cancellationToken)
    {
        var file = files.OpenUpload(upload);
        try
        {
            Span<byte> start = stackalloc byte[4];
            var (proved, markLength) = FileEncoding.DetectByteOrderMark(start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)]);
            var encoding = proved ?? FileEncoding.Find(definition.Encoding)!;
            file.Position = 0;
            if (encoding != FileEncoding.Utf8)
            {
                var transcoded = Transcode(files, upload, file, encoding, markLength, definition.Layout, out var built, cancellationToken);
                file.Dispose();
                file = transcoded;
                return new ImportSource(file, built, encoding, markLength > 0);
            }

            var index = files.ReadIndex(upload);
            if (index is null || index.Layout != definition.Layout) index = BuildIndex(upload, file, definition.Layout, cancellationToken);
            CheckHead(file, index);
            return new ImportSource(file, index, encoding, markLength > 0);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>
    /// The bytes before the header, or before the first record: lines that were skipped. Where they are too long to be kept, as many blank lines.
    /// </summary>
    public byte[] ReadPreamble()
    {
        var end = Index.Header?.Offset ?? (Index.Parts.Count > 0 ? Index.Parts[0].Offset : Index.ByteOrderMarkLength);
        var length = end - Index.ByteOrderMarkLength;
        if (length <= CsvDialect.MaxRecordBytes) return Read(Index.ByteOrderMarkLength, (int)length);
        return Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(ReadLineEnd(), Index.Layout.SkipLines)));
    }

    /// <summary>The header as it stands in the file, as far as the input's own columns go; empty where there is none.</summary>
    public byte[] ReadHeaderText()
    {
        if (Index.Header is not { } header) return [];
        var (batch, _) = ReadFirstRecord(header.Offset, header.Length);
        using var text = new MemoryStream();
        RecordText.Append(text, batch, 0, InputColumns, Dialect);
        return text.ToArray();
    }

    /// <summary>What ends the file's first line; LF where nothing does.</summary>
    public string ReadLineEnd()
    {
        var first = Index.Header is { } header ? header.Offset + header.Length : Index.ByteOrderMarkLength;
        var text = Read(first, CsvTokenizer.Lookahead + CsvDialect.MaxRecordBytes).AsSpan();
        var end = text.IndexOfAny((byte)'\n', (byte)'\r');
        return end < 0 || text[end] == '\n' ? "\n" : text[end..].StartsWith("\r\n"u8) ? "\r\n" : "\r";
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    /// <summary>The header is read before any part is.</summary>
    private static void CheckHead(FileStream file, RecordIndex index)
    {
        var check = new StretchCheck(file.SafeFileHandle);
        check.Begin(index.Head, from: 0);
        check.End();
    }

    private static RecordIndex BuildIndex(Upload upload, FileStream file, FileLayout layout, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var builder = new RecordIndexBuilder(layout);
        var buffer = new byte[TranscodeBytes];
        int read;
        while ((read = file.Read(buffer)) > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            hash.AppendData(buffer, 0, read);
            builder.Append(buffer.AsSpan(0, read));
        }

        CheckHash(upload, hash);
        return builder.Complete();
    }

    private static void CheckHash(Upload upload, IncrementalHash hash)
    {
        if (Convert.ToHexStringLower(hash.GetHashAndReset()) != upload.Sha256) throw StoredFileException.Changed();
    }

    private static FileStream Transcode(
        FileStore files, Upload upload, FileStream file, Encoding encoding, int markLength, FileLayout layout, out RecordIndex index, CancellationToken cancellationToken)
    {
        var target = files.CreateScratch();
        try
        {
            var builder = new RecordIndexBuilder(layout);
            var transcoder = new Utf8Transcoder(encoding);
            var buffer = new byte[TranscodeBytes];
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            hash.AppendData(buffer, 0, file.ReadAtLeast(buffer.AsSpan(0, markLength), markLength));
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var read = file.Read(buffer);
                hash.AppendData(buffer, 0, read);
                var text = transcoder.Convert(buffer.AsSpan(0, read), final: read == 0);
                target.Write(text);
                builder.Append(text);
                if (read == 0) break;
            }

            CheckHash(upload, hash);
            target.Flush();
            index = builder.Complete();
            return target;
        }
        catch
        {
            target.Dispose();
            throw;
        }
    }

    private List<string> ReadHeader()
    {
        if (Index.Header is not { } header)
            throw new ImportRefusedException(EndCode.BadHeader, "The file has no header: it ends before the first record. Expected a line with the names of the columns.");
        if (header.Fault != RecordFault.None)
            throw new ImportRefusedException(EndCode.BadHeader, Line(header.LineNumber, $"the header cannot be read: {Describe(header.Fault)}. Expected the names of the columns."));
        var (batch, bytes) = ReadFirstRecord(header.Offset, header.Length);
        if (bytes.AsSpan().Contains((byte)0))
            throw new ImportRefusedException(EndCode.BadHeader, Line(header.LineNumber, $"the header contains NUL bytes. Is the encoding {Encoding.WebName.ToUpperInvariant()} right? The file may be UTF-16."));
        var names = new List<string>();
        for (var column = 0; column < batch[0].FieldCount; column++)
        {
            var text = batch.Text(0, column);
            if (!System.Text.Unicode.Utf8.IsValid(text))
                throw new ImportRefusedException(EndCode.BadHeader, Line(header.LineNumber, string.Create(CultureInfo.InvariantCulture, $"the name of column {column + 1} is not {Encoding.WebName.ToUpperInvariant()}. Expected another encoding in the mapping?")));
            names.Add(Encoding.UTF8.GetString(text));
        }

        // An input may have columns of the error file's names; of its error file only those at the end are the error file's own.
        var repeated = names.SkipLast(CountErrorColumns(names)).GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Key.Length > 0 && group.Count() > 1);
        if (repeated is not null)
        {
            var numbers = names.Select((name, i) => (name, i)).Where(c => c.name == repeated.Key).Select(c => (c.i + 1).ToString(CultureInfo.InvariantCulture));
            var columns = ShownText.Join(numbers, " and ", Limits.NameCharacters);
            throw new ImportRefusedException(
                EndCode.ColumnsMismatch, Line(header.LineNumber, $"columns {columns} have the same name '{RejectionReasons.Show(repeated.Key)}'. Expected different names."));
        }

        return names;
    }

    private static string Describe(RecordFault fault) => fault switch
    {
        RecordFault.TextAfterQuote => "text follows a closing quote",
        RecordFault.UnclosedQuote => "a quote does not close within the file or 1 MiB",
        RecordFault.TooLong => string.Create(CultureInfo.InvariantCulture, $"it is longer than {CsvDialect.MaxRecordBytes / 1024} KiB"),
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, "Not a fault."),
    };

    private List<string> NumberColumns() =>
        [.. Enumerable.Range(1, Index.Layout.ColumnCount).Select(number => number.ToString(CultureInfo.InvariantCulture))];

    /// <summary>
    /// The error file of a file without header begins with a line of its columns' numbers and the error columns, and is so told from ordinary records when it is
    /// uploaded again: then that line is no record, and records have the error columns, too.
    /// </summary>
    private void SkipErrorFileHeader()
    {
        if (Parts.Count == 0) return;
        var first = Parts[0];
        var (batch, next) = ReadFirstRecordOf(first);
        if (batch.Count == 0 || batch[0].FieldCount <= Columns.Count) return;
        var names = Enumerable.Range(0, batch[0].FieldCount).Select(column => Encoding.UTF8.GetString(batch.Text(0, column))).ToList();
        if (CountErrorColumns(names) == 0 || !names.Take(names.Count - CountErrorColumns(names)).SequenceEqual(Columns)) return;
        Columns = names;
        RecordCount--;
        var rest = first with { Offset = first.Offset + next.Position, Length = first.Length - next.Position, RecordCount = first.RecordCount - 1, LineNumber = next.LineNumber };
        Parts = [rest, .. Parts.Skip(1).Select(part => part with { RecordsBefore = part.RecordsBefore - 1 })];
    }

    private static int CountErrorColumns(IReadOnlyList<string> names)
    {
        for (var count = ErrorColumns.Count; count >= ErrorColumns.Count - 1; count--)
            if (names.Count > count && names.TakeLast(count).SequenceEqual(ErrorColumns.Take(count))) return count;
        return 0;
    }

    private (RecordBatch Batch, byte[] Bytes) ReadFirstRecord(long offset, int length)
    {
        var bytes = Read(offset, length);
        var batch = new RecordBatch(Dialect);
        var tokenizer = new CsvTokenizer(Dialect);
        tokenizer.SetBuffer(bytes, offset, bytes.Length, final: true);
        tokenizer.Read(batch);
        return (batch, bytes);
    }

    private (RecordBatch Batch, CsvTokenizer Tokenizer) ReadFirstRecordOf(FilePart part)
    {
        var bytes = Read(part.Offset, CsvDialect.MaxRecordBytes + CsvTokenizer.Lookahead);
        var batch = new RecordBatch(Dialect);
        var tokenizer = new CsvTokenizer(Dialect) { BlankLinesAreRecords = BlankLinesAreRecords };
        tokenizer.StartAt(part.RecordsBefore, part.LineNumber);
        tokenizer.SetBuffer(bytes, part.Offset, Math.Min(1, bytes.Length), final: part.Offset + bytes.Length == Index.Size);
        tokenizer.Read(batch);
        return (batch, tokenizer);
    }

    private byte[] Read(long offset, int length)
    {
        var bytes = new byte[Math.Max(0, Math.Min(length, Index.Size - offset))];
        var read = 0;
        while (read < bytes.Length)
        {
            var count = RandomAccess.Read(Handle, bytes.AsSpan(read), offset + read);
            if (count == 0) throw new EndOfStreamException("The file is shorter than its index says.");
            read += count;
        }

        return bytes;
    }

    private static string Line(long number, string fault) => string.Create(CultureInfo.InvariantCulture, $"Line {number}: {fault}");
}
