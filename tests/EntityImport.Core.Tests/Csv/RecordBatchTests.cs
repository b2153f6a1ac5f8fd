using System.Globalization;
using System.Text;
using EntityImport.Csv;
using EntityImport.Rows;
using Xunit;

namespace EntityImport.Core.Tests.Csv;

public sealed class RecordBatchTests
{
    [Fact]
    public void A_text_is_the_same_however_it_is_asked_for()
    {
        var firstSeed = Environment.TickCount;
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture, $"First seed: {firstSeed}"));
        for (var i = 0; i < 2_000; i++)
        {
            var random = new RandomFile(unchecked(firstSeed + i));
            var dialect = random.NextDialect();
            var text = random.NextText(dialect, 200);
            foreach (var scan in Tokenizing.Scans) AssertSameTexts(Read(text, dialect, scan), dialect);
        }
    }

    [Fact]
    public void A_field_that_a_record_does_not_have_is_empty()
    {
        var batch = Read("a,b\n\"c\"d\n"u8.ToArray());

        Assert.True(batch[0][2].IsEmpty && batch[0][-1].IsEmpty && batch[0][int.MaxValue].IsEmpty && batch.Text(1, 0).IsEmpty);
        Assert.Throws<ArgumentOutOfRangeException>(() => FieldSpan.Of(batch[0], 2, CsvDialect.Default));
        Assert.Throws<ArgumentOutOfRangeException>(() => FieldSpan.Of(batch[0], -1, CsvDialect.Default));
    }

    [Fact]
    public void A_record_that_the_batch_does_not_have_cannot_be_asked_for()
    {
        var batch = Read("a,b\n"u8.ToArray());

        Assert.Throws<ArgumentOutOfRangeException>(() => batch[1].FieldCount);
        Assert.Throws<ArgumentOutOfRangeException>(() => batch[-1].FieldCount);
        Assert.Throws<ArgumentOutOfRangeException>(() => batch.Text(1, 0).Length);
    }

    [Fact]
    public void A_record_of_a_batch_that_has_been_read_into_again_never_leads_out_of_its_buffer()
    {
        var batch = Read("a,b\n"u8.ToArray());
        var record = batch[0];
        var tokenizer = new CsvTokenizer(CsvDialect.Default);
        byte[] longer = [.. Enumerable.Repeat((byte)'x', 1_000), (byte)',', (byte)'y'];
        tokenizer.SetBuffer(longer, 0, longer.Length, final: true);
        tokenizer.Read(batch);

        InvalidOperationException? thrown = null;
        try
        {
            _ = record[0].Length;
        }
        catch (InvalidOperationException e)
        {
            thrown = e;
        }

        Assert.NotNull(thrown);
    }

    [Fact]
    public void Lines_are_counted_in_whatever_order_records_are_asked()
    {
        var batch = Read(Encoding.UTF8.GetBytes("a,\"\n\r\n\r\"\r\n\n\"b\"c\rd,\n"));

        Assert.Equal([7L, 1L, 6L, 7L], new[] { 2, 0, 1, 2 }.Select(record => batch[record].LineNumber));
        Assert.Equal((RecordFault.TextAfterQuote, RecordFault.None), (batch[1].Fault, batch[2].Fault));
        Assert.Equal(4, batch.FieldCount);
    }

    private static RecordBatch Read(byte[] text) => Read(text, CsvDialect.Default, BlockScan.Best);

    private static RecordBatch Read(byte[] text, CsvDialect dialect, BlockScan scan)
    {
        var batch = new RecordBatch(dialect);
        var tokenizer = new CsvTokenizer(dialect, scan);
        tokenizer.SetBuffer(text, 0, text.Length, final: true);
        tokenizer.Read(batch);
        return batch;
    }

    private static void AssertSameTexts(RecordBatch batch, CsvDialect dialect)
    {
        var (index, fields) = (0, 0);
        foreach (var record in batch)
        {
            for (var column = 0; column < record.FieldCount; column++, fields++)
            {
                var text = record[column].ToArray();
                var field = FieldSpan.Of(record, column, dialect);
                var start = batch.KeepText(record[column], out var unescaped);
                Assert.Equal(text, batch[index][column].ToArray());
                Assert.Equal(text, batch.Text(index, column).ToArray());
                Assert.Equal(text, new ColumnText(batch, column)[index].ToArray());
                Assert.Equal(text, (unescaped ? batch.UnescapedText : batch.Buffer).Span.Slice(start, text.Length).ToArray());
                Assert.Equal(field.IsEscaped && text.Length > 0, unescaped);
                Assert.Equal(field.IsEscaped, !text.AsSpan().SequenceEqual(batch.Buffer.Span[field.Start..field.End]));
            }

            Assert.True(new ColumnText(batch, record.FieldCount)[index].IsEmpty && new ColumnText(batch, -1)[index].IsEmpty);
            index++;
        }

        Assert.Equal((batch.Count, batch.FieldCount), (index, fields));
    }
}
