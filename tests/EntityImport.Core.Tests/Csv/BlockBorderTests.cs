using System.Text;
using EntityImport.Csv;
using Xunit;

namespace EntityImport.Core.Tests.Csv;

/// <summary>Whatever stands at the border of two blocks of 64 bytes is read as anywhere else. So all offsets are tried.</summary>
public sealed class BlockBorderTests
{
    private static readonly string Tail = string.Concat(Enumerable.Repeat("c,d e,\"f\"\n", 30));

    public static TheoryData<string> Texts =>
    [
        ",", ",,", "\n", "\r", "\r\n", "\n\n", "\r\r", "\r\n\r\n", "\r\n\n\r", ",\n,", ",\r\n,", "\n \n", "\r\n\t \r\n", "\n  x\n", "\n\t,\n",
        "\n\"a\"\n", "\n\"\"\n", ",\"\",", ",\"\"\"\",", ",\"a\"\"b\",", ",\"\"\"\"\"\"\r\n", ",\"a\"\r\n\"b\"\r\n", "\r\"a\"\r", "\r\n\"a\",", ",\"\r\n\"\r\n",
        ",\"\r\",", ",\"\n\",", ",\"a\n\r\n\rb\"\n", ", \"a\" ,", ",\"a\" \n", ",a \n b,", ",a\t\r\n\tb,", ",a\"b,", ",\"a\"b,\n", ",\"\"a\"\n", ",\"a\\\"b\\\\\",", ",\\,",
        ",\"" + new string('q', 200) + "\",", ",\"" + string.Concat(Enumerable.Repeat("q,\r\n\"\"", 60)) + "\"\r\n", "\n" + new string(' ', 150) + "\n", "," + new string(' ', 150) + "\r\n",
        new string(',', 150) + "\n", new string('\n', 150), string.Concat(Enumerable.Repeat("\r\n", 70)), string.Concat(Enumerable.Repeat(",\n", 70)),
    ];

    [Theory]
    [MemberData(nameof(Texts))]
    public void A_text_is_read_alike_at_every_offset(string text)
    {
        foreach (var dialect in new[] { CsvDialect.Default, new CsvDialect(",", trimSpaces: false), new CsvDialect(",", escape: '\\'), new CsvDialect("\t"), new CsvDialect(",", multilineFields: false) })
        {
            // A text begins with blocks of its own. Behind a block that is not regular they are aligned to memory, which may be anywhere.
            foreach (var (start, offsets) in new[] { ("", 10), ("a\"b\n", 66) })
            {
                for (var offset = 0; offset < offsets; offset++)
                {
                    var bytes = Encoding.UTF8.GetBytes(start + new string('x', 58 + offset) + text + Tail);
                    foreach (var oneColumn in new[] { false, true })
                    {
                        var expected = new ReferenceTokenizer(bytes, dialect, CsvDialect.MaxRecordBytes) { BlankLinesAreRecords = oneColumn }.ReadAll();
                        foreach (var scan in Tokenizing.Scans) Assert.Equal(expected, Tokenizing.Whole(bytes, dialect, oneColumn, scan));
                    }
                }
            }
        }
    }

    [Fact]
    public void A_CR_LF_that_is_divided_between_buffers_is_one_line_end()
    {
        var bytes = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("a,\"b\r\n\"\r\n", 50)));
        var expected = new ReferenceTokenizer(bytes, CsvDialect.Default, CsvDialect.MaxRecordBytes).ReadAll();

        for (var piece = 1; piece < 140; piece++)
            Assert.Equal(expected, Tokenizing.InPieces(bytes, CsvDialect.Default, false, CsvLimits.Standard, piece));
    }
}
