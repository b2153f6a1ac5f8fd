using System.IO.Compression;
using System.Text;
using EntityImport.Csv;
using ZstdSharp;

namespace EntityImport.Cli.Tests;

/// <summary>Files that <c>eis import</c> does not take as they are: compressed ones, those in other encodings, and those that are no CSV.</summary>
public sealed class ForeignFileTests : IDisposable
{
    private readonly Eis _eis = new();

    public void Dispose() => _eis.Dispose();

    [Theory]
    [InlineData("things.csv.gz")]
    [InlineData("things.csv.zst")]
    [InlineData("things.csv.br")]
    [InlineData("things.csv")]
    public async Task A_compressed_file_is_read_as_what_it_is(string name)
    {
        await using (var file = File.Create(_eis.PathOf(name)))
        await using (Stream compressed = Path.GetExtension(name) switch { ".zst" => new CompressionStream(file), ".br" => new BrotliStream(file, CompressionLevel.Fastest), _ => new GZipStream(file, CompressionLevel.Fastest) })
            await compressed.WriteAsync(Encoding.UTF8.GetBytes("id,name\n1,Käse\n2,Öl\n"), TestContext.Current.CancellationToken);

        var result = await _eis.ImportAsync(_eis.PathOf(name));

        Assert.Equal((0, ""), (result.Code, result.Error));
        Assert.Equal(["id,name", "1,Käse", "2,Öl"], await _eis.RecordsAsync("things"));
    }

    [Fact]
    public async Task Compressed_data_that_are_cut_off_are_refused()
    {
        using var bytes = new MemoryStream();
        await using (var compressed = new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true)) compressed.Write("id,name\n1,a\n"u8);
        await File.WriteAllBytesAsync(_eis.PathOf("things.csv.gz"), bytes.ToArray()[..^6], TestContext.Current.CancellationToken);

        var result = await _eis.ImportAsync(_eis.PathOf("things.csv.gz"));

        Assert.Equal(1, result.Code);
        Assert.Contains("things.csv.gz is not complete, valid gzip data", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<html><body><table></table></body></html>", "HTML page")]
    [InlineData("{\"error\":\"invalid_session\",\"message\":\"\"}", "JSON")]
    [InlineData("PK\u0003\u0004[Content_Types].xml", "Excel workbook (.xlsx)")]
    public async Task A_file_of_another_format_is_refused_and_makes_no_entity(string text, string what)
    {
        var result = await _eis.ImportAsync(_eis.Write("things.csv", text));

        Assert.Equal(1, result.Code);
        Assert.Contains(what, result.Error, StringComparison.Ordinal);
        Assert.Contains("CSV UTF-8", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("things", (await _eis.RunAsync("entities")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_encoding_that_the_file_does_not_show_is_asked_for_before_anything_is_written_and_remembered_after()
    {
        await File.WriteAllBytesAsync(_eis.PathOf("things.csv"), FileEncoding.Find("windows-1250")!.GetBytes("id,name\n1,č\n"), TestContext.Current.CancellationToken);

        var open = await _eis.ImportAsync(_eis.PathOf("things.csv"));
        Assert.Equal(1, open.Code);
        Assert.Contains("windows-1250: 'č' in line 2", open.Error, StringComparison.Ordinal);
        Assert.Contains("--encoding", open.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("things", (await _eis.RunAsync("entities")).Output, StringComparison.Ordinal);

        var stated = await _eis.ImportAsync(_eis.PathOf("things.csv"), "--encoding", "windows-1250");
        Assert.Equal((0, ""), (stated.Code, stated.Error));

        var next = await _eis.ImportAsync(_eis.PathOf("things.csv"));
        Assert.Equal((0, ""), (next.Code, next.Error));
        Assert.Contains("as in the last import: 'č' in line 2", next.Output, StringComparison.Ordinal);
        Assert.Equal(["id,name", "1,č"], await _eis.RecordsAsync("things"));
    }
}
