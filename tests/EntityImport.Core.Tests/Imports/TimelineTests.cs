using EntityImport.Catalog;
using EntityImport.Imports.Running;
using Xunit;

namespace EntityImport.Core.Tests.Imports;

public sealed class TimelineTests
{
    private readonly Clock _clock = new();

    [Fact]
    public void Points_of_a_long_attempt_stay_few_and_spread_and_keep_where_each_phase_began()
    {
        var timeline = new Timeline(_clock);
        timeline.Begin();
        timeline.Add(ImportPhase.Planning, 0, 0, 0);
        timeline.Add(ImportPhase.Loading, 0, 0, 0);
        // An hour, looked at each tenth of a second.
        for (var i = 1; i <= 36_000; i++)
        {
            _clock.Now += 100;
            if (timeline.IsDue) timeline.Add(ImportPhase.Loading, i * 10, i * 100, i);
        }

        timeline.Add(ImportPhase.Merging, 360_000, 3_600_000, 36_000);

        var points = timeline.Points;
        Assert.InRange(points.Count, Timeline.MaxPoints / 2, Timeline.MaxPoints);
        Assert.Equal([ImportPhase.Planning, ImportPhase.Loading, ImportPhase.Merging], points.Select(point => point.Phase).Distinct());
        Assert.Equal((0, 0L), ((int)points.First(point => point.Phase == ImportPhase.Loading).Milliseconds, points[0].Records));
        Assert.Equal(new TimelinePoint(3_600_000, ImportPhase.Merging, 360_000, 3_600_000, 36_000), points[^1]);
        Assert.All(points.Zip(points.Skip(1)), pair => Assert.InRange(pair.Second.Milliseconds - pair.First.Milliseconds, 0, 3_600_000 / 20));
        Assert.All(points.Where(point => point.Phase == ImportPhase.Loading && point.Records > 0), point => Assert.Equal(point.Milliseconds / 10, point.Records));
    }

    [Fact]
    public void An_attempt_that_begins_again_has_points_of_its_own_and_one_that_never_began_none()
    {
        var timeline = new Timeline(_clock);
        timeline.Add(ImportPhase.Queued, 0, 0, 0);
        Assert.Empty(timeline.Points);

        timeline.Begin();
        timeline.Add(ImportPhase.Loading, 5, 50, 0);
        _clock.Now += 500;
        timeline.Begin();
        timeline.Add(ImportPhase.Planning, 0, 0, 0);

        Assert.Equal([new TimelinePoint(0, ImportPhase.Planning, 0, 0, 0)], timeline.Points);
    }

    /// <summary>Time that passes when a test says so, in milliseconds.</summary>
    private sealed class Clock : TimeProvider
    {
        public long Now { get; set; } = 1_000;

        public override long TimestampFrequency => 1_000;

        public override long GetTimestamp() => Now;
    }
}
