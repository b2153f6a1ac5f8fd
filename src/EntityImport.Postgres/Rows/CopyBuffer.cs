using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using EntityImport.Entities;
using EntityImport.Rows;

namespace EntityImport.Postgres.Rows;

/// <summary>Writes column vectors in the form of PostgreSQL's binary COPY, row by row, into a buffer that is sent whenever it is full: no call for a value. Not thread-safe.</summary>
/// <param name="send">Sends what the buffer holds.</param>
internal sealed class CopyBuffer(Action<ReadOnlyMemory<byte>> send) : IDisposable
{
    /// <summary>What is sent at a time: 512 KiB go to the socket without being copied once more.</summary>
    private const int SendBytes = 512 << 10;

    /// <summary>The most that a value takes which is no text: a decimal of 38 digits.</summary>
    private const int MostValueBytes = 64;

    /// <summary>Days and microseconds from 1970-01-01, which vectors count from, to 2000-01-01, which PostgreSQL counts from.</summary>
    private const int EpochDays = 10_957;
    private const long EpochMicroseconds = EpochDays * 86_400_000_000L;

    /// <summary>PostgreSQL writes decimals by four digits at a time.</summary>
    private const int GroupDigits = 4;
    private const int Group = 10_000;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(SendBytes + (SendBytes / 4));
    private int _used;

    /// <summary>Writes what every file of that form begins with.</summary>
    public void Begin()
    {
        ReadOnlySpan<byte> signature = [(byte)'P', (byte)'G', (byte)'C', (byte)'O', (byte)'P', (byte)'Y', (byte)'\n', 0xFF, (byte)'\r', (byte)'\n', 0, 0, 0, 0, 0, 0, 0, 0, 0];
        signature.CopyTo(Room(signature.Length));
        _used += signature.Length;
    }

    /// <summary>Writes the good rows of a reader's batch; answers how many.</summary>
    /// <param name="rows">The reader.</param>
    /// <param name="withNumbers">Whether their record numbers come first.</param>
    /// <param name="sizes">Finds the rows that are too large, which are left out; null where there can be none.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Write(IRowReader rows, bool withNumbers, RowSizes? sizes)
    {
        var (batch, columns, faults) = (rows.Batch, rows.Columns, rows.Faults);
        var buffer = batch.Buffer.Span;
        var unescaped = batch.UnescapedText.Span;
        var count = 0;
        for (var record = 0; record < batch.Count; record++)
        {
            if (faults.IsRejected(record) || sizes?.IsTooLarge(record, batch.RecordsBefore + record + 1) is true) continue;
            count++;
            BeginRow(columns.Count + (withNumbers ? 1 : 0));
            if (withNumbers) WriteLong(batch.RecordsBefore + record + 1);
            for (var i = 0; i < columns.Count; i++) WriteValue(columns[i], record, buffer, unescaped);
            if (_used >= SendBytes) Send();
        }

        return count;
    }

    /// <summary>Writes one row of the vectors' first values.</summary>
    public void WriteDefaults(IReadOnlyList<ColumnVector> columns)
    {
        BeginRow(columns.Count);
        foreach (var column in columns) WriteValue(column, record: 0, [], []);
    }

    /// <summary>Writes what such a file ends with, and sends the rest.</summary>
    public void End()
    {
        BinaryPrimitives.WriteInt16BigEndian(Room(sizeof(short)), -1);
        _used += sizeof(short);
        Send();
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(Interlocked.Exchange(ref _buffer, []));

    private void Send()
    {
        send(_buffer.AsMemory(0, _used));
        _used = 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Span<byte> Room(int bytes)
    {
        if (_buffer.Length - _used < bytes) Grow(bytes);
        return _buffer.AsSpan(_used, bytes);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(int bytes)
    {
        var grown = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, _used + bytes));
        _buffer.AsSpan(0, _used).CopyTo(grown);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = grown;
    }

    private void BeginRow(int columns)
    {
        BinaryPrimitives.WriteInt16BigEndian(Room(sizeof(short)), (short)columns);
        _used += sizeof(short);
    }

    private void WriteValue(ColumnVector column, int record, ReadOnlySpan<byte> buffer, ReadOnlySpan<byte> unescaped)
    {
        if (column.IsNull(record))
        {
            WriteInt(-1);
            return;
        }

        switch (column.Field.DataType)
        {
            case DataType.String:
                var span = column.Values<TextSpan>()[record];
                WriteText((span.Source switch { TextSource.Buffer => buffer, TextSource.Unescaped => unescaped, _ => column.DefaultText.Span }).Slice(span.Start, span.Length));
                break;
            case DataType.Integer: WriteLong(column.Values<long>()[record]); break;
            case DataType.Double: WriteLong(BitConverter.DoubleToInt64Bits(column.Values<double>()[record])); break;
            case DataType.DateTime: WriteLong(column.Values<long>()[record] - EpochMicroseconds); break;
            case DataType.Date:
                WriteInt(sizeof(int));
                WriteInt(column.Values<int>()[record] - EpochDays);
                break;
            case DataType.Boolean:
                WriteInt(sizeof(byte));
                Room(1)[0] = column.Values<byte>()[record];
                _used++;
                break;
            default: WriteDecimal(column, record); break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void WriteInt(int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(Room(sizeof(int)), value);
        _used += sizeof(int);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void WriteLong(long value)
    {
        var room = Room(sizeof(int) + sizeof(long));
        BinaryPrimitives.WriteInt32BigEndian(room, sizeof(long));
        BinaryPrimitives.WriteInt64BigEndian(room[sizeof(int)..], value);
        _used += sizeof(int) + sizeof(long);
    }

    private void WriteText(ReadOnlySpan<byte> text)
    {
        var room = Room(sizeof(int) + text.Length);
        BinaryPrimitives.WriteInt32BigEndian(room, text.Length);
        text.CopyTo(room[sizeof(int)..]);
        _used += sizeof(int) + text.Length;
    }

    private void WriteDecimal(ColumnVector column, int record)
    {
        var scale = column.Field.Scale;
        switch (column.ValueSize)
        {
            case sizeof(short): WriteDecimal(column.Values<short>()[record], scale); break;
            case sizeof(int): WriteDecimal(column.Values<int>()[record], scale); break;
            case sizeof(long): WriteDecimal(column.Values<long>()[record], scale); break;
            default: WriteDecimal(column.Values<Int128>()[record], scale); break;
        }
    }

    private void WriteDecimal(long value, int scale)
    {
        Span<ushort> groups = stackalloc ushort[16];
        var rest = (ulong)Math.Abs(value);
        var first = groups.Length;
        var pad = scale % GroupDigits;
        if (pad > 0)
        {
            // The last group is not full.
            var unit = Power(pad);
            groups[--first] = (ushort)((int)(rest % (ulong)unit) * Power(GroupDigits - pad));
            rest /= (ulong)unit;
        }

        for (; rest > 0; rest /= Group) groups[--first] = (ushort)(rest % Group);
        WriteDecimal(groups[first..], (scale + GroupDigits - 1) / GroupDigits, value < 0, scale);
    }

    private void WriteDecimal(Int128 value, int scale)
    {
        if (value >= -long.MaxValue && value <= long.MaxValue)
        {
            WriteDecimal((long)value, scale);
            return;
        }

        Span<ushort> groups = stackalloc ushort[16];
        var rest = (UInt128)Int128.Abs(value);
        var first = groups.Length;
        var pad = scale % GroupDigits;
        if (pad > 0)
        {
            var (quotient, last) = UInt128.DivRem(rest, (UInt128)Power(pad));
            groups[--first] = (ushort)((int)last * Power(GroupDigits - pad));
            rest = quotient;
        }

        while (rest > 0)
        {
            (rest, var group) = UInt128.DivRem(rest, Group);
            groups[--first] = (ushort)group;
        }

        WriteDecimal(groups[first..], (scale + GroupDigits - 1) / GroupDigits, value < 0, scale);
    }

    /// <summary>Writes a decimal by its groups of four digits.</summary>
    /// <param name="groups">The groups, the highest first; where they are fewer than those behind the point, the others are zeros.</param>
    /// <param name="behind">How many of them are behind the point.</param>
    /// <param name="isNegative">Whether it is below zero.</param>
    /// <param name="scale">How many digits behind the point it is shown with.</param>
    private void WriteDecimal(ReadOnlySpan<ushort> groups, int behind, bool isNegative, int scale)
    {
        var weight = groups.Length - behind - 1;
        while (groups.Length > 0 && groups[0] == 0)
        {
            groups = groups[1..];
            weight--;
        }

        while (groups.Length > 0 && groups[^1] == 0) groups = groups[..^1];
        var room = Room(MostValueBytes);
        var bytes = (4 + groups.Length) * sizeof(short);
        BinaryPrimitives.WriteInt32BigEndian(room, bytes);
        BinaryPrimitives.WriteInt16BigEndian(room[4..], (short)groups.Length);
        BinaryPrimitives.WriteInt16BigEndian(room[6..], (short)(groups.Length == 0 ? 0 : weight));
        BinaryPrimitives.WriteUInt16BigEndian(room[8..], (ushort)(isNegative && groups.Length > 0 ? 0x4000 : 0));
        BinaryPrimitives.WriteInt16BigEndian(room[10..], (short)scale);
        for (var i = 0; i < groups.Length; i++) BinaryPrimitives.WriteUInt16BigEndian(room[(12 + (i * sizeof(short)))..], groups[i]);
        _used += sizeof(int) + bytes;
    }

    private static int Power(int digits) => digits switch { 0 => 1, 1 => 10, 2 => 100, _ => 1000 };
}
