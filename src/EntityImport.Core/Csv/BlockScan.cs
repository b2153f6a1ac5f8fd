namespace EntityImport.Csv;

/// <summary>Which instructions a <see cref="CsvTokenizer"/> uses.</summary>
public enum BlockScan
{
    /// <summary>
    /// The one that was measured to be the fastest: 64 bytes where the machine can also compress them (AVX-512 VBMI2), else 32 where it has them, else
    /// 16, else one byte after the other.
    /// </summary>
    Best,

    /// <summary>One byte after the other.</summary>
    Scalar,

    /// <summary>Vectors of 16 bytes.</summary>
    Vector128,

    /// <summary>Vectors of 32 bytes.</summary>
    Vector256,

    /// <summary>Vectors of 64 bytes.</summary>
    Vector512,
}
