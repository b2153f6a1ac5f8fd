using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace EntityImport.Csv;

/// <summary>The bytes that the tokenizer stops at. Marks of several bytes are stopped at by their first one.</summary>
internal readonly record struct StopBytes(byte Delimiter, byte Quote, byte Escape);

/// <summary>Finds the bytes that matter in a block of 64: delimiters, quotes, escapes and line ends.</summary>
internal interface IBlockScanner<TSelf> where TSelf : struct, IBlockScanner<TSelf>
{
    /// <summary>Makes a scanner for the given bytes, and for CR and LF.</summary>
    static abstract TSelf Create(StopBytes stops);

    /// <summary>One bit for each of the 64 bytes from <paramref name="block"/> on, the lowest for the first: 1 where it is to be stopped at.</summary>
    ulong Scan(ref byte block);
}

/// <summary>Which instructions a <see cref="CsvTokenizer"/> uses.</summary>
public enum BlockScan
{
    /// <summary>The widest that the machine has.</summary>
    Best,

    /// <summary>One byte after the other.</summary>
    Scalar,

    /// <summary>Vectors of 16 bytes.</summary>
    Vector128,

    /// <summary>Vectors of 32 bytes.</summary>
    Vector256,

    /// <summary>Vectors of 64 bytes.</summary>
    Vector512,
}

internal readonly struct ScalarScanner(StopBytes stops) : IBlockScanner<ScalarScanner>
{
    public static ScalarScanner Create(StopBytes stops) => new(stops);

    public ulong Scan(ref byte block)
    {
        ulong mask = 0;
        for (var i = 0; i < 64; i++)
        {
            var value = Unsafe.Add(ref block, i);
            if (value == stops.Delimiter || value == stops.Quote || value == stops.Escape || value is (byte)'\n' or (byte)'\r')
                mask |= 1ul << i;
        }

        return mask;
    }
}

internal readonly struct Vector128Scanner(StopBytes stops) : IBlockScanner<Vector128Scanner>
{
    private readonly Vector128<byte> _delimiter = Vector128.Create(stops.Delimiter);
    private readonly Vector128<byte> _quote = Vector128.Create(stops.Quote);
    private readonly Vector128<byte> _escape = Vector128.Create(stops.Escape);

    public static Vector128Scanner Create(StopBytes stops) => new(stops);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Scan(ref byte block) =>
        Scan16(ref block) | (Scan16(ref Unsafe.Add(ref block, 16)) << 16) |
        (Scan16(ref Unsafe.Add(ref block, 32)) << 32) | (Scan16(ref Unsafe.Add(ref block, 48)) << 48);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong Scan16(ref byte block)
    {
        var bytes = Vector128.LoadUnsafe(ref block);
        var found = Vector128.Equals(bytes, _delimiter) | Vector128.Equals(bytes, _quote) | Vector128.Equals(bytes, _escape)
            | Vector128.Equals(bytes, Vector128.Create((byte)'\n')) | Vector128.Equals(bytes, Vector128.Create((byte)'\r'));
        return found.ExtractMostSignificantBits();
    }
}

internal readonly struct Vector256Scanner(StopBytes stops) : IBlockScanner<Vector256Scanner>
{
    private readonly Vector256<byte> _delimiter = Vector256.Create(stops.Delimiter);
    private readonly Vector256<byte> _quote = Vector256.Create(stops.Quote);
    private readonly Vector256<byte> _escape = Vector256.Create(stops.Escape);

    public static Vector256Scanner Create(StopBytes stops) => new(stops);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Scan(ref byte block) => Scan32(ref block) | (Scan32(ref Unsafe.Add(ref block, 32)) << 32);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong Scan32(ref byte block)
    {
        var bytes = Vector256.LoadUnsafe(ref block);
        var found = Vector256.Equals(bytes, _delimiter) | Vector256.Equals(bytes, _quote) | Vector256.Equals(bytes, _escape)
            | Vector256.Equals(bytes, Vector256.Create((byte)'\n')) | Vector256.Equals(bytes, Vector256.Create((byte)'\r'));
        return found.ExtractMostSignificantBits();
    }
}

internal readonly struct Vector512Scanner(StopBytes stops) : IBlockScanner<Vector512Scanner>
{
    private readonly Vector512<byte> _delimiter = Vector512.Create(stops.Delimiter);
    private readonly Vector512<byte> _quote = Vector512.Create(stops.Quote);
    private readonly Vector512<byte> _escape = Vector512.Create(stops.Escape);

    public static Vector512Scanner Create(StopBytes stops) => new(stops);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Scan(ref byte block)
    {
        var bytes = Vector512.LoadUnsafe(ref block);
        var found = Vector512.Equals(bytes, _delimiter) | Vector512.Equals(bytes, _quote) | Vector512.Equals(bytes, _escape)
            | Vector512.Equals(bytes, Vector512.Create((byte)'\n')) | Vector512.Equals(bytes, Vector512.Create((byte)'\r'));
        return found.ExtractMostSignificantBits();
    }
}

/// <summary>A place among the stops of a buffer, moving forward only. Small, so that it stays in registers: the scanner comes with each call.</summary>
internal ref struct StopCursor<TScanner> where TScanner : struct, IBlockScanner<TScanner>
{
    private readonly ref byte _origin;
    private readonly int _length;
    private int _block;
    private ulong _mask;

    public StopCursor(ReadOnlySpan<byte> data, int position, in TScanner scanner)
    {
        _origin = ref MemoryMarshal.GetReference(data);
        _length = data.Length;
        _block = position;
        _mask = Load(position, scanner);
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
    public int Next(in TScanner scanner)
    {
        while (_mask == 0)
        {
            _block += 64;
            if (_block >= _length)
            {
                _block = _length;
                return _length;
            }

            _mask = Load(_block, scanner);
        }

        var at = _block + BitOperations.TrailingZeroCount(_mask);
        _mask &= _mask - 1;
        return at;
    }

    /// <summary>Passes all stops before <paramref name="position"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Seek(int position, in TScanner scanner)
    {
        var distance = position - _block;
        if (distance < 64)
        {
            _mask &= ulong.MaxValue << distance;
            return;
        }

        _block = Math.Min(position, _length);
        _mask = Load(_block, scanner);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly ulong Load(int position, in TScanner scanner)
    {
        if (position <= _length - 64) return scanner.Scan(ref Unsafe.Add(ref _origin, position));
        return LoadTail(ref Unsafe.Add(ref _origin, position), _length - position, scanner);
    }

    /// <summary>Reads the last bytes of the buffer as if zeros followed; NUL is never a stop.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong LoadTail(ref byte start, int length, in TScanner scanner)
    {
        if (length <= 0) return 0;
        Span<byte> tail = stackalloc byte[64];
        tail.Clear();
        MemoryMarshal.CreateReadOnlySpan(ref start, length).CopyTo(tail);
        return scanner.Scan(ref MemoryMarshal.GetReference(tail));
    }
}
