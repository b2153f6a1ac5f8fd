namespace EntityImport.Catalog;

/// <summary>Where a delivery stands.</summary>
public enum DeliveryState
{
    /// <summary>It is sent as soon as its next attempt is due.</summary>
    Pending,

    /// <summary>The receiver has answered that it has it.</summary>
    Delivered,

    /// <summary>It was given up, since the time for attempts was over.</summary>
    Failed,
}

/// <summary>One notice on its way to one webhook. Immutable: each attempt makes a new one.</summary>
public sealed record Delivery
{
    /// <summary>The notice.</summary>
    public required Guid NoticeId { get; init; }

    /// <summary>Where it is sent.</summary>
    public required Guid WebhookId { get; init; }

    /// <summary>Where it stands.</summary>
    public DeliveryState State { get; init; } = DeliveryState.Pending;

    /// <summary>When it was asked for: with the notice, or later by a call.</summary>
    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>How often it was sent, those attempts included that were before it was asked for again.</summary>
    public int Attempts { get; init; }

    /// <summary>When it was sent first since it was asked for; null before. The time for attempts begins here, so that a service that was stopped gives nothing up.</summary>
    public DateTimeOffset? FirstAttemptAt { get; init; }

    /// <summary>When it was sent last; null before.</summary>
    public DateTimeOffset? LastAttemptAt { get; init; }

    /// <summary>When it is sent next; null where it is not.</summary>
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>The HTTP status of the last answer; null where there was none.</summary>
    public int? LastStatus { get; init; }

    /// <summary>Why the last attempt failed, as a sentence of at most 200 characters; null where it did not.</summary>
    public string? LastFault { get; init; }

    /// <summary>When the receiver answered that it has it; null before.</summary>
    public DateTimeOffset? DeliveredAt { get; init; }
}
