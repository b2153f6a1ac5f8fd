using System.Text;
using EntityImport.Conversion.Ambiguity;
using EntityImport.Csv;
using EntityImport.Entities;
using EntityImport.Inputs;
using EntityImport.Rows;

namespace EntityImport.Imports.Repairs;

/// <summary>A single row as the batch that converters read. Not thread-safe.</summary>
internal sealed class OneRow
{
    private readonly CsvTokenizer _tokenizer;
    private readonly CsvDialect _dialect;
    private readonly RecordFaults _faults = new();

    public OneRow(ErrorFileFormat format)
    {
        _dialect = new CsvDialect(format.Delimiter, format.Quote, format.Escape, format.TrimSpaces);
        _tokenizer = new CsvTokenizer(_dialect, BlockScan.Best, CsvLimits.Standard with { RecordBytes = CsvDialect.LargestRecordBytes }) { BlankLinesAreRecords = true };
        Batch = new RecordBatch(_dialect);
    }

    /// <summary>The row that was set last.</summary>
    public RecordBatch Batch { get; }

    /// <summary>Sets the row to a text as it stands in a file; false where that is not one record.</summary>
    public bool Set(ReadOnlySpan<byte> text)
    {
        // An empty text is no line, but one empty field.
        byte[] line = [.. text, (byte)'\n'];
        _tokenizer.StartAt(0, 1);
        _tokenizer.SetBuffer(line, 0, line.Length, final: true);
        _tokenizer.Read(Batch);
        return Batch.Count == 1 && Batch[0].FieldCount > 0;
    }

    /// <summary>Sets the row to fields.</summary>
    public bool Set(IReadOnlyList<string> fields) => Set(Join(fields)) && Batch[0].FieldCount == fields.Count;

    /// <summary>Fields as a row's text.</summary>
    public byte[] Join(IReadOnlyList<string> fields)
    {
        using var text = new MemoryStream();
        new CsvFieldWriter(text, _dialect).WriteRecord(fields);
        return text.ToArray();
    }

    /// <summary>The row's fields.</summary>
    public string[] Fields()
    {
        var fields = new string[Batch[0].FieldCount];
        for (var column = 0; column < fields.Length; column++) fields[column] = FieldText.Of(Batch.Text(0, column));
        return fields;
    }

    /// <summary>Reads the value of a bound field of the row; false where it is refused.</summary>
    public bool Read(BoundField field, ColumnVector target)
    {
        _faults.Clear();
        field.Converter.Convert(Batch, field.Column, 0, target, _faults);
        return _faults.RejectedRecords == 0;
    }

    /// <summary>A value as text, by which values are compared; null where it is null.</summary>
    public static string? Show(RecordBatch batch, ColumnVector column, int record)
    {
        if (column.IsNull(record)) return null;
        return column.Field.DataType == DataType.String ? Encoding.UTF8.GetString(StoredValue.TextOf(batch, column, record)) : StoredValue.Show(column, record);
    }
}
