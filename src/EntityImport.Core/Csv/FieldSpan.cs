using System.Runtime.CompilerServices;

namespace EntityImport.Csv;

/// <summary>Where a field's value lies in its buffer: the bytes inside its quotes, or, unquoted, between its surrounding spaces.</summary>
public readonly struct FieldSpan
{
    private const ulong EscapedBit = 1ul << 63;
    private const ulong QuotedBit = 1ul << 62;

    /// <summary>Start in the low half; length and the two bits in the high one. One word, so that it stays in a register.</summary>
    private readonly ulong _bits;

    /// <summary>Makes a span; <paramref name="length"/> is below 2^30.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public FieldSpan(int start, int length, bool quoted = false, bool escaped = false) =>
        _bits = (uint)start | ((ulong)(uint)length << 32) | (quoted ? QuotedBit : 0) | (escaped ? EscapedBit : 0);

    private FieldSpan(ulong bits) => _bits = bits;

    /// <summary>Offset of the value's first byte in the buffer, from 0.</summary>
    public int Start => (int)_bits;

    /// <summary>Length of the value in bytes, escapes still included.</summary>
    public int Length => (int)(_bits >> 32) & ((1 << 30) - 1);

    /// <summary>Offset of the first byte after the value.</summary>
    public int End => Start + Length;

    /// <summary>Whether the field stood in quotes.</summary>
    public bool IsQuoted => (_bits & QuotedBit) != 0;

    /// <summary>Whether nothing stands there, not even quotes.</summary>
    internal bool IsBlank => _bits >> 32 == 0;

    /// <summary>Whether the value contains escaped quotes, so that its bytes are not yet its text.</summary>
    public bool IsEscaped => (_bits & EscapedBit) != 0;

    /// <summary>The quoted field whose quotes are the first and last byte of this one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal FieldSpan InsideQuotes() => new(_bits + QuotedBit + 1 - (2ul << 32));

    /// <summary>This field without its last byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal FieldSpan WithoutLastByte() => new(_bits - (1ul << 32));

    /// <summary>This unquoted field without the spaces and tabs around it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal FieldSpan Trimmed(ReadOnlySpan<byte> data)
    {
        // Neither a space nor a tab is above the space, and hardly anything else is not.
        var (start, end) = (Start, End);
        return start < end && (data[start] <= ' ' || data[end - 1] <= ' ') ? Cut(data, start, end) : this;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static FieldSpan Cut(ReadOnlySpan<byte> data, int start, int end)
    {
        while (start < end && data[start] is (byte)' ' or (byte)'\t') start++;
        while (start < end && data[end - 1] is (byte)' ' or (byte)'\t') end--;
        return new FieldSpan(start, end - start);
    }
}
