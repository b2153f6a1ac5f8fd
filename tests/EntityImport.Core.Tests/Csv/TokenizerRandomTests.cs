using System.Globalization;
using EntityImport.Csv;
using Xunit;

namespace EntityImport.Core.Tests.Csv;

public sealed class TokenizerRandomTests
{
    [Fact]
    public void Random_texts_are_read_as_the_reference_reads_them() => Compare(20_000, pieces: 40, _ => CsvDialect.MaxRecordBytes);

    [Fact]
    public void Random_texts_with_records_over_the_limit_are_read_as_the_reference_reads_them() => Compare(20_000, pieces: 60, random => random.Next(1, 40));

    [Fact]
    public void Random_texts_of_many_blocks_are_read_as_the_reference_reads_them() => Compare(3_000, pieces: 400, random => random.Next(20, 600));

    private static void Compare(int texts, int pieces, Func<RandomFile, int> recordLimit)
    {
        var firstSeed = Environment.TickCount;
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture, $"First seed: {firstSeed}"));
        for (var i = 0; i < texts; i++) CompareOne(unchecked(firstSeed + i), pieces, recordLimit);
    }

    private static void CompareOne(int seed, int pieces, Func<RandomFile, int> recordLimit)
    {
        var random = new RandomFile(seed);
        var dialect = random.NextDialect();
        var limits = Tokenizing.RecordLimit(recordLimit(random));
        var oneColumn = random.NextBool();
        var text = random.NextText(dialect, pieces);

        var expected = new ReferenceTokenizer(text, dialect, limits.RecordBytes) { BlankLinesAreRecords = oneColumn }.ReadAll();
        foreach (var scan in Tokenizing.Scans) AssertSame(scan.ToString(), Tokenizing.Whole(text, dialect, oneColumn, scan, limits));
        AssertSame("in pieces", Tokenizing.InPieces(text, dialect, oneColumn, limits, random.Next(1, 40)));

        void AssertSame(string how, List<Row> actual)
        {
            if (expected.SequenceEqual(actual)) return;
            var first = expected.Zip(actual).TakeWhile(pair => pair.First == pair.Second).Count();
            Assert.Fail(string.Create(
                CultureInfo.InvariantCulture,
                $"""
                Seed {seed}, read {how}, record limit {limits.RecordBytes}, one column {oneColumn}
                delimiter '{dialect.Delimiter}', quote {dialect.Quote}, escape {dialect.Escape}, trim {dialect.TrimSpaces}
                {RandomFile.Show(text)}
                expected: {expected.ElementAtOrDefault(first)}
                actual:   {actual.ElementAtOrDefault(first)}
                """));
        }
    }
}
