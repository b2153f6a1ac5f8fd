namespace EntityImport.Conversion.Numbers;

/// <summary>The powers of ten that fit a word.</summary>
internal static class PowersOfTen
{
    private static readonly ulong[] Narrow = [.. Enumerable.Range(0, 20).Select(exponent => Enumerable.Repeat(10ul, exponent).Aggregate(1ul, (a, b) => a * b))];
    private static readonly UInt128[] Wide = [.. Enumerable.Range(0, 39).Select(exponent => Enumerable.Repeat((UInt128)10, exponent).Aggregate(UInt128.One, (a, b) => a * b))];

    /// <summary>10^0 to 10^19.</summary>
    public static ulong Of(int exponent) => Narrow[exponent];

    /// <summary>10^0 to 10^38.</summary>
    public static UInt128 WideOf(int exponent) => Wide[exponent];
}
