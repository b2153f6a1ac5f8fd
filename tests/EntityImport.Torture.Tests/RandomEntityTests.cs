using EntityImport.Bench.RandomEntities;
using Xunit;

namespace EntityImport.Torture.Tests;

/// <summary>Imports into drawn entities of nasty names, compared with a model; the command does the same with many more.</summary>
public sealed class RandomEntityTests
{
    [Fact]
    public async Task Imports_into_drawn_entities_of_nasty_names_end_as_the_model_says()
    {
        using var output = new StringWriter();

        var code = await EntitiesCommand.RunAsync(count: 30, seed: 2026, only: null, output, TestContext.Current.CancellationToken);

        Assert.True(code == 0, output.ToString());
        Assert.Matches(@"[1-9][0-9]{2,} imports into 30 entities, [0-9]+,[0-9]{3} records compared, 0 differences", output.ToString());
    }

    [Fact]
    public void There_are_at_least_300_names_and_all_of_them_are_legal()
    {
        Assert.True(NastyNames.All.Count >= 300, $"There are {NastyNames.All.Count} names.");
        Assert.All(NastyNames.All, name => Assert.Matches(@"\A[A-Za-z_][A-Za-z0-9_]{0,62}\z", name));
    }
}
