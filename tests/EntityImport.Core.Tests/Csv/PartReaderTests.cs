using System.Globalization;
using System.Text;
using EntityImport.Csv;
using Xunit;

namespace EntityImport.Core.Tests.Csv;

public sealed class PartReaderTests : IDisposable
{
    private readonly FileStream _file = new(
        Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 4096, FileOptions.DeleteOnClose);

    public void Dispose() => _file.Dispose();

    [Theory]
    [InlineData("a,b\r\nc,d\r\ne,f\r\ng,h")]
    [InlineData("a,b\rc,d\re,f\rg,h\r")]
    [InlineData("\"a\nb\",\"c\n\"\n\"d\ne\"\n")]
    [InlineData("a,\"b\nc,\"d\ne\"f\ng,h\n\"i\n")]
    [InlineData("a\n\n\n\nb\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\nc\n\n")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\nb\n")]
    [InlineData("\"a\nb\"cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc,\"d\ne\n\"f\",g\r\n")]
    public void Parts_of_any_size_hold_the_records_of_the_file(string text)
    {
        for (var partBytes = 1; partBytes < 30; partBytes++)
        {
            for (var recordBytes = 1; recordBytes < 30; recordBytes++)
            {
                var limits = new CsvLimits(recordBytes, partBytes, BufferBytes: 4);
                AssertReadsAll(new IndexedFile(Encoding.UTF8.GetBytes(text), new FileLayout(HasHeader: false, ColumnCount: 2), limits));
            }
        }
    }

    [Fact]
    public void A_record_that_begins_where_another_of_the_largest_size_can_reach_to_is_read()
    {
        for (var gap = CsvTokenizer.Lookahead - 8; gap < CsvTokenizer.Lookahead + 8; gap++)
        {
            var text = new string('x', 20) + "," + new string('\n', gap) + "a,b\nc,d\n";
            AssertReadsAll(new IndexedFile(
                Encoding.UTF8.GetBytes(text), new FileLayout(HasHeader: false, ColumnCount: 2), CsvLimits.Standard with { RecordBytes = 21 }));
        }
    }

    [Fact]
    public void A_header_that_is_too_long_and_begins_with_as_many_spaces_as_a_record_may_have_is_refused()
    {
        var file = new IndexedFile(Encoding.UTF8.GetBytes(new string(' ', 20) + "a,b\n1,2\n"), new FileLayout(), CsvLimits.Standard with { RecordBytes = 20 });

        var refused = Assert.Throws<ImportRefusedException>(() => file.ReadParts(file.Index(7), _file));

        Assert.StartsWith("Line 1: the header cannot be read: it is longer than", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Blank_lines_of_an_error_file_of_one_column_without_header_are_counted_as_the_index_counts_them()
    {
        var file = new IndexedFile(
            Encoding.UTF8.GetBytes("1,errorRow,errorLine,errorReasons\nx,1,1,y\n\nz,2,2,y\n"), new FileLayout(HasHeader: false, ColumnCount: 1), CsvLimits.Standard);

        Assert.Equal(4, file.ReadParts(file.Index(9), _file).Count);
    }

    [Fact]
    public void Random_files_are_read_by_their_parts_as_the_reference_reads_them_whole()
    {
        var firstSeed = Environment.TickCount;
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture, $"First seed: {firstSeed}"));
        for (var i = 0; i < 5_000; i++)
        {
            var seed = unchecked(firstSeed + i);
            var random = new RandomFile(seed);
            var dialect = random.NextDialect();
            var layout = new FileLayout(
                dialect.Delimiter, dialect.Quote, dialect.Escape, dialect.TrimSpaces, random.NextBool(), random.Next(0, 2) * random.Next(0, 1), random.Next(1, 2), random.Next(0, 2) * random.Next(0, 1),
                MultilineFields: dialect.MultilineFields);
            var limits = new CsvLimits(random.Next(1, 90), random.Next(1, 90), random.Next(4, 64));
            byte[] header = layout.HasHeader ? Encoding.UTF8.GetBytes(random.NextBool() ? "A" : $"A{dialect.Delimiter}B") : [];
            byte[] start = random.NextBool() ? [] : [0xEF, 0xBB, 0xBF];
            byte[] skipped = [.. Enumerable.Repeat((byte)'\n', layout.SkipLines)];
            byte[] headerEnd = layout.HasHeader ? [(byte)'\n'] : [];
            var file = new IndexedFile(
                [.. start, .. skipped, .. header, .. headerEnd, .. random.NextText(dialect, 120)],
                layout,
                limits with { RecordBytes = Math.Max(limits.RecordBytes, header.Length) });
            // The footer may take the header, too.
            if (layout.HasHeader && file.Header is null) continue;
            try
            {
                AssertReadsAll(file, random.Next(1, 70));
            }
            catch (Exception e)
            {
                throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"Seed {seed}: {e.Message}\n{file}"), e);
            }
        }
    }

    private void AssertReadsAll(IndexedFile file, int piece = 7)
    {
        var index = file.Index(piece);
        Assert.Equal(file.Rows.Count, index.RecordCount);
        Assert.Equal(file.ByteOrderMarks, (index.InnerByteOrderMarks.Count, index.InnerByteOrderMarks.FirstLine));
        Assert.Equal(file.End, RecordsEnd.Find(file.Bytes, file.Layout.SkipFooterLines));
        Assert.Equal(file.Rows.Select((row, i) => (i + 1L, row)), file.ReadParts(index, _file));
    }
}
