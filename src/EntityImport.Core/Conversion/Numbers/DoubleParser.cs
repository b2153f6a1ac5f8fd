using System.Globalization;
using System.Runtime.CompilerServices;
using EntityImport.Rows;

namespace EntityImport.Conversion.Numbers;

/// <summary>Reads the double nearest to a number. What is beyond the largest double, or not zero but nearest to zero, is out of range.</summary>
internal readonly struct DoubleParser(NumberSyntax syntax) : IValueParser<double>
{
    // Doubles hold the integers up to 2^53 and the powers of ten up to 10^22; one operation on two exact numbers rounds correctly.
    private const ulong MaxExactInteger = 1ul << 53;
    private const int MaxExactPower = 22;

    // A double is decided by 768 digits at most; behind them it only matters whether anything but zeros follows.
    private const int MaxDigits = 800;

    private static readonly double[] ExactPowers = [.. Enumerable.Range(0, MaxExactPower + 1).Select(exponent => double.Parse($"1e{exponent}", CultureInfo.InvariantCulture))];

    private readonly NumberHints _hints = new(syntax);

    public string Expected => NumberWording.Expected(syntax, "a number", 1234.5m);

    public FaultCode Parse(ReadOnlySpan<byte> text, out double value)
    {
        ScannedNumber number;
        if (syntax.TryScanKnown(text, out var mantissa, out var exponent, out var isNegative))
        {
            if (TryScale(mantissa, exponent, isNegative, out value)) return FaultCode.None;
            number = new ScannedNumber { Mantissa = mantissa, Exponent = exponent, IsNegative = isNegative };
        }
        else
        {
            value = 0;
            if (!syntax.TryScan(text, out number)) return FaultCode.NumberFormat;
            if (!number.IsLong && TryScale(number.Mantissa, number.Exponent, number.IsNegative, out value)) return FaultCode.None;
        }

        return ParseOther(text, number, out value);
    }

    public string? Hint(ReadOnlySpan<byte> text, FaultCode code) => _hints.Find(text, code);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryScale(ulong mantissa, int exponent, bool isNegative, out double value)
    {
        value = 0;
        if (mantissa == 0) return true;
        if (mantissa > MaxExactInteger || exponent is < -MaxExactPower or > MaxExactPower) return false;
        value = exponent < 0 ? mantissa / ExactPowers[-exponent] : mantissa * ExactPowers[exponent];
        if (isNegative) value = -value;
        return true;
    }

    private static FaultCode ParseOther(ReadOnlySpan<byte> text, in ScannedNumber number, out double value)
    {
        Span<byte> plain = stackalloc byte[MaxDigits + 32];
        var exponent = number.Exponent;
        var length = number.IsLong
            ? CopyDigits(text[number.Start..number.End], plain, ref exponent)
            : FormatDigits(number.Mantissa, plain);
        value = 0;
        if (length == 0) return FaultCode.None;

        plain[length++] = (byte)'e';
        _ = exponent.TryFormat(plain[length..], out var written, provider: CultureInfo.InvariantCulture);
        value = double.Parse(plain[..(length + written)], NumberStyles.AllowExponent, CultureInfo.InvariantCulture);
        if (number.IsNegative) value = -value;
        return value != 0 && double.IsFinite(value) ? FaultCode.None : FaultCode.NumberRange;
    }

    private static int FormatDigits(ulong mantissa, Span<byte> plain) =>
        mantissa.TryFormat(plain, out var written, provider: CultureInfo.InvariantCulture) ? written : 0;

    private static int CopyDigits(ReadOnlySpan<byte> text, Span<byte> plain, ref int exponent)
    {
        var length = 0;
        var isCut = false;
        foreach (var character in text)
        {
            if (character is < (byte)'0' or > (byte)'9') continue;
            if (length == 0 && character == '0') continue;
            if (length < MaxDigits)
            {
                plain[length++] = character;
                continue;
            }

            exponent++;
            isCut |= character != '0';
        }

        if (!isCut) return length;
        plain[length] = (byte)'1';
        exponent--;
        return length + 1;
    }
}
