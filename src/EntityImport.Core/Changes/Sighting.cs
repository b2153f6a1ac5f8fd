namespace EntityImport.Changes;

/// <summary>How often something was seen, and the first examples. Not thread-safe.</summary>
internal sealed class Sighting
{
    /// <summary>The most examples of a finding.</summary>
    public const int MaxExamples = 3;

    private readonly List<ChangeExample> _examples = new(MaxExamples);

    /// <summary>How often.</summary>
    public long Count { get; private set; }

    /// <summary>The first ones.</summary>
    public IReadOnlyList<ChangeExample> Examples => _examples;

    /// <summary>Notes that a record shows it.</summary>
    public void Add(ChangeBatch batch, ChangeColumn column, int record)
    {
        Count++;
        if (_examples.Count < MaxExamples) _examples.Add(new ChangeExample(batch.ShowKey(record), column.Before.Show(record), column.After.Show(record)));
    }
}

/// <summary>About how many different values there are: exact for few, and "many" for more than some hundreds.</summary>
internal sealed class Variety
{
    private const int Places = 4096;

    private readonly ulong[] _seen = new ulong[Places / 64];

    /// <summary>Notes a value by its hash.</summary>
    public void Add(ulong hash) => _seen[(hash >> 6) % (Places / 64)] |= 1ul << (int)(hash & 63);

    /// <summary>How many different ones there are, as far as <see cref="Places"/> can tell.</summary>
    public double Estimate()
    {
        var free = Places;
        foreach (var word in _seen) free -= System.Numerics.BitOperations.PopCount(word);
        return -Places * Math.Log(Math.Max(free, 0.5) / Places);
    }
}

/// <summary>Whether something was seen more often than it would be by chance.</summary>
internal static class Chance
{
    /// <summary>Fewer are never a finding, whatever they look like.</summary>
    public const int Fewest = 5;

    /// <summary>How much less likely than certain chance must be, as a natural logarithm: about 1 in 65 million. An entity has many fields, and each is looked at for many things.</summary>
    private const double Improbable = 18;

    /// <summary>Whether so many of those that could have been seen cannot be chance, by Chernoff's bound.</summary>
    /// <param name="seen">How many were seen.</param>
    /// <param name="of">Of how many.</param>
    /// <param name="likelihood">How likely each would be by chance.</param>
    public static bool IsExcluded(long seen, long of, double likelihood)
    {
        if (seen < Fewest || of < seen) return false;
        var share = (double)seen / of;
        if (share <= likelihood) return false;
        var surprise = share * Math.Log(share / likelihood) + (share < 1 ? (1 - share) * Math.Log((1 - share) / (1 - likelihood)) : 0);
        return of * surprise >= Improbable;
    }
}
