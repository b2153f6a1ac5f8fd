namespace EntityImport.Csv;

/// <summary>Which instructions a <see cref="CsvTokenizer"/> uses.</summary>
public enum BlockScan
{
    /// <summary>The widest that the machine has.</summary>
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
