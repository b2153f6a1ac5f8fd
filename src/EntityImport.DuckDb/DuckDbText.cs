using System.Runtime.InteropServices;

namespace EntityImport.DuckDb;

/// <summary>A text as it lies in a VARCHAR vector: <c>duckdb_string_t</c> of DuckDB's C API, 16 bytes.</summary>
/// <remarks>
/// Up to 12 bytes stand in the value itself, the rest of it zeros; longer texts have their first 4 bytes there, and a pointer. Writing it directly saves
/// a call and a copy for each text.
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal unsafe struct DuckDbText
{
    private const int MaxInline = 12;

    [FieldOffset(0)]
    private uint _length;

    [FieldOffset(4)]
    private fixed byte _inline[MaxInline];

    [FieldOffset(8)]
    private byte* _pointer;

    /// <summary>A value for the text at an address, which must stay there until the vector has been copied.</summary>
    public static DuckDbText Point(byte* text, int length)
    {
        var value = new DuckDbText { _length = (uint)length };
        var source = new ReadOnlySpan<byte>(text, Math.Min(length, length <= MaxInline ? MaxInline : 4));
        source.CopyTo(new Span<byte>(value._inline, MaxInline));
        if (length > MaxInline) value._pointer = text;
        return value;
    }
}
