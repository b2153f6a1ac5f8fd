using System.Numerics;

namespace EntityImport.Conversion.Numbers;

/// <summary>Reads exact decimals of up to 18 digits as integers of 16, 32 or 64 bits: the value times 10^scale.</summary>
internal readonly struct DecimalParser<T>(NumberSyntax syntax, DecimalSize size) : IValueParser<T>
    where T : unmanaged, IBinaryInteger<T>
{
    public string Expected => NumberWording.Expected(syntax, size);

    public FaultCode Parse(ReadOnlySpan<byte> text, out T value)
    {
        value = T.Zero;
        if (!syntax.TryScan(text, out var number)) return FaultCode.NumberFormat;
        ulong magnitude;
        FaultCode fault;
        if (!number.IsLong)
        {
            fault = size.Scale64(number.Mantissa, number.Exponent, out magnitude);
        }
        else
        {
            fault = size.Scale128(new LongNumber(text, number), out var wide);
            magnitude = (ulong)wide;
        }

        if (fault != FaultCode.None) return fault;
        value = T.CreateTruncating(number.IsNegative ? -(long)magnitude : (long)magnitude);
        return FaultCode.None;
    }

    public string? Hint(ReadOnlySpan<byte> text, FaultCode code) => NumberHints.Find(syntax, text, code);
}
