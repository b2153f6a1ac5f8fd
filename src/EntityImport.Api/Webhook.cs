namespace EntityImport.Api;

/// <summary>A webhook as administrators ask for it.</summary>
public sealed record NewWebhook
{
    /// <summary>Where notices are sent: an https address of at most 2,000 characters.</summary>
    public required string Url { get; init; }

    /// <summary>What it is for: at most 200 characters.</summary>
    public string? Description { get; init; }

    /// <summary>What it is told of: <c>import.ended</c>.</summary>
    public required IReadOnlyList<string> Events { get; init; }

    /// <summary>The entities that it is told about; null means all.</summary>
    public IReadOnlyList<string>? Entities { get; init; }

    /// <summary>Whether nothing is sent there for now.</summary>
    public bool Disabled { get; init; }
}

/// <summary>A change of a webhook: a merge patch (RFC 7396). Members that are absent stay.</summary>
public sealed record WebhookPatch
{
    /// <summary>Where notices are sent.</summary>
    public string? Url { get; init; }

    /// <summary>What it is for.</summary>
    public string? Description { get; init; }

    /// <summary>What it is told of.</summary>
    public IReadOnlyList<string>? Events { get; init; }

    /// <summary>The entities that it is told about; null means all.</summary>
    public IReadOnlyList<string>? Entities { get; init; }

    /// <summary>Whether nothing is sent there for now.</summary>
    public bool? Disabled { get; init; }
}

/// <summary>A webhook was made, or has another secret.</summary>
/// <param name="Secret">The secret that its notices are signed with: <c>whsec_…</c>. This is the only time that it is told.</param>
/// <param name="Details">What is known of the webhook.</param>
public sealed record WebhookWithSecret(string Secret, WebhookDetails Details);

/// <summary>All webhooks that the caller sees, oldest first.</summary>
/// <param name="Webhooks">The webhooks, also those that are disabled.</param>
public sealed record WebhookList(IReadOnlyList<WebhookDetails> Webhooks);

/// <summary>What is known of a webhook.</summary>
/// <param name="WebhookId">Its id.</param>
/// <param name="Url">Where notices are sent.</param>
/// <param name="Description">What it is for; null where nothing was said.</param>
/// <param name="Events">What it is told of.</param>
/// <param name="Entities">The entities that it is told about; null means all.</param>
/// <param name="Secrets">When its secrets were made, newest first; the secrets themselves are not told.</param>
/// <param name="CreatedDate">When it was made.</param>
/// <param name="CreatedBy">The name of who made it; null where that is not known.</param>
/// <param name="Disabled">Whether nothing is sent there.</param>
/// <param name="DisabledDate">Since when; null while something is.</param>
/// <param name="DisabledBecause">Why; null while something is.</param>
public sealed record WebhookDetails(
    Guid WebhookId, string Url, string? Description, IReadOnlyList<string> Events, IReadOnlyList<string>? Entities, IReadOnlyList<WebhookSecretTimes> Secrets,
    DateTimeOffset CreatedDate, string? CreatedBy, bool Disabled, DateTimeOffset? DisabledDate, string? DisabledBecause);

/// <summary>From when until when notices are signed with a secret.</summary>
/// <param name="CreatedDate">When it was made.</param>
/// <param name="ExpiresDate">Until when it is used; null where no other has taken its place.</param>
public sealed record WebhookSecretTimes(DateTimeOffset CreatedDate, DateTimeOffset? ExpiresDate);

/// <summary>A notice is on its way.</summary>
/// <param name="NoticeId">Its id, which it is sent with as <c>webhook-id</c>.</param>
public sealed record NoticeQueued(Guid NoticeId);

/// <summary>A page of a webhook's deliveries.</summary>
/// <param name="Deliveries">The deliveries, newest notice first.</param>
/// <param name="NextCursor">The cursor of the next page; null where there is none.</param>
public sealed record DeliveryPage(IReadOnlyList<Delivery> Deliveries, string? NextCursor);

/// <summary>Where a delivery stands.</summary>
public enum DeliveryState
{
    /// <summary>It is sent as soon as its next attempt is due.</summary>
    Pending,

    /// <summary>The receiver has answered that it has it.</summary>
    Delivered,

    /// <summary>It was given up.</summary>
    Failed,
}

/// <summary>A notice and what became of it for one webhook.</summary>
/// <param name="NoticeId">The notice's id, which it is sent with as <c>webhook-id</c>.</param>
/// <param name="Event">What it is about.</param>
/// <param name="Date">When that happened.</param>
/// <param name="EntitySystemName">The entity that it is about; null where it is about none.</param>
/// <param name="ImportId">The import that it is about; null where it is about none.</param>
/// <param name="State">Where the delivery stands.</param>
/// <param name="Attempts">How often it was sent.</param>
/// <param name="LastAttemptDate">When it was sent last; null where it was not.</param>
/// <param name="NextAttemptDate">When it is sent next; null where it is not.</param>
/// <param name="DeliveredDate">When the receiver answered that it has it; null where it did not.</param>
/// <param name="LastStatus">The HTTP status of the last answer; null where there was none.</param>
/// <param name="LastFault">Why the last attempt failed, as a sentence; null where it did not.</param>
public sealed record Delivery(
    Guid NoticeId, string Event, DateTimeOffset Date, string? EntitySystemName, Guid? ImportId, DeliveryState State, int Attempts, DateTimeOffset? LastAttemptDate, DateTimeOffset? NextAttemptDate,
    DateTimeOffset? DeliveredDate, int? LastStatus, string? LastFault);
