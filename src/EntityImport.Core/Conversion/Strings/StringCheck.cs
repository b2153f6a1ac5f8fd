using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text.Unicode;
using EntityImport.Rows;

namespace EntityImport.Conversion.Strings;

/// <summary>Whether bytes are text that a string field can hold.</summary>
internal static class StringCheck
{
    private const ulong HighBits = 0x8080808080808080;
    private const ulong LowBits = 0x0101010101010101;
    private const uint HighBits32 = 0x80808080;
    private const uint LowBits32 = 0x01010101;

    /// <summary>Checks a text.</summary>
    /// <param name="text">The bytes.</param>
    /// <param name="maxLength">The most code points allowed.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FaultCode Check(ReadOnlySpan<byte> text, int maxLength) =>
        IsPlain(text) && text.Length <= maxLength ? FaultCode.None : CheckOther(text, maxLength);

    /// <summary>Whether all bytes are ASCII and none is NUL.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsPlain(ReadOnlySpan<byte> text)
    {
        ref var start = ref MemoryMarshal.GetReference(text);
        if (text.Length >= Vector128<byte>.Count) return IsPlainLong(ref start, text.Length);
        if (text.Length >= 8)
        {
            var first = Unsafe.ReadUnaligned<ulong>(ref start);
            var last = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, text.Length - 8));
            // Among ASCII bytes, subtracting 1 sets the high bit of zeros alone.
            return (((first | (first - LowBits)) | (last | (last - LowBits))) & HighBits) == 0;
        }

        if (text.Length >= 4)
        {
            var first = Unsafe.ReadUnaligned<uint>(ref start);
            var last = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref start, text.Length - 4));
            return (((first | (first - LowBits32)) | (last | (last - LowBits32))) & HighBits32) == 0;
        }

        foreach (var character in text)
            if ((uint)(character - 1) > 0x7E) return false;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool IsPlainLong(ref byte start, int length)
    {
        var last = length - Vector128<byte>.Count;
        for (var i = 0; i < last; i += Vector128<byte>.Count)
            if (!IsPlain(Vector128.LoadUnsafe(ref start, (nuint)i))) return false;
        return IsPlain(Vector128.LoadUnsafe(ref start, (nuint)last));
    }

    // As signed bytes, exactly those from 1 to 127 are above zero.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsPlain(Vector128<byte> bytes) => Vector128.GreaterThanAll(bytes.AsSByte(), Vector128<sbyte>.Zero);

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static FaultCode CheckOther(ReadOnlySpan<byte> text, int maxLength)
    {
        if (!Utf8.IsValid(text)) return FaultCode.StringEncoding;
        if (text.Contains((byte)0)) return FaultCode.StringNul;
        // There are never more code points than bytes.
        return text.Length <= maxLength || CountCodePoints(text) <= maxLength ? FaultCode.None : FaultCode.StringLength;
    }

    private static int CountCodePoints(ReadOnlySpan<byte> text)
    {
        var count = 0;
        foreach (var character in text)
            if ((sbyte)character >= -0x40) count++;
        return count;
    }
}
