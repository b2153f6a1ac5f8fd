using System.Globalization;
using System.Text;
using EntityImport.Csv;
using EntityImport.Inputs;
using EntityImport.Inputs.Csv;
using EntityImport.Rows;

namespace EntityImport.Imports.Rejections;

/// <summary>
/// Writes the rows of an error file as its safe copy has them: for spreadsheets, in their quotes, each text as <see cref="SafeText"/> has it. <see cref="SafeCopy"/> reads it
/// where it is uploaded again. Not thread-safe.
/// </summary>
internal sealed class SafeCopyWriter : IDisposable
{
    /// <summary>What stands in the last column of each row, since Excel leaves out delimiters where the last cells of many rows are empty.</summary>
    private static readonly byte[] LastCell = "spreadsheet"u8.ToArray();

    private readonly MemoryStream _target;
    private readonly ErrorFileFormat _format;
    private readonly CsvFieldWriter _writer;
    private readonly CsvTokenizer _tokenizer;
    private readonly RecordBatch _batch;
    private readonly MemoryStream _cell = new();

    public SafeCopyWriter(MemoryStream target, ErrorFileFormat format)
    {
        _target = target;
        _format = format;
        _writer = new CsvFieldWriter(target, SafeCopy.DialectOf(format.Delimiter));
        var own = new CsvDialect(format.Delimiter, format.Quote, format.Escape, format.TrimSpaces);
        _tokenizer = new CsvTokenizer(own) { BlankLinesAreRecords = true };
        _batch = new RecordBatch(own);
    }

    /// <summary>Writes the lines before the header, and the header.</summary>
    public void WriteHead()
    {
        for (ReadOnlySpan<byte> rest = _format.Preamble; !rest.IsEmpty;)
        {
            var end = rest.IndexOfAny((byte)'\n', (byte)'\r');
            if (end < 0) end = rest.Length;
            var line = rest[..end];
            // A quote that does not close would make more lines a part of this one.
            if (line.Contains((byte)'"')) WriteCell(line);
            else SafeText.Protect(line, always: false, _target);
            var lineEnd = rest[end..].StartsWith("\r\n"u8) ? 2 : Math.Min(1, rest.Length - end);
            _target.Write(rest.Slice(end, lineEnd));
            rest = rest[(end + lineEnd)..];
        }

        foreach (var name in _format.Columns)
        {
            WriteCell(Encoding.UTF8.GetBytes(name), always: true);
            _writer.WriteDelimiter();
        }

        _writer.WriteRecord(ErrorFileColumns.SafeNames);
        _writer.WriteLineEnd(_format.LineEnd);
    }

    /// <summary>Writes a row.</summary>
    public void WriteRow(StoredRejectedRow row)
    {
        var hasColumns = row.HasColumns && ReadColumns(row.Text);
        for (var column = 0; column < _format.Columns.Count; column++)
        {
            if (hasColumns) WriteCell(_batch.Text(0, column));
            _writer.WriteDelimiter();
        }

        WriteNumber(row.Row);
        WriteNumber(row.Line);
        WriteCell(Encoding.UTF8.GetBytes(RowRejections.Join(row.Reasons)));
        _writer.WriteDelimiter();
        if (!hasColumns) WriteCell(row.Text);
        _writer.WriteDelimiter();
        _writer.WriteField(LastCell);
        _writer.WriteLineEnd(_format.LineEnd);
    }

    /// <inheritdoc/>
    public void Dispose() => _cell.Dispose();

    /// <summary>Finds the fields of a row's text; false where it has not the input's columns.</summary>
    private bool ReadColumns(byte[] text)
    {
        // An empty text is no line, but one empty field.
        byte[] line = [.. text, (byte)'\n'];
        _tokenizer.StartAt(0, 1);
        _tokenizer.SetBuffer(line, 0, line.Length, final: true);
        _tokenizer.Read(_batch);
        return _batch.Count == 1 && _batch[0].FieldCount == _format.Columns.Count;
    }

    private void WriteNumber(long number)
    {
        _writer.WriteField(Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture)));
        _writer.WriteDelimiter();
    }

    private void WriteCell(ReadOnlySpan<byte> text, bool always = false)
    {
        _cell.SetLength(0);
        SafeText.Protect(text, always, _cell);
        _writer.WriteField(_cell.GetBuffer().AsSpan(0, (int)_cell.Length));
    }
}
