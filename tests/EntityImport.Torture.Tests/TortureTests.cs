using EntityImport.Bench.Torture;
using EntityImport.Testing;
using Xunit;

namespace EntityImport.Torture.Tests;

/// <summary>A short torture of the service as it was built, and the proof that a torture finds what it is there for.</summary>
public sealed class TortureTests
{
    /// <summary>Smaller files than the command's, for the sake of time.</summary>
    private static readonly TortureOptions Small = new() { Seed = 2026, LargeRows = 40_000 };

    [Fact]
    public async Task A_service_that_is_killed_at_random_moments_loses_doubles_halves_and_leaves_nothing()
    {
        var (code, output) = await RunAsync(Small with { Kills = 20 });

        Assert.True(code == 0, output);
        Assert.Matches(@"(?m)^Kills +20\r?$", output);
        Assert.DoesNotMatch(@"(?m)^  ran again after a blow +0\r?$", output);
        Assert.DoesNotMatch(@"(?m)^Records compared +0\r?$", output);
        Assert.DoesNotMatch(@"(?m)^Plans checked +0\r?$", output);
        Assert.Matches(@"(?m)^  undo of .* +[1-9]", output);
    }

    [Fact]
    public async Task A_service_that_is_killed_at_each_step_loses_doubles_halves_and_leaves_nothing()
    {
        var (code, output) = await RunAsync(Small with { Kills = FaultStep.OfService.Count, Steps = true, LargeRows = 10_000 });

        Assert.True(code == 0, output);
        foreach (var phase in (string[])["uploading", "upload kept, not in the catalog", "committing", "committed, not told", "plan committed, not told", "committing an applied plan", "undoing, records taken out", "deleting a plan's files", "deleting an expired plan's files"])
            Assert.Matches($@"(?m)^  while (after a restart: )?{phase} +[1-9]", output);
    }

    [Fact]
    public async Task A_service_that_commits_rows_before_the_imports_last_state_is_found_to_double_an_import()
    {
        // Killed just between the two.
        var (code, output) = await RunAsync(Small with { Kills = 3, At = [FaultStep.ImportCommitted], Break = "split-commit" });

        Assert.Equal(1, code);
        Assert.Matches("Doubled, found after kill [0-9]+: .*, import [0-9a-f-]{36}, upload [0-9a-f-]{36} was applied twice", output);
    }

    [Fact]
    public async Task A_service_that_commits_what_an_undo_takes_back_before_its_last_state_is_found_to_undo_twice()
    {
        var (code, output) = await RunAsync(Small with { Kills = 3, At = [FaultStep.UndoCommitted], Break = "split-undo" });

        Assert.Equal(1, code);
        Assert.Matches("(Doubled|Wrong), found after kill [0-9]+: .*: undo of .*, import [0-9a-f-]{36}, upload [0-9a-f-]{36} (was applied twice|ended as Failed)", output);
    }

    [Fact]
    public async Task A_service_that_commits_what_a_plan_keeps_before_its_last_state_is_found_to_break_the_plan()
    {
        var (code, output) = await RunAsync(Small with { Kills = 3, At = [FaultStep.PlanCommitted], Break = "split-plan" });

        Assert.Equal(1, code);
        Assert.Matches("Wrong, found after kill [0-9]+: .*: plan of .*, plan [0-9a-f-]{36}, upload [0-9a-f-]{36} ended as Failed", output);
    }

    [Theory]
    [InlineData("drop-row")]
    [InlineData("double-row")]
    [InlineData("alter-count")]
    public async Task A_store_that_loses_doubles_or_miscounts_a_row_is_found_by_the_ledger(string way)
    {
        var (code, output) = await RunAsync(Small with { Kills = 40, Break = way });

        Assert.Equal(1, code);
        Assert.Matches(@"The ledger does not add up, so nothing was written: the file has [0-9]+ records", output);
    }

    internal static async Task<(int Code, string Output)> RunAsync(TortureOptions options)
    {
        var work = Directory.CreateTempSubdirectory("eis-torture-test-").FullName;
        try
        {
            using var output = new StringWriter();
            var code = await TortureCommand.RunAsync(options with { Work = work }, output, TestContext.Current.CancellationToken);
            return (code, output.ToString());
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }
}
