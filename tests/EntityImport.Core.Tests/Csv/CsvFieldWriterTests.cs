using System.Globalization;
using System.Text;
using EntityImport.Csv;
using EntityImport.Rows;
using Xunit;

namespace EntityImport.Core.Tests.Csv;

public sealed class CsvFieldWriterTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("plain", "plain")]
    [InlineData("a b", "a b")]
    [InlineData(" a", "\" a\"")]
    [InlineData("a\t", "\"a\t\"")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("a\nb", "\"a\nb\"")]
    [InlineData("3/4\"", "\"3/4\"\"\"")]
    public void A_field_is_quoted_where_it_could_be_misread(string text, string written) => Assert.Equal(written, Write(CsvDialect.Default, [text]));

    [Fact]
    public void Quotes_and_escapes_are_escaped() =>
        Assert.Equal("\"a\\\\\\\"\",b", Write(new CsvDialect(",", '"', '\\'), ["a\\\"", "b"]));

    [Fact]
    public void A_part_of_a_delimiter_is_quoted() => Assert.Equal("\"a|\"||b", Write(new CsvDialect("||"), ["a|", "b"]));

    [Fact]
    public void What_is_written_is_read_back()
    {
        var firstSeed = Environment.TickCount;
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture, $"First seed: {firstSeed}"));
        for (var i = 0; i < 10_000; i++)
        {
            var random = new RandomFile(unchecked(firstSeed + i));
            var dialect = random.NextDialect();
            var records = Enumerable.Range(0, random.Next(1, 4)).Select(_ => NextRecord(random, dialect)).ToList();
            var written = new MemoryStream();
            var writer = new CsvFieldWriter(written, dialect);
            foreach (var record in records)
            {
                for (var column = 0; column < record.Length; column++)
                {
                    if (column > 0) writer.WriteDelimiter();
                    writer.WriteField(record[column]);
                }

                writer.WriteLineEnd(random.NextBool() ? "\r\n" : random.NextBool() ? "\n" : "\r");
            }

            Assert.Equal(records.Select(Show), Read(written.ToArray(), dialect).Select(Show));
        }

        static string Show(byte[][] record) => string.Join(" | ", record.Select(RandomFile.Show));
    }

    private static byte[][] NextRecord(RandomFile random, CsvDialect dialect) =>
        [.. Enumerable.Range(0, random.Next(2, 5)).Select(_ => random.NextText(dialect, 6)).Select(text => dialect.MultilineFields ? text : [.. text.Where(b => b is not ((byte)'\n' or (byte)'\r'))])];

    private static List<byte[][]> Read(byte[] text, CsvDialect dialect)
    {
        var tokenizer = new CsvTokenizer(dialect);
        var batch = new RecordBatch(dialect);
        tokenizer.SetBuffer(text, 0, text.Length, final: true);
        Assert.Equal(TokenizerStop.End, tokenizer.Read(batch));
        return [.. Enumerable.Range(0, batch.Count).Select(record =>
            Enumerable.Range(0, batch[record].FieldCount).Select(column => batch.Text(record, column).ToArray()).ToArray())];
    }

    private static string Write(CsvDialect dialect, string[] fields)
    {
        var written = new MemoryStream();
        new CsvFieldWriter(written, dialect).WriteRecord(fields);
        return Encoding.UTF8.GetString(written.ToArray());
    }
}
