using System.Runtime.CompilerServices;
using EntityImport.Csv;

namespace EntityImport.Conversion;

/// <summary>The texts of one column of a batch. On the stack only, so that what the batch holds is looked up once and not per record.</summary>
internal readonly ref struct ColumnText
{
    private readonly RecordBatch _batch;
    private readonly int _column;
    private readonly int _delimiterLength;
    private readonly ReadOnlySpan<byte> _buffer;
    private readonly ReadOnlySpan<int> _firsts;
    private readonly ReadOnlySpan<int> _lasts;
    private readonly ReadOnlySpan<int> _bounds;

    /// <summary>Points at a column; -1 is one whose texts are all empty.</summary>
    public ColumnText(RecordBatch batch, int column)
    {
        _batch = batch;
        _column = column;
        _delimiterLength = batch.DelimiterLength;
        _buffer = batch.Buffer.Span;
        _firsts = batch.Firsts;
        _lasts = batch.Lasts;
        _bounds = batch.Bounds;
    }

    /// <summary>The text of a record, escapes resolved; empty where it has fewer fields. Valid until the next call.</summary>
    public ReadOnlySpan<byte> this[int record]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            var first = _firsts[record];
            if ((uint)_column >= (uint)(_lasts[record] - first)) return default;
            var start = _bounds[first + _column] + _delimiterLength;
            return _batch.TextBetween(_buffer, start, _bounds[first + _column + 1]);
        }
    }
}
