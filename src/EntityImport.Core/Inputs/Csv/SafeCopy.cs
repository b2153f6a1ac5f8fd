using System.Text;
using EntityImport.Csv;
using EntityImport.Files;
using EntityImport.Rows;

namespace EntityImport.Inputs.Csv;

/// <summary>
/// The safe copy of an error file, as it was written or as a spreadsheet has saved it. It is turned into the error file that it stands for, in UTF-8 and the dialect of its mapping, on the same
/// lines. Not thread-safe.
/// </summary>
internal sealed class SafeCopy : IDisposable
{
    private const int BufferBytes = 128 << 10;

    private readonly int _columns;
    private readonly CsvDialect _own;
    private readonly CsvTokenizer _tokenizer;
    private readonly RecordBatch _batch;
    private readonly CsvFieldWriter _writer;
    private readonly MemoryStream _restored = new();
    private readonly MemoryStream _text = new();
    private byte[] _buffer = new byte[BufferBytes];
    private int _length;
    private long _offset;
    private long _before;

    /// <summary>Whether the rest of a line is what a record has beyond the record limit.</summary>
    private bool _skippingLine;

    /// <summary>Begins a file.</summary>
    /// <param name="start">Offset of the header.</param>
    /// <param name="columns">How many columns it has.</param>
    /// <param name="dialect">How it is written.</param>
    /// <param name="own">How the error file is to be written.</param>
    /// <param name="limits">The sizes that reading keeps to.</param>
    private SafeCopy(long start, int columns, CsvDialect dialect, CsvDialect own, CsvLimits limits)
    {
        _before = start;
        _columns = columns;
        _own = own;
        _tokenizer = new CsvTokenizer(dialect, BlockScan.Best, limits);
        _batch = new RecordBatch(dialect);
        _writer = new CsvFieldWriter(_restored, own);
    }

    /// <summary>How the safe copy of a file is written: as spreadsheets do it, with the file's delimiter where they can take it.</summary>
    public static CsvDialect DialectOf(string delimiter) => new(IsUsable(delimiter) ? delimiter : ",", trimSpaces: false);

    /// <summary>Finds out whether a file is a safe copy; null where it is not.</summary>
    /// <param name="file">The bytes in UTF-8.</param>
    /// <param name="index">Where their records would be if it were written as its mapping says.</param>
    public static SafeCopy? Find(IStoredFile file, RecordIndex index)
    {
        if (index.Header is null && index.Parts.Count == 0) return null;
        var start = index.Header?.Offset ?? index.Parts[0].Offset;
        var most = index.Layout.MaxRecordBytes + CsvTokenizer.Lookahead;
        // The name is in the first line in any dialect, if no name of a column has a line end.
        if (Read(index.Header?.Length ?? most).AsSpan().IndexOf(LastName) < 0) return null;
        var head = Read(most);
        var own = index.Layout.CreateDialect();
        foreach (var dialect in new[] { DialectOf(own.Delimiter), DialectOf(","), DialectOf(";"), DialectOf("\t") })
        {
            var batch = new RecordBatch(dialect);
            var tokenizer = new CsvTokenizer(dialect, BlockScan.Best, CsvLimits.Of(index.Layout));
            tokenizer.SetBuffer(head, start, 1, final: start + head.Length == index.Size);
            tokenizer.Read(batch);
            if (batch.Count == 0) continue;
            var names = Enumerable.Range(0, batch[0].FieldCount).Select(column => Encoding.UTF8.GetString(batch.Text(0, column))).ToList();
            if (ErrorFileColumns.AreOfSafeCopy(names)) return new SafeCopy(start, names.Count, dialect, own, CsvLimits.Of(index.Layout));
        }

        return null;

        byte[] Read(int length)
        {
            var bytes = new byte[Math.Max(0, Math.Min(length, index.Size - start))];
            if (file.Fill(bytes, start) < bytes.Length) throw new EndOfStreamException("The file is shorter than its index says.");
            return bytes;
        }
    }

    /// <summary>Turns the next bytes; the result is valid until the next call.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="final">Whether the file ends with them.</param>
    public ReadOnlySpan<byte> Convert(ReadOnlySpan<byte> bytes, bool final)
    {
        _restored.SetLength(0);
        var before = (int)Math.Min(_before, bytes.Length);
        _restored.Write(bytes[..before]);
        _before -= before;
        _offset += before;
        for (bytes = bytes[before..]; !bytes.IsEmpty;)
        {
            if (_length == _buffer.Length) Array.Resize(ref _buffer, _buffer.Length * 2);
            var taken = Math.Min(bytes.Length, _buffer.Length - _length);
            bytes[..taken].CopyTo(_buffer.AsSpan(_length));
            _length += taken;
            bytes = bytes[taken..];
            if (_length == _buffer.Length) Restore(final: false);
        }

        if (final) Restore(final: true);
        return _restored.GetBuffer().AsSpan(0, (int)_restored.Length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _restored.Dispose();
        _text.Dispose();
    }

    private static ReadOnlySpan<byte> LastName => "errorSafe"u8;

    /// <summary>Whether spreadsheets can take a delimiter without that it makes formulas of cells, or hides that they are protected.</summary>
    private static bool IsUsable(string delimiter) =>
        delimiter.Length == 1 && !char.IsLetterOrDigit(delimiter[0]) && delimiter[0] is not ('"' or (char)SafeText.Mark) && !SafeText.BeginsFormulas(new Rune(delimiter[0]));

    private void Restore(bool final)
    {
        _tokenizer.SetBuffer(_buffer.AsMemory(0, _length), _offset, _length, final);
        TokenizerStop stop;
        do
        {
            var from = _tokenizer.Position;
            stop = _tokenizer.Read(_batch);
            RestoreRecords(from, _tokenizer.Position);
        }
        while (stop == TokenizerStop.BatchFull);

        var done = _tokenizer.Position;
        _length -= done;
        _offset += done;
        _buffer.AsSpan(done, _length).CopyTo(_buffer);
    }

    private void RestoreRecords(int from, int to)
    {
        foreach (var record in _batch)
        {
            CopyBetween(from, record.Start);
            if (record.Fault == RecordFault.None)
            {
                WriteRecord(record);
            }
            else
            {
                // In the dialect of the mapping its text might be a record: it goes where it has to be corrected.
                for (var column = 2; column < _columns; column++) _writer.WriteDelimiter();
                _writer.WriteField(record.Raw);
                _skippingLine = true;
            }

            from = record.End;
        }

        CopyBetween(from, to);
    }

    /// <summary>Copies what is between records: line ends and blank lines.</summary>
    private void CopyBetween(int from, int to)
    {
        var bytes = _buffer.AsSpan(from, to - from);
        if (_skippingLine)
        {
            var end = bytes.IndexOfAny((byte)'\n', (byte)'\r');
            if (end < 0) return;
            _skippingLine = false;
            bytes = bytes[end..];
        }

        _restored.Write(bytes);
    }

    /// <summary>Writes a record without its last column, which only the safe copy has.</summary>
    private void WriteRecord(BatchRecord record)
    {
        for (var column = 0; column < record.FieldCount; column++)
        {
            if (column == _columns - 1) continue;
            if (column > 0) _writer.WriteDelimiter();
            _text.SetLength(0);
            SafeText.Unprotect(record[column], _text);
            // Alone on its line, an empty field would be no record without quotes.
            if (_text.Length == 0 && record.FieldCount == 1) _restored.Write([.. _own.QuoteBytes, .. _own.QuoteBytes]);
            else _writer.WriteField(_text.GetBuffer().AsSpan(0, (int)_text.Length));
        }

        // Spreadsheets leave out cells at the end of a row that were emptied.
        var own = _columns - ErrorFileColumns.SafeNames.Count;
        for (var column = record.FieldCount; column >= own && column < _columns - 1; column++) _writer.WriteDelimiter();
    }
}
