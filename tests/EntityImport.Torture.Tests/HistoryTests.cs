using EntityImport.Bench.Histories;
using EntityImport.Storage.Tests;
using Xunit;

namespace EntityImport.Torture.Tests;

/// <summary>Drawn histories of imports, plans, guards, undos and crashes, compared with a model; the command does the same with many more.</summary>
public sealed class HistoryTests
{
    [Fact]
    public async Task Histories_leave_and_tell_what_the_model_says()
    {
        var told = await RunAsync(count: 60, postgres: null);

        // They come to all that they are about.
        Assert.All(
            [
                "import, done", "import, crashed, done", "import, guarded", "import, no-good-rows", "import again, upload-already-imported", "plan, done", "apply, done", "apply, plan-stale", "undo, done", "undo, crashed, done",
                "undo, done, of an undo", "undo, done, whole", "undo, done, kept some", "undo, entity-replaced-since", "guards", "fields", "restart",
            ],
            outcome => Assert.Contains(outcome, told, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Histories_do_so_in_PostgreSQL()
    {
        var told = await RunAsync(count: 15, postgres: await PrivateServer.StartedAsync());

        Assert.All(
            ["import, done", "import, crashed, done", "import, guarded", "plan, done", "apply, done", "undo, done", "undo, done, whole", "guards", "fields", "restart"],
            outcome => Assert.Contains(outcome, told, StringComparison.Ordinal));
    }

    private static async Task<string> RunAsync(int count, string? postgres)
    {
        await using var output = new StringWriter();
        var cancellation = TestContext.Current.CancellationToken;

        var code = await Task.Run(() => HistoriesCommand.Run(count, seed: 2026, only: null, postgres, output, cancellation), cancellation);

        Assert.True(code == 0, output.ToString());
        return output.ToString();
    }
}
