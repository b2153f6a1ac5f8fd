namespace EntityImport.Catalog;

/// <summary>A subscription to notices: where they are sent, and which. Immutable: each change makes a new one.</summary>
public sealed record Webhook
{
    /// <summary>The webhook's id.</summary>
    public required Guid Id { get; init; }

    /// <summary>Where notices are sent: an http or https address.</summary>
    public required string Url { get; init; }

    /// <summary>What it is for, in its maker's words; null where nothing was said.</summary>
    public string? Description { get; init; }

    /// <summary>What it is told of, at least one of <see cref="NoticeEvent.All"/>.</summary>
    public required IReadOnlyList<string> Events { get; init; }

    /// <summary>The entities that it is told about, as they spell their names; null means all.</summary>
    public IReadOnlyList<string>? Entities { get; init; }

    /// <summary>What its notices are signed with, newest first; at least one.</summary>
    public required IReadOnlyList<WebhookSecret> Secrets { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The name of who made it; null where that is not known.</summary>
    public string? CreatedBy { get; init; }

    /// <summary>Since when nothing is sent there; null while it is.</summary>
    public DateTimeOffset? DisabledAt { get; init; }

    /// <summary>Why nothing is sent there, as a sentence; null while it is.</summary>
    public string? DisabledBecause { get; init; }

    /// <summary>Whether it is about what a notice tells: one that it was about before, or that was made for it, may be about another entity by now.</summary>
    internal bool IsAbout(Notice notice) => notice.Entity is not { } entity || IsAbout(entity);

    /// <summary>Whether it is about an entity.</summary>
    internal bool IsAbout(string entity) => Entities?.Contains(entity, StringComparer.OrdinalIgnoreCase) != false;

    /// <summary>Without secrets, whoever writes it into a log.</summary>
    public override string ToString() => $"Webhook {Id:D}";
}

/// <summary>What notices are signed with. It is kept as it is, because nothing else can sign.</summary>
public sealed record WebhookSecret
{
    /// <summary>The secret as its receiver has it: <c>whsec_</c> and the key in base64.</summary>
    public required string Text { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Until when notices are signed with it, because a newer one has taken its place; null means for ever.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Tells nothing of it.</summary>
    public override string ToString() => "…";
}
