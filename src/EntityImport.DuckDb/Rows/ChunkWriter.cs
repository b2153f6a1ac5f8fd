using System.Runtime.CompilerServices;
using EntityImport.DuckDb.Connections;
using EntityImport.Entities;
using EntityImport.Rows;

namespace EntityImport.DuckDb.Rows;

/// <summary>Writes column vectors into DuckDB's data chunks: whole columns, no call for a value. Not thread-safe.</summary>
/// <remarks>
/// Texts are not copied: the chunk points at them. DuckDB hands a chunk through all operators of a pipeline before it asks for the next one, and what keeps
/// values for longer copies them, so they need to stay only until then.
/// </remarks>
internal sealed unsafe class ChunkWriter
{
    private readonly int[] _good = new int[RecordBatch.Capacity];

    /// <summary>Writes the good rows of a reader's batch, their record numbers first; answers how many.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Write(IRowReader rows, nint chunk)
    {
        var batch = rows.Batch;
        var count = SelectGood(batch.Count, rows.Faults);
        var numbers = new Span<long>(Data(chunk, 0, out _), count);
        for (var i = 0; i < count; i++) numbers[i] = batch.RecordsBefore + _good[i] + 1;
        for (var i = 0; i < rows.Columns.Count; i++) Copy(rows.Columns[i], chunk, i + 1, count, batch.Count, Texts.Of(batch, rows.Columns[i]));
        Native.SetChunkSize(chunk, (ulong)count);
        return count;
    }

    /// <summary>Writes one row of the vectors' first values, with 0 for its number.</summary>
    public void WriteDefaults(IReadOnlyList<ColumnVector> columns, nint chunk)
    {
        _good[0] = 0;
        *(long*)Data(chunk, 0, out _) = 0;
        for (var i = 0; i < columns.Count; i++) Copy(columns[i], chunk, i + 1, count: 1, records: 1, Texts.Of(null, columns[i]));
        Native.SetChunkSize(chunk, 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int SelectGood(int records, RecordFaults faults)
    {
        var count = 0;
        for (var record = 0; record < records; record++)
        {
            _good[count] = record;
            if (!faults.IsRejected(record)) count++;
        }

        return count;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Copy(ColumnVector column, nint chunk, int index, int count, int records, Texts texts)
    {
        var target = Data(chunk, index, out var vector);
        if (column.HasNulls)
        {
            Native.MakeValidityWritable(vector);
            var validity = Native.GetValidity(vector);
            for (var i = 0; i < count; i++)
            {
                ref var word = ref validity[i >> 6];
                var bit = 1ul << i;
                if (column.IsNull(_good[i])) word &= ~bit;
                else word |= bit;
            }
        }

        if (column.Field.DataType == DataType.String) CopyTexts(column, (DuckDbText*)target, count, texts);
        else if (count == records) column.Bytes[..(count * column.ValueSize)].CopyTo(new Span<byte>(target, count * column.ValueSize));
        else Gather(column, target, count);
    }

    private void Gather(ColumnVector column, void* target, int count)
    {
        switch (column.ValueSize)
        {
            case 1: Gather<byte>(column, target, count); break;
            case 2: Gather<short>(column, target, count); break;
            case 4: Gather<int>(column, target, count); break;
            case 8: Gather<long>(column, target, count); break;
            case 16: Gather<Int128>(column, target, count); break;
            default: throw new ArgumentOutOfRangeException(nameof(column), column.ValueSize, "Unknown value size.");
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Gather<T>(ColumnVector column, void* target, int count) where T : unmanaged
    {
        var source = column.Values<T>();
        for (var i = 0; i < count; i++) Unsafe.WriteUnaligned(Unsafe.Add<T>(target, i), source[_good[i]]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void CopyTexts(ColumnVector column, DuckDbText* target, int count, Texts texts)
    {
        var spans = column.Values<TextSpan>();
        for (var i = 0; i < count; i++)
        {
            var record = _good[i];
            if (column.IsNull(record)) continue;
            var span = spans[record];
            target[i] = DuckDbText.Point(texts.At(span.Source) + span.Start, span.Length);
        }
    }

    private static void* Data(nint chunk, int index, out nint vector)
    {
        vector = Native.GetVector(chunk, (ulong)index);
        return Native.GetData(vector);
    }

    /// <summary>The pinned memory that texts lie in.</summary>
    private readonly struct Texts(byte* buffer, byte* unescaped, byte* fallback)
    {
        private readonly byte* _buffer = buffer;
        private readonly byte* _unescaped = unescaped;
        private readonly byte* _fallback = fallback;

        /// <summary>The memory of a batch, which is allocated so that it never moves, and of a column's default, which is likewise.</summary>
        public static Texts Of(RecordBatch? batch, ColumnVector column) =>
            new(batch is null ? null : Address(batch.Buffer.Span), batch is null ? null : Address(batch.UnescapedText.Span), Address(column.DefaultText.Span));

        public byte* At(TextSource source) => source switch
        {
            TextSource.Buffer => _buffer,
            TextSource.Unescaped => _unescaped,
            _ => _fallback,
        };

        private static byte* Address(ReadOnlySpan<byte> pinned) => (byte*)Unsafe.AsPointer(ref System.Runtime.InteropServices.MemoryMarshal.GetReference(pinned));
    }
}
