using EntityImport.Bench.Tables;
using Xunit;

namespace EntityImport.Torture.Tests;

/// <summary>Files as ten programs write them come in right without a mapping, or somebody is asked; the command does the same with many more.</summary>
public sealed class TableTests
{
    [Fact]
    public async Task Drawn_tables_come_in_as_they_were_or_something_is_said()
    {
        using var output = new StringWriter();

        var code = await TablesCommand.RunAsync(count: 100, seed: 2026, only: null, keep: null, tellsAll: false, output, TestContext.Current.CancellationToken);

        TestContext.Current.TestOutputHelper?.WriteLine(output.ToString());
        Assert.True(code == 0, output.ToString());
        Assert.Contains("0 wrong without a word", output.ToString(), StringComparison.Ordinal);
    }
}
