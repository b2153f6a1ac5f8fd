namespace EntityImport.Conversion.Numbers;

/// <summary>A number as it stands in a text: its digits as one integer, times a power of ten.</summary>
internal struct ScannedNumber
{
    /// <summary>All digits as one integer; meaningless where <see cref="IsLong"/>.</summary>
    public ulong Mantissa;

    /// <summary>The power of ten that the digits are multiplied by.</summary>
    public int Exponent;

    /// <summary>Whether the number is negative; a zero may be.</summary>
    public bool IsNegative;

    /// <summary>Whether there are more than 19 digits, leading zeros counted, so that <see cref="LongNumber"/> must read them.</summary>
    public bool IsLong;

    /// <summary>Offset of the first digit or separator in the text; set where <see cref="IsLong"/>.</summary>
    public int Start;

    /// <summary>Offset of the first byte after the digits and separators; set where <see cref="IsLong"/>.</summary>
    public int End;
}
