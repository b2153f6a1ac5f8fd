using System.Diagnostics;

namespace EntityImport.Cli.Tests;

/// <summary>The command itself can be broken on purpose, says so, and does not commit what does not add up.</summary>
public sealed class BrokenStoreTests : IDisposable
{
    private readonly Eis _eis = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _eis.Dispose();

    [Theory]
    [InlineData("drop-row", "2 rows reached the store")]
    [InlineData("double-row", "4 rows reached the store")]
    [InlineData("alter-count", "inserted 3, updated 1")]
    public async Task An_import_that_lost_doubled_or_miscounted_a_row_fails_and_shows_the_figures(string way, string figures)
    {
        var (code, output) = await RunAsync(way);

        Assert.NotEqual(0, code);
        Assert.Contains($"EIS_TEST_BREAK is set to {way}", output, StringComparison.Ordinal);
        Assert.Contains("The ledger does not add up, so nothing was written: the file has 3 records, 3 were read and 0 of them rejected;", output, StringComparison.Ordinal);
        Assert.Contains(figures, output, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync(way: null)).Code);
        Assert.Equal(3, (await _eis.RecordsAsync("parts"))[1..].Length);
    }

    [Fact]
    public async Task A_way_that_does_not_exist_is_refused()
    {
        var (code, output) = await RunAsync("nonsense");

        Assert.NotEqual(0, code);
        Assert.Contains("EIS_TEST_BREAK is one of drop-row, double-row, alter-count, split-commit, split-undo, split-plan, keep-log, no-fence, not nonsense.", output, StringComparison.Ordinal);
    }

    private async Task<(int Code, string Output)> RunAsync(string? way)
    {
        using var process = Process.Start(new ProcessStartInfo(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, "eis.dll"), "import", _eis.Write("parts.csv", "id,name\n1,a\n2,b\n3,c\n"), "--key", "id", "--data", _eis.Data])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["EIS_TEST_BREAK"] = way ?? "" },
        })!;
        var output = process.StandardOutput.ReadToEndAsync(Token);
        var error = process.StandardError.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token).WaitAsync(TimeSpan.FromMinutes(1), Token);
        return (process.ExitCode, await output + await error);
    }
}
