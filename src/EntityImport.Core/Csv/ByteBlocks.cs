using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EntityImport.Csv;

/// <summary>
/// 64 bytes that can be asked where a value stands among them. This is all that differs from one width of vectors to the other: everything that is
/// read from the answers is written once.
/// </summary>
internal interface IByteBlock<TSelf> where TSelf : struct, IByteBlock<TSelf>
{
    /// <summary>Takes the 64 bytes from <paramref name="start"/> on.</summary>
    static abstract TSelf Load(ref byte start);

    /// <summary>One bit for each byte, the lowest for the first: 1 where it is <paramref name="value"/>.</summary>
    ulong Where(byte value);

    /// <summary>One bit for each byte: 1 where it is not above <paramref name="value"/>, which is below 127, or is no ASCII. As a signed number it is below that, so this costs no more.</summary>
    ulong WhereAtMostOrNoAscii(byte value);

    /// <summary>Writes the places of ends as offsets in the buffer, and behind them some that do not matter, at most 64 in all.</summary>
    /// <param name="ends">The ends, one bit for each.</param>
    /// <param name="block">Offset of the block in the buffer.</param>
    /// <param name="target">Gets the offsets.</param>
    static virtual void WriteEnds(ulong ends, int block, ref int target) => BlockMarks.WriteEnds(ends, block, ref target);
}

/// <summary>A block as eight words of 64 bits, for machines without vectors.</summary>
internal readonly struct ScalarBlock : IByteBlock<ScalarBlock>
{
    private const ulong LowBits = 0x7F7F_7F7F_7F7F_7F7F;

    private readonly Words _words;

    private ScalarBlock(in Words words) => _words = words;

    public static ScalarBlock Load(ref byte start) => new(Unsafe.ReadUnaligned<Words>(ref start));

    public ulong Where(byte value)
    {
        var pattern = value * 0x0101_0101_0101_0101ul;
        ulong mask = 0;
        for (var i = 0; i < 8; i++)
        {
            var word = BitConverter.IsLittleEndian ? _words[i] : BinaryPrimitives.ReverseEndianness(_words[i]);
            var differing = word ^ pattern;
            // The highest bit of each byte that does not differ; carries do not leave a byte.
            var equal = ~(((differing & LowBits) + LowBits) | differing | LowBits);
            // The multiplication brings the eight bits side by side.
            mask |= ((equal >> 7) * 0x0102_0408_1020_4080 >> 56) << (i * 8);
        }

        return mask;
    }

    public ulong WhereAtMostOrNoAscii(byte value)
    {
        var offset = (ulong)(127 - value) * 0x0101_0101_0101_0101ul;
        ulong mask = 0;
        for (var i = 0; i < 8; i++)
        {
            var word = BitConverter.IsLittleEndian ? _words[i] : BinaryPrimitives.ReverseEndianness(_words[i]);
            // The highest bit of each byte that has it, or is not above the value.
            var atMost = (~((word & LowBits) + offset) | word) & ~LowBits;
            mask |= ((atMost >> 7) * 0x0102_0408_1020_4080 >> 56) << (i * 8);
        }

        return mask;
    }

    [InlineArray(8)]
    private struct Words
    {
        private ulong _first;
    }
}

/// <summary>A block as four vectors.</summary>
internal readonly struct Vector128Block : IByteBlock<Vector128Block>
{
    private readonly Vector128<byte> _first;
    private readonly Vector128<byte> _second;
    private readonly Vector128<byte> _third;
    private readonly Vector128<byte> _fourth;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector128Block(ref byte start)
    {
        _first = Vector128.LoadUnsafe(ref start);
        _second = Vector128.LoadUnsafe(ref start, 16);
        _third = Vector128.LoadUnsafe(ref start, 32);
        _fourth = Vector128.LoadUnsafe(ref start, 48);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128Block Load(ref byte start) => new(ref start);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Where(byte value)
    {
        var wanted = Vector128.Create(value);
        return Where(_first, wanted) | ((ulong)Where(_second, wanted) << 16) | ((ulong)Where(_third, wanted) << 32) | ((ulong)Where(_fourth, wanted) << 48);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong WhereAtMostOrNoAscii(byte value)
    {
        var limit = Vector128.Create((sbyte)(value + 1));
        return WhereBelow(_first, limit) | ((ulong)WhereBelow(_second, limit) << 16) | ((ulong)WhereBelow(_third, limit) << 32) | ((ulong)WhereBelow(_fourth, limit) << 48);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Where(Vector128<byte> bytes, Vector128<byte> wanted) => Vector128.Equals(bytes, wanted).ExtractMostSignificantBits();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint WhereBelow(Vector128<byte> bytes, Vector128<sbyte> limit) => Vector128.LessThan(bytes.AsSByte(), limit).ExtractMostSignificantBits();
}

/// <summary>A block as two vectors.</summary>
internal readonly struct Vector256Block : IByteBlock<Vector256Block>
{
    private readonly Vector256<byte> _first;
    private readonly Vector256<byte> _second;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector256Block(ref byte start)
    {
        _first = Vector256.LoadUnsafe(ref start);
        _second = Vector256.LoadUnsafe(ref start, 32);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256Block Load(ref byte start) => new(ref start);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Where(byte value)
    {
        var wanted = Vector256.Create(value);
        return Vector256.Equals(_first, wanted).ExtractMostSignificantBits() | ((ulong)Vector256.Equals(_second, wanted).ExtractMostSignificantBits() << 32);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong WhereAtMostOrNoAscii(byte value)
    {
        var limit = Vector256.Create((sbyte)(value + 1));
        return Vector256.LessThan(_first.AsSByte(), limit).ExtractMostSignificantBits()
            | ((ulong)Vector256.LessThan(_second.AsSByte(), limit).ExtractMostSignificantBits() << 32);
    }
}

/// <summary>A block as one vector.</summary>
internal readonly struct Vector512Block : IByteBlock<Vector512Block>
{
    private readonly Vector512<byte> _bytes;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector512Block(ref byte start) => _bytes = Vector512.LoadUnsafe(ref start);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512Block Load(ref byte start) => new(ref start);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Where(byte value) => Vector512.Equals(_bytes, Vector512.Create(value)).ExtractMostSignificantBits();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong WhereAtMostOrNoAscii(byte value) => Vector512.LessThan(_bytes.AsSByte(), Vector512.Create((sbyte)(value + 1))).ExtractMostSignificantBits();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteEnds(ulong ends, int block, ref int target)
    {
        if (!Avx512Vbmi2.IsSupported)
        {
            BlockMarks.WriteEnds(ends, block, ref target);
            return;
        }

        // Each byte gets the byte of its bit, and then all ones or zeros.
        var bytes = Avx512BW.Shuffle(
            Vector512.Create(ends).AsByte(),
            Vector512.Create(
                0x0000_0000_0000_0000ul, 0x0101_0101_0101_0101, 0x0202_0202_0202_0202, 0x0303_0303_0303_0303,
                0x0404_0404_0404_0404, 0x0505_0505_0505_0505, 0x0606_0606_0606_0606, 0x0707_0707_0707_0707).AsByte());
        var bit = Vector512.Create(0x8040_2010_0804_0201).AsByte();
        var places = Avx512Vbmi2.Compress(Vector512<byte>.Zero, Vector512.Equals(bytes & bit, bit), Vector512<byte>.Indices);
        var offset = Vector512.Create(block);
        (Avx512F.ConvertToVector512Int32(places.GetLower().GetLower()) + offset).StoreUnsafe(ref target);
        if (BitOperations.PopCount(ends) <= 16) return;
        (Avx512F.ConvertToVector512Int32(places.GetLower().GetUpper()) + offset).StoreUnsafe(ref target, 16);
        if (BitOperations.PopCount(ends) <= 32) return;
        (Avx512F.ConvertToVector512Int32(places.GetUpper().GetLower()) + offset).StoreUnsafe(ref target, 32);
        (Avx512F.ConvertToVector512Int32(places.GetUpper().GetUpper()) + offset).StoreUnsafe(ref target, 48);
    }
}
