using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using EntityImport.Catalog;
using EntityImport.Inputs;
using EntityImport.Rows;

namespace EntityImport.Imports.Running.Warnings;

/// <summary>The different values of one column among one thread's rows, as long as they are few. Not thread-safe.</summary>
/// <remarks>It is asked for each value of the import, so it compares bytes: of a text its own, of other types those of the <see cref="ColumnVector"/>.</remarks>
internal sealed class ValueSet
{
    // Twice as many as can be found, so that a free slot is always near.
    private const int Slots = 128;

    private readonly Slot[] _slots = new Slot[Slots];
    private readonly List<Entry> _entries = [];

    /// <summary>The values, each with the row where it came first.</summary>
    public IReadOnlyList<Entry> Entries => _entries;

    /// <summary>How many values were looked at.</summary>
    public long Count { get; private set; }

    /// <summary>Looks at the values of a batch.</summary>
    /// <returns>False where there are too many different ones, or one is too long: this is no list of values.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TryAdd(IInput input, RecordBatch batch, ColumnVector column, RecordFaults faults)
    {
        var isText = column.Field.DataType == Entities.DataType.String;
        if (!isText && column.ValueSize == 1 && _entries.Count == 2)
        {
            // Of a boolean there is nothing more to be found.
            Count += batch.Count - faults.LeftOutRecords;
            return true;
        }

        var texts = isText ? column.Values<TextSpan>() : default;
        var buffer = batch.Buffer.Span;
        var unescaped = batch.UnescapedText.Span;
        for (var record = 0; record < batch.Count; record++)
        {
            if (faults.IsRejected(record) || column.IsNull(record)) continue;
            ReadOnlySpan<byte> value;
            if (isText)
            {
                var text = texts[record];
                var source = text.Source switch
                {
                    TextSource.Buffer => buffer,
                    TextSource.Unescaped => unescaped,
                    _ => column.DefaultText.Span,
                };
                value = source.Slice(text.Start, text.Length);
            }
            else
            {
                value = column.Bytes.Slice(record * column.ValueSize, column.ValueSize);
            }

            Count++;
            var ends = EndsOf(value);
            var slot = (int)(unchecked((ends + (uint)value.Length) * 0x9E3779B97F4A7C15) >> 57);
            // Of a text of at most 8 bytes its ends are all of it.
            while (_slots[slot] is var known && known.Entry != 0 && (known.Ends != ends || known.Length != value.Length || (value.Length > 8 && !value.SequenceEqual(_entries[known.Entry - 1].Value))))
                slot = (slot + 1) & (Slots - 1);
            if (_slots[slot].Entry != 0) continue;
            if (_entries.Count == ValueList.MaxValues || value.Length > ValueList.MaxCharacters * 3) return false;
            _entries.Add(new Entry(value.ToArray(), batch.RecordsBefore + record + 1, input.LineOf(batch, record)));
            _slots[slot] = new Slot(ends, value.Length, _entries.Count);
        }

        return true;
    }

    /// <summary>A value's beginning and end; of one of at most 8 bytes all of it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong EndsOf(ReadOnlySpan<byte> value)
    {
        ref var first = ref MemoryMarshal.GetReference(value);
        if (value.Length > 8) return Unsafe.ReadUnaligned<ulong>(ref first) ^ unchecked(Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, value.Length - 8)) * 31);
        if (value.Length >= 4) return Unsafe.ReadUnaligned<uint>(ref first) | ((ulong)Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref first, value.Length - 4)) << 32);
        return value.Length == 0 ? 0 : first | ((uint)Unsafe.Add(ref first, value.Length >> 1) << 8) | ((uint)Unsafe.Add(ref first, value.Length - 1) << 16);
    }

    /// <summary>Where a value is found; none where <paramref name="Entry"/> is 0.</summary>
    private readonly record struct Slot(ulong Ends, int Length, int Entry);

    /// <summary>A value.</summary>
    /// <param name="Value">Its bytes.</param>
    /// <param name="Row">The row where it came first, from 1.</param>
    /// <param name="Line">The line on which that begins.</param>
    public sealed record Entry(byte[] Value, long Row, long Line);
}
