using System.Globalization;
using System.Text.Json;
using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Imports.Scheduling;
using EntityImport.Notices;

namespace EntityImport.Engine;

/// <summary>Who is told of what, and what became of it, as administrators see it: those of one entity see and change what is about no other. Thread-safe.</summary>
public sealed class WebhookService
{
    /// <summary>How long notices are signed with a secret, too, that another one has taken the place of.</summary>
    public static readonly TimeSpan RotationTime = TimeSpan.FromHours(24);

    private const int MostSecrets = 4;

    private const int FewestListed = 200;

    private readonly ICatalog _catalog;
    private readonly Outbox _outbox;
    private readonly IScheduler _scheduler;
    private readonly Admission _admission;
    private readonly TimeProvider _time;

    internal WebhookService(ICatalog catalog, IScheduler scheduler, Outbox outbox, Admission admission, TimeProvider time)
    {
        _catalog = catalog;
        _scheduler = scheduler;
        _outbox = outbox;
        _admission = admission;
        _time = time;
    }

    /// <summary>Makes a webhook.</summary>
    /// <param name="request">The request. A key of its own is not heeded: the secret is told once, and cannot be repeated.</param>
    /// <param name="document">What it is to be, as JSON.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The webhook; its one secret is not told again.</returns>
    /// <exception cref="RequestException">It has faults, all at once; there are too many webhooks; or the caller is no administrator of all that it is about.</exception>
    public async Task<Webhook> CreateAsync(Request request, JsonElement document, CancellationToken cancellationToken)
    {
        using var admitted = _admission.Admit(request with { Key = null }, Scope.Admin);
        var fault = await JudgeAsync(document, cancellationToken).ConfigureAwait(false);
        var wanted = await ReadAsync(request, document, existing: null, fault, cancellationToken).ConfigureAwait(false);
        using var turn = await _scheduler.HoldDefinitionsAsync(cancellationToken).ConfigureAwait(false);
        using var changes = await HoldAsync(cancellationToken).ConfigureAwait(false);
        if (_outbox.Webhooks.All.Count >= Webhooks.Most)
            throw new RequestException(FaultKind.Conflict, "too-many-webhooks", string.Create(CultureInfo.InvariantCulture, $"There are {Webhooks.Most} webhooks already, which is as many as there may be."));
        var now = _time.GetUtcNow();
        var webhook = With(
            new Webhook
            {
                Id = Guid.CreateVersion7(now),
                Url = wanted.Url,
                Events = wanted.Events,
                Secrets = [new WebhookSecret { Text = WebhookSignature.CreateSecret(), CreatedAt = now }],
                CreatedAt = now,
                CreatedBy = request.Caller.Name,
            },
            wanted);
        await admitted.CommitAsync(webhook.Id, new CatalogCommit { NewWebhook = webhook }, cancellationToken, EntityOf(webhook)).ConfigureAwait(false);
        _outbox.Webhooks.Set(webhook);
        return webhook;
    }

    /// <summary>All webhooks that the caller sees, oldest first.</summary>
    /// <exception cref="RequestException">The caller is no administrator.</exception>
    public IReadOnlyList<Webhook> List(Request request)
    {
        Admission.Check(request, Scope.Admin);
        return [.. _outbox.Webhooks.All.Where(webhook => Sees(request, webhook))];
    }

    /// <summary>A webhook; null where there is none that the caller sees.</summary>
    /// <inheritdoc cref="List"/>
    public Webhook? Find(Request request, Guid webhookId)
    {
        Admission.Check(request, Scope.Admin);
        return _outbox.Webhooks.Find(webhookId) is { } webhook && Sees(request, webhook) ? webhook : null;
    }

    /// <summary>Changes a webhook by a merge patch (RFC 7396); null where there is none. What is pending is sent as the webhook is then.</summary>
    /// <exception cref="RequestException">What it would become has faults, all at once; or the caller is no administrator of all that it would be about.</exception>
    public async Task<Webhook?> PatchAsync(Request request, Guid webhookId, JsonElement patch, CancellationToken cancellationToken)
    {
        using var admitted = _admission.Admit(request with { Key = null }, Scope.Admin);
        var fault = await JudgeAsync(patch, cancellationToken).ConfigureAwait(false);
        using var turn = await _scheduler.HoldDefinitionsAsync(cancellationToken).ConfigureAwait(false);
        using var changes = await HoldAsync(cancellationToken).ConfigureAwait(false);
        if (Find(request, webhookId) is not { } webhook) return null;
        if (patch.ValueKind != JsonValueKind.Object) throw RequestException.Invalid([new RequestFault("", "A patch is a JSON object.")]);
        using var document = JsonDocument.Parse(WebhookReader.Merge(webhook, patch).ToJsonString());
        var changed = With(webhook, await ReadAsync(request, document.RootElement, webhook, fault, cancellationToken).ConfigureAwait(false));
        await admitted.CommitAsync(webhookId, new CatalogCommit { ChangedWebhook = changed }, cancellationToken, EntityOf(changed)).ConfigureAwait(false);
        _outbox.Webhooks.Set(changed);
        _outbox.Wake();
        return changed;
    }

    /// <summary>Deletes a webhook with its deliveries; false where there is none.</summary>
    /// <inheritdoc cref="List"/>
    public async Task<bool> DeleteAsync(Request request, Guid webhookId, CancellationToken cancellationToken)
    {
        using var admitted = _admission.Admit(request with { Key = null }, Scope.Admin);
        using var turn = await _scheduler.HoldDefinitionsAsync(cancellationToken).ConfigureAwait(false);
        using var changes = await HoldAsync(cancellationToken).ConfigureAwait(false);
        if (Find(request, webhookId) is not { } webhook) return false;
        await admitted.CommitAsync(webhookId, new CatalogCommit { DeletedWebhook = webhookId }, cancellationToken, EntityOf(webhook)).ConfigureAwait(false);
        _outbox.Webhooks.Remove(webhookId);
        return true;
    }

    /// <summary>Gives a webhook another secret, the first of <see cref="Webhook.Secrets"/>; for <see cref="RotationTime"/> notices are signed with those before, too. Null where there is no webhook.</summary>
    /// <param name="request">The request. A key of its own is not heeded: the secret is told once, and cannot be repeated.</param>
    /// <param name="webhookId">The webhook.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="RequestException">There are too many secrets that are still valid; or the caller is no administrator.</exception>
    public async Task<Webhook?> RotateAsync(Request request, Guid webhookId, CancellationToken cancellationToken)
    {
        using var admitted = _admission.Admit(request with { Key = null }, Scope.Admin);
        using var turn = await _scheduler.HoldDefinitionsAsync(cancellationToken).ConfigureAwait(false);
        using var changes = await HoldAsync(cancellationToken).ConfigureAwait(false);
        if (Find(request, webhookId) is not { } webhook) return null;
        var now = _time.GetUtcNow();
        var valid = webhook.Secrets.Where(secret => secret.ExpiresAt is null || secret.ExpiresAt > now).ToList();
        if (valid.Count >= MostSecrets)
            throw new RequestException(FaultKind.Conflict, "too-many-secrets", string.Create(CultureInfo.InvariantCulture, $"The webhook has {valid.Count} secrets that are still valid, which is as many as it may have. The oldest is valid until {valid[^1].ExpiresAt:yyyy-MM-dd'T'HH:mm:ss'Z'}."));
        var rotated = webhook with
        {
            Secrets = [new WebhookSecret { Text = WebhookSignature.CreateSecret(), CreatedAt = now }, .. valid.Select(secret => secret with { ExpiresAt = secret.ExpiresAt ?? now + RotationTime })],
        };
        await admitted.CommitAsync(webhookId, new CatalogCommit { ChangedWebhook = rotated }, cancellationToken, EntityOf(rotated)).ConfigureAwait(false);
        _outbox.Webhooks.Set(rotated);
        return rotated;
    }

    /// <summary>Sends a notice that says nothing but that notices arrive; null where there is no webhook. The same notice is answered when the same request comes again.</summary>
    /// <returns>The notice's id. It is on its way as any other is.</returns>
    /// <exception cref="RequestException">The webhook is disabled; the caller is no administrator; or the key is in use, or was used for another request.</exception>
    public async Task<Guid?> TestAsync(Request request, Guid webhookId, CancellationToken cancellationToken)
    {
        using var admitted = _admission.Admit(request, Scope.Admin);
        using var changes = await HoldAsync(cancellationToken).ConfigureAwait(false);
        if (Find(request, webhookId) is not { } webhook) return null;
        if (await admitted.FindAnswerAsync(default, cancellationToken).ConfigureAwait(false) is { } earlier) return earlier;
        ThrowIfDisabled(webhook);
        var commit = _outbox.Note(new CatalogCommit(), [webhook], NoticeEvent.Test, entity: null, importId: null, json => json.WriteString("webhookId", webhookId));
        var noticeId = commit.NewNotices![0].Notice.Id;
        await admitted.CommitAsync(noticeId, commit, cancellationToken, EntityOf(webhook)).ConfigureAwait(false);
        _outbox.Wake();
        return noticeId;
    }

    /// <summary>What was sent to a webhook, or is to be, with the notices, newest notice first: of those that are about its entities. Null where there is no webhook.</summary>
    /// <inheritdoc cref="List"/>
    public async Task<IReadOnlyList<(Delivery Delivery, Notice Notice)>?> ListDeliveriesAsync(Request request, DeliveryQuery query, CancellationToken cancellationToken)
    {
        Admission.Check(request, Scope.Admin);
        ArgumentNullException.ThrowIfNull(query);
        if (Find(request, query.WebhookId) is not { } webhook) return null;
        var found = new List<(Delivery, Notice)>();
        // Of those that it is not about any more there may be many.
        for (var next = query with { Limit = Math.Max(query.Limit, FewestListed) }; ;)
        {
            var page = await _catalog.ListDeliveriesAsync(next, cancellationToken).ConfigureAwait(false);
            found.AddRange(page.Where(item => webhook.IsAbout(item.Notice)).Take(query.Limit - found.Count));
            if (found.Count == query.Limit || page.Count < next.Limit) return found;
            next = next with { Before = page[^1].Notice.Id };
        }
    }

    /// <summary>Sends a notice to a webhook once more, at once and with all the time for attempts, whatever became of it before; null where there is no webhook.</summary>
    /// <returns>The notice's id.</returns>
    /// <exception cref="RequestException">
    /// The notice was never meant for the webhook, or is kept no longer; the webhook is disabled; the caller is no administrator; or the key is in use, or was used for another request.
    /// </exception>
    public async Task<Guid?> RedeliverAsync(Request request, Guid webhookId, Guid noticeId, CancellationToken cancellationToken)
    {
        using var admitted = _admission.Admit(request, Scope.Admin);
        using var changes = await HoldAsync(cancellationToken).ConfigureAwait(false);
        if (Find(request, webhookId) is not { } webhook) return null;
        if (await admitted.FindAnswerAsync(default, cancellationToken).ConfigureAwait(false) is { } earlier) return earlier;
        if (await _catalog.FindDeliveryAsync(webhookId, noticeId, cancellationToken).ConfigureAwait(false) is not var (delivery, notice) || !webhook.IsAbout(notice))
            throw new RequestException(FaultKind.NotFound, "notice-not-found", $"There is no notice {noticeId:D} for this webhook.");
        ThrowIfDisabled(webhook);
        var now = _time.GetUtcNow();
        delivery = delivery with { State = DeliveryState.Pending, RequestedAt = now, FirstAttemptAt = null, NextAttemptAt = now };
        await admitted.CommitAsync(noticeId, new CatalogCommit { ChangedDelivery = delivery }, cancellationToken, EntityOf(webhook)).ConfigureAwait(false);
        _outbox.Wake();
        return noticeId;
    }

    /// <summary>What is wrong with the address that JSON states; null where nothing is, or none is stated. It is asked before others wait for their turn, since it asks other machines.</summary>
    private async Task<string?> JudgeAsync(JsonElement document, CancellationToken cancellationToken) =>
        document.ValueKind == JsonValueKind.Object && WebhookReader.Read(document, new RequestFaults()) is { Url: { Length: > 0 } url } ? await _outbox.Post.FindFaultAsync(url, cancellationToken).ConfigureAwait(false) : null;

    /// <summary>Reads what a webhook is to be, and judges it.</summary>
    /// <exception cref="RequestException">It has faults, or the caller is no administrator of all that it would be about.</exception>
    private async Task<WantedWebhook> ReadAsync(Request request, JsonElement document, Webhook? existing, string? faultOfUrl, CancellationToken cancellationToken)
    {
        var faults = new RequestFaults();
        var wanted = WebhookReader.Read(document, faults);
        if (faults.Count == 0 && wanted.Entities is null) Admission.CheckEverywhere(request, Scope.Admin);
        var entities = new List<string>();
        foreach (var name in wanted.Entities ?? [])
        {
            Admission.Check(request, Scope.Admin, name);
            // Those that it had stay, whatever has become of them.
            var known = existing?.Entities?.FirstOrDefault(other => other.Equals(name, StringComparison.OrdinalIgnoreCase))
                ?? (await _catalog.FindEntityAsync(name, cancellationToken).ConfigureAwait(false))?.SystemName;
            if (known is null) faults.Add("entities", $"There is no entity {ShownText.Cut(name)}.");
            else entities.Add(known);
        }

        // An address that it had is judged whenever something is sent there.
        if (faultOfUrl is not null && wanted.Url != existing?.Url) faults.Add("url", faultOfUrl);
        if (faults.Count > 0) throw RequestException.Invalid(faults);
        return wanted with { Entities = wanted.Entities is null ? null : entities };
    }

    private Webhook With(Webhook webhook, WantedWebhook wanted) => webhook with
    {
        Url = wanted.Url,
        Description = wanted.Description,
        Events = wanted.Events,
        Entities = wanted.Entities,
        DisabledAt = wanted.Disabled ? webhook.DisabledAt ?? _time.GetUtcNow() : null,
        DisabledBecause = wanted.Disabled ? webhook.DisabledBecause ?? "An administrator disabled it." : null,
    };

    /// <summary>Waits to be the only one of this process that changes webhooks, and takes up what other nodes have made of them.</summary>
    private async Task<IDisposable> HoldAsync(CancellationToken cancellationToken)
    {
        var hold = await Hold.TakeAsync(_outbox.Webhooks.Changes, cancellationToken).ConfigureAwait(false);
        try
        {
            await _outbox.Webhooks.TakeUpAsync(_catalog, cancellationToken).ConfigureAwait(false);
            return hold;
        }
        catch
        {
            hold.Dispose();
            throw;
        }
    }

    private static void ThrowIfDisabled(Webhook webhook)
    {
        if (webhook.DisabledAt is not null) throw new RequestException(FaultKind.Conflict, "webhook-disabled", $"Nothing is sent to the webhook. {webhook.DisabledBecause}");
    }

    /// <summary>Whether a webhook exists for the caller: an administrator of all that it is about.</summary>
    private static bool Sees(Request request, Webhook webhook) =>
        webhook.Entities is { } entities ? entities.All(entity => request.Caller.Scopes.Allow(Scope.Admin, entity)) : request.Caller.Scopes.AllowEverywhere(Scope.Admin);

    /// <summary>The entity that the audit trail names; null where it is not one.</summary>
    private static string? EntityOf(Webhook webhook) => webhook.Entities is [var entity] ? entity : null;
}
