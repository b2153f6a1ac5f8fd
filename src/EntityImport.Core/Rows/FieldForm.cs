namespace EntityImport.Rows;

/// <summary>
/// How the fields of a batch's records are written between their bounds, as whoever fills the batch says. Immutable and thread-safe.
/// </summary>
/// <remarks>
/// What decides nearly all fields is plain data, so that a batch asks nobody: a field that begins and ends with bytes above <see cref="PlainAbove"/> is its text, and one
/// between two <see cref="EnclosingByte"/>s, without <see cref="EscapingByte"/> inside, encloses it. Only what is left is told by <see cref="ValueOf"/>.
/// </remarks>
public abstract class FieldForm
{
    private protected FieldForm(int delimiterLength, byte plainAbove, int enclosingByte, byte escapingByte)
    {
        DelimiterLength = delimiterLength;
        PlainAbove = plainAbove;
        EnclosingByte = enclosingByte;
        EscapingByte = escapingByte;
    }

    /// <summary>Bytes between the end of a field and the start of the next one.</summary>
    internal int DelimiterLength { get; }

    /// <summary>A field is its own text where its first and last byte are above this; 255 where the two do not tell.</summary>
    internal byte PlainAbove { get; }

    /// <summary>The byte that encloses texts; -1 where none does it alone.</summary>
    internal int EnclosingByte { get; }

    /// <summary>The first byte of what makes other bytes literal inside of enclosed texts.</summary>
    internal byte EscapingByte { get; }

    /// <summary>Whether spaces and tabs around a field's text are no part of it, so that they are none inside of quotes either where the text is no string.</summary>
    internal abstract bool CutsSpaces { get; }

    /// <summary>The part of a field that is its text, or is it once escapes are resolved.</summary>
    /// <param name="field">What stands between two bounds; it is well formed.</param>
    /// <param name="isEscaped">Whether there are escapes to resolve.</param>
    internal abstract ReadOnlySpan<byte> ValueOf(ReadOnlySpan<byte> field, out bool isEscaped);

    /// <summary>Resolves the escapes of a value; answers how many bytes the text has, which are no more than the value has.</summary>
    internal abstract int Unescape(ReadOnlySpan<byte> value, Span<byte> text);
}
