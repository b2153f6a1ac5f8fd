using System.Globalization;
using System.Text;
using EntityImport.Csv;
using EntityImport.Rows;
using Xunit;

namespace EntityImport.Core.Tests.Csv;

public sealed class TokenizerTests
{
    private static readonly Dictionary<string, TokenizerCase> Cases = TokenizerCases.All.ToDictionary(c => c.Name);

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Records_are_read_as_the_case_says_on_every_path(string name)
    {
        var (text, expected) = (Cases[name].Text, Cases[name].Rows);
        foreach (var scan in Tokenizing.Scans)
        {
            var rows = Tokenizing.Whole(text, Cases[name].Dialect, Cases[name].OneColumn, scan, Tokenizing.RecordLimit(Cases[name].RecordLimit));
            Assert.Equal(expected, rows.Select(row => row.ToString()));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_reference_reads_the_same(string name)
    {
        var reference = new ReferenceTokenizer(Cases[name].Text, Cases[name].Dialect, Cases[name].RecordLimit)
        {
            BlankLinesAreRecords = Cases[name].OneColumn,
        };
        Assert.Equal(Cases[name].Rows, reference.ReadAll().Select(row => row.ToString()));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("\n", "x")]
    public void A_record_may_have_a_mebibyte_and_no_byte_more(string lineEnd, string next)
    {
        foreach (var scan in Tokenizing.Scans)
        {
            var longest = new string('y', CsvDialect.MaxRecordBytes);
            var whole = Tokenizing.Whole(Encoding.UTF8.GetBytes(longest + lineEnd + next), CsvDialect.Default, false, scan);
            var cut = Tokenizing.Whole(Encoding.UTF8.GetBytes(longest + "z" + lineEnd + next), CsvDialect.Default, false, scan);

            Assert.Equal((RecordFault.None, longest), (whole[0].Fault, whole[0].Raw));
            Assert.Equal((RecordFault.TooLong, longest), (cut[0].Fault, cut[0].Raw));
            Assert.Equal(next, string.Concat(cut.Skip(1).Select(row => row.Raw)));
        }
    }

    [Fact]
    public void A_quote_that_is_open_for_a_mebibyte_costs_its_line()
    {
        var text = "\"a\n" + string.Concat(Enumerable.Repeat("b,c\n", CsvDialect.MaxRecordBytes / 4)) + "d\"\n";
        foreach (var scan in Tokenizing.Scans)
        {
            var rows = Tokenizing.Whole(Encoding.UTF8.GetBytes(text), CsvDialect.Default, false, scan);

            Assert.Equal("1: UnclosedQuote+0 \"a", rows[0].ToString());
            Assert.Equal("2: [b][c]", rows[1].ToString());
            Assert.Equal((2 + (CsvDialect.MaxRecordBytes / 4), "[d\"]"), (rows.Count, rows[^1].Fields));
        }
    }

    [Theory]
    [InlineData("{0},\"b\"", "\n")]
    [InlineData("{0},\"b\"", "\r\n")]
    [InlineData("{0},b", "\n")]
    [InlineData("{0},b", "\r")]
    [InlineData(",", "\n")]
    [InlineData(",", "\r\n")]
    [InlineData("\"\",{0}", "\r\n")]
    public void A_full_batch_is_followed_by_the_next_wherever_in_a_block_it_ends(string line, string lineEnd)
    {
        foreach (var scan in Tokenizing.Scans)
        {
            for (var shift = 0; shift < 64; shift += 9)
            {
                var lines = Enumerable.Range(0, (RecordBatch.Capacity * 2) + 70).Select(i => string.Format(CultureInfo.InvariantCulture, line, i)).ToList();
                lines[0] = "," + new string('x', shift);
                var rows = Tokenizing.Whole(Encoding.UTF8.GetBytes(string.Join(lineEnd, lines)), CsvDialect.Default, false, scan);

                Assert.Equal(lines, rows.Select(row => row.Raw));
                Assert.Equal(Enumerable.Range(1, lines.Count).Select(i => (long)i), rows.Select(row => row.LineNumber));
            }
        }
    }

    [Fact]
    public void A_record_may_have_more_fields_than_the_batch_has_room_for_at_first()
    {
        var rows = Tokenizing.Whole(Encoding.UTF8.GetBytes(new string(',', 500_000) + "\n\"a\",b"), CsvDialect.Default, false, BlockScan.Best);

        Assert.Equal(500_001 * 2, rows[0].Fields.Length);
        Assert.Equal("2: [\"a\"][b]", rows[1].ToString());
    }
}
