using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace EntityImport.DuckDb.Connections;

/// <summary>A text as it lies in a VARCHAR vector: <c>duckdb_string_t</c> of DuckDB's C API, 16 bytes.</summary>
/// <remarks>
/// Up to 12 bytes stand in the value itself, the rest of it zeros; longer texts have their first 4 bytes there, and a pointer. Writing it directly saves
/// a call and a copy for each text. Machines are little-endian.
/// </remarks>
[StructLayout(LayoutKind.Sequential, Size = 16)]
internal unsafe struct DuckDbText
{
    private const int MaxInline = 12;
    private const nuint PageBytes = 4096;

    private ulong _lengthAndStart;
    private ulong _rest;

    /// <summary>A value for the text at an address, which must stay there until the vector has been copied.</summary>
    /// <remarks>
    /// The bytes of a short text are read with what stands behind it, which is then masked, unless that might be in another page of memory: a copy of
    /// exactly its length would be a call, or branches that no processor foresees.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DuckDbText Point(byte* text, int length)
    {
        if (length > MaxInline) return Of(length, *(uint*)text, (ulong)text);
        // Nothing may stand nowhere.
        if (length == 0) return default;
        if (((nuint)text & (PageBytes - 1)) > PageBytes - MaxInline) return PointCarefully(text, length);
        var start = Unsafe.ReadUnaligned<ulong>(text) & Masks[length];
        var end = Unsafe.ReadUnaligned<uint>(text + sizeof(ulong)) & Masks[Math.Max(0, length - sizeof(ulong))];
        return Of(length, (uint)start, (start >> 32) | (end << 32));
    }

    /// <summary>The text of a value, which stays where the value is.</summary>
    public static ReadOnlySpan<byte> Read(in DuckDbText value)
    {
        var length = (int)(uint)value._lengthAndStart;
        // Behind the length, which is four bytes.
        return length > MaxInline ? new((byte*)value._rest, length) : new((byte*)Unsafe.AsPointer(ref Unsafe.AsRef(in value)) + sizeof(uint), length);
    }

    /// <summary>The lowest bytes of a word, by their number from 0 to 8 and more.</summary>
    private static ReadOnlySpan<ulong> Masks =>
    [
        0, 0xFF, 0xFFFF, 0xFF_FFFF, 0xFFFF_FFFF, 0xFF_FFFF_FFFF, 0xFFFF_FFFF_FFFF, 0xFF_FFFF_FFFF_FFFF,
        ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue,
    ];

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static DuckDbText PointCarefully(byte* text, int length)
    {
        var copy = stackalloc byte[MaxInline];
        new Span<byte>(copy, MaxInline).Clear();
        new ReadOnlySpan<byte>(text, length).CopyTo(new Span<byte>(copy, MaxInline));
        return Of(length, *(uint*)copy, *(ulong*)(copy + sizeof(uint)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static DuckDbText Of(int length, uint start, ulong rest) => new() { _lengthAndStart = (uint)length | ((ulong)start << 32), _rest = rest };
}
