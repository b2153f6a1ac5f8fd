using System.Runtime.CompilerServices;
using EntityImport.Rows;

namespace EntityImport.Conversion.Numbers;

/// <summary>Reads whole numbers of 64 bits. Decimals that are zeros, exponents and symbols are fine.</summary>
internal readonly struct IntegerParser(NumberSyntax syntax) : IValueParser<long>
{
    private static readonly DecimalSize Size = new(19, 0);

    private readonly NumberHints _hints = new(syntax);

    public string Expected => NumberWording.Expected(syntax, "a whole number", 12_345m);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public FaultCode Parse(ReadOnlySpan<byte> text, out long value)
    {
        if (Digits.TryRead(text, out var digits))
        {
            value = (long)digits;
            return FaultCode.None;
        }

        (var fault, value) = ParseOther(text);
        return fault;
    }

    public string? Hint(ReadOnlySpan<byte> text, FaultCode code) => _hints.Find(text, code);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private (FaultCode Fault, long Value) ParseOther(ReadOnlySpan<byte> text)
    {
        if (text.Length > 1 && text[0] == '-' && Digits.TryRead(text[1..], out var digits)) return (FaultCode.None, -(long)digits);
        if (!syntax.TryScan(text, out var number)) return (FaultCode.NumberFormat, 0);
        ulong magnitude;
        FaultCode fault;
        if (!number.IsLong)
        {
            fault = Size.Scale64(number.Mantissa, number.Exponent, out magnitude);
        }
        else
        {
            fault = Size.Scale128(new LongNumber(text, number), out var wide);
            magnitude = (ulong)wide;
        }

        if (fault != FaultCode.None) return (fault, 0);
        var limit = number.IsNegative ? 1ul << 63 : long.MaxValue;
        return magnitude <= limit ? (FaultCode.None, number.IsNegative ? -(long)magnitude : (long)magnitude) : (FaultCode.NumberRange, 0);
    }
}
