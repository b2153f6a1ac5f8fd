using System.Diagnostics;

namespace EntityImport.Cli.Tests;

public sealed class RefusalTests : IDisposable
{
    private readonly Eis _eis = new();

    public void Dispose() => _eis.Dispose();

    [Fact]
    public async Task A_missing_file_is_named() => await AssertRefusedAsync("There is no file", "import", _eis.PathOf("missing.csv"));

    [Fact]
    public async Task A_directory_is_no_file() => await AssertRefusedAsync("is a directory", "import", Path.GetTempPath());

    [Fact]
    public async Task An_empty_file_is_refused() => await AssertRefusedAsync("is empty", "import", _eis.Write("t.csv", ""));

    [Fact]
    public async Task An_unknown_mode_is_refused() =>
        await AssertRefusedAsync("'upsrt'", "import", _eis.Write("t.csv", "a\n1\n"), "--mode", "upsrt");

    [Fact]
    public async Task A_missing_mapping_is_refused() =>
        await AssertRefusedAsync("cannot be read", "import", _eis.Write("t.csv", "a,b\n1,2\n"), "--mapping", _eis.PathOf("none.json"));

    [Fact]
    public async Task The_error_file_cannot_be_the_file_itself() =>
        await AssertRefusedAsync("would overwrite", "import", _eis.Write("t.csv", "a\n1\n"), "--errors", _eis.PathOf("t.csv"));

    [Fact]
    public async Task A_data_directory_that_is_not_there_is_named() => await AssertRefusedAsync("There is no data directory", "entities");

    [Fact]
    public async Task An_address_that_others_can_reach_is_refused() =>
        await AssertRefusedAsync("can be reached from other machines", "serve", "--urls", "http://0.0.0.0:5080");

    [Theory]
    [InlineData("http://127.0.0.1:99999")]
    [InlineData("http://localhost:99999999999999999999")]
    public async Task A_port_that_is_none_is_refused_with_the_range(string url) => await AssertRefusedAsync("0 to 65535", "serve", "--urls", url);

    [Fact]
    public async Task A_pipe_that_nobody_writes_into_is_not_waited_for()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Pipes are made with mkfifo.");
        var pipe = _eis.PathOf("pipe");
        using (var made = Process.Start("mkfifo", [pipe])) await made.WaitForExitAsync(TestContext.Current.CancellationToken);
        File.CreateSymbolicLink(_eis.PathOf("link"), pipe);
        var csv = _eis.Write("t.csv", "a,b\n1,2\n");
        foreach (var path in (string[])[pipe, _eis.PathOf("link"), "/dev/zero"])
        {
            await AssertRefusedAsync("is a pipe or a device", "import", path);
            await AssertRefusedAsync("is a pipe or a device", "import", csv, "--mapping", path);
            await AssertRefusedAsync("is a pipe or a device", "import", csv, "--schema", path);
        }
    }

    [Fact]
    public async Task A_mapping_of_a_size_that_no_mapping_has_is_not_read()
    {
        var huge = _eis.PathOf("huge.json");
        using (var file = File.Create(huge)) file.SetLength(1L << 33);
        await AssertRefusedAsync("is larger than 16.8 MB", "import", _eis.Write("t.csv", "a,b\n1,2\n"), "--mapping", huge);
    }

    [Theory]
    [InlineData("""{"\ud800":1}""")]
    [InlineData("""{"definition":{"\udc00":1,"b":2}}""")]
    [InlineData("""{"definition":{"locale":"\ud800"}}""")]
    [InlineData("""{"entitySystemName":"\ud800"}""")]
    public async Task A_mapping_with_half_a_character_is_refused(string mapping) =>
        await AssertRefusedAsync("is no Unicode text", "import", _eis.Write("t.csv", "a,b\n1,2\n"), "--mapping", _eis.Write("m.json", mapping));

    [Fact]
    public async Task A_store_that_is_no_store_is_told_in_a_sentence_and_left_as_it_is()
    {
        Directory.CreateDirectory(_eis.Data);
        var store = Path.Combine(_eis.Data, "store.duckdb");
        await File.WriteAllTextAsync(store, new string('x', 100_000), TestContext.Current.CancellationToken);

        foreach (var command in (string[][])[["entities"], ["serve", "--urls", "http://127.0.0.1:0"], ["import", _eis.Write("t.csv", "a\n1\n")]])
            await AssertRefusedAsync("Restore the directory from a backup", command);

        Assert.Equal(100_000, new FileInfo(store).Length);
    }

    [Fact]
    public async Task A_data_directory_that_is_a_file_is_told()
    {
        await File.WriteAllTextAsync(_eis.Data, "x", TestContext.Current.CancellationToken);
        await AssertRefusedAsync($"The data directory {_eis.Data} cannot be used", "serve", "--urls", "http://127.0.0.1:0");
        await AssertRefusedAsync($"The data directory {_eis.Data} cannot be used", "import", _eis.Write("t.csv", "a\n1\n"));
    }

    [Fact]
    public async Task A_new_store_beside_files_of_another_one_is_refused_unless_told()
    {
        var file = _eis.Write("t.csv", "id\n1\n");
        await _eis.ImportAsync(file);
        File.Delete(Path.Combine(_eis.Data, "store.duckdb"));

        foreach (var command in (string[][])[["entities"], ["serve", "--urls", "http://127.0.0.1:0"], ["import", file]])
            await AssertRefusedAsync("put the store back that belongs to these files", command);
        Assert.Single(Directory.GetDirectories(Path.Combine(_eis.Data, "uploads")));

        var result = await _eis.ImportAsync(file, "--new-store");
        Assert.Equal(0, result.Code);
        Assert.Single(Directory.GetDirectories(Path.Combine(_eis.Data, "quarantine", "uploads")));
        Assert.Equal(["id", "1"], await _eis.RecordsAsync("t"));
    }

    private async Task AssertRefusedAsync(string reason, params string[] arguments)
    {
        var result = await _eis.RunAsync(arguments);

        Assert.Equal(1, result.Code);
        Assert.Contains(reason, result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Unexpected failure", result.Error, StringComparison.Ordinal);
    }
}
