using System.Globalization;
using EntityImport.Bench.Fuzz;
using Xunit;

namespace EntityImport.Torture.Tests;

/// <summary>Whether fuzzing finds what is there to be found, and tells it so that it can be run again; the command looks for much longer.</summary>
public sealed class FuzzTests : IDisposable
{
    private readonly string _finds = Directory.CreateTempSubdirectory("eis-fuzz-tests-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_finds, recursive: true);

    [Theory]
    [InlineData("broken-block", "as a whole by Scalar, record")]
    [InlineData("broken-end", "It does not end within 10 s.")]
    [InlineData("broken-memory", "bytes made it allocate 16,")]
    [InlineData("broken-stack", "The process dies of it, with exit code 134")]
    public async Task What_is_broken_is_found_and_kept_as_a_small_input_that_fails_again(string broken, string failure)
    {
        var target = FuzzTargets.Find(broken);
        using var output = new StringWriter();

        var code = await FuzzCommand.RunAsync([target], new FuzzRun(Seed: 1, TimeSpan.FromSeconds(60), Executions: 200_000, _finds), output, Cancel);

        Assert.True(code == 1, output.ToString());
        Assert.Contains($"{broken} failed: ", output.ToString(), StringComparison.Ordinal);
        Assert.Contains(failure, output.ToString(), StringComparison.Ordinal);
        var kept = Assert.Single(Directory.GetFiles(_finds));
        Assert.Contains($"again: bench fuzz --only {broken} --input {kept}", output.ToString(), StringComparison.Ordinal);
        Assert.InRange(new FileInfo(kept).Length, 1, 80);
        using var again = new StringWriter();
        Assert.Equal(1, await FuzzCommand.RunInputAsync(target, kept, again, Cancel));
        Assert.Contains(failure.Split(' ')[0], again.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_seed_draws_the_same_inputs()
    {
        var target = FuzzTargets.Find("entity");
        var run = new FuzzRun(Seed: 7, TimeSpan.FromMinutes(2), Executions: 3_000, _finds);

        var rows = new List<string[]>();
        for (var time = 1; time <= 2; time++)
        {
            using var output = new StringWriter();
            Assert.Equal(0, await FuzzCommand.RunAsync([target], run, output, Cancel));
            rows.Add(output.ToString().Split('\n').Single(line => line.StartsWith("entity ", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries));
        }

        // Inputs, edges and those that were kept; how many there were a second is the machine's.
        Assert.Equal((rows[0][1], rows[0][3], rows[0][4]), (rows[1][1], rows[1][3], rows[1][4]));
        Assert.Equal("3,000", rows[0][1]);
        Assert.True(int.Parse(rows[0][4], NumberStyles.AllowThousands, CultureInfo.InvariantCulture) > Seeds.Of(target).Count, "No input was kept.");
    }

    [Fact]
    public void Every_target_begins_with_inputs_of_its_own() =>
        Assert.All(FuzzTargets.All, target => Assert.True(Seeds.Of(target) is { Count: > 2 } seeds && seeds.All(seed => seed.Input.Length <= target.MaxLength), target.Name));
}
