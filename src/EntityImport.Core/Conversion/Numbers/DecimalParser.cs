using System.Numerics;
using System.Runtime.CompilerServices;
using EntityImport.Rows;

namespace EntityImport.Conversion.Numbers;

/// <summary>Reads exact decimals of up to 18 digits as integers of 16, 32 or 64 bits: the value times 10^scale.</summary>
internal readonly struct DecimalParser<T>(NumberSyntax syntax, DecimalSize size) : IValueParser<T>
    where T : unmanaged, IBinaryInteger<T>
{
    private readonly NumberHints _hints = new(syntax);

    public string Expected => NumberWording.Expected(syntax, size);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public FaultCode Parse(ReadOnlySpan<byte> text, out T value)
    {
        FaultCode fault;
        if (!syntax.TryScanKnown(text, out var mantissa, out var exponent, out var isNegative))
        {
            (fault, value) = ParseOther(text);
            return fault;
        }

        fault = size.Scale64(mantissa, exponent, out var magnitude);
        value = T.CreateTruncating(isNegative ? -(long)magnitude : (long)magnitude);
        return fault;
    }

    public string? Hint(ReadOnlySpan<byte> text, FaultCode code) => _hints.Find(text, code);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private (FaultCode Fault, T Value) ParseOther(ReadOnlySpan<byte> text)
    {
        if (!syntax.TryScan(text, out var number)) return (FaultCode.NumberFormat, T.Zero);
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

        return (fault, T.CreateTruncating(number.IsNegative ? -(long)magnitude : (long)magnitude));
    }
}
