using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace EntityImport.Rows;

/// <summary>
/// Up to <see cref="Capacity"/> consecutive records of one buffer, as offsets into it: texts in UTF-8 between bounds. It is filled by whoever reads a format, and read record by record,
/// <c>foreach (var record in batch)</c>, or column by column. Reused from batch to batch; not thread-safe.
/// </summary>
public sealed class RecordBatch
{
    /// <summary>Records in a full batch: 2,048, which is also the size of a column vector.</summary>
    public const int Capacity = 2048;

    /// <summary>
    /// Room for what is written beyond the batch's records: the CSV tokenizer writes those of a whole block of 64 bytes, also of the one that fills the
    /// batch, and some numbers more than there are.
    /// </summary>
    internal const int Spare = 64 + 16;

    /// <summary>
    /// Of each record where it starts, less the length of a delimiter, and where each of its fields ends: so the text of a field is what stands between two
    /// bounds, the delimiter that the first one points to not included. Where the next record starts right behind the end of one, they share that bound.
    /// </summary>
    private int[] _bounds = new int[Capacity * 16];

    private readonly int[] _firsts = new int[Capacity + Spare];
    private readonly int[] _lasts = new int[Capacity + Spare];
    private readonly List<FaultyRecord> _faults = [];

    /// <summary>What its fields' bytes mean; what is asked of each field is copied from it.</summary>
    private readonly FieldForm _form;
    private readonly byte _plainAbove;
    private readonly int _quote;
    private readonly byte _escape;

    private byte[] _unescaped = GC.AllocateUninitializedArray<byte>(4096, pinned: true);
    private int _unescapedLength;
    private long _lineNumber;
    private int _lineNumberAt;

    /// <summary>Makes an empty batch for records whose fields are written in a form.</summary>
    public RecordBatch(FieldForm form)
    {
        ArgumentNullException.ThrowIfNull(form);
        _form = form;
        _quote = form.EnclosingByte;
        _escape = form.EscapingByte;
        _plainAbove = form.PlainAbove;
        DelimiterLength = form.DelimiterLength;
    }

    /// <summary>The buffer that all offsets of the batch point into.</summary>
    public ReadOnlyMemory<byte> Buffer { get; private set; }

    /// <summary>Number of records in the batch.</summary>
    public int Count { get; private set; }

    /// <summary>Number of fields of all records together.</summary>
    public int FieldCount
    {
        get
        {
            var counts = Vector<int>.Zero;
            var record = 0;
            for (; record <= Count - Vector<int>.Count; record += Vector<int>.Count) counts += new Vector<int>(_lasts, record) - new Vector<int>(_firsts, record);
            var count = Vector.Sum(counts);
            for (; record < Count; record++) count += _lasts[record] - _firsts[record];
            return count;
        }
    }

    /// <summary>Records read so far from the file before this batch: the batch's first record has this number plus one.</summary>
    public long RecordsBefore { get; set; }

    /// <summary>Length of the delimiter in bytes.</summary>
    internal int DelimiterLength { get; }

    /// <summary>See <see cref="IsPlain"/>.</summary>
    internal byte PlainAbove => _plainAbove;

    internal bool IsFull => Count == Capacity;

    /// <summary>A record, by its index in the batch.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The batch has fewer records.</exception>
    public BatchRecord this[int record]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)record, (uint)Count, nameof(record));
            return new BatchRecord(this, record, Buffer.Span, _bounds.AsSpan(_firsts[record]..(_lasts[record] + 1)));
        }
    }

    /// <summary>The records, in file order.</summary>
    public Enumerator GetEnumerator() => new(this);

    /// <summary>
    /// The text of a field, escapes resolved. Empty where the record has fewer fields. Valid until the next text that is asked for, unless it is
    /// kept by <see cref="KeepText"/>.
    /// </summary>
    public ReadOnlySpan<byte> Text(int record, int column) => this[record][column];

    /// <summary>Says where a text lies, and keeps it there until the batch is cleared.</summary>
    /// <param name="text">The text that was asked for last, a part of it, or one that was made of it, which is copied.</param>
    /// <param name="unescaped">True where the text lies in <see cref="UnescapedText"/>, false where it lies in <see cref="Buffer"/>.</param>
    /// <returns>Its offset there.</returns>
    public int KeepText(ReadOnlySpan<byte> text, out bool unescaped)
    {
        unescaped = !Buffer.Span.Overlaps(text, out var start) && !text.IsEmpty;
        return unescaped ? KeepMade(text) : start;
    }

    /// <summary>Keeps a text that does not stand in the buffer.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private int KeepMade(ReadOnlySpan<byte> text)
    {
        if (!_unescaped.AsSpan().Overlaps(text, out var start))
        {
            start = _unescapedLength;
            if (_unescaped.Length - start < text.Length) GrowUnescaped(text.Length);
            text.CopyTo(_unescaped.AsSpan(start));
        }

        _unescapedLength = start + text.Length;
        return start;
    }

    /// <summary>The texts kept by <see cref="KeepText"/> whose escapes had to be resolved, or that were made of others; in memory that does not move.</summary>
    public ReadOnlyMemory<byte> UnescapedText => _unescaped.AsMemory(0, _unescapedLength);

    /// <summary>Where records start and fields end, see <see cref="BatchRecord"/>.</summary>
    internal ReadOnlySpan<int> Bounds => _bounds;

    /// <summary>The index of each record's first bound.</summary>
    internal ReadOnlySpan<int> Firsts => _firsts.AsSpan(0, Count);

    /// <summary>The index of each record's last bound: that of its first one, and the number of its fields.</summary>
    internal ReadOnlySpan<int> Lasts => _lasts.AsSpan(0, Count);

    /// <summary>The text between two delimiters.</summary>
    /// <param name="buffer"><see cref="Buffer"/>.</param>
    /// <param name="start">Offset behind the first one.</param>
    /// <param name="end">Offset of the second one.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ReadOnlySpan<byte> TextBetween(ReadOnlySpan<byte> buffer, int start, int end)
    {
        // The bounds may be those of another buffer, if a record is used after the batch has been read into again.
        if ((uint)start > (uint)end || (uint)end > (uint)buffer.Length) ThrowOutdated();
        ref var first = ref Unsafe.Add(ref MemoryMarshal.GetReference(buffer), (nint)(uint)start);
        return IsPlain(ref first, end - start, _plainAbove) ? MemoryMarshal.CreateReadOnlySpan(ref first, end - start) : TextOf(buffer, start, end);
    }

    /// <summary>Whether what stands between two delimiters is the field's text, too.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool IsPlain(ref byte first, int length, byte plainAbove) =>
        // Both differences are negative, or not: one branch, which does not depend on which of the bytes is the greater.
        length == 0 || ((plainAbove - first) & (plainAbove - Unsafe.Add(ref first, (nint)(uint)length - 1))) < 0;

    /// <summary>The same for fields that are not plain, or may not be; those that are plain have no spaces around them that could be cut.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    internal ReadOnlySpan<byte> TextOf(ReadOnlySpan<byte> buffer, int start, int end) => OtherText(buffer, start, end);

    /// <summary>The same without spaces inside quotes, where those outside are no part of a text either.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    internal ReadOnlySpan<byte> CutTextOf(ReadOnlySpan<byte> buffer, int start, int end)
    {
        var text = OtherText(buffer, start, end);
        return text.IsEmpty || (text[0] > ' ' && text[^1] > ' ') || !_form.CutsSpaces ? text : text.Trim(" \t"u8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ReadOnlySpan<byte> OtherText(ReadOnlySpan<byte> buffer, int start, int end)
    {
        // By far the most are quoted, without spaces around the quotes or escapes inside.
        if (end - start > 1 && buffer[start] == _quote && buffer[end - 1] == _quote)
        {
            var inside = buffer[(start + 1)..(end - 1)];
            if (!ContainsEscape(buffer[(start + 1)..], inside.Length)) return inside;
        }

        var value = _form.ValueOf(buffer[start..end], out var isEscaped);
        return isEscaped ? Unescape(value) : value;
    }

    /// <summary>Whether there is an escape among the first bytes of some.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool ContainsEscape(ReadOnlySpan<byte> bytes, int length)
    {
        if (!Vector256.IsHardwareAccelerated || length >= 32 || bytes.Length < 32) return bytes[..length].Contains(_escape);
        var found = Vector256.Equals(Vector256.Create(bytes), Vector256.Create(_escape)).ExtractMostSignificantBits();
        return (found & ((1u << length) - 1)) != 0;
    }

    [DoesNotReturn]
    private static void ThrowOutdated() => throw new InvalidOperationException("The batch has been read into again.");

    /// <summary>What is wrong with a record; nothing where it is not faulty.</summary>
    internal FaultyRecord FaultOf(int record)
    {
        var (from, to) = (0, _faults.Count);
        while (from < to)
        {
            var middle = (from + to) / 2;
            if (_faults[middle].Record < record) from = middle + 1;
            else to = middle;
        }

        return from < _faults.Count && _faults[from].Record == record ? _faults[from] : default;
    }

    internal long LineNumberOf(int record)
    {
        // Records are nearly always asked for in their order.
        var at = StartOf(record);
        if (at >= _lineNumberAt) _lineNumber += LineEnds.Count(Buffer.Span[_lineNumberAt..at]);
        else _lineNumber -= LineEnds.Count(Buffer.Span[at.._lineNumberAt]);
        _lineNumberAt = at;
        return _lineNumber;
    }

    /// <summary>Empties the batch and points it at a buffer.</summary>
    /// <param name="buffer">The buffer.</param>
    /// <param name="recordsBefore">See <see cref="RecordsBefore"/>.</param>
    /// <param name="position">Offset in the buffer of a line's beginning, at or before the first record.</param>
    /// <param name="lineNumber">That line's number.</param>
    internal void Clear(ReadOnlyMemory<byte> buffer, long recordsBefore, int position, long lineNumber)
    {
        Buffer = buffer;
        RecordsBefore = recordsBefore;
        Count = 0;
        _faults.Clear();
        _unescapedLength = 0;
        _lineNumberAt = position;
        _lineNumber = lineNumber;
    }

    /// <summary>Offset in the buffer at which a record starts.</summary>
    internal int StartOf(int record) => _bounds[_firsts[record]] + DelimiterLength;

    /// <summary>The number of bounds that the records have.</summary>
    internal int BoundCount => Count == 0 ? 0 : _lasts[Count - 1] + 1;

    /// <summary>Room for bounds: those of the batch's records, then those of the records that are being read. What stands there is kept.</summary>
    /// <param name="needed">How many there must be room for.</param>
    internal int[] BoundStore(int needed)
    {
        if (_bounds.Length < needed) Array.Resize(ref _bounds, Math.Max(needed, _bounds.Length * 2));
        return _bounds;
    }

    /// <summary>Room for the index of records' first bounds, also of the one behind the batch, and for <see cref="Spare"/> more.</summary>
    internal int[] FirstStore => _firsts;

    /// <summary>Room for the index of records' last bounds, and for <see cref="Spare"/> more.</summary>
    internal int[] LastStore => _lasts;

    /// <summary>Adds a record whose bounds have been written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void AddRecord(int firstBound, int lastBound)
    {
        _firsts[Count] = firstBound;
        _lasts[Count++] = lastBound;
    }

    /// <summary>Adds a record without fields.</summary>
    internal void AddFaulty(int bound, int end, RecordFault fault, int faultOffset)
    {
        _faults.Add(new FaultyRecord(Count, end, fault, faultOffset));
        AddRecord(bound, bound);
    }

    /// <summary>Says how many records have been written into the stores.</summary>
    internal void SetCount(int records) => Count = records;

    private ReadOnlySpan<byte> Unescape(ReadOnlySpan<byte> value)
    {
        if (_unescaped.Length - _unescapedLength < value.Length) GrowUnescaped(value.Length);
        var target = _unescaped.AsSpan(_unescapedLength);
        return target[.._form.Unescape(value, target)];
    }

    private void GrowUnescaped(int length)
    {
        var grown = GC.AllocateUninitializedArray<byte>(Math.Max(_unescaped.Length * 2, _unescapedLength + length), pinned: true);
        _unescaped.AsSpan(0, _unescapedLength).CopyTo(grown);
        _unescaped = grown;
    }

    /// <summary>Goes through the records of a batch.</summary>
    public ref struct Enumerator
    {
        private readonly RecordBatch _batch;
        private readonly ReadOnlySpan<byte> _buffer;
        private readonly ReadOnlySpan<int> _bounds;
        private readonly ref readonly int _firsts;
        private readonly ref readonly int _lasts;
        private readonly int _count;
        private int _record;

        internal Enumerator(RecordBatch batch)
        {
            _batch = batch;
            _buffer = batch.Buffer.Span;
            _bounds = batch._bounds;
            _firsts = ref MemoryMarshal.GetArrayDataReference(batch._firsts);
            _lasts = ref MemoryMarshal.GetArrayDataReference(batch._lasts);
            _count = batch.Count;
            _record = -1;
        }

        /// <summary>The record.</summary>
        public readonly BatchRecord Current
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get
            {
                if ((uint)_record >= (uint)_count) return default;
                var first = Unsafe.Add(ref Unsafe.AsRef(in _firsts), _record);
                return new BatchRecord(_batch, _record, _buffer, _bounds.Slice(first, Unsafe.Add(ref Unsafe.AsRef(in _lasts), _record) - first + 1));
            }
        }

        /// <summary>Goes to the next record; false where there is none.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool MoveNext() => ++_record < _count;
    }
}
