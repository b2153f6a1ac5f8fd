using EntityImport.Rows;

namespace EntityImport.Conversion.Numbers;

/// <summary>Reads exact decimals of 19 to 38 digits as integers of 128 bits: the value times 10^scale.</summary>
internal readonly struct WideDecimalParser(NumberSyntax syntax, DecimalSize size) : IValueParser<Int128>
{
    private readonly NumberHints _hints = new(syntax);

    public string Expected => NumberWording.Expected(syntax, size);

    public FaultCode Parse(ReadOnlySpan<byte> text, out Int128 value)
    {
        value = 0;
        if (!syntax.TryScan(text, out var number)) return FaultCode.NumberFormat;
        UInt128 magnitude;
        var shift = number.Exponent + size.Scale;
        if (!number.IsLong && shift is >= 0 and <= 19)
        {
            // Below 2^64 times 10^19, so within 128 bits.
            magnitude = Math.BigMul(number.Mantissa, PowersOfTen.Of(shift));
            if (magnitude >= PowersOfTen.WideOf(size.Precision)) return FaultCode.NumberRange;
        }
        else
        {
            var fault = size.Scale128(new LongNumber(text, number), out magnitude);
            if (fault != FaultCode.None) return fault;
        }

        value = number.IsNegative ? -(Int128)magnitude : (Int128)magnitude;
        return FaultCode.None;
    }

    public string? Hint(ReadOnlySpan<byte> text, FaultCode code) => _hints.Find(text, code);
}
