using System.Globalization;
using EntityImport.Access;
using EntityImport.Catalog;
using Xunit;

namespace EntityImport.Storage.Tests.Durability;

public sealed class QueueTests
{
    private const string Fields = """[{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "value", "dataType": "INTEGER"}]""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Many_imports_over_fifty_entities_run_in_order_for_each_entity_and_wait_without_threads()
    {
        const int Entities = 50;
        var rounds = TestStore.IsRemote ? 5 : 20;
        await using var engine = await Engine.StartAsync();
        var mappings = new List<Guid>();
        for (var i = 0; i < Entities; i++)
        {
            await engine.DeclareAsync($"e{i}", Fields);
            mappings.Add(await engine.MapAsync($"e{i}", "{}"));
        }

        var imports = new List<Import>();
        for (var round = 0; round < rounds; round++)
            for (var i = 0; i < Entities; i++) imports.Add(await engine.InvokeAsync(mappings[i], $"id,value\n1,{round}\n"));
        Assert.InRange(ThreadPool.ThreadCount, 0, 100);

        var ended = new List<Import>();
        foreach (var import in imports) ended.Add(await engine.EndOfAsync(import));

        Assert.All(ended, import => Assert.Equal((ImportState.Succeeded, 1), (import.State, import.Attempts)));
        foreach (var ofEntity in ended.GroupBy(import => import.EntitySystemName))
        {
            var inOrder = ofEntity.OrderBy(import => import.Sequence).ToList();
            Assert.Equal(rounds, inOrder.Count);
            // Had one overtaken another, the value would have been the same in neither, and the first to come is the only one that inserts.
            Assert.Equal(1, inOrder[0].Ledger.Inserted);
            Assert.All(inOrder.Skip(1), import => Assert.Equal(1, import.Ledger.Updated));
            Assert.Equal(inOrder, inOrder.OrderBy(import => import.StoppedAt));
            Assert.Equal([$"1|{rounds - 1}"], await engine.RecordsAsync(ofEntity.Key));
        }
    }

    [Fact]
    public async Task An_entity_with_a_long_queue_leaves_the_places_to_others_in_turn()
    {
        InterceptedRecords? data = null;
        var gate = new TaskCompletionSource();
        await using var engine = await Engine.StartAsync(new EngineSetup
        {
            Options = options => options with { ConcurrentImports = 1 },
            Records = inner => data = new InterceptedRecords(inner) { Loading = (_, token) => gate.Task.WaitAsync(token) },
        });
        await engine.DeclareAsync("busy", Fields);
        await engine.DeclareAsync("other", Fields);
        var busy = await engine.MapAsync("busy", "{}");
        var other = await engine.MapAsync("other", "{}");

        var queued = new List<Import>();
        for (var i = 0; i < 20; i++) queued.Add(await engine.InvokeAsync(busy, string.Create(CultureInfo.InvariantCulture, $"id,value\n{i},{i}\n")));
        var waits = await engine.InvokeAsync(other, "id,value\n1,1\n");
        gate.SetResult();
        var ended = await engine.EndOfAsync(waits);

        // One of the others ran already, and one may have come before in the order of turns.
        foreach (var import in queued.Skip(2)) Assert.True((await engine.EndOfAsync(import)).StoppedAt > ended.StoppedAt);
        Assert.Equal(20, (await engine.RecordsAsync("busy")).Length);
    }

    [Fact]
    public async Task A_full_queue_refuses_imports_until_some_have_ended()
    {
        var gate = new TaskCompletionSource();
        await using var engine = await Engine.StartAsync(new EngineSetup
        {
            Options = options => options with { MaxUnfinishedImports = 2 },
            Records = inner => new InterceptedRecords(inner) { Loading = (_, token) => gate.Task.WaitAsync(token) },
        });
        await engine.DeclareAsync("e", Fields);
        var mapping = await engine.MapAsync("e", "{}");
        var first = await engine.InvokeAsync(mapping, "id,value\n1,1\n");
        var second = await engine.InvokeAsync(mapping, "id,value\n2,2\n");

        var refused = await Assert.ThrowsAsync<RequestException>(() => engine.InvokeAsync(mapping, "id,value\n3,3\n"));

        Assert.Equal((FaultKind.Busy, "queue-full"), (refused.Kind, refused.Type));
        Assert.NotNull(refused.RetryAfter);
        gate.SetResult();
        await engine.EndOfAsync(first);
        await engine.EndOfAsync(second);
        Assert.Equal(ImportState.Succeeded, (await engine.EndOfAsync(await engine.InvokeAsync(mapping, "id,value\n3,3\n"))).State);
        Assert.Equal(["1|1", "2|2", "3|3"], await engine.RecordsAsync("e"));
    }

    [Fact]
    public async Task The_queue_tells_of_each_entity_what_its_oldest_import_waits_for()
    {
        var gate = new TaskCompletionSource();
        var loads = 0;
        await using var engine = await Engine.StartAsync(new EngineSetup
        {
            Options = options => options with { ConcurrentImports = 1, RetryPause = TimeSpan.FromHours(1) },
            Records = inner => new InterceptedRecords(inner)
            {
                Loading = (_, token) => Interlocked.Increment(ref loads) == 1 ? Task.FromException(new IOException("No such device of /secret.")) : gate.Task.WaitAsync(token),
            },
        });
        foreach (var entity in (string[])["failing", "busy", "other"]) await engine.DeclareAsync(entity, Fields);
        var failing = await engine.InvokeAsync(await engine.MapAsync("failing", "{}"), "id,value\n1,1\n");
        await Eventually.TrueAsync(async () => (await ReadAsync(10)) is (1, [{ Reason: QueueReason.Retrying }]), "The import that fails is not tried again.");
        var mapping = await engine.MapAsync("busy", "{}");
        var busy = await engine.InvokeAsync(mapping, "id,value\n1,1\n");
        await engine.InvokeAsync(mapping, "id,value\n2,2\n");
        await Eventually.TrueAsync(() => loads == 2, "The next import does not begin.");
        await engine.InvokeAsync(await engine.MapAsync("other", "{}"), "id,value\n1,1\n");

        var (unfinished, queues) = await ReadAsync(10);

        Assert.Equal(4, unfinished);
        Assert.Equal([("failing", 1, QueueReason.Retrying, 1), ("busy", 2, QueueReason.Running, 1), ("other", 1, QueueReason.WaitsForPlace, 0)], queues.Select(queue => (queue.EntitySystemName, queue.Unfinished, queue.Reason, queue.Attempts)));
        Assert.Equal([failing.Id, busy.Id], queues.Take(2).Select(queue => queue.ImportId));
        // What failed may hold anything; the log has it.
        Assert.Equal("an error in the service; its log tells more under the import's id", queues[0].Retry!.Problem);
        Assert.InRange(queues[0].Retry!.At - failing.StartedAt, TimeSpan.FromMinutes(59), TimeSpan.FromMinutes(70));
        Assert.All(queues, queue => Assert.Null(queue.Node));
        Assert.Equal(["failing", "busy"], (await ReadAsync(2)).Entities.Select(queue => queue.EntitySystemName));
        gate.SetResult();

        Task<(int Unfinished, IReadOnlyList<QueuedEntity> Entities)> ReadAsync(int limit) => engine.Import.Queue.ReadAsync(Request.Anonymous, limit, Token);
    }
}
