using EntityImport.Bench.Histories;
using Xunit;

namespace EntityImport.Torture.Tests;

/// <summary>Drawn histories of imports, plans, guards, undos and crashes, compared with a model; the command does the same with many more.</summary>
public sealed class HistoryTests
{
    [Fact]
    public async Task Histories_leave_and_tell_what_the_model_says()
    {
        using var output = new StringWriter();
        var cancellation = TestContext.Current.CancellationToken;

        var code = await Task.Run(() => HistoriesCommand.Run(count: 100, seed: 2026, only: null, output, cancellation), cancellation);

        var told = output.ToString();
        Assert.True(code == 0, told);
        // They come to all that they are about.
        Assert.All(
            [
                "import, done", "import, crashed, done", "import, guarded", "import, no-good-rows", "import again, upload-already-imported", "plan, done", "apply, done", "apply, plan-stale", "undo, done", "undo, crashed, done",
                "undo, done, of an undo", "undo, done, whole", "undo, done, kept some", "undo, entity-replaced-since", "guards", "fields", "restart",
            ],
            outcome => Assert.Contains(outcome, told, StringComparison.Ordinal));
    }
}
