using EntityImport.Catalog;
using EntityImport.Imports;
using Xunit;

namespace EntityImport.Core.Tests.Imports;

public sealed class EntityStatisticsTests
{
    [Theory]
    [InlineData(new[] { 3.0 }, 3.0)]
    [InlineData(new[] { 5.0, 1, 2 }, 2.0)]
    [InlineData(new[] { 4.0, 1, 2, 100 }, 3.0)]
    public void The_median_is_the_middle_of_the_values(double[] values, double median)
    {
        var figure = ImportFigure.Of(values);

        Assert.Equal((median, values.Min(), values.Max()), (figure.Median, figure.Least, figure.Greatest));
    }

    [Theory]
    [InlineData("100 101 99 100", 1000, false)] // too few to tell
    [InlineData("100 101 99 100 100", 151, true)]
    [InlineData("100 101 99 100 100", 150, false)] // half of the median from it
    [InlineData("100 101 99 100 100", 49, true)]
    [InlineData("100 200 50 150 100", 240, false)] // what goes up and down by itself
    [InlineData("100 200 50 150 100", 260, true)]
    [InlineData("0 0 0 0 0", 0.1, true)] // the first that rejects anything
    [InlineData("0 0 0 0 0", 0, false)]
    public void What_is_far_from_the_middle_of_the_others_stands_out(string values, double value, bool standsOut)
    {
        var figure = ImportFigure.Of(values.Split(' ').Select(text => double.Parse(text, System.Globalization.CultureInfo.InvariantCulture)));

        Assert.Equal(standsOut, figure.StandsOut(value));
    }

    [Fact]
    public void Figures_are_those_of_imports_that_have_read_their_file()
    {
        var begun = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        Import Ended(long sequence, ImportState state, Ledger ledger, bool clientError = false) => new()
        {
            Id = Guid.CreateVersion7(),
            Sequence = sequence,
            UploadId = Guid.NewGuid(),
            MappingId = Guid.NewGuid(),
            MappingRevision = 1,
            EntitySystemName = "E",
            State = state,
            ClientError = clientError,
            Ledger = ledger,
            StartedAt = begun,
            StoppedAt = begun.AddSeconds(sequence),
        };

        var statistics = EntityStatistics.Of("E",
        [
            (Ended(4, ImportState.Failed, new() { Records = 10, Rejected = 10 }, clientError: true), 40),
            (Ended(3, ImportState.Failed, new() { Records = 5 }), 30),
            (Ended(2, ImportState.Cancelled, new() { Records = 7 }), 20),
            (Ended(1, ImportState.Succeeded, new() { Records = 4, Inserted = 3, Rejected = 1, Removed = 2 }), null),
        ]);

        Assert.Equal([1L, 2, 3, 4], statistics.Imports.Select(import => import.Import.Sequence));
        Assert.Equal([true, false, false, true], statistics.Imports.Select(import => import.HasRead));
        Assert.Equal(new Ledger { Records = 26, Inserted = 3, Rejected = 11, Removed = 2 }, statistics.Ledger);
        Assert.Equal((7.0, 62.5, 2.5, 40.0), (statistics.Figures!.Records.Median, statistics.Figures.RejectedPercent.Median, statistics.Figures.Seconds.Median, statistics.Figures.Bytes!.Median));
        Assert.Null(EntityStatistics.Of("E", []).Figures);
    }
}
