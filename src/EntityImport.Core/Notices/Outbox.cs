using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using EntityImport.Catalog;
using EntityImport.Storage;
using Microsoft.Extensions.Logging;

namespace EntityImport.Notices;

/// <summary>
/// Notices on their way: they are written in the commit of what they tell, and sent from there until their receivers have answered, whatever happens to either side in between. A delivery is marked only after
/// the answer, so that each arrives at least once. One at a time is sent to each webhook, and to several webhooks at once. Thread-safe.
/// </summary>
internal sealed class Outbox(IStore store, Webhooks webhooks, TimeProvider time, ILogger log) : IAsyncDisposable
{
    /// <summary>To how many webhooks notices are sent at the same time.</summary>
    private const int Places = 8;

    /// <summary>The longest time until it is looked for what is due, whoever may have forgotten to say so.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    /// <summary>How long nothing is sent where the store could not tell what to send, or not note what was.</summary>
    private static readonly TimeSpan FaultPause = TimeSpan.FromSeconds(5);

    /// <summary>The longest time until it is looked for that where several nodes share the store, of which one sends: others' notices, and whether it is this one.</summary>
    private static readonly TimeSpan SharedPause = TimeSpan.FromSeconds(5);

    /// <summary>How long the node that sends is waited for when it is silent.</summary>
    private static readonly TimeSpan DutyTerm = TimeSpan.FromSeconds(30);

    private readonly ICatalog _catalog = store.Catalog;
    private readonly Channel<bool> _wakes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ConcurrentDictionary<Guid, Task> _sending = new();
    private readonly CancellationTokenSource _stopping = new();
    private INoticePost? _post;
    private Task _work = Task.CompletedTask;

    /// <summary>What notices go out by.</summary>
    /// <exception cref="InvalidOperationException">Nothing is sent in this process.</exception>
    public INoticePost Post => _post ?? throw new InvalidOperationException("Notices are not sent by this process.");

    /// <summary>The webhooks.</summary>
    public Webhooks Webhooks => webhooks;

    /// <summary>Begins to send.</summary>
    public void Start(INoticePost post)
    {
        _post = post;
        _work = Task.Run(RunAsync);
    }

    /// <summary>Adds to a commit what is told of it, for those who want to know. <see cref="Wake"/> is to be called once it is kept.</summary>
    /// <param name="commit">The commit.</param>
    /// <param name="name">What it is about, one of <see cref="NoticeEvent"/>.</param>
    /// <param name="entity">The entity that it is about.</param>
    /// <param name="importId">The import that it is about; null where it is about none.</param>
    /// <param name="data">Writes the members of the notice's <c>data</c>.</param>
    public CatalogCommit Note(CatalogCommit commit, string name, string entity, Guid? importId, Action<Utf8JsonWriter> data)
    {
        var wanting = webhooks.Wanting(name, entity).ToList();
        return wanting.Count == 0 ? commit : Note(commit, wanting, name, entity, importId, data);
    }

    /// <summary>The same for webhooks that are named.</summary>
    public CatalogCommit Note(CatalogCommit commit, IReadOnlyList<Webhook> to, string name, string? entity, Guid? importId, Action<Utf8JsonWriter> data)
    {
        var now = time.GetUtcNow();
        var notice = new Notice { Id = Guid.CreateVersion7(now), Event = name, At = now, Entity = entity, ImportId = importId, Body = NoticeBody.Of(name, now, data) };
        var deliveries = to.Select(webhook => new Delivery { NoticeId = notice.Id, WebhookId = webhook.Id, RequestedAt = now, NextAttemptAt = now }).ToList();
        return commit with { NewNotices = [.. commit.NewNotices ?? [], new NewNotice(notice, deliveries)] };
    }

    /// <summary>Adds to the commit of a plan's end that it is ready.</summary>
    public CatalogCommit NotePlan(CatalogCommit commit, Plan plan) =>
        Note(commit, NoticeEvent.PlanReady, plan.Run.EntitySystemName, plan.DryRunId ?? plan.GuardedId, json => NoticeBody.WritePlan(json, plan));

    /// <summary>Says that there may be something to send.</summary>
    public void Wake() => _wakes.Writer.TryWrite(true);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _work.ConfigureAwait(false);
        await Task.WhenAll(_sending.Values).ConfigureAwait(false);
        _stopping.Dispose();
        webhooks.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            var pause = FaultPause;
            try
            {
                pause = webhooks.All.Count == 0 ? LongestPause
                    : store.Cluster is not { } cluster ? await BeginDueAsync().ConfigureAwait(false)
                    : await cluster.TakeDutyAsync("notices", DutyTerm, _stopping.Token).ConfigureAwait(false) && await BeginDueAsync().ConfigureAwait(false) is var next && next < SharedPause ? next
                    : SharedPause;
            }
            catch (Exception exception) when (!_stopping.IsCancellationRequested)
            {
                log.LogError(exception, "Which notices are due could not be found out; it is tried again in {Seconds} s", FaultPause.TotalSeconds);
            }
            catch (Exception)
            {
                // The service stops.
            }

            await WaitAsync(pause).ConfigureAwait(false);
        }
    }

    /// <summary>Begins what is due and has a place.</summary>
    /// <returns>How long until the next one is due.</returns>
    private async Task<TimeSpan> BeginDueAsync()
    {
        var next = await _catalog.ListNextDeliveriesAsync(_stopping.Token).ConfigureAwait(false);
        var now = time.GetUtcNow();
        var pause = LongestPause;
        foreach (var (delivery, notice) in next.OrderBy(item => item.Delivery.NextAttemptAt))
        {
            if (webhooks.Find(delivery.WebhookId) is not { DisabledAt: null } webhook || _sending.ContainsKey(webhook.Id)) continue;
            var wait = delivery.NextAttemptAt!.Value - now;
            // Whoever is done wakes this up again.
            if (wait <= TimeSpan.Zero && _sending.Count < Places) Begin(webhook.Id, delivery, notice);
            else if (wait > TimeSpan.Zero && wait < pause) pause = wait;
        }

        return pause;
    }

    private void Begin(Guid webhookId, Delivery delivery, Notice notice)
    {
        // It must not be over before it is noted that it is under way.
        var begin = new TaskCompletionSource();
        _sending[webhookId] = Task.Run(async () =>
        {
            await begin.Task.ConfigureAwait(false);
            try
            {
                await DeliverAsync(webhookId, delivery, notice).ConfigureAwait(false);
            }
            catch (Exception exception) when (!_stopping.IsCancellationRequested)
            {
                log.LogError(exception, "What became of notice {NoticeId} for webhook {WebhookId} could not be noted; it is sent again", notice.Id, webhookId);
                await Task.Delay(FaultPause, time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception)
            {
                // The service stops: what is not noted is sent again when it starts.
            }
            finally
            {
                _sending.TryRemove(webhookId, out _);
                Wake();
            }
        });
        begin.SetResult();
    }

    private async Task DeliverAsync(Guid webhookId, Delivery delivery, Notice notice)
    {
        if (webhooks.Find(webhookId) is not { DisabledAt: null } webhook) return;
        var begun = time.GetUtcNow();
        var id = notice.Id.ToString("D");
        var body = Encoding.UTF8.GetBytes(notice.Body);
        var signature = WebhookSignature.Sign(id, begun.ToUnixTimeSeconds(), body, webhook.Secrets.Where(secret => secret.ExpiresAt is null || secret.ExpiresAt > begun));
        var answer = webhook.IsAbout(notice) ? await Post.SendAsync(new SignedNotice(webhook.Url, id, begun.ToUnixTimeSeconds(), signature, body), _stopping.Token).ConfigureAwait(false)
            : new PostAnswer(Status: null, $"The webhook is not about {notice.Entity} any more.");
        using var hold = await Hold.TakeAsync(webhooks.Changes, _stopping.Token).ConfigureAwait(false);
        await KeepAsync(webhookId, delivery, answer, begun).ConfigureAwait(false);
    }

    /// <summary>Notes what came of an attempt, also where the webhook or the delivery has changed meanwhile.</summary>
    private async Task KeepAsync(Guid webhookId, Delivery sent, PostAnswer answer, DateTimeOffset begun)
    {
        // What another node has made of it must not be lost.
        if (answer.IsGone) await webhooks.TakeUpAsync(_catalog, CancellationToken.None).ConfigureAwait(false);
        if (webhooks.Find(webhookId) is not { } webhook || await _catalog.FindDeliveryAsync(webhookId, sent.NoticeId, CancellationToken.None).ConfigureAwait(false) is not var (kept, notice)) return;
        var now = time.GetUtcNow();
        var after = RetrySchedule.After(sent, answer, begun, now, Random.Shared.NextDouble());
        if (!webhook.IsAbout(notice)) after = after with { State = DeliveryState.Failed, NextAttemptAt = null };
        // What was asked for while this attempt was under way is sent once more.
        if (kept.RequestedAt != sent.RequestedAt) after = kept with { Attempts = kept.Attempts + 1, LastAttemptAt = begun, LastStatus = after.LastStatus, LastFault = after.LastFault };
        var disabled = answer.IsGone && webhook.DisabledAt is null ? webhook with { DisabledAt = now, DisabledBecause = "The receiver answered 410: it wants no further notices." } : null;
        await _catalog.CommitAsync(new CatalogCommit { ChangedDelivery = after, ChangedWebhook = disabled }, CancellationToken.None).ConfigureAwait(false);
        if (disabled is not null) webhooks.Set(disabled);
        Tell(after, answer, disabled is not null);
    }

    private void Tell(Delivery delivery, PostAnswer answer, bool isDisabled)
    {
        var (notice, webhook) = (delivery.NoticeId, delivery.WebhookId);
        if (answer.Fault is null) log.LogInformation("Notice {NoticeId} was delivered to webhook {WebhookId} at attempt {Attempt}", notice, webhook, delivery.Attempts);
        else if (isDisabled) log.LogWarning("Webhook {WebhookId} was disabled: its receiver answered 410 to notice {NoticeId}", webhook, notice);
        else if (delivery.State == DeliveryState.Failed) log.LogError("Notice {NoticeId} for webhook {WebhookId} was given up after attempt {Attempt}: {Fault}", notice, webhook, delivery.Attempts, answer.Fault);
        else log.LogWarning("Notice {NoticeId} for webhook {WebhookId} was not delivered at attempt {Attempt}, the next one is at {Next:O}: {Fault}", notice, webhook, delivery.Attempts, delivery.NextAttemptAt, answer.Fault);
    }

    private async Task WaitAsync(TimeSpan pause)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        var woken = _wakes.Reader.WaitToReadAsync(either.Token).AsTask();
        var news = store.Cluster?.WaitForNewsAsync(either.Token) ?? Task.Delay(Timeout.Infinite, either.Token);
        await Task.WhenAny(woken, news, Task.Delay(pause, time, either.Token)).ConfigureAwait(false);
        await either.CancelAsync().ConfigureAwait(false);
        await ((Task)woken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _wakes.Reader.TryRead(out _);
    }
}
