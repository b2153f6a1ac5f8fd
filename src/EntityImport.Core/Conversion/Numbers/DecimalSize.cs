using System.Runtime.CompilerServices;
using EntityImport.Rows;

namespace EntityImport.Conversion.Numbers;

/// <summary>Brings numbers to the scale of a field, exactly: what does not fit is refused, never rounded.</summary>
/// <param name="precision">Digits in all, 1 to 38.</param>
/// <param name="scale">Digits after the point, 0 to <paramref name="precision"/>.</param>
internal readonly struct DecimalSize(int precision, int scale)
{
    /// <summary>Digits in all.</summary>
    public int Precision => precision;

    /// <summary>Digits after the point.</summary>
    public int Scale => scale;

    /// <summary>Scales a number of at most 19 digits.</summary>
    /// <param name="mantissa">Its digits.</param>
    /// <param name="exponent">The power of ten that they are multiplied by.</param>
    /// <param name="scaled">The number times 10^scale.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public FaultCode Scale64(ulong mantissa, int exponent, out ulong scaled)
    {
        scaled = mantissa;
        var shift = exponent + scale;
        // The limits below keep the product within 64 bits: precision is at most 19 here.
        if (shift == 0) return mantissa < PowersOfTen.Of(precision) ? FaultCode.None : FaultCode.NumberRange;
        if (shift > 0 && shift < precision)
        {
            if (mantissa >= PowersOfTen.Of(precision - shift)) return FaultCode.NumberRange;
            scaled = mantissa * PowersOfTen.Of(shift);
            return FaultCode.None;
        }

        return Scale64Rare(mantissa, shift, out scaled);
    }

    /// <summary>Scales a number of any length.</summary>
    /// <param name="number">The number.</param>
    /// <param name="scaled">The number times 10^scale.</param>
    public FaultCode Scale128(in LongNumber number, out UInt128 scaled)
    {
        scaled = 0;
        if (number.DigitCount == 0) return FaultCode.None;
        if (number.DigitCount + number.Exponent > precision - scale) return FaultCode.NumberRange;
        var shift = number.Exponent + scale;
        // The last significant digit is not zero, so a negative shift would cut it off. No number left has more digits than the precision.
        if (shift < 0) return FaultCode.NumberScale;
        scaled = number.Mantissa * PowersOfTen.WideOf(shift);
        return FaultCode.None;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private FaultCode Scale64Rare(ulong mantissa, int shift, out ulong scaled)
    {
        scaled = 0;
        if (mantissa == 0) return FaultCode.None;
        if (shift > 0) return FaultCode.NumberRange;
        if (shift < -19) return FaultCode.NumberScale;
        (scaled, var rest) = Math.DivRem(mantissa, PowersOfTen.Of(-shift));
        if (scaled >= PowersOfTen.Of(precision)) return FaultCode.NumberRange;
        return rest == 0 ? FaultCode.None : FaultCode.NumberScale;
    }
}
