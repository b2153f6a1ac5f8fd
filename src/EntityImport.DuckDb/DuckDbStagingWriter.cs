using System.Runtime.CompilerServices;
using DuckDB.NET.Data;
using DuckDB.NET.Native;
using EntityImport.Conversion;
using EntityImport.Csv;
using EntityImport.Entities;
using EntityImport.Storage;
using DuckDBAppender = DuckDB.NET.Native.DuckDBAppender;

namespace EntityImport.DuckDb;

/// <summary>Appends whole columns to a staging table: DuckDB's own data chunks, no call for a value.</summary>
internal sealed unsafe class DuckDbStagingWriter : IStagingWriter
{
    private readonly DuckDBConnection _connection;
    private readonly DuckDBAppender _appender;
    private readonly DuckDBDataChunk _chunk;
    private readonly int[] _good = new int[RecordBatch.Capacity];

    public DuckDbStagingWriter(Database database, string catalog, string table, IReadOnlyList<FieldDefinition> fields)
    {
        _connection = database.Connect();
        if (NativeMethods.Appender.DuckDBAppenderCreateExt(_connection.NativeConnection, catalog, "main", table, out _appender) != DuckDBState.Success)
            throw Failure();
        var types = new List<DuckDBLogicalType> { NativeMethods.LogicalType.DuckDBCreateLogicalType(DuckDBType.BigInt) };
        types.AddRange(fields.Select(CreateType));
        _chunk = NativeMethods.DataChunks.DuckDBCreateDataChunk([.. types.Select(type => type.DangerousGetHandle())], (ulong)types.Count);
        foreach (var type in types) type.Dispose();
    }

    public void Append(RecordBatch batch, IReadOnlyList<ColumnVector> columns, RecordFaults faults)
    {
        var count = SelectGood(batch.Count, faults);
        if (count == 0) return;
        NativeMethods.DataChunks.DuckDBDataChunkReset(_chunk);
        var numbers = new Span<long>(Data(0, out _), count);
        for (var i = 0; i < count; i++) numbers[i] = batch.RecordsBefore + _good[i] + 1;
        using var buffer = batch.Buffer.Pin();
        using var unescaped = batch.UnescapedText.Pin();
        for (var i = 0; i < columns.Count; i++)
        {
            using var fallback = columns[i].DefaultText.Pin();
            Copy(columns[i], i + 1, count, batch.Count, new Texts((byte*)buffer.Pointer, (byte*)unescaped.Pointer, (byte*)fallback.Pointer));
        }

        AppendChunk(count);
    }

    /// <summary>Adds one row of the vectors' first values, without a record number.</summary>
    public void AppendDefaults(IReadOnlyList<ColumnVector> columns)
    {
        NativeMethods.DataChunks.DuckDBDataChunkReset(_chunk);
        *(long*)Data(0, out _) = 0;
        for (var i = 0; i < columns.Count; i++)
        {
            using var fallback = columns[i].DefaultText.Pin();
            Copy(columns[i], i + 1, count: 1, records: 1, new Texts(null, null, (byte*)fallback.Pointer));
        }

        AppendChunk(1);
    }

    public void Complete()
    {
        if (NativeMethods.Appender.DuckDBAppenderClose(_appender) != DuckDBState.Success) throw Failure();
    }

    public void Dispose()
    {
        _chunk.Dispose();
        _appender.Dispose();
        _connection.Dispose();
    }

    private static DuckDBLogicalType CreateType(FieldDefinition field) => field.DataType switch
    {
        DataType.String => NativeMethods.LogicalType.DuckDBCreateLogicalType(DuckDBType.Varchar),
        DataType.Integer => NativeMethods.LogicalType.DuckDBCreateLogicalType(DuckDBType.BigInt),
        DataType.Double => NativeMethods.LogicalType.DuckDBCreateLogicalType(DuckDBType.Double),
        DataType.Boolean => NativeMethods.LogicalType.DuckDBCreateLogicalType(DuckDBType.Boolean),
        DataType.Date => NativeMethods.LogicalType.DuckDBCreateLogicalType(DuckDBType.Date),
        DataType.DateTime => NativeMethods.LogicalType.DuckDBCreateLogicalType(DuckDBType.Timestamp),
        _ => NativeMethods.LogicalType.DuckDBCreateDecimalType((byte)field.Precision, (byte)field.Scale),
    };

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

    private void Copy(ColumnVector column, int index, int count, int records, Texts texts)
    {
        var target = Data(index, out var vector);
        if (column.HasNulls)
        {
            NativeMethods.Vectors.DuckDBVectorEnsureValidityWritable(vector);
            var validity = NativeMethods.Vectors.DuckDBVectorGetValidity(vector);
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

    private void Gather<T>(ColumnVector column, void* target, int count) where T : unmanaged
    {
        var source = column.Values<T>();
        for (var i = 0; i < count; i++) Unsafe.WriteUnaligned(Unsafe.Add<T>(target, i), source[_good[i]]);
    }

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

    private void* Data(int index, out IntPtr vector)
    {
        vector = NativeMethods.DataChunks.DuckDBDataChunkGetVector(_chunk, index);
        return NativeMethods.Vectors.DuckDBVectorGetData(vector);
    }

    private void AppendChunk(int count)
    {
        NativeMethods.DataChunks.DuckDBDataChunkSetSize(_chunk, (ulong)count);
        // Appending copies values and texts, so that the memory that texts point to is free again after it.
        if (NativeMethods.Appender.DuckDBAppendDataChunk(_appender, _chunk) != DuckDBState.Success) throw Failure();
    }

    private InvalidOperationException Failure()
    {
        using var error = NativeMethods.Appender.DuckDBAppenderErrorData(_appender);
        return new InvalidOperationException($"Staging failed: {NativeMethods.ErrorData.DuckDBErrorDataMessage(error)}");
    }

    /// <summary>The pinned memory that texts lie in.</summary>
    private readonly struct Texts(byte* buffer, byte* unescaped, byte* fallback)
    {
        private readonly byte* _buffer = buffer;
        private readonly byte* _unescaped = unescaped;
        private readonly byte* _fallback = fallback;

        public byte* At(TextSource source) => source switch
        {
            TextSource.Buffer => _buffer,
            TextSource.Unescaped => _unescaped,
            _ => _fallback,
        };
    }
}
