using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace EntityImport.Rows;

/// <summary>The texts of one column of a batch. On the stack only, so that what the batch holds is looked up once and not per record.</summary>
internal readonly ref struct ColumnText
{
    private readonly RecordBatch _batch;
    private readonly int _column;
    private readonly int _delimiterLength;
    private readonly byte _plainAbove;
    private readonly bool _cutsSpaces;
    private readonly ReadOnlySpan<byte> _buffer;
    private readonly ReadOnlySpan<int> _firsts;
    private readonly ReadOnlySpan<int> _lasts;
    private readonly ref readonly int _bounds;

    /// <summary>Points at a column.</summary>
    /// <param name="batch">The records.</param>
    /// <param name="column">Index of the column; -1 is one whose texts are all empty.</param>
    /// <param name="cutsSpaces">Whether spaces inside quotes are cut where those outside are: they are part of strings alone.</param>
    public ColumnText(RecordBatch batch, int column, bool cutsSpaces = false)
    {
        _batch = batch;
        _column = column;
        _delimiterLength = batch.DelimiterLength;
        _plainAbove = batch.PlainAbove;
        _cutsSpaces = cutsSpaces && batch.CutsSpaces;
        _buffer = batch.Buffer.Span;
        _firsts = batch.Firsts;
        _lasts = batch.Lasts;
        _bounds = ref MemoryMarshal.GetReference(batch.Bounds);
    }

    /// <summary>The text of a record, escapes resolved; empty where it has fewer fields. Valid until the next call.</summary>
    public ReadOnlySpan<byte> this[int record]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            var bound = _firsts[record];
            if ((uint)_column >= (uint)(_lasts[record] - bound)) return default;
            // The bounds are those of this batch: it is not read into while its columns are.
            bound += _column;
            var start = Unsafe.Add(ref Unsafe.AsRef(in _bounds), (nint)(uint)bound) + _delimiterLength;
            var end = Unsafe.Add(ref Unsafe.AsRef(in _bounds), (nint)(uint)bound + 1);
            ref var first = ref Unsafe.Add(ref MemoryMarshal.GetReference(_buffer), (nint)(uint)start);
            return RecordBatch.IsPlain(ref first, end - start, _plainAbove)
                ? MemoryMarshal.CreateReadOnlySpan(ref first, end - start)
                : _batch.TextOf(_buffer, start, end, _cutsSpaces);
        }
    }
}
