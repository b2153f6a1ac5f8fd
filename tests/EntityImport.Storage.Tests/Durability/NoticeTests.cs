using System.Text.Json;
using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Notices;
using Xunit;

namespace EntityImport.Storage.Tests.Durability;

/// <summary>A notice is true exactly when what it tells is: it is part of the end's commit, whoever makes that and however often it is tried.</summary>
public sealed class NoticeTests
{
    private const string Fields = """[{ "systemName": "id", "dataType": "INTEGER", "primaryKey": true }]""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_end_whose_commit_fails_or_whose_answer_is_lost_is_told_once(bool isLost)
    {
        var faults = 0;
        Task FailOnce() => Interlocked.Increment(ref faults) == 1 ? throw new IOException("Not now.") : Task.CompletedTask;
        await using var engine = await Engine.StartAsync(new EngineSetup
        {
            Options = options => options with { RetryPause = TimeSpan.Zero },
            Records = inner => isLost ? new InterceptedRecords(inner) { Committed = _ => FailOnce() } : new InterceptedRecords(inner) { Committing = _ => FailOnce() },
        });
        var post = new RecordingPost();
        var hook = await SubscribeAsync(engine, post);
        await engine.DeclareAsync("e", Fields);

        var ended = await engine.ImportAsync("e", "id\n1\n");

        Assert.Equal(ImportState.Succeeded, ended.State);
        Assert.True(faults >= 1);
        var (delivery, notice) = Assert.Single(await DeliveriesAsync(engine, hook));
        Assert.Equal((ended.Id, "e", delivery.NoticeId), (notice.ImportId!.Value, notice.Entity, notice.Id));
        await DeliveredAsync(engine, hook, 1);
        Assert.Equal([notice.Body], post.Bodies);
    }

    [Fact]
    public async Task A_failed_end_whose_answer_is_lost_is_told_once()
    {
        var faults = 0;
        await using var engine = await Engine.StartAsync(new EngineSetup
        {
            Catalog = inner => InterceptedCatalog.Create(inner, after: (name, arguments) =>
                name == nameof(ICatalog.CommitAsync) && arguments[0] is CatalogCommit { ChangedImport.HasEnded: true } && Interlocked.Increment(ref faults) == 1 ? new IOException("The answer is lost.") : null),
        });
        var hook = await SubscribeAsync(engine, new RecordingPost());
        await engine.DeclareAsync("e", Fields);

        var ended = await engine.ImportAsync("e", "id\nx\n");

        Assert.Equal((ImportState.Failed, 1), (ended.State, faults));
        Assert.Equal(ended.Id, Assert.Single(await DeliveriesAsync(engine, hook)).Notice.ImportId);
    }

    [Fact]
    public async Task What_could_not_be_noted_is_sent_again()
    {
        var faults = 0;
        await using var engine = await Engine.StartAsync(new EngineSetup
        {
            Catalog = inner => InterceptedCatalog.Create(inner, before: (name, arguments) =>
                name == nameof(ICatalog.CommitAsync) && arguments[0] is CatalogCommit { ChangedDelivery: not null } && Interlocked.Increment(ref faults) == 1 ? new IOException("Not now.") : null),
        });
        var post = new RecordingPost();
        var hook = await SubscribeAsync(engine, post);

        await engine.Import.Webhooks.TestAsync(Request.Anonymous, hook, Token);

        await DeliveredAsync(engine, hook, 1);
        Assert.Equal(2, post.Bodies.Length);
        Assert.Single(post.Bodies.Distinct());
    }

    [Fact]
    public async Task Where_nobody_subscribed_no_notice_is_written_and_without_a_way_out_those_that_are_wait()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", Fields);
        var hook = await SubscribeAsync(engine, new RecordingPost(), entity: "e");
        await engine.DeclareAsync("f", Fields);
        await engine.ImportAsync("f", "id\n1\n");
        Assert.Empty(await engine.Catalog.ListNextDeliveriesAsync(Token));

        // As eis import does on the same data.
        await engine.RestartAsync();
        await engine.ImportAsync("e", "id\n1\n");
        Assert.Equal(hook, Assert.Single(await engine.Catalog.ListNextDeliveriesAsync(Token)).Delivery.WebhookId);

        await engine.RestartAsync();
        var post = new RecordingPost();
        engine.Import.SendNotices(post);
        await DeliveredAsync(engine, hook, 1);
        Assert.Single(post.Bodies);
    }

    [Fact]
    public async Task Notices_are_deleted_when_their_time_is_over_when_there_are_too_many_or_nobody_gets_them()
    {
        await using var engine = await Engine.StartAsync();
        var hook = await SubscribeAsync(engine, new RecordingPost());
        var notices = new List<Guid>();
        for (var i = 0; i < 5; i++) notices.Insert(0, (await engine.Import.Webhooks.TestAsync(Request.Anonymous, hook, Token))!.Value);
        await DeliveredAsync(engine, hook, 5);

        await engine.Catalog.DeleteNoticesAsync(DateTimeOffset.UtcNow.AddDays(-1), mostDeliveries: 3, Token);
        // Those of one millisecond are in any order.
        Assert.Equal(notices.OrderByDescending(id => id.ToString(), StringComparer.Ordinal).Take(3), (await DeliveriesAsync(engine, hook)).Select(item => item.Notice.Id));

        await engine.Catalog.CommitAsync(new CatalogCommit { NewNotices = [new NewNotice(new Notice { Id = Guid.CreateVersion7(), Event = "x", At = DateTimeOffset.UtcNow, Body = "{}" }, [])] }, Token);
        await engine.Catalog.DeleteNoticesAsync(DateTimeOffset.UtcNow.AddDays(1), mostDeliveries: 3, Token);
        Assert.Empty(await DeliveriesAsync(engine, hook));
    }

    private static async Task<Guid> SubscribeAsync(Engine engine, RecordingPost post, string? entity = null)
    {
        engine.Import.SendNotices(post);
        using var document = JsonDocument.Parse($$"""{ "url": "https://example.com/", "events": ["import.ended"], "entities": {{(entity is null ? "null" : $"[\"{entity}\"]")}} }""");
        return (await engine.Import.Webhooks.CreateAsync(Request.Anonymous, document.RootElement, Token)).Id;
    }

    private static async Task<IReadOnlyList<(Delivery Delivery, Notice Notice)>> DeliveriesAsync(Engine engine, Guid hook) =>
        (await engine.Import.Webhooks.ListDeliveriesAsync(Request.Anonymous, new DeliveryQuery(hook, null, 100), Token))!;

    private static Task DeliveredAsync(Engine engine, Guid hook, int count) => Eventually.TrueAsync(
        async () => (await DeliveriesAsync(engine, hook)).Count(item => item.Delivery.State == DeliveryState.Delivered) == count, $"Fewer than {count} notices were delivered.");

    /// <summary>A way out that takes everything and keeps it.</summary>
    private sealed class RecordingPost : INoticePost
    {
        private readonly List<string> _bodies = [];

        public string[] Bodies
        {
            get
            {
                lock (_bodies) return [.. _bodies];
            }
        }

        public Task<string?> FindFaultAsync(string url, CancellationToken cancellationToken) => Task.FromResult<string?>(null);

        public Task<PostAnswer> SendAsync(SignedNotice notice, CancellationToken cancellationToken)
        {
            lock (_bodies) _bodies.Add(System.Text.Encoding.UTF8.GetString(notice.Body.Span));
            return Task.FromResult(new PostAnswer(204, null));
        }
    }
}
