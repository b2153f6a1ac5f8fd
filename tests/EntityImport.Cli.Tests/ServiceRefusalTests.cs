
namespace EntityImport.Cli.Tests;

/// <summary>What the service refuses, told in the same words by a data directory and by a server.</summary>
public abstract class ServiceRefusalTests(bool isRemote) : IAsyncLifetime
{
    private readonly Eis _eis = new();

    public async ValueTask InitializeAsync()
    {
        if (isRemote) await _eis.ServeAsync();
    }

    public ValueTask DisposeAsync()
    {
        _eis.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

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
    public async Task A_key_that_is_no_column_is_refused() =>
        await AssertRefusedAsync("no column 'sku'", "import", _eis.Write("t.csv", "a,b\n1,2\n"), "--key", "sku");

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

    private async Task AssertRefusedAsync(string reason, params string[] arguments)
    {
        var result = await _eis.RunAsync(arguments);

        Assert.Equal(1, result.Code);
        Assert.Contains(reason, result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Unexpected failure", result.Error, StringComparison.Ordinal);
    }
}

public sealed class LocalServiceRefusalTests() : ServiceRefusalTests(isRemote: false);

public sealed class RemoteServiceRefusalTests() : ServiceRefusalTests(isRemote: true);
