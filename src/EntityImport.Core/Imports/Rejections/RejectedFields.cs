using EntityImport.Csv;
using EntityImport.Inputs;
using EntityImport.Rows;

namespace EntityImport.Imports.Rejections;

/// <summary>Splits rejected rows into the fields of their columns. Not thread-safe.</summary>
internal sealed class RejectedFields
{
    private readonly int _columns;
    private readonly CsvTokenizer _tokenizer;
    private readonly RecordBatch _batch;

    public RejectedFields(ErrorFileFormat format)
    {
        _columns = format.Columns.Count;
        var dialect = new CsvDialect(format.Delimiter, format.Quote, format.Escape, format.TrimSpaces);
        // A row that was read once may be as long as rows can be.
        _tokenizer = new CsvTokenizer(dialect, BlockScan.Best, CsvLimits.Standard with { RecordBytes = CsvDialect.LargestRecordBytes }) { BlankLinesAreRecords = true };
        _batch = new RecordBatch(dialect);
    }

    /// <summary>Finds the fields of a row, as <see cref="FieldText"/> has them; null where it has not the file's columns.</summary>
    public string[]? Split(StoredRejectedRow row)
    {
        if (!row.HasColumns || !Read(row.Text) || _batch[0].FieldCount != _columns) return null;
        return ReadFields();
    }

    private string[] ReadFields()
    {
        var fields = new string[_batch[0].FieldCount];
        for (var column = 0; column < fields.Length; column++) fields[column] = FieldText.Of(_batch.Text(0, column));
        return fields;
    }

    private bool Read(byte[] text)
    {
        // An empty text is no line, but one empty field.
        byte[] line = [.. text, (byte)'\n'];
        _tokenizer.StartAt(0, 1);
        _tokenizer.SetBuffer(line, 0, line.Length, final: true);
        _tokenizer.Read(_batch);
        return _batch.Count == 1;
    }
}
