using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace EntityImport.Csv;

/// <summary>The bytes that the tokenizer stops at, besides CR and LF. Marks of several bytes are stopped at by their first one.</summary>
internal readonly record struct StopBytes(byte Delimiter, byte Quote, byte Escape)
{
    /// <summary>Where in a block to stop.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Find<TBlock>(TBlock block) where TBlock : struct, IByteBlock<TBlock> =>
        block.Where(Delimiter) | block.Where(Quote) | block.Where(Escape) | block.Where((byte)'\n') | block.Where((byte)'\r');
}

/// <summary>A place among the stops of a buffer, moving forward only.</summary>
internal ref struct StopCursor<TBlock> where TBlock : struct, IByteBlock<TBlock>
{
    private readonly ref byte _origin;
    private readonly int _length;
    private readonly StopBytes _stops;
    private int _block;
    private ulong _mask;

    public StopCursor(ReadOnlySpan<byte> data, int position, StopBytes stops)
    {
        _origin = ref MemoryMarshal.GetReference(data);
        _length = data.Length;
        _stops = stops;
        _block = position;
        _mask = Load(position);
    }

    /// <summary>Offset of the block of 64 bytes that was scanned last.</summary>
    public readonly int Block => _block;

    /// <summary>Length of the buffer.</summary>
    public readonly int Length => _length;

    /// <summary>A byte of the buffer; <paramref name="at"/> must lie in it, which is not checked.</summary>
    public readonly byte this[int at]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Unsafe.Add(ref _origin, (nint)(uint)at);
    }

    /// <summary>The offset of the next stop, which is thereby passed; the buffer's length where there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Next()
    {
        while (_mask == 0)
        {
            _block += 64;
            if (_block >= _length)
            {
                _block = _length;
                return _length;
            }

            _mask = Load(_block);
        }

        var at = _block + BitOperations.TrailingZeroCount(_mask);
        _mask &= _mask - 1;
        return at;
    }

    /// <summary>Passes all stops before <paramref name="position"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Seek(int position)
    {
        var distance = position - _block;
        if (distance < 64)
        {
            _mask &= ulong.MaxValue << distance;
            return;
        }

        _block = Math.Min(position, _length);
        _mask = Load(_block);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly ulong Load(int position)
    {
        if (position <= _length - 64) return _stops.Find(TBlock.Load(ref Unsafe.Add(ref _origin, position)));
        return LoadTail(ref Unsafe.Add(ref _origin, position), _length - position, _stops);
    }

    /// <summary>Reads the last bytes of the buffer as if zeros followed; NUL is never a stop.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong LoadTail(ref byte start, int length, StopBytes stops)
    {
        if (length <= 0) return 0;
        Span<byte> tail = stackalloc byte[64];
        tail.Clear();
        MemoryMarshal.CreateReadOnlySpan(ref start, length).CopyTo(tail);
        return stops.Find(TBlock.Load(ref MemoryMarshal.GetReference(tail)));
    }
}
