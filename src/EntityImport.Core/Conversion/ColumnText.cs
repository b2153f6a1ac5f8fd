using System.Runtime.CompilerServices;
using EntityImport.Csv;

namespace EntityImport.Conversion;

/// <summary>The texts of one column of a batch. On the stack only, so that what the batch holds is looked up once and not per record.</summary>
internal readonly ref struct ColumnText
{
    private readonly RecordBatch _batch;
    private readonly int _column;
    private readonly ReadOnlySpan<byte> _buffer;
    private readonly ReadOnlySpan<RecordSpan> _records;
    private readonly ReadOnlySpan<FieldSpan> _fields;

    /// <summary>Points at a column; -1 is one whose texts are all empty.</summary>
    public ColumnText(RecordBatch batch, int column)
    {
        _batch = batch;
        _column = column;
        _buffer = batch.Buffer.Span;
        _records = batch.Records;
        _fields = batch.Fields;
    }

    /// <summary>The text of a record, escapes resolved; empty where it has fewer fields. Valid until the next call.</summary>
    public ReadOnlySpan<byte> this[int record]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            ref readonly var span = ref _records[record];
            if ((uint)_column >= (uint)span.FieldCount) return default;
            var field = _fields[span.FirstField + _column];
            return field.IsEscaped ? _batch.Text(record, _column) : _buffer.Slice(field.Start, field.Length);
        }
    }
}
