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
    private readonly ReadOnlySpan<byte> _buffer;
    private readonly ReadOnlySpan<int> _firsts;
    private readonly ReadOnlySpan<int> _lasts;
    private readonly ref readonly int _bounds;

    /// <summary>Points at a column; -1 is one whose texts are all empty.</summary>
    public ColumnText(RecordBatch batch, int column)
    {
        _batch = batch;
        _column = column;
        _delimiterLength = batch.DelimiterLength;
        _plainAbove = batch.PlainAbove;
        _buffer = batch.Buffer.Span;
        _firsts = batch.Firsts;
        _lasts = batch.Lasts;
        _bounds = ref MemoryMarshal.GetReference(batch.Bounds);
    }

    /// <summary>The text of a record, escapes resolved; empty where it has fewer fields. Valid until the next call.</summary>
    public ReadOnlySpan<byte> this[int record]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Find(record, cutsSpaces: false);
    }

    /// <summary>The same without spaces inside quotes, where those outside are no part of a text either: they are part of strings alone.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> WithoutSpaces(int record) => Find(record, cutsSpaces: true);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ReadOnlySpan<byte> Find(int record, bool cutsSpaces)
    {
        var bound = _firsts[record];
        if ((uint)_column >= (uint)(_lasts[record] - bound)) return default;
        // The bounds are those of this batch: it is not read into while its columns are.
        bound += _column;
        var start = Unsafe.Add(ref Unsafe.AsRef(in _bounds), (nint)(uint)bound) + _delimiterLength;
        var end = Unsafe.Add(ref Unsafe.AsRef(in _bounds), (nint)(uint)bound + 1);
        ref var first = ref Unsafe.Add(ref MemoryMarshal.GetReference(_buffer), (nint)(uint)start);
        // What is plain has no spaces around it that could be cut.
        if (RecordBatch.IsPlain(ref first, end - start, _plainAbove)) return MemoryMarshal.CreateReadOnlySpan(ref first, end - start);
        return cutsSpaces ? _batch.CutTextOf(_buffer, start, end) : _batch.TextOf(_buffer, start, end);
    }
}
