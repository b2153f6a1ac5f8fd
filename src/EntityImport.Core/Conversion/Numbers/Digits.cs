using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EntityImport.Conversion.Numbers;

/// <summary>Reads up to 16 ASCII digits at a time.</summary>
internal static class Digits
{
    /// <summary>The longest text that <see cref="TryLoad"/> and <see cref="TryRead"/> take.</summary>
    public const int MaxLength = 16;

    private const nuint PageBytes = 4096;

    /// <summary>Whether this machine has its bytes in the order that this class relies on.</summary>
    public static bool IsSupported => BitConverter.IsLittleEndian;

    /// <summary>Loads a text of 1 to 16 bytes, and whatever stands behind it in memory.</summary>
    /// <returns>False where that cannot be done safely, which is rare.</returns>
    /// <remarks>
    /// Memory is mapped by pages of 4 KiB or more, so 16 bytes that do not cross such a border can be read where the first of them can.
    /// That replaces branches on the length, which a processor cannot foresee in a column of numbers. Texts of imports lie in pinned buffers. Others
    /// are not pinned here, which would cost a quarter of the time: where the collector moves one between the two steps, it is read at its new
    /// place, behind which the heap has room for another object.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe bool TryLoad(ReadOnlySpan<byte> text, out Vector128<byte> bytes)
    {
        ref var start = ref MemoryMarshal.GetReference(text);
        if (((nuint)Unsafe.AsPointer(ref start) & (PageBytes - 1)) > PageBytes - MaxLength)
        {
            bytes = default;
            return false;
        }

        bytes = Vector128.LoadUnsafe(ref start);
        return true;
    }

    /// <summary>The bytes of a vector less '0', and a bit for each of the first <paramref name="length"/> bytes that is no digit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Values(Vector128<byte> text, int length, out uint others)
    {
        var values = text - Vector128.Create((byte)'0');
        others = Vector128.GreaterThan(values, Vector128.Create((byte)9)).ExtractMostSignificantBits();
        others = Bmi2.IsSupported ? Bmi2.ZeroHighBits(others, (uint)length) : others & ((1u << length) - 1);
        return values;
    }

    /// <summary>The number of 16 digits, given as their values 0 to 9, the first digit in the lowest byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong ToNumber(Vector128<byte> values)
    {
        if (!Sse41.IsSupported)
        {
            var words = values.AsUInt64();
            return ToNumber(words.GetElement(0)) * 100_000_000 + ToNumber(words.GetElement(1));
        }

        var pairs = Ssse3.MultiplyAddAdjacent(values, Vector128.Create(0x010A010A).AsSByte());
        var fours = Sse2.MultiplyAddAdjacent(pairs, Vector128.Create(0x00010064).AsInt16());
        var packed = Sse41.PackUnsignedSaturate(fours, fours).AsInt16();
        var eights = Sse2.MultiplyAddAdjacent(packed, Vector128.Create(0x00012710).AsInt16()).AsUInt64().ToScalar();
        return (eights & uint.MaxValue) * 100_000_000 + (eights >> 32);
    }

    /// <summary>Reads a text of 1 to 16 digits and nothing else; false for all others, and rarely for one of these.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryRead(ReadOnlySpan<byte> text, out ulong number)
    {
        if ((uint)(text.Length - 1) < MaxLength && IsSupported && TryLoad(text, out var bytes))
        {
            var values = Values(bytes, text.Length, out var others);
            if (others == 0)
            {
                number = ToNumber(Vector128.ShuffleNative(values, ToEnd(text.Length)));
                return true;
            }
        }

        number = 0;
        return false;
    }

    /// <summary>Reads three digits at an offset that has at least three bytes after it; a number above 999 where they are not digits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint ReadThree(ReadOnlySpan<byte> text, int offset)
    {
        var hundreds = (uint)(text[offset] - '0');
        var tens = (uint)(text[offset + 1] - '0');
        var ones = (uint)(text[offset + 2] - '0');
        return hundreds > 9 || tens > 9 || ones > 9 ? uint.MaxValue : hundreds * 100 + tens * 10 + ones;
    }

    private static ulong ToNumber(ulong values)
    {
        values = values * 10 + (values >> 8);
        return (((values & 0x000000FF000000FF) * 0x000F424000000064) + (((values >> 16) & 0x000000FF000000FF) * 0x0000271000000001)) >> 32;
    }

    /// <summary>The shuffle that moves the first bytes of a vector to its end, zeros before them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> ToEnd(int length) => Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(Windows), (nuint)length);

    private static ReadOnlySpan<byte> Windows =>
    [
        128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128,
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
    ];
}
