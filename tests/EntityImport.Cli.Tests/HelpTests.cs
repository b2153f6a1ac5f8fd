
namespace EntityImport.Cli.Tests;

public sealed class HelpTests
{
    [Theory]
    [InlineData("import")]
    [InlineData("serve")]
    [InlineData("entities")]
    [InlineData("records")]
    [InlineData("plan")]
    [InlineData("apply")]
    [InlineData("history")]
    [InlineData("undo")]
    public async Task Help_ends_with_examples(string command)
    {
        var result = await Eis.RunThereAsync(command, "--help");

        Assert.Equal(0, result.Code);
        Assert.Contains($"Examples:{Environment.NewLine}  eis {command}", result.Output.ReplaceLineEndings(), StringComparison.Ordinal);
    }
}
