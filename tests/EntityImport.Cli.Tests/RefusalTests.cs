using Xunit;

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

    [Theory]
    [InlineData("{", "no valid JSON (line 1")]
    [InlineData("[]", "no JSON object")]
    [InlineData("""{"entity":"x"}""", "unknown member 'entity'")]
    [InlineData("""{"definition":{"fieldDelimeter":";"}}""", "definition.fieldDelimeter: Unknown member")]
    [InlineData("""{"definition":{"locale":"xx-YY"}}""", "definition.locale")]
    [InlineData("""{"definition":{"fields":[{"systemName":"x","csvColumnName":"z"}]}}""", "no column 'z'")]
    public async Task A_bad_mapping_is_refused_with_the_reason(string mapping, string reason) =>
        await AssertRefusedAsync(reason, "import", _eis.Write("t.csv", "a,b\n1,2\n"), "--mapping", _eis.Write("m.json", mapping));

    [Fact]
    public async Task A_missing_mapping_is_refused() =>
        await AssertRefusedAsync("cannot be read", "import", _eis.Write("t.csv", "a,b\n1,2\n"), "--mapping", _eis.PathOf("none.json"));

    [Fact]
    public async Task A_key_that_is_no_column_is_refused() =>
        await AssertRefusedAsync("no column 'sku'", "import", _eis.Write("t.csv", "a,b\n1,2\n"), "--key", "sku");

    [Fact]
    public async Task The_error_file_cannot_be_the_file_itself() =>
        await AssertRefusedAsync("would overwrite", "import", _eis.Write("t.csv", "a\n1\n"), "--errors", _eis.PathOf("t.csv"));

    [Fact]
    public async Task The_key_of_an_entity_cannot_be_changed()
    {
        await _eis.ImportAsync(_eis.Write("t.csv", "id,name\n1,a\n"));

        await AssertRefusedAsync("with the key id", "import", _eis.PathOf("t.csv"), "--key", "name");
    }

    [Fact]
    public async Task A_file_with_none_of_the_entity_s_fields_is_refused()
    {
        await _eis.ImportAsync(_eis.Write("t.csv", "id,name\n1,a\n"));

        await AssertRefusedAsync("No column of other.csv is a field of t", "import", _eis.Write("other.csv", "x,y\n1,2\n"), "--entity", "t");
    }

    [Fact]
    public async Task A_data_directory_that_is_not_there_is_named() => await AssertRefusedAsync("There is no data directory", "entities");

    [Fact]
    public async Task An_unknown_entity_is_refused_with_those_that_there_are()
    {
        await _eis.ImportAsync(_eis.Write("t.csv", "id,name\n1,a\n"));

        await AssertRefusedAsync("There are: t.", "records", "u");
    }

    [Fact]
    public async Task A_bad_filter_is_refused()
    {
        await _eis.ImportAsync(_eis.Write("t.csv", "id,name\n1,a\n"));

        await AssertRefusedAsync("nme", "records", "t", "--filter", "nme eq 'a'");
    }

    [Fact]
    public async Task An_address_that_others_can_reach_is_refused() =>
        await AssertRefusedAsync("can be reached from other machines", "serve", "--urls", "http://0.0.0.0:5080");

    private async Task AssertRefusedAsync(string reason, params string[] arguments)
    {
        var result = await _eis.RunAsync(arguments);

        Assert.Equal(1, result.Code);
        Assert.Contains(reason, result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }
}
