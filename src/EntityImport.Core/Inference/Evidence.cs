namespace EntityImport.Inference;

/// <summary>How many values of a column spoke for a reading, and the first that spoke against it.</summary>
internal sealed class Evidence
{
    /// <summary>Misses up to this number never rule a reading out.</summary>
    private const int AlwaysTolerated = 20;

    /// <summary>Values that can be read so.</summary>
    public long Hits { get; private set; }

    /// <summary>Values that cannot.</summary>
    public long Misses { get; private set; }

    /// <summary>The first value that cannot; null where there is none.</summary>
    public string? FirstMiss { get; private set; }

    /// <summary>Whether so many values cannot be read so that it is no use to look at more: over a tenth.</summary>
    public bool IsHopeless => Misses > AlwaysTolerated && Misses > Hits / 9;

    /// <summary>Whether all values can be read so, and there are some.</summary>
    public bool IsClean => Misses == 0 && Hits > 0;

    /// <summary>Whether the column is meant so in all likelihood, although single values may be bad.</summary>
    public bool IsLikely => Hits > 0 && Misses <= Hits / 9;

    public void Hit() => Hits++;

    public void Miss(ReadOnlySpan<char> value)
    {
        if (Misses++ == 0) FirstMiss = value.ToString();
    }

    /// <summary>Counts further values like some that could be read so.</summary>
    public void HitAgain(long values) => Hits += values;

    /// <summary>Counts further values like some that could not.</summary>
    public void MissAgain(long values) => Misses += values;

    /// <summary>Counts values that were looked at before the reading was thought of.</summary>
    public void MissEarlier(long values, string? first)
    {
        if (values == 0) return;
        FirstMiss = first;
        Misses += values;
    }
}
