using System.IO.Compression;
using System.Text;
using EntityImport.Inputs;
using Xunit;

namespace EntityImport.Core.Tests.Inputs;

public sealed class ForeignFormatsTests
{
    [Theory]
    [InlineData("<!DOCTYPE html><title>Log in</title>", "HTML")]
    [InlineData("\r\n<html xmlns:x=\"urn:x\">\r\n<head></head>", "HTML")]
    [InlineData("<table border=1><tr><th>sku</th></tr>", "HTML")]
    [InlineData("\uFEFF<?xml version=\"1.0\"?><a/>", "XML")]
    [InlineData("<soap:Envelope><soap:Body>x</soap:Body>", "XML")]
    [InlineData("{\"error\":\"invalid_session\",\"message\":\"Log in again\"}\n", "JSON")]
    [InlineData("[{\"sku\": 1, \"price\": 2}, {\"sku\": 2", "JSON")]
    [InlineData("{\"sku\": 1}\n{\"sku\": 2}\n", "JSON")]
    [InlineData("[]", "JSON")]
    [InlineData("{}\n", "JSON")]
    [InlineData("%PDF-1.7 ", "PDF")]
    [InlineData("Rar!\u001A\u0007", "RAR")]
    [InlineData("BZh91AY&SY", "bzip2")]
    public void A_file_of_another_format_is_named(string text, string what) => Assert.Contains(what, ForeignFormats.Describe(Encoding.UTF8.GetBytes(text)), StringComparison.Ordinal);

    [Theory]
    [InlineData("<id>,<name>\n1,2\n")]
    [InlineData("<html>,<body>\n1,2\n")]
    [InlineData("<a>\n<b>\n")]
    [InlineData("<5kg,>5kg\n1,2\n")]
    [InlineData("{id},{name}\n1,2\n")]
    [InlineData("{\"id\",\"name\"}\n1,2\n")]
    [InlineData("[id],[name]\n1,2\n")]
    [InlineData("[1],[2]\n3,4\n")]
    [InlineData("[1] first,[2] second\n")]
    [InlineData("BZh,name\n")]
    [InlineData("PK,name\n")]
    [InlineData("<")]
    [InlineData("{")]
    [InlineData("")]
    public void A_CSV_file_may_begin_like_others(string text) => Assert.Null(ForeignFormats.Describe(Encoding.UTF8.GetBytes(text)));

    [Theory]
    [InlineData("mimetype", "application/vnd.oasis.opendocument.spreadsheet", "OpenDocument spreadsheet (.ods)")]
    [InlineData("[Content_Types].xml", "<Types/>", "Excel workbook (.xlsx)")]
    [InlineData("data.csv", "a,b", "ZIP archive")]
    public void A_ZIP_file_is_told_by_what_is_in_it(string name, string content, string what)
    {
        using var file = new MemoryStream();
        using (var archive = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        using (var entry = new StreamWriter(archive.CreateEntry(name, CompressionLevel.NoCompression).Open()))
            entry.Write(content);

        Assert.Contains(what, ForeignFormats.Describe(file.ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public void Markup_in_UTF16_is_recognized() =>
        Assert.Contains("HTML", ForeignFormats.Describe([.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes("<html><body>")]), StringComparison.Ordinal);

    [Theory]
    [InlineData("input.csv", "Excel workbook (.xlsx)")]
    [InlineData("input-ole.csv", "old Excel workbook (.xls)")]
    [InlineData("input-html.csv", "HTML page")]
    [InlineData("input-json.csv", "JSON")]
    public void Files_from_the_field_are_named(string file, string what)
    {
        var path = SharedFiles.Find($"data/field/38-not-a-csv/{file}");
        Assert.SkipWhen(path is null, "The files from the field are not there.");

        Assert.Contains(what, ForeignFormats.Describe(File.ReadAllBytes(path)), StringComparison.Ordinal);
    }
}
