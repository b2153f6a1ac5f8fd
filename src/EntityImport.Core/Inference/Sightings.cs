using EntityImport.Rows;

namespace EntityImport.Inference;

/// <summary>How often something was seen in a column, and the first values that it was seen in.</summary>
internal sealed class Sightings
{
    private const int MaxShown = 3;

    private Sighting[] _first = [];

    /// <summary>How often it was seen.</summary>
    public long Count { get; private set; }

    /// <summary>The first values, at most three.</summary>
    public IReadOnlyList<Sighting> First => _first;

    public void Add(ReadOnlySpan<char> value, RecordPlace place)
    {
        if (Count++ < MaxShown) _first = [.. _first, new Sighting(value.ToString(), place.Row, place.Line)];
    }

    /// <summary>Counts further values like some that were seen.</summary>
    public void AddAgain(long values) => Count += values;

    /// <summary>Adds what was seen elsewhere, or before anybody looked for this.</summary>
    public void Add(Sightings others)
    {
        Count += others.Count;
        _first = [.. others._first.Concat(_first).OrderBy(seen => seen.Row).Take(MaxShown)];
    }
}

/// <summary>A value and where it stands.</summary>
/// <param name="Value">The value; of a long one, the beginning.</param>
/// <param name="Row">Its row, 1 for the first data row.</param>
/// <param name="Line">The line, counted from 1, on which that row begins.</param>
internal sealed record Sighting(string Value, long Row, long Line);

/// <summary>A record of a batch, which is counted and whose lines are counted only where somebody asks.</summary>
internal readonly record struct RecordPlace(RecordBatch Batch, int Record)
{
    public long Row => Batch.RecordsBefore + Record + 1;

    public long Line => Batch[Record].LineNumber;
}
