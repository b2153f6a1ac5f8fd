using System.Runtime.CompilerServices;

namespace EntityImport.Csv;

/// <summary>
/// Up to <see cref="Capacity"/> consecutive records of one buffer, as offsets into it. It is filled by the tokenizer
/// and read column by column. Reused from batch to batch; not thread-safe.
/// </summary>
public sealed class RecordBatch
{
    /// <summary>Records in a full batch: 2,048, which is also the size of a column vector.</summary>
    public const int Capacity = 2048;

    /// <summary>Fields that may end in one block of the tokenizer, and records: it writes those of a whole block, also of the one that fills the batch.</summary>
    internal const int BlockSize = 64;

    private readonly RecordSpan[] _records = new RecordSpan[Capacity + BlockSize];
    private FieldSpan[] _fields = new FieldSpan[Capacity * 16];
    private byte[] _unescaped = GC.AllocateUninitializedArray<byte>(4096, pinned: true);
    private int _unescapedLength;

    /// <summary>Makes an empty batch for records of a dialect.</summary>
    public RecordBatch(CsvDialect dialect)
    {
        ArgumentNullException.ThrowIfNull(dialect);
        Dialect = dialect;
    }

    /// <summary>The dialect that the records are written in.</summary>
    public CsvDialect Dialect { get; }

    /// <summary>The buffer that all offsets of the batch point into.</summary>
    public ReadOnlyMemory<byte> Buffer { get; private set; }

    /// <summary>Number of records in the batch.</summary>
    public int Count { get; private set; }

    /// <summary>Number of fields of all records together.</summary>
    public int FieldCount { get; private set; }

    /// <summary>Records read so far from the file before this batch: the batch's first record has this number plus one.</summary>
    public long RecordsBefore { get; set; }

    /// <summary>The records, in file order.</summary>
    public ReadOnlySpan<RecordSpan> Records => _records.AsSpan(0, Count);

    /// <summary>The fields of all records, one record after the other.</summary>
    public ReadOnlySpan<FieldSpan> Fields => _fields.AsSpan(0, FieldCount);

    /// <summary>
    /// The text of a field, escapes resolved. Empty where the record has fewer fields. Valid until the next call that finds an escaped field,
    /// unless it is kept by <see cref="KeepText"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> Text(int record, int column)
    {
        ref readonly var span = ref _records[record];
        if ((uint)column >= (uint)span.FieldCount) return default;
        var field = _fields[span.FirstField + column];
        return field.IsEscaped ? Unescape(field) : Buffer.Span.Slice(field.Start, field.Length);
    }

    /// <summary>Like <see cref="Text"/>, but says where the text lies, and keeps it there until the batch is cleared.</summary>
    /// <param name="record">Index of the record in the batch.</param>
    /// <param name="column">Index of the column.</param>
    /// <param name="unescaped">True where the text lies in <see cref="UnescapedText"/>, false where it lies in <see cref="Buffer"/>.</param>
    /// <returns>Offset and length there.</returns>
    public (int Start, int Length) KeepText(int record, int column, out bool unescaped)
    {
        unescaped = false;
        ref readonly var span = ref _records[record];
        if ((uint)column >= (uint)span.FieldCount) return default;
        var field = _fields[span.FirstField + column];
        if (!field.IsEscaped) return (field.Start, field.Length);
        unescaped = true;
        var length = Unescape(field).Length;
        var start = _unescapedLength;
        _unescapedLength += length;
        return (start, length);
    }

    /// <summary>The texts kept by <see cref="KeepText"/> whose escapes had to be resolved; in memory that does not move.</summary>
    public ReadOnlyMemory<byte> UnescapedText => _unescaped.AsMemory(0, _unescapedLength);

    /// <summary>The bytes of a record as they stand in the buffer, line end not included.</summary>
    public ReadOnlySpan<byte> RawRecord(int record)
    {
        ref readonly var span = ref _records[record];
        return Buffer.Span[span.Start..span.End];
    }

    /// <summary>Empties the batch and points it at a buffer.</summary>
    internal void Clear(ReadOnlyMemory<byte> buffer, long recordsBefore)
    {
        Buffer = buffer;
        RecordsBefore = recordsBefore;
        Count = 0;
        FieldCount = 0;
        _unescapedLength = 0;
    }

    internal bool IsFull => Count == Capacity;

    /// <summary>Room for fields: those of the batch's records, then those of the record being read.</summary>
    internal FieldSpan[] FieldStore => _fields;

    /// <summary>Room for records: those of the batch, then <see cref="BlockSize"/> more than it may have.</summary>
    internal RecordSpan[] RecordStore => _records;

    /// <summary>Makes <see cref="FieldStore"/> larger; what stands in it is kept.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal FieldSpan[] GrowFieldStore()
    {
        Array.Resize(ref _fields, _fields.Length * 2);
        return _fields;
    }

    /// <summary>Adds a record, and to the batch's fields those of <see cref="FieldStore"/> that belong to it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void AddRecord(in RecordSpan record)
    {
        _records[Count++] = record;
        FieldCount = record.FirstField + record.FieldCount;
    }

    /// <summary>Says how many of the records of <see cref="RecordStore"/> and of the fields of <see cref="FieldStore"/> the batch has.</summary>
    internal void SetCounts(int records, int fields)
    {
        Count = records;
        FieldCount = fields;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ReadOnlySpan<byte> Unescape(FieldSpan field)
    {
        var source = Buffer.Span.Slice(field.Start, field.Length);
        if (_unescaped.Length - _unescapedLength < source.Length)
            GrowUnescaped(source.Length);
        var target = _unescaped.AsSpan(_unescapedLength);
        var quote = Dialect.QuoteBytes;
        var escape = Dialect.EscapeBytes;
        var length = 0;
        while (source.Length > 0)
        {
            var at = source.IndexOf(escape);
            // An escape is dropped before a quote or another escape; before anything else it is text.
            if (at < 0 || at + escape.Length >= source.Length) at = source.Length;
            source[..at].CopyTo(target[length..]);
            length += at;
            source = source[at..];
            if (source.IsEmpty) break;
            var next = source[escape.Length..];
            var kept = next.StartsWith(quote) ? quote.Length : next.StartsWith(escape) ? escape.Length : 0;
            var from = kept > 0 ? escape.Length : 0;
            var taken = kept > 0 ? kept : escape.Length;
            source.Slice(from, taken).CopyTo(target[length..]);
            length += taken;
            source = source[(from + taken)..];
        }

        return target[..length];
    }

    private void GrowUnescaped(int length)
    {
        var grown = GC.AllocateUninitializedArray<byte>(Math.Max(_unescaped.Length * 2, _unescapedLength + length), pinned: true);
        _unescaped.AsSpan(0, _unescapedLength).CopyTo(grown);
        _unescaped = grown;
    }
}
