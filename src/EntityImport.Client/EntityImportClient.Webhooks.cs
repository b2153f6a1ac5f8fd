using System.Globalization;
using System.Text.Json;
using EntityImport.Api;

namespace EntityImport.Client;

public sealed partial class EntityImportClient
{
    /// <summary>All webhooks that the caller sees, oldest first.</summary>
    public async Task<IReadOnlyList<WebhookDetails>> ListWebhooksAsync(CancellationToken cancellationToken = default) => (await GetAsync<WebhookList>("v1/webhooks", cancellationToken)).Webhooks;

    /// <summary>Subscribes to notices. The answer is the only one that tells the secret.</summary>
    public Task<WebhookWithSecret> CreateWebhookAsync(NewWebhook webhook, CancellationToken cancellationToken = default) =>
        SendAsync<WebhookWithSecret>(HttpMethod.Post, "v1/webhooks", Json(webhook), cancellationToken);

    /// <summary>One webhook.</summary>
    public Task<WebhookDetails> GetWebhookAsync(Guid webhookId, CancellationToken cancellationToken = default) => GetAsync<WebhookDetails>($"v1/webhooks/{webhookId}", cancellationToken);

    /// <summary>Changes a webhook by a merge patch (RFC 7396).</summary>
    public Task<WebhookDetails> PatchWebhookAsync(Guid webhookId, JsonElement patch, CancellationToken cancellationToken = default) =>
        SendAsync<WebhookDetails>(HttpMethod.Patch, $"v1/webhooks/{webhookId}", Json(patch), cancellationToken);

    /// <summary>Deletes a webhook with its deliveries.</summary>
    public async Task DeleteWebhookAsync(Guid webhookId, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, $"v1/webhooks/{webhookId}");
        using var response = await SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
    }

    /// <summary>Gives a webhook another secret, which only this answer tells; the one before is used for 24 hours, too.</summary>
    public Task<WebhookWithSecret> RotateWebhookSecretAsync(Guid webhookId, CancellationToken cancellationToken = default) =>
        SendAsync<WebhookWithSecret>(HttpMethod.Post, $"v1/webhooks/{webhookId}/rotate", null, cancellationToken);

    /// <summary>Sends a notice that says only that notices arrive.</summary>
    /// <returns>The notice's id.</returns>
    public async Task<Guid> TestWebhookAsync(Guid webhookId, CancellationToken cancellationToken = default) =>
        (await SendAsync<NoticeQueued>(HttpMethod.Post, $"v1/webhooks/{webhookId}/test", null, cancellationToken)).NoticeId;

    /// <summary>What was sent to a webhook or is to be, newest notice first.</summary>
    /// <param name="webhookId">The webhook.</param>
    /// <param name="state">Only those in this state; null means all.</param>
    /// <param name="limit">The most to return; null leaves it to the service.</param>
    /// <param name="cursor">The cursor of the page before; null means the first page.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<DeliveryPage> ListDeliveriesAsync(Guid webhookId, DeliveryState? state = null, int? limit = null, string? cursor = null, CancellationToken cancellationToken = default) =>
        GetAsync<DeliveryPage>(
            $"v1/webhooks/{webhookId}/deliveries{Query(("state", state?.ToString().ToUpperInvariant()), ("limit", limit?.ToString(CultureInfo.InvariantCulture)), ("cursor", cursor))}", cancellationToken);

    /// <summary>Sends a notice to a webhook once more.</summary>
    public Task RedeliverNoticeAsync(Guid webhookId, Guid noticeId, CancellationToken cancellationToken = default) =>
        SendAsync<NoticeQueued>(HttpMethod.Post, $"v1/webhooks/{webhookId}/deliveries/{noticeId}/redeliver", null, cancellationToken);
}
