using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace EntityImport.Conversion.Numbers;

/// <summary>Reads runs of ASCII digits eight at a time, in the bytes of one 64-bit word.</summary>
internal static class Digits
{
    /// <summary>The longest text that <see cref="TryRead"/> reads.</summary>
    public const int MaxLength = 16;

    private const ulong Zeros = 0x3030303030303030;

    /// <summary>Reads a text of 1 to 16 digits and nothing else.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryRead(ReadOnlySpan<byte> text, out ulong value)
    {
        ref var start = ref MemoryMarshal.GetReference(text);
        var length = text.Length;
        value = 0;
        if (length < 8)
        {
            if (length == 0) return false;
            // The digits move to the end of the word, zeros before them.
            var shift = 64 - 8 * length;
            var word = (LoadShort(ref start, length) << shift) | (Zeros >> (8 * length));
            if (!AreDigits(word)) return false;
            value = Value(word);
            return true;
        }

        if (length > MaxLength) return false;
        var first = Load(ref start);
        var last = Load(ref Unsafe.Add(ref start, length - 8));
        if (!AreDigits(first) || !AreDigits(last)) return false;
        value = Value(last);
        if (length == 8) return true;
        // Only the digits before the last eight are left of the first word.
        var overlap = 8 * (16 - length);
        value += 100_000_000 * Value((first << overlap) | (overlap == 0 ? 0 : Zeros >> (64 - overlap)));
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

    private static bool AreDigits(ulong word) =>
        (((word + 0x4646464646464646) | (word - Zeros)) & 0x8080808080808080) == 0;

    private static ulong Value(ulong word) => ValueOf(word - Zeros);

    /// <summary>The number of eight digits, given as their values 0 to 9, the first digit in the lowest byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong ValueOf(ulong word)
    {
        word = word * 10 + (word >> 8);
        return (((word & 0x000000FF000000FF) * 0x000F424000000064) + (((word >> 16) & 0x000000FF000000FF) * 0x0000271000000001)) >> 32;
    }

    // The first byte is the lowest, on every machine.
    private static ulong Load(ref byte start)
    {
        var word = Unsafe.ReadUnaligned<ulong>(ref start);
        return BitConverter.IsLittleEndian ? word : System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(word);
    }

    /// <summary>Up to seven bytes in a word, the first in its lowest byte, zeros behind them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong LoadShort(ref byte start, int length)
    {
        if (length >= 4 && BitConverter.IsLittleEndian)
        {
            ulong low = Unsafe.ReadUnaligned<uint>(ref start);
            ulong high = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref start, length - 4));
            return low | (high << (8 * (length - 4)));
        }

        var word = 0ul;
        for (var i = 0; i < length; i++) word |= (ulong)Unsafe.Add(ref start, i) << (8 * i);
        return word;
    }
}
