using EntityImport.Bench.Torture;
using EntityImport.Storage.Tests;
using EntityImport.Testing;
using Xunit;

namespace EntityImport.Torture.Tests;

/// <summary>A short torture of the service on a store in PostgreSQL, whose server is stopped, too, and the proof that it finds what it is there for. A lease that is not waited for is written to have run out, for the sake of time.</summary>
public sealed class PostgresTortureTests
{
    private static readonly TortureOptions Small = new() { Kills = 0, Seed = 2026, LargeRows = 5_000, WaitsForLease = false };

    [Fact]
    public async Task A_service_and_a_server_that_are_killed_stopped_and_held_up_lose_double_halve_and_leave_nothing()
    {
        var (code, output) = await TortureTests.RunAsync(Small with { Kills = 2, Stops = 2, Pauses = 1, PostgresBinaries = PrivateServer.Programs() });

        Assert.True(code == 0, output);
        Assert.Matches(@"(?m)^Kills +2\r?$", output);
        Assert.Matches(@"(?m)^Stops of the database's server +2\r?$", output);
        Assert.Matches(@"(?m)^Pauses, and another one in its place +1\r?$", output);
        Assert.DoesNotMatch(@"(?m)^Stores opened and searched for leftovers +0\r?$", output);
    }

    [Fact]
    public async Task A_server_that_is_stopped_between_the_last_look_and_COMMIT_loses_doubles_halves_and_leaves_nothing()
    {
        var (code, output) = await TortureTests.RunAsync(Small with { Stops = 2, At = FaultStep.OfPostgres, PostgresBinaries = PrivateServer.Programs() });

        Assert.True(code == 0, output);
        Assert.Matches(@"(?m)^  while between fence and COMMIT +[1-9]", output);
        Assert.Matches(@"(?m)^  ran again after a blow +[1-9]", output);
    }

    [Fact]
    public async Task A_service_that_commits_without_looking_whether_it_may_is_found_once_it_was_held_up()
    {
        var (code, output) = await TortureTests.RunAsync(Small with { Pauses = 3, At = [FaultStep.ImportPlanned], Break = "no-fence", PostgresBinaries = PrivateServer.Programs() });

        Assert.Equal(1, code);
        Assert.Matches("(Doubled|Half|Lost|Wrong|Leftover), found after pause [0-9]+: ", output);
    }
}
