using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EntityImport.Conversion.Numbers;

/// <summary>Reads up to 16 ASCII digits at a time.</summary>
internal static class Digits
{
    /// <summary>The longest text that <see cref="Load"/> and <see cref="TryRead"/> take.</summary>
    public const int MaxLength = 16;

    /// <summary>Whether this machine has its bytes in the order that this class relies on.</summary>
    public static bool IsSupported => BitConverter.IsLittleEndian;

    /// <summary>Loads a text of 1 to 16 bytes; the bytes behind it are zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Load(ReadOnlySpan<byte> text)
    {
        ref var start = ref MemoryMarshal.GetReference(text);
        var length = text.Length;
        if (length >= 8)
        {
            // Shifted in two steps, because a shift by 64 would be none.
            var half = 4 * (MaxLength - length);
            var high = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, length - 8)) >> half >> half;
            return Vector128.Create(Unsafe.ReadUnaligned<ulong>(ref start), high).AsByte();
        }

        return Vector128.CreateScalar(LoadShort(ref start, length)).AsByte();
    }

    /// <summary>The bytes of a vector less '0', and which of them are digits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Values(Vector128<byte> text, out Vector128<byte> areDigits)
    {
        var values = text - Vector128.Create((byte)'0');
        areDigits = Vector128.Equals(Vector128.Min(values, Vector128.Create((byte)9)), values);
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

    /// <summary>Reads a text of 1 to 16 digits and nothing else.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryRead(ReadOnlySpan<byte> text, out ulong number)
    {
        number = 0;
        if ((uint)(text.Length - 1) >= MaxLength || !IsSupported) return false;
        var values = Values(Load(text), out var areDigits);
        if (areDigits.ExtractMostSignificantBits() != (1u << text.Length) - 1) return false;
        // The digits move to the end; indexes below zero give zeros.
        var indexes = Vector128.Create((byte)(text.Length - MaxLength)) + Vector128<byte>.Indices;
        number = ToNumber(Vector128.ShuffleNative(values, indexes));
        return true;
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong LoadShort(ref byte start, int length)
    {
        if (length >= 4)
        {
            ulong low = Unsafe.ReadUnaligned<uint>(ref start);
            ulong high = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref start, length - 4));
            return low | (high << (8 * (length - 4)));
        }

        // First, middle and last byte, which may be the same.
        return start | ((ulong)Unsafe.Add(ref start, length >> 1) << (8 * (length >> 1))) | ((ulong)Unsafe.Add(ref start, length - 1) << (8 * (length - 1)));
    }
}
