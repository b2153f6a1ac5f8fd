using EntityImport.Catalog;

namespace EntityImport.Imports.Running;

/// <summary>How far an attempt was at moments of it: as many as a curve needs, however long it takes. Not thread-safe, but for <see cref="IsDue"/>.</summary>
internal sealed class Timeline(TimeProvider time)
{
    /// <summary>How many points there are at most.</summary>
    public const int MaxPoints = 100;

    private static readonly TimeSpan FirstStride = TimeSpan.FromMilliseconds(250);

    private readonly List<TimelinePoint> _points = [];
    private TimeSpan _stride;
    private long _begun;
    private long _next = long.MaxValue;

    /// <summary>Whether it is time for a point.</summary>
    public bool IsDue => time.GetTimestamp() >= Volatile.Read(ref _next);

    /// <summary>The points, oldest first.</summary>
    public IReadOnlyList<TimelinePoint> Points => [.. _points];

    /// <summary>Begins again.</summary>
    public void Begin()
    {
        _points.Clear();
        _stride = FirstStride;
        _begun = time.GetTimestamp();
        Volatile.Write(ref _next, _begun);
    }

    /// <summary>Adds a point of now.</summary>
    public void Add(ImportPhase phase, long records, long bytes, long rejected)
    {
        if (Volatile.Read(ref _next) == long.MaxValue) return;
        var elapsed = time.GetElapsedTime(_begun);
        if (_points.Count == MaxPoints)
        {
            // Every second one goes, and the next ones are twice as far apart; where something else began stays.
            _stride *= 2;
            for (var i = _points.Count - 2; i > 0; i -= 2)
                if (_points[i].Phase == _points[i - 1].Phase) _points.RemoveAt(i);
        }

        _points.Add(new TimelinePoint((long)elapsed.TotalMilliseconds, phase, records, bytes, rejected));
        Volatile.Write(ref _next, time.GetTimestamp() + (long)(_stride.TotalSeconds * time.TimestampFrequency));
    }
}
