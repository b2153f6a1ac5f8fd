using System.Runtime.CompilerServices;

namespace EntityImport.Csv;

/// <summary>Where a field's value lies in its buffer: the bytes inside its quotes, or, unquoted, between its surrounding spaces.</summary>
public readonly struct FieldSpan
{
    private const uint EscapedBit = 1u << 31;
    private const uint QuotedBit = 1u << 30;
    private const uint LengthMask = QuotedBit - 1;

    private readonly uint _lengthAndFlags;

    /// <summary>Makes a span; <paramref name="length"/> is below 2^30.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public FieldSpan(int start, int length, bool quoted = false, bool escaped = false)
    {
        Start = start;
        _lengthAndFlags = (uint)length | (quoted ? QuotedBit : 0) | (escaped ? EscapedBit : 0);
    }

    /// <summary>Offset of the value's first byte in the buffer, from 0.</summary>
    public int Start { get; }

    /// <summary>Length of the value in bytes, escapes still included.</summary>
    public int Length => (int)(_lengthAndFlags & LengthMask);

    /// <summary>Offset of the first byte after the value.</summary>
    public int End => Start + Length;

    /// <summary>Whether the field stood in quotes.</summary>
    public bool IsQuoted => (_lengthAndFlags & QuotedBit) != 0;

    /// <summary>Whether nothing stands there, not even quotes.</summary>
    internal bool IsBlank => _lengthAndFlags == 0;

    /// <summary>Whether the value contains escaped quotes, so that its bytes are not yet its text.</summary>
    public bool IsEscaped => (_lengthAndFlags & EscapedBit) != 0;
}
