using System.Text;
using EntityImport.Csv;
using EntityImport.Rows;
using Xunit;

namespace EntityImport.Core.Tests.Csv;

public sealed class RecordIndexTests
{
    private const string Nasty = "\uFEFFone\r\ntwo \"\r\rx,\"y\nz\",\"\"\r\n\r\n\"a\"\"b\", c \r\"open\n\"d\"e,\r\n,\"f\r\n\",g\r";

    private static readonly CsvLimits Small = new(RecordBytes: 12, PartBytes: 20, BufferBytes: 4);

    [Theory]
    [InlineData(true, 0)]
    [InlineData(true, 1)]
    [InlineData(true, 2)]
    [InlineData(true, 9)]
    [InlineData(false, 0)]
    [InlineData(false, 3)]
    [InlineData(false, 99)]
    public void A_file_in_two_pieces_has_the_same_index_wherever_it_is_split(bool hasHeader, int skipLines)
    {
        foreach (var limits in new[] { CsvLimits.Standard, Small, Small with { RecordBytes = 40, PartBytes = 1 } })
        {
            var file = new IndexedFile(Encoding.UTF8.GetBytes(Nasty), new FileLayout(HasHeader: hasHeader, SkipLines: skipLines, ColumnCount: 2), limits);
            var whole = file.Index(file.Bytes.Length);

            AssertIsOf(file, whole);
            for (var at = 1; at < file.Bytes.Length; at++) AssertSame(whole, file.Index(at, file.Bytes.Length));
            for (var size = 1; size < 9; size++) AssertSame(whole, file.Index(size));
        }
    }

    [Fact]
    public void A_byte_order_mark_alone_is_a_file_without_records()
    {
        var index = new IndexedFile([0xEF, 0xBB, 0xBF], new FileLayout(), CsvLimits.Standard).Index(1);

        Assert.Equal((3L, 3, null, 0L, 0), (index.Size, index.ByteOrderMarkLength, index.Header, index.RecordCount, index.Parts.Count));
    }

    [Fact]
    public void An_empty_file_has_no_records()
    {
        var index = new IndexedFile([], new FileLayout(), CsvLimits.Standard).Index(1);

        Assert.Equal((0L, 0, null, 0L, 0), (index.Size, index.ByteOrderMarkLength, index.Header, index.RecordCount, index.Parts.Count));
    }

    [Fact]
    public void Half_a_byte_order_mark_is_text()
    {
        var index = new IndexedFile([0xEF, 0xBB], new FileLayout(), CsvLimits.Standard).Index(1);

        Assert.Equal((0, new RecordPlace(0, 2, 1, RecordFault.None)), (index.ByteOrderMarkLength, index.Header));
    }

    [Fact]
    public void A_part_holds_no_blank_lines_beyond_its_last_record()
    {
        var bytes = Encoding.UTF8.GetBytes("a,b\nc,d" + new string('\n', 10_000_000) + "e,f\n\n\n" + new string('\r', 100));
        var index = new IndexedFile(bytes, new FileLayout(), CsvLimits.Standard).Index(100_000);

        Assert.Equal([new FilePart(4, 3 + CsvTokenizer.Lookahead, 0, 1, 2), new FilePart(10_000_007, 3 + CsvTokenizer.Lookahead, 1, 1, 10_000_002)], index.Parts);
    }

    [Fact]
    public void A_part_holds_no_more_of_an_overlong_record_than_shows_that_it_is_one()
    {
        var bytes = Encoding.UTF8.GetBytes("a,b\n" + new string('x', 20_000_000) + "\nc,d\n");
        var index = new IndexedFile(bytes, new FileLayout(), CsvLimits.Standard).Index(100_000);

        Assert.Equal(
            [new FilePart(4, CsvDialect.MaxRecordBytes + CsvTokenizer.Lookahead, 0, 1, 2), new FilePart(20_000_005, 4, 1, 1, 3)], index.Parts);
    }

    private static void AssertIsOf(IndexedFile file, RecordIndex index)
    {
        Assert.Equal(file.Rows.Count, index.RecordCount);
        Assert.Equal(file.Header?.LineNumber, index.Header?.LineNumber);
        Assert.Equal(file.Header?.Raw.Length, index.Header?.Length);
        Assert.Equal(file.Header?.Fault, index.Header?.Fault);
        Assert.Equal(file.Header is null ? null : file.HeaderOffset, index.Header?.Offset);
    }

    private static void AssertSame(RecordIndex expected, RecordIndex actual)
    {
        Assert.Equal(expected.Parts, actual.Parts);
        Assert.Equal(expected.Hashes, actual.Hashes);
        Assert.Equal(expected with { Parts = actual.Parts, Hashes = actual.Hashes }, actual);
    }
}
