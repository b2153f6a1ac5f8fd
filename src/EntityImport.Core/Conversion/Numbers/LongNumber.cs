namespace EntityImport.Conversion.Numbers;

/// <summary>A number of any length: its significant digits, times a power of ten. Zeros at either end are not significant.</summary>
internal readonly struct LongNumber
{
    private const int MaxDigits = 38;

    /// <summary>Reads the digits of a number that was scanned.</summary>
    public LongNumber(ReadOnlySpan<byte> text, in ScannedNumber number)
    {
        if (!number.IsLong)
        {
            var mantissa = number.Mantissa;
            Exponent = number.Exponent;
            for (; mantissa != 0 && mantissa % 10 == 0; Exponent++) mantissa /= 10;
            Mantissa = mantissa;
            while (DigitCount < 20 && Mantissa >= PowersOfTen.WideOf(DigitCount)) DigitCount++;
            return;
        }

        var zeros = 0;
        foreach (var character in text[number.Start..number.End])
        {
            var digit = (uint)(character - '0');
            // Separators were checked when the text was scanned.
            if (digit > 9) continue;
            if (digit == 0)
            {
                zeros++;
                continue;
            }

            var added = DigitCount == 0 ? 1 : zeros + 1;
            DigitCount += added;
            if (DigitCount <= MaxDigits) Mantissa = Mantissa * PowersOfTen.WideOf(added) + digit;
            zeros = 0;
        }

        Exponent = number.Exponent + zeros;
    }

    /// <summary>The significant digits as one integer; meaningless where there are more than 38.</summary>
    public UInt128 Mantissa { get; }

    /// <summary>How many significant digits there are; 0 for zero.</summary>
    public int DigitCount { get; }

    /// <summary>The power of ten that the digits are multiplied by.</summary>
    public int Exponent { get; }
}
