namespace EntityImport.Bench.Fuzz;

/// <summary>
/// What instrumented code counts: how often it came from one block of code to another one. Public, because the libraries under test refer to it once they
/// are instrumented.
/// </summary>
public static class EdgeCounts
{
    /// <summary>How many counters there are. Two edges may share one, which hides a few of them.</summary>
    public const int Size = 1 << 16;

    /// <summary>The counters, by the exclusive or of a block's number and <see cref="Last"/>. They wrap.</summary>
    public static readonly byte[] Hits = new byte[Size];

    /// <summary>Half of the number of the block that was entered last, so that there and back are two edges.</summary>
#pragma warning disable CA2211 // Instrumented code writes it.
    public static int Last;
#pragma warning restore CA2211
}
