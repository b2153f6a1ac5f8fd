using EntityImport.Bench.Torture.Large;
using Xunit;

namespace EntityImport.Torture.Tests;

/// <summary>Kills during checkpoints and replays of logs that are large for a test; the command does the same with those of up to 1 GB.</summary>
public sealed class LargeTortureTests
{
    [Fact]
    public async Task A_store_that_is_killed_over_a_large_log_opens_again_and_has_everything()
    {
        var work = Directory.CreateTempSubdirectory("eis-torture-test-").FullName;
        try
        {
            using var output = new StringWriter();

            var code = await LargeCommand.RunAsync(new LargeOptions { Kills = 2, Size = 60, Seed = 2026, Work = work }, output, TestContext.Current.CancellationToken);

            Assert.True(code == 0, output.ToString());
            Assert.Matches("(?m)^It opened after each of 2 kills", output.ToString());
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }
}
