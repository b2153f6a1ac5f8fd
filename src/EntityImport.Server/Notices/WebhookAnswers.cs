using EntityImport.Catalog;

namespace EntityImport.Server.Notices;

/// <summary>What the API tells of webhooks: not their secrets, but to who makes one.</summary>
internal static class WebhookAnswers
{
    extension(Api.WebhookDetails)
    {
        public static Api.WebhookDetails Of(Webhook webhook) => new(
            webhook.Id, webhook.Url, webhook.Description, webhook.Events, webhook.Entities, [.. webhook.Secrets.Select(secret => new Api.WebhookSecretTimes(secret.CreatedAt, secret.ExpiresAt))],
            webhook.CreatedAt, webhook.CreatedBy, webhook.DisabledAt is not null, webhook.DisabledAt, webhook.DisabledBecause);
    }

    extension(Api.WebhookWithSecret)
    {
        /// <summary>A webhook with its newest secret.</summary>
        public static Api.WebhookWithSecret OfNewest(Webhook webhook) => new(webhook.Secrets[0].Text, Api.WebhookDetails.Of(webhook));
    }

    extension(Api.Delivery)
    {
        public static Api.Delivery Of(Delivery delivery, Notice notice) => new(
            notice.Id, notice.Event, notice.At, notice.Entity, notice.ImportId, State(delivery.State), delivery.Attempts, delivery.LastAttemptAt, delivery.NextAttemptAt, delivery.DeliveredAt,
            delivery.LastStatus, delivery.LastFault);
    }

    private static Api.DeliveryState State(DeliveryState state) => state switch
    {
        DeliveryState.Pending => Api.DeliveryState.Pending,
        DeliveryState.Delivered => Api.DeliveryState.Delivered,
        DeliveryState.Failed => Api.DeliveryState.Failed,
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "Unknown state."),
    };
}
