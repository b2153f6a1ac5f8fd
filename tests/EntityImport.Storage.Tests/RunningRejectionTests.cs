using EntityImport.Access;
using EntityImport.Imports;
using EntityImport.Storage.Tests.Durability;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>Rejected rows, and their causes, of an import that has not ended.</summary>
public sealed class RunningRejectionTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rejected_rows_and_causes_are_told_while_the_import_runs_and_then_with_those_that_the_key_forbids()
    {
        var (loaded, goOn, found, end) = (new TaskCompletionSource(), new TaskCompletionSource(), new TaskCompletionSource(), new TaskCompletionSource());
        await using var engine = await Engine.StartAsync(new EngineSetup
        {
            Records = inner => new InterceptedRecords(inner)
            {
                Loaded = _ =>
                {
                    loaded.TrySetResult();
                    return goOn.Task.WaitAsync(Patience);
                },
                Found = (_, _) =>
                {
                    found.TrySetResult();
                    return end.Task.WaitAsync(Patience);
                },
            },
        });
        await engine.DeclareAsync("e", """[{"systemName": "k", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "n", "dataType": "INTEGER"}]""");
        var import = await engine.InvokeAsync(await engine.MapAsync("e", """{"importMode": "INSERT"}"""), "k,n\n1,x\n2,5\n2,6\n3,y\n");
        var rows = engine.Import.RejectedRows;

        await loaded.Task.WaitAsync(Patience, Token);
        var page = await rows.ReadAsync(Request.Anonymous, import, new RejectedQuery(10), Token);
        var causes = await rows.CountCausesAsync(Request.Anonymous, import, Token);
        Assert.Equal([1L, 4L], page.Rows.Select(row => row.Row));
        Assert.Equal(["1", "x"], page.Rows[0].Fields!);
        Assert.Equal(2, page.Total);
        Assert.Equal((2L, false), (causes.Rows, causes.IsComplete));
        Assert.Equal([("number.format", "A", 2L)], causes.Causes.Select(counted => (counted.Cause.Code, counted.Cause.Shape!, counted.Rows)));

        // All of them are known before the import has ended.
        goOn.SetResult();
        await found.Task.WaitAsync(Patience, Token);
        Assert.Equal([1L, 3L, 4L], (await rows.ReadAsync(Request.Anonymous, import, new RejectedQuery(10), Token)).Rows.Select(row => row.Row));
        Assert.Equal([4L], (await rows.ReadAsync(Request.Anonymous, import, new RejectedQuery(10) { Offset = 2 }, Token)).Rows.Select(row => row.Row));
        Assert.False((await rows.CountCausesAsync(Request.Anonymous, import, Token)).IsComplete);

        end.SetResult();
        await engine.EndOfAsync(import);
        causes = await rows.CountCausesAsync(Request.Anonymous, import, Token);
        Assert.Equal((3L, true), (causes.Rows, causes.IsComplete));
        Assert.Equal([("number.format", 2L), ("key.repeated", 1)], causes.Causes.Select(counted => (counted.Cause.Code, counted.Rows)));
        Assert.Equal([3L], (await rows.ReadAsync(Request.Anonymous, import, new RejectedQuery(10) { Code = "key.repeated" }, Token)).Rows.Select(row => row.Row));
    }
}
