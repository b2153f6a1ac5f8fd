using System.Globalization;
using System.Text;
using EntityImport.Catalog;
using EntityImport.Conversion.Ambiguity;
using EntityImport.Csv;
using EntityImport.Files;
using EntityImport.Rows;

namespace EntityImport.Inputs.Csv;

/// <summary>A CSV file as the import reads it: in UTF-8, with its index, its header read. Thread-safe but for disposal.</summary>
internal sealed class CsvInput : IInput
{
    private readonly RecordIndex _index;
    private readonly Encoding _encoding;
    private readonly bool _hasByteOrderMark;

    /// <summary>Records of the index that are none of the input.</summary>
    private readonly int _skippedRecords;

    /// <summary>Reads the header of a file.</summary>
    /// <param name="file">The bytes in UTF-8.</param>
    /// <param name="index">Where their records are.</param>
    /// <param name="encoding">The encoding of the upload.</param>
    /// <param name="hasByteOrderMark">Whether the upload begins with a byte order mark.</param>
    /// <exception cref="ImportRefusedException">The header cannot be read.</exception>
    public CsvInput(IStoredFile file, RecordIndex index, Encoding encoding, bool hasByteOrderMark)
    {
        File = file;
        _index = index;
        _encoding = encoding;
        _hasByteOrderMark = hasByteOrderMark;
        Dialect = index.Layout.CreateDialect();
        FileParts = index.Parts;
        RecordCount = index.RecordCount;
        Columns = index.Layout.HasHeader ? ReadHeader() : HeaderReader.Numbers(index.Layout.ColumnCount);
        BlankLinesAreRecords = Columns.Count == 1;
        OwnColumns = Columns.Count - ErrorFileColumns.CountIn(Columns);
        if (!index.Layout.HasHeader) _skippedRecords = SkipErrorFileHeader() ? 1 : 0;
        Parts = [.. FileParts.Select(part => new InputPart(part.RecordsBefore, part.RecordCount))];
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Columns { get; private set; }

    /// <inheritdoc/>
    public int OwnColumns { get; }

    /// <inheritdoc/>
    public string PlaceOfColumns => string.Create(CultureInfo.InvariantCulture, $"Line {_index.Header?.LineNumber ?? _index.Layout.SkipLines + 1}");

    /// <inheritdoc/>
    public long RecordCount { get; private set; }

    /// <inheritdoc/>
    public long Size => _index.Size;

    /// <summary>Offset at which the records end: what follows is a footer.</summary>
    public long End => _index.End;

    /// <inheritdoc/>
    public int MaxRecordBytes => _index.Layout.MaxRecordBytes;

    /// <inheritdoc/>
    public bool MultilineFields => _index.Layout.MultilineFields;

    /// <summary>Whether the file is an error file, as its columns tell.</summary>
    public bool IsErrorFile => OwnColumns < Columns.Count;

    /// <inheritdoc/>
    public IReadOnlyList<ImportWarning> Warnings => _index.InnerByteOrderMarks is { Count: > 0 } marks ? [Describe(marks)] : [];

    /// <summary>The sizes that its reading keeps to.</summary>
    public CsvLimits Limits => CsvLimits.Of(_index.Layout);

    /// <inheritdoc/>
    public IReadOnlyList<InputPart> Parts { get; }

    /// <summary>The bytes in UTF-8.</summary>
    public IStoredFile File { get; }

    /// <summary>How records are written.</summary>
    public CsvDialect Dialect { get; }

    /// <summary>Where the parts are in the bytes.</summary>
    public IReadOnlyList<FilePart> FileParts { get; private set; }

    /// <summary>Whether a blank line is a record of one empty field; as in the index, what an error file adds to the columns does not count.</summary>
    public bool BlankLinesAreRecords { get; }

    /// <inheritdoc/>
    public IInputReader CreateReader() => new PartReader(this);

    /// <summary>The bytes that hold an offset's part, and what follows it, of which the hash is known.</summary>
    public HashedStretch StretchAt(long offset) => _index.StretchAt(offset);

    /// <inheritdoc/>
    public ErrorFileFormat DescribeErrorFile() => new(
        ReadPreamble(),
        ReadHeaderText(),
        [.. Columns.Take(OwnColumns)],
        Dialect.Delimiter,
        Dialect.Quote,
        Dialect.Escape,
        Dialect.TrimSpaces,
        ReadLineEnd(),
        _encoding.CodePage,
        _hasByteOrderMark);

    /// <inheritdoc/>
    public long LineOf(RecordBatch batch, int record) => batch[record].LineNumber;

    /// <inheritdoc/>
    public (long Line, long Column) PlaceOfFault(RecordBatch batch, int record)
    {
        // It is the quote at fault that is told.
        var at = batch[record];
        var before = batch.Buffer.Span[at.Start..Math.Max(at.Start, at.FaultOffset)];
        var lineNumber = at.LineNumber;
        for (var end = before.IndexOfAny((byte)'\n', (byte)'\r'); end >= 0; end = before.IndexOfAny((byte)'\n', (byte)'\r'))
        {
            before = before[(end + (before[end..].StartsWith("\r\n"u8) ? 2 : 1))..];
            lineNumber++;
        }

        return (lineNumber, Encoding.UTF8.GetCharCount(before) + 1);
    }

    /// <inheritdoc/>
    /// <remarks>Bytes that are no character of the encoding cannot be written back into it: such a record must not look like a correct one there.</remarks>
    public bool CanRepeat(RecordBatch batch, int record) => _encoding == FileEncoding.Utf8 || !batch[record].Raw.Contains(BadBytes.Marker);

    /// <inheritdoc/>
    public void Repeat(MemoryStream target, RecordBatch batch, int record) => RecordText.Append(target, batch, record, OwnColumns, Dialect);

    /// <summary>
    /// The bytes before the header, or before the first record: lines that were skipped. Where they are too long to be kept, as many blank lines.
    /// </summary>
    public byte[] ReadPreamble()
    {
        var end = _index.Header?.Offset ?? (_index.Parts.Count > 0 ? _index.Parts[0].Offset : _index.ByteOrderMarkLength);
        var length = end - _index.ByteOrderMarkLength;
        if (length <= CsvDialect.MaxRecordBytes) return Read(_index.ByteOrderMarkLength, (int)length);
        return Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(ReadLineEnd(), _index.Layout.SkipLines)));
    }

    /// <inheritdoc/>
    public void Dispose() => File.Dispose();

    /// <summary>The header as it stands in the file, as far as the input's own columns go; empty where there is none.</summary>
    private byte[] ReadHeaderText()
    {
        if (_index.Header is not { } header) return [];
        using var text = new MemoryStream();
        Repeat(text, ReadRecord(header.Offset, header.Length), 0);
        return text.ToArray();
    }

    /// <summary>What ends the file's first line; LF where nothing does.</summary>
    private string ReadLineEnd()
    {
        var first = _index.Header is { } header ? header.Offset + header.Length : _index.ByteOrderMarkLength;
        var text = Read(first, CsvTokenizer.Lookahead + MaxRecordBytes).AsSpan();
        var end = text.IndexOfAny((byte)'\n', (byte)'\r');
        return end < 0 || text[end] == '\n' ? "\n" : text[end..].StartsWith("\r\n"u8) ? "\r\n" : "\r";
    }

    private IReadOnlyList<string> ReadHeader()
    {
        if (_index.Header is not { } header)
            throw new ImportRefusedException(EndCode.BadHeader, "The file has no header: it ends before the first record. Expected a line with the names of the columns.");
        var batch = ReadRecord(header.Offset, header.Length);
        // Of a header that is too long, what is kept may be spaces alone: a blank line, which is no record.
        return HeaderReader.Read(batch.Count > 0 ? batch[0] : default, header.Fault, header.LineNumber, _encoding.WebName, _index.Layout);
    }

    /// <summary>
    /// The error file of a file without header begins with a line of its columns' numbers and the error columns, and is so told from ordinary records when it is
    /// uploaded again: then that line is no record, and records have the error columns, too.
    /// </summary>
    private bool SkipErrorFileHeader()
    {
        if (FileParts.Count == 0) return false;
        var first = FileParts[0];
        var (batch, next) = ReadFirstRecordOf(first);
        if (batch.Count == 0 || batch[0].FieldCount <= Columns.Count) return false;
        var names = Enumerable.Range(0, batch[0].FieldCount).Select(column => Encoding.UTF8.GetString(batch.Text(0, column))).ToList();
        var added = ErrorFileColumns.CountIn(names);
        if (added == 0 || !names.SkipLast(added).SequenceEqual(Columns)) return false;
        Columns = names;
        RecordCount--;
        var rest = first with { Offset = first.Offset + next.Position, Length = first.Length - next.Position, RecordCount = first.RecordCount - 1, LineNumber = next.LineNumber };
        FileParts = [rest, .. FileParts.Skip(1).Select(part => part with { RecordsBefore = part.RecordsBefore - 1 })];
        return true;
    }

    private ImportWarning Describe(InnerByteOrderMarks marks)
    {
        var row = marks.FirstRow - _skippedRecords;
        var isBeforeRow = row > 0 && row <= RecordCount;
        var place = isBeforeRow ? $"before row {row}, in line {marks.FirstLine}" : $"in line {marks.FirstLine}";
        return new ImportWarning
        {
            Code = ImportWarning.ByteOrderMarkInside,
            Differing = marks.Count,
            Row = isBeforeRow ? row : null,
            Line = marks.FirstLine,
            Message = string.Create(
                CultureInfo.InvariantCulture,
                $"{(marks.Count == 1 ? "A byte order mark stands" : $"{marks.Count} byte order marks stand")} inside the file, {(marks.Count == 1 ? "" : "the first ")}{place}: files were probably put together. They are no data, and were left out."),
        };
    }

    private RecordBatch ReadRecord(long offset, int length)
    {
        var bytes = Read(offset, length);
        var batch = new RecordBatch(Dialect);
        var tokenizer = new CsvTokenizer(Dialect, BlockScan.Best, Limits);
        tokenizer.SetBuffer(bytes, offset, bytes.Length, final: true);
        tokenizer.Read(batch);
        return batch;
    }

    private (RecordBatch Batch, CsvTokenizer Tokenizer) ReadFirstRecordOf(FilePart part)
    {
        var bytes = Read(part.Offset, MaxRecordBytes + CsvTokenizer.Lookahead);
        var batch = new RecordBatch(Dialect);
        var tokenizer = new CsvTokenizer(Dialect, BlockScan.Best, Limits) { BlankLinesAreRecords = BlankLinesAreRecords };
        tokenizer.StartAt(part.RecordsBefore, part.LineNumber);
        tokenizer.SetBuffer(bytes, part.Offset, Math.Min(1, bytes.Length), final: part.Offset + bytes.Length == _index.End);
        tokenizer.Read(batch);
        return (batch, tokenizer);
    }

    private byte[] Read(long offset, int length)
    {
        var bytes = new byte[Math.Max(0, Math.Min(length, _index.End - offset))];
        if (File.Fill(bytes, offset) < bytes.Length) throw new EndOfStreamException("The file is shorter than its index says.");
        return bytes;
    }
}
