namespace EntityImport.Conversion.Ambiguity;

/// <summary>How a column is read, and how else it may be meant.</summary>
/// <param name="Code">The code of the warning.</param>
/// <param name="Used">The reading used, as it is shown.</param>
/// <param name="Other">The other reading, likewise.</param>
/// <param name="OtherGrouping">What groups digits in the other reading; empty for dates.</param>
internal sealed record ReadingPair(string Code, string Used, string Other, byte[] OtherGrouping)
{
    /// <summary>
    /// Whether nobody can have meant the text by the other reading, although it can be read so: 0.125 is no number of thousands. Import
    /// definitions accept such groups; nobody writes them.
    /// </summary>
    public bool IsImplausible(ReadOnlySpan<byte> text)
    {
        if (OtherGrouping.Length == 0) return false;
        var first = text.IndexOfAnyInRange((byte)'0', (byte)'9');
        return first >= 0 && text[first] == '0' && text[first..].IndexOf(OtherGrouping) >= 0;
    }
}
