using System.Numerics;
using System.Runtime.InteropServices;

namespace EntityImport.Bench.Fuzz;

/// <summary>Which edges inputs have taken so far, and about how often: 1, 2, 3, up to 7, 15, 31 or 127 times, or more.</summary>
internal sealed class EdgeMap
{
    private static readonly byte[] Buckets = [.. Enumerable.Range(0, 256).Select(count => (byte)(count switch
    {
        0 => 0,
        1 => 1,
        2 => 2,
        3 => 4,
        < 8 => 8,
        < 16 => 16,
        < 32 => 32,
        < 128 => 64,
        _ => 128,
    }))];

    private readonly byte[] _seen = new byte[EdgeCounts.Size];

    /// <summary>How many edges were taken at all.</summary>
    public int Edges { get; private set; }

    /// <summary>Forgets what was counted, before a run.</summary>
    public static void Begin()
    {
        EdgeCounts.Hits.AsSpan().Clear();
        EdgeCounts.Last = 0;
    }

    /// <summary>Adds what was counted; answers whether any of it is new.</summary>
    public bool Add()
    {
        var isNew = false;
        var words = MemoryMarshal.Cast<byte, Vector<byte>>(EdgeCounts.Hits);
        for (var word = 0; word < words.Length; word++)
        {
            if (words[word] == Vector<byte>.Zero) continue;
            for (var edge = word * Vector<byte>.Count; edge < (word + 1) * Vector<byte>.Count; edge++)
            {
                var bucket = Buckets[EdgeCounts.Hits[edge]];
                if ((bucket & ~_seen[edge]) == 0) continue;
                if (_seen[edge] == 0) Edges++;
                _seen[edge] |= bucket;
                isNew = true;
            }
        }

        return isNew;
    }
}
