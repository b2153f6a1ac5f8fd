
namespace EntityImport.Cli.Tests;

/// <summary>What is shown of entities and records, the same from a data directory and from a server.</summary>
public abstract class RecordsCommandTests(bool isRemote) : IAsyncLifetime
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

    [Fact]
    public async Task A_filter_and_a_limit_choose_records()
    {
        await _eis.ImportAsync(Samples.PathOf("products.csv"));

        var result = await _eis.RunAsync("records", "PRODUCTS", "--filter", "unitPrice gt 50 and discontinued eq false", "--top", "2");

        Assert.Equal(0, result.Code);
        Assert.Equal(["sku", "PT-0201", "PT-0202"], result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(',')[0]));
    }

    [Fact]
    public async Task Values_that_would_break_a_line_are_quoted_and_null_is_empty()
    {
        await _eis.ImportAsync(_eis.Write("t.csv", "id,text,other\n1,\"a,\"\"b\"\"\nc\",\n2,\" x \",y\n"));

        var result = await _eis.RunAsync("records", "t");

        Assert.Equal("id,text,other\n1,\"a,\"\"b\"\"\nc\",\n2,\" x \",y\n", result.Output);
    }

    [Fact]
    public async Task Entities_are_listed_with_their_records_and_fields()
    {
        await _eis.ImportAsync(_eis.Write("t.csv", "id,price\n1,2.5\n2,3\n"));

        var result = await _eis.RunAsync("entities");

        Assert.Matches("t +2  id\\* INTEGER, price DECIMAL\\(18,1\\)", result.Output);
    }
}

public sealed class LocalRecordsCommandTests() : RecordsCommandTests(isRemote: false);

public sealed class RemoteRecordsCommandTests() : RecordsCommandTests(isRemote: true);
