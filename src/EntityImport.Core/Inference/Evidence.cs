namespace EntityImport.Inference;

/// <summary>How many values of a column spoke for a reading, and the first that spoke against it.</summary>
internal sealed class Evidence
{
    /// <summary>Misses up to this number never rule a reading out.</summary>
    private const int AlwaysTolerated = 20;

    /// <summary>Values that can be read so.</summary>
    public long Hits { get; private set; }

    /// <summary>Values that cannot.</summary>
    public Sightings Misses { get; } = new();

    /// <summary>Values that were looked at: no more, once it was no use.</summary>
    public long Values => Hits + Misses.Count;

    /// <summary>Whether so many values cannot be read so that it is no use to look at more: over a tenth.</summary>
    public bool IsHopeless => Misses.Count > AlwaysTolerated && Misses.Count > Hits / 9;

    /// <summary>Whether all values can be read so, and there are some.</summary>
    public bool IsClean => Misses.Count == 0 && Hits > 0;

    /// <summary>Whether the column is meant so in all likelihood, although single values may be bad.</summary>
    public bool IsLikely => Hits > 0 && Misses.Count <= Hits / 9;

    /// <summary>Whether at least every second value can be read so: then it is worth telling which cannot.</summary>
    public bool IsNotable => Hits > 0 && Misses.Count <= Hits;

    public void Hit() => Hits++;

    public void Miss(ReadOnlySpan<char> value, RecordPlace place) => Misses.Add(value, place);

    /// <summary>Counts further values like some that could be read so.</summary>
    public void HitAgain(long values) => Hits += values;

    /// <summary>Counts further values like some that could not.</summary>
    public void MissAgain(long values) => Misses.AddAgain(values);

    /// <summary>Counts values that were looked at before the reading was thought of.</summary>
    public void MissEarlier(Sightings values) => Misses.Add(values);
}
