using EntityImport.Entities;
using EntityImport.Guards;

namespace EntityImport.Catalog;

/// <summary>
/// What becomes true together, or not at all: things, and what must be noted of the request that they come from. What is to join a commit later becomes a member here, and every
/// call that commits stays as it is. A store writes each member that is not null.
/// </summary>
public sealed record CatalogCommit
{
    /// <summary>An entity that is declared; where there is one of its name, ignoring case, that gets its new optional fields and wider types. Records stay.</summary>
    public EntityDefinition? Entity { get; init; }

    /// <summary>The name of an entity that is deleted with its records and its guards. Nothing happens where there is none.</summary>
    public string? DeletedEntity { get; init; }

    /// <summary>The guards of an entity, in place of those that it had.</summary>
    public EntityGuards? Guards { get; init; }

    /// <summary>The name of an entity whose guards are deleted. Nothing happens where there are none.</summary>
    public string? DeletedGuards { get; init; }

    /// <summary>A new mapping, or a new revision of one.</summary>
    public Mapping? NewMapping { get; init; }

    /// <summary>A new upload.</summary>
    public Upload? NewUpload { get; init; }

    /// <summary>An upload that has changed.</summary>
    public Upload? ChangedUpload { get; init; }

    /// <summary>A new import; the store gives it the next sequence number.</summary>
    public Import? NewImport { get; init; }

    /// <summary>An import that has changed.</summary>
    public Import? ChangedImport { get; init; }

    /// <summary>The import that the changed one has undone.</summary>
    public Import? UndoneImport { get; init; }

    /// <summary>A new plan.</summary>
    public Plan? NewPlan { get; init; }

    /// <summary>Whether <see cref="ChangedImport"/>, or <see cref="ChangedPlan"/>, ends by the commit. Where several processes share the store, nothing is committed if it has ended before.</summary>
    public bool Ends { get; init; }

    /// <summary>A plan that has changed. Once it has expired, what it kept of records is deleted.</summary>
    public Plan? ChangedPlan { get; init; }

    /// <summary>A plan that is deleted with what it kept. Nothing happens where there is none.</summary>
    public Guid? DeletedPlan { get; init; }

    /// <summary>What is made of an import's rejected rows, in place of what was made of them before.</summary>
    public RepairDraft? Repair { get; init; }

    /// <summary>What is made of single ones of these, likewise; nothing is kept of those of which nothing is made.</summary>
    public IReadOnlyList<RowEdit>? RowEdits { get; init; }

    /// <summary>The import whose rejected rows are gone, so that nothing is kept of what was made of them. Nothing happens where there is nothing.</summary>
    public Guid? DeletedRepair { get; init; }

    /// <summary>A new API key.</summary>
    public ApiKey? NewKey { get; init; }

    /// <summary>An API key that has changed.</summary>
    public ApiKey? ChangedKey { get; init; }

    /// <summary>A new session, or a link that waits for somebody. Those whose time is over when it is made are deleted.</summary>
    public UserSession? NewSession { get; init; }

    /// <summary>A session that is opened by a link. Where the link was used before, nothing is committed, and the call throws <see cref="LinkUsedException"/>.</summary>
    public OpenedSession? OpenedSession { get; init; }

    /// <summary>A session, or a link, that is ended. Nothing happens where there is none.</summary>
    public Guid? DeletedSession { get; init; }

    /// <summary>A new key that cookies are encrypted with.</summary>
    public ProtectionKey? NewProtectionKey { get; init; }

    /// <summary>A new webhook.</summary>
    public Webhook? NewWebhook { get; init; }

    /// <summary>A webhook that has changed.</summary>
    public Webhook? ChangedWebhook { get; init; }

    /// <summary>A webhook that is deleted with its deliveries. Nothing happens where there is none.</summary>
    public Guid? DeletedWebhook { get; init; }

    /// <summary>What is told of all this, and to whom.</summary>
    public IReadOnlyList<NewNotice>? NewNotices { get; init; }

    /// <summary>A delivery that has changed.</summary>
    public Delivery? ChangedDelivery { get; init; }

    /// <summary>Who did it.</summary>
    public AuditEntry? Audit { get; init; }

    /// <summary>The receipt of the request that all this comes from.</summary>
    public RequestReceipt? Receipt { get; init; }
}
