using System.Text;
using EntityImport.Csv;
using EntityImport.Files;
using EntityImport.Inputs.Csv;
using Xunit;

namespace EntityImport.Core.Tests.Imports;

public sealed class PreambleTests
{
    [Fact]
    public void Skipped_lines_are_kept_as_they_are() => Assert.Equal("one\r\n\"two\r\n", ReadPreamble("one\r\n\"two\r\na,b\r\n", skipLines: 2));

    [Fact]
    public void Skipped_lines_that_are_too_long_to_be_kept_become_as_many_blank_ones() =>
        Assert.Equal("\r\n\r\n", ReadPreamble(new string('x', CsvDialect.MaxRecordBytes) + "\r\ny\r\na,b\r\n", skipLines: 2));

    [Fact]
    public void Blank_lines_before_the_header_may_be_too_many_to_be_kept() =>
        Assert.Equal("\r\n", ReadPreamble("x\r\n" + new string('\n', CsvDialect.MaxRecordBytes + 10) + "a,b\r\n", skipLines: 1));

    private static string ReadPreamble(string text, int skipLines)
    {
        var builder = new RecordIndexBuilder(new FileLayout(SkipLines: skipLines));
        builder.Append(Encoding.UTF8.GetBytes(text));
        var file = new FileStream(
            Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 4096, FileOptions.DeleteOnClose);
        RandomAccess.Write(file.SafeFileHandle, Encoding.UTF8.GetBytes(text), 0);
        using var source = new CsvInput(new LocalFile(file), builder.Complete(), FileEncoding.Utf8, hasByteOrderMark: false);
        return Encoding.UTF8.GetString(source.ReadPreamble());
    }
}
