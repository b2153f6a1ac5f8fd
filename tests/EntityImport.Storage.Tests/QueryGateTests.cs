using EntityImport.Access;
using EntityImport.Entities;
using EntityImport.Records;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>Queries wait for their turn on threads of their own, and not without end.</summary>
public sealed class QueryGateTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task More_queries_than_may_wait_are_refused_and_the_rest_are_answered_in_their_turn()
    {
        await using var engine = await StartAsync(waiting: 1);
        var entity = await FindAsync(engine);
        using var goOn = new ManualResetEventSlim();
        var isReading = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        // On a thread of its own: where the records are there already, it is read without a wait.
        var first = Task.Run(() => ReadAsync(engine, entity, () => { isReading.TrySetResult(); goOn.Wait(Token); }, Token), Token);
        await isReading.Task.WaitAsync(TimeSpan.FromMinutes(1), Token);

        var second = ReadAsync(engine, entity, () => { }, Token);
        var refused = await Assert.ThrowsAsync<RequestException>(() => ReadAsync(engine, entity, () => { }, Token));

        Assert.Equal((FaultKind.Busy, "store-busy"), (refused.Kind, refused.Type));
        Assert.NotNull(refused.RetryAfter);
        Assert.False(second.IsCompleted);
        // The catalog does not wait behind queries.
        Assert.Single(await engine.Import.Entities.ListAsync(Request.Anonymous, Token));
        goOn.Set();
        Assert.Equal((2, 2), (await first, await second));
        Assert.Equal(2, await ReadAsync(engine, entity, () => { }, Token));
    }

    [Fact]
    public async Task A_query_whose_caller_leaves_while_it_waits_is_not_carried_out()
    {
        await using var engine = await StartAsync(waiting: 10);
        var entity = await FindAsync(engine);
        using var goOn = new ManualResetEventSlim();
        var isReading = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        // On a thread of its own: where the records are there already, it is read without a wait.
        var first = Task.Run(() => ReadAsync(engine, entity, () => { isReading.TrySetResult(); goOn.Wait(Token); }, Token), Token);
        await isReading.Task.WaitAsync(TimeSpan.FromMinutes(1), Token);
        using var leaving = new CancellationTokenSource();

        var second = ReadAsync(engine, entity, () => Assert.Fail("It was carried out."), leaving.Token);
        await leaving.CancelAsync();
        goOn.Set();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.Equal(2, await first);
    }

    private static async Task<Engine> StartAsync(int waiting)
    {
        var engine = await Engine.StartAsync(new EngineSetup { Options = options => options with { Limits = new Limits { ConcurrentQueries = 1, WaitingQueries = waiting } } });
        await engine.DeclareAsync("e", """[{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}]""");
        await engine.ImportAsync("e", "id\n1\n2\n");
        return engine;
    }

    private static async Task<EntityDefinition> FindAsync(Engine engine) => (await engine.Import.Entities.FindAsync(Request.Anonymous, "e", Token))!;

    /// <summary>Queries queue in the order of these calls: before its first wait, each has its place.</summary>
    private static async Task<int> ReadAsync(Engine engine, EntityDefinition entity, Action onRecord, CancellationToken cancellationToken)
    {
        var count = 0;
        await engine.Import.Records.ReadAsync(Request.Anonymous, new RecordQuery { Entity = entity, Select = entity.Fields },
            _ =>
            {
                onRecord();
                count++;
            },
            cancellationToken);
        return count;
    }
}
