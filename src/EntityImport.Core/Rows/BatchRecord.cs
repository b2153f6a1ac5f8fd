using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace EntityImport.Rows;

/// <summary>
/// One record of a <see cref="RecordBatch"/>: its fields' texts, where it stands, and what is wrong with it, if anything. Valid until the batch is
/// read into again.
/// </summary>
public readonly ref struct BatchRecord
{
    private readonly RecordBatch _batch;
    private readonly ReadOnlySpan<byte> _buffer;
    private readonly ref readonly int _bounds;
    private readonly int _index;

    /// <summary>Points at a record; <paramref name="bounds"/> are all of its bounds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal BatchRecord(RecordBatch batch, int index, ReadOnlySpan<byte> buffer, ReadOnlySpan<int> bounds)
    {
        _batch = batch;
        _index = index;
        _buffer = buffer;
        _bounds = ref MemoryMarshal.GetReference(bounds);
        FieldCount = bounds.Length - 1;
    }

    /// <summary>Number of its fields, at least 1; 0 where <see cref="Fault"/> is set.</summary>
    public int FieldCount { get; }

    /// <summary>
    /// The text of a field, counted from 0, escapes resolved. Empty where the record has fewer fields. Valid until the next text of the batch
    /// that is asked for.
    /// </summary>
    public ReadOnlySpan<byte> this[int column]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if ((uint)column >= (uint)FieldCount) return default;
            return _batch.TextBetween(_buffer, Bound(column) + _batch.DelimiterLength, Bound(column + 1));
        }
    }

    /// <summary>A field as it stands in the buffer, with whatever encloses it, and its offset there.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The record has fewer fields.</exception>
    internal ReadOnlySpan<byte> RawField(int column, out int start)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)column, (uint)FieldCount, nameof(column));
        start = Bound(column) + _batch.DelimiterLength;
        return _buffer[start..Bound(column + 1)];
    }

    /// <summary>Its bytes as they stand in the buffer, line end not included.</summary>
    public ReadOnlySpan<byte> Raw => _buffer[Start..End];

    /// <summary>Its first fields as they stand in the buffer, without the delimiter behind them.</summary>
    /// <param name="count">How many, at least 1.</param>
    internal ReadOnlySpan<byte> RawFields(int count) => _buffer[Start..Bound(count)];

    /// <summary>Offset of its first byte in the buffer, from 0.</summary>
    public int Start => _bounds + _batch.DelimiterLength;

    /// <summary>Offset of the first byte after the record, its line end not included.</summary>
    public int End => FieldCount > 0 ? Bound(FieldCount) : _batch.FaultOf(_index).RecordEnd;

    /// <summary>The physical line on which it begins, from 1 for the file's first line.</summary>
    /// <remarks>It is counted when it is asked for, on from the record before that was asked last.</remarks>
    public long LineNumber => _batch.LineNumberOf(_index);

    /// <summary>Why the record could not be split into fields.</summary>
    public RecordFault Fault => FieldCount > 0 ? RecordFault.None : _batch.FaultOf(_index).Fault;

    /// <summary>Where the quote at fault opened, or an overlong record begins, as an offset into the buffer; meaningless without a fault.</summary>
    public int FaultOffset => FieldCount > 0 ? 0 : _batch.FaultOf(_index).Offset;

    /// <summary>A bound by its index in the record, from 0 to <see cref="FieldCount"/>, which is not checked.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Bound(int index) => Unsafe.Add(ref Unsafe.AsRef(in _bounds), (nint)(uint)index);
}

/// <summary>What is wrong with a record.</summary>
/// <param name="Record">Its index in the batch.</param>
/// <param name="RecordEnd">Where it ends.</param>
/// <param name="Fault">Why it could not be split.</param>
/// <param name="Offset">See <see cref="BatchRecord.FaultOffset"/>.</param>
internal readonly record struct FaultyRecord(int Record, int RecordEnd, RecordFault Fault, int Offset);
