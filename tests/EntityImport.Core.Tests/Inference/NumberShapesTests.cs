using System.Globalization;
using System.Text;
using EntityImport.Csv;
using EntityImport.Inference;
using EntityImport.Rows;
using Xunit;

namespace EntityImport.Core.Tests.Inference;

public sealed class NumberShapesTests
{
    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 7)]
    [InlineData(3, 30)]
    public void Numbers_that_are_only_counted_are_evidence_like_those_that_are_looked_at(int seed, int otherEvery)
    {
        var random = new Random(seed);
        var counting = new NumberEvidence(NumberSeparators.Common, new NumberSymbols("%", "$"));
        var looking = new NumberEvidence(NumberSeparators.Common, new NumberSymbols("%", "$"));
        var counted = 0;
        var place = AnyPlace();
        for (var i = 0; i < 20_000; i++)
        {
            var text = otherEvery > 0 && i % otherEvery == 0 ? "n.a." : Draw(random);
            looking.Add(text, place);
            if (counting.TryCount(Encoding.UTF8.GetBytes(text))) counted++;
            else counting.Add(text, place);
        }

        Assert.InRange(counted, 10_000, 20_000);
        Assert.Equal(looking.IsHopeless, counting.IsHopeless);
        Assert.Equal(looking.OthersThanPercentages > 0, counting.OthersThanPercentages > 0);
        foreach (var (expected, actual) in looking.Readings.Zip(counting.Readings))
        {
            Assert.Equal(expected.Evidence.IsClean, actual.Evidence.IsClean);
            Assert.Equal(expected.Evidence.IsLikely, actual.Evidence.IsLikely);
            if (expected.Evidence.IsHopeless) continue;
            Assert.Equal((expected.Evidence.Hits, expected.Evidence.Misses.Count, string.Join('|', expected.Evidence.Misses.First)), (actual.Evidence.Hits, actual.Evidence.Misses.Count, string.Join('|', actual.Evidence.Misses.First)));
            Assert.Equal((expected.MaxWholeDigits, expected.MaxDecimals, expected.MaxDigits), (actual.MaxWholeDigits, actual.MaxDecimals, actual.MaxDigits));
            Assert.Equal((expected.HasDecimalSeparator, expected.HasGroups, expected.LeadingZeros.Count), (actual.HasDecimalSeparator, actual.HasGroups, actual.LeadingZeros.Count));
        }
    }

    private static EntityImport.Inference.RecordPlace AnyPlace()
    {
        var dialect = new CsvDialect(",");
        var batch = new RecordBatch(dialect);
        var tokenizer = new CsvTokenizer(dialect);
        tokenizer.SetBuffer("x\n"u8.ToArray(), 0, 2, final: true);
        tokenizer.Read(batch);
        return new EntityImport.Inference.RecordPlace(batch, 0);
    }

    private static string Draw(Random random) => random.Next(6) switch
    {
        0 => random.Next(10_000).ToString(CultureInfo.InvariantCulture),
        1 => (random.Next(100_000) / 100m).ToString("0.00", CultureInfo.InvariantCulture),
        2 => (-random.Next(100_000) / 1000m).ToString("0.000", CultureInfo.InvariantCulture),
        3 => "0",
        4 => random.Next(1_000_000).ToString("#,##0", CultureInfo.InvariantCulture),
        _ => (random.Next(100_000_000) / 100m).ToString("#,##0.00", CultureInfo.InvariantCulture),
    };
}
