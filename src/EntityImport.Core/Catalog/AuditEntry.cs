namespace EntityImport.Catalog;

/// <summary>Who did what, or was refused it. What was done is noted in the commit that did it.</summary>
public sealed record AuditEntry
{
    /// <summary>The result of what was done.</summary>
    public const string Done = "done";

    /// <summary>The entry's id; ids rise with time.</summary>
    public required Guid Id { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>How it was found out who the caller is, as <see cref="Access.Caller.Scheme"/> has it; null where it was not.</summary>
    public string? Scheme { get; init; }

    /// <summary>Who the caller is to the scheme; null where that is not known.</summary>
    public string? Subject { get; init; }

    /// <summary>The caller's name; null where it is not known.</summary>
    public string? Name { get; init; }

    /// <summary>Who vouches for the caller; null where nobody does.</summary>
    public string? Organisation { get; init; }

    /// <summary>The address that the call came from; null where it came from the terminal.</summary>
    public string? Address { get; init; }

    /// <summary>What was called, without what it was called with: <c>POST /v1/EntityImport/{mappingId}/upload</c>.</summary>
    public string? Call { get; init; }

    /// <summary>The entity that it was about; null where it was about none, or none that is known.</summary>
    public string? Entity { get; init; }

    /// <summary>The mapping that it was about.</summary>
    public Guid? MappingId { get; init; }

    /// <summary>The upload that it was about.</summary>
    public Guid? UploadId { get; init; }

    /// <summary>The import that it was about.</summary>
    public Guid? ImportId { get; init; }

    /// <summary>The plan that it was about.</summary>
    public Guid? PlanId { get; init; }

    /// <summary>The API key that it was about.</summary>
    public Guid? KeyId { get; init; }

    /// <summary>The webhook that it was about.</summary>
    public Guid? WebhookId { get; init; }

    /// <summary>The session that it was about.</summary>
    public Guid? SessionId { get; init; }

    /// <summary><see cref="Done"/>, or the stable name of the problem that it was refused with.</summary>
    public required string Result { get; init; }

    /// <summary>How many attempts the entry stands for: refusals of one kind within a minute are one entry.</summary>
    public long Count { get; init; } = 1;
}
