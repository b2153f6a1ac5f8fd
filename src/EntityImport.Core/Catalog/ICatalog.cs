using System.Buffers.Binary;
using EntityImport.Entities;
using EntityImport.Guards;

namespace EntityImport.Catalog;

/// <summary>The port to what is known of entities, mappings, uploads and imports. What a call has returned for is durable. Thread-safe.</summary>
public interface ICatalog
{
    /// <summary>Makes true what is committed, all of it in one transaction.</summary>
    /// <returns>The commit as it is kept: a new import has its number.</returns>
    Task<CatalogCommit> CommitAsync(CatalogCommit commit, CancellationToken cancellationToken);

    /// <summary>All entities, by name.</summary>
    Task<IReadOnlyList<EntityDefinition>> ListEntitiesAsync(CancellationToken cancellationToken);

    /// <summary>The entity of this name, ignoring case, or null.</summary>
    Task<EntityDefinition?> FindEntityAsync(string systemName, CancellationToken cancellationToken);

    /// <summary>The guards of the entity of this name, ignoring case, or null.</summary>
    Task<EntityGuards?> FindGuardsAsync(string systemName, CancellationToken cancellationToken);

    /// <summary>A mapping, or null.</summary>
    /// <param name="mappingId">The mapping.</param>
    /// <param name="revision">The revision; null means the newest.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<Mapping?> FindMappingAsync(Guid mappingId, int? revision, CancellationToken cancellationToken);

    /// <summary>Mappings, each in its newest revision and with its last use, null where there was none since that is noted; newest first, or, where it is asked for columns, those that were used last first.</summary>
    /// <param name="query">Which ones.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<IReadOnlyList<(Mapping Mapping, MappingUse? LastUse)>> ListMappingsAsync(MappingQuery query, CancellationToken cancellationToken);

    /// <summary>Revisions of a mapping, newest first.</summary>
    Task<IReadOnlyList<Mapping>> ListMappingRevisionsAsync(MappingRevisionQuery query, CancellationToken cancellationToken);

    /// <summary>Those of the uploads that there are, in any order.</summary>
    Task<IReadOnlyList<Upload>> FindUploadsAsync(IReadOnlyCollection<Guid> uploadIds, CancellationToken cancellationToken);

    /// <summary>Uploads, newest first.</summary>
    /// <param name="query">Which ones.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<IReadOnlyList<Upload>> ListUploadsAsync(UploadQuery query, CancellationToken cancellationToken);

    /// <summary>How many uploads have a file, how many bytes these are, and when the oldest was sent; null where there is none.</summary>
    Task<(long Count, long Bytes, DateTimeOffset? Oldest)> SumUploadsAsync(CancellationToken cancellationToken);

    /// <summary>The ids of all uploads.</summary>
    Task<IReadOnlyCollection<Guid>> ListUploadIdsAsync(CancellationToken cancellationToken);

    /// <summary>The uploads of all imports that are queued or running, each once.</summary>
    Task<IReadOnlyList<Upload>> ListUploadsOfUnfinishedImportsAsync(CancellationToken cancellationToken);

    /// <summary>The ids of all imports.</summary>
    Task<IReadOnlyCollection<Guid>> ListImportIdsAsync(CancellationToken cancellationToken);

    /// <summary>An upload, or null.</summary>
    Task<Upload?> FindUploadAsync(Guid uploadId, CancellationToken cancellationToken);

    /// <summary>An import, or null.</summary>
    Task<Import?> FindImportAsync(Guid importId, CancellationToken cancellationToken);

    /// <summary>The newest import of an upload, or null.</summary>
    Task<Import?> FindLastImportAsync(Guid uploadId, CancellationToken cancellationToken);

    /// <summary>All imports of some uploads, whatever their entities, newest first.</summary>
    Task<IReadOnlyList<Import>> ListImportsOfUploadsAsync(IReadOnlyCollection<Guid> uploadIds, CancellationToken cancellationToken);

    /// <summary>The imports into an entity that SUCCEEDED with a file of these bytes, newest first.</summary>
    /// <param name="entitySystemName">The entity, ignoring case.</param>
    /// <param name="sha256">The bytes' SHA-256 in lower-case hexadecimal.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<IReadOnlyList<Import>> ListImportsOfFileAsync(string entitySystemName, string sha256, CancellationToken cancellationToken);

    /// <summary>The receipt of a caller's request with a key, or null.</summary>
    /// <param name="caller">The caller, as <see cref="RequestReceipt.Caller"/> has it.</param>
    /// <param name="key">The caller's key.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<RequestReceipt?> FindReceiptAsync(string? caller, string key, CancellationToken cancellationToken);

    /// <summary>Deletes the receipts of requests that were done before a time.</summary>
    Task DeleteReceiptsAsync(DateTimeOffset before, CancellationToken cancellationToken);

    /// <summary>Imports, newest first.</summary>
    /// <param name="query">Which ones.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<IReadOnlyList<Import>> ListImportsAsync(ImportQuery query, CancellationToken cancellationToken);

    /// <summary>A plan, or null.</summary>
    Task<Plan?> FindPlanAsync(Guid planId, CancellationToken cancellationToken);

    /// <summary>Plans, newest first.</summary>
    /// <param name="query">Which ones.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<IReadOnlyList<Plan>> ListPlansAsync(PlanQuery query, CancellationToken cancellationToken);

    /// <summary>How many bytes all plans keep together, by <see cref="KeptChanges.Bytes"/>.</summary>
    Task<long> SumPlanBytesAsync(CancellationToken cancellationToken);

    /// <summary>What is made of an import's rejected rows; null where nothing is.</summary>
    Task<RepairDraft?> FindRepairAsync(Guid importId, CancellationToken cancellationToken);

    /// <summary>What is made of single ones of them, in the order of the rows.</summary>
    /// <param name="importId">The import.</param>
    /// <param name="after">Only of rows behind this one; 0 means all.</param>
    /// <param name="limit">The most to return.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<IReadOnlyList<RowEdit>> ListRowEditsAsync(Guid importId, long after, int limit, CancellationToken cancellationToken);

    /// <summary>All API keys, also those that are revoked or expired, with the time at which each was used last as far as that was noted; oldest first.</summary>
    Task<IReadOnlyList<(ApiKey Key, DateTimeOffset? LastUsedAt)>> ListKeysAsync(CancellationToken cancellationToken);

    /// <summary>Notes when keys were used last.</summary>
    Task NoteKeyUsesAsync(IReadOnlyDictionary<Guid, DateTimeOffset> uses, CancellationToken cancellationToken);

    /// <summary>All sessions, and links that wait, also those whose time is over; oldest first.</summary>
    Task<IReadOnlyList<UserSession>> ListSessionsAsync(CancellationToken cancellationToken);

    /// <summary>The session, or the link, with a secret of this hash, or null.</summary>
    Task<UserSession?> FindSessionAsync(string hash, CancellationToken cancellationToken);

    /// <summary>All keys that cookies are encrypted with, oldest first.</summary>
    Task<IReadOnlyList<ProtectionKey>> ListProtectionKeysAsync(CancellationToken cancellationToken);

    /// <summary>The audit trail, newest first.</summary>
    /// <param name="query">Which entries.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<IReadOnlyList<AuditEntry>> ListAuditAsync(AuditQuery query, CancellationToken cancellationToken);

    /// <summary>Deletes the entries of the audit trail from before a time, and the oldest refused attempts where there are too many.</summary>
    /// <param name="before">The time; null deletes none for its age.</param>
    /// <param name="mostRefused">How many entries of refused attempts are kept.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task DeleteAuditAsync(DateTimeOffset? before, int mostRefused, CancellationToken cancellationToken);

    /// <summary>All webhooks, also those that are disabled; oldest first.</summary>
    Task<IReadOnlyList<Webhook>> ListWebhooksAsync(CancellationToken cancellationToken);

    /// <summary>Deliveries with their notices, newest notice first.</summary>
    /// <param name="query">Which ones.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<IReadOnlyList<(Delivery Delivery, Notice Notice)>> ListDeliveriesAsync(DeliveryQuery query, CancellationToken cancellationToken);

    /// <summary>Of each webhook that has pending deliveries the one whose next attempt comes first, with its notice.</summary>
    Task<IReadOnlyList<(Delivery Delivery, Notice Notice)>> ListNextDeliveriesAsync(CancellationToken cancellationToken);

    /// <summary>A delivery with its notice, or null.</summary>
    Task<(Delivery Delivery, Notice Notice)?> FindDeliveryAsync(Guid webhookId, Guid noticeId, CancellationToken cancellationToken);

    /// <summary>Deletes notices and their deliveries, whatever these are: those of before a time, those that no webhook gets any longer, and the oldest where there are too many.</summary>
    /// <param name="before">The time.</param>
    /// <param name="mostDeliveries">How many deliveries are kept.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task DeleteNoticesAsync(DateTimeOffset before, int mostDeliveries, CancellationToken cancellationToken);
}

/// <summary>Which deliveries to list.</summary>
/// <param name="WebhookId">Only those to this webhook.</param>
/// <param name="Before">Only those of notices that are older than this one; null means all.</param>
/// <param name="Limit">The most to return.</param>
public sealed record DeliveryQuery(Guid WebhookId, Guid? Before, int Limit)
{
    /// <summary>Only those in this state; null means all.</summary>
    public DeliveryState? State { get; init; }
}

/// <summary>Which imports to list.</summary>
/// <param name="EntitySystemName">Only those of this entity, ignoring case; null means all.</param>
/// <param name="States">Only those in one of these states; empty means all.</param>
/// <param name="Before">Only those with a lower sequence number; null means all.</param>
/// <param name="Limit">The most to return.</param>
public sealed record ImportQuery(string? EntitySystemName, IReadOnlyCollection<ImportState> States, long? Before, int Limit)
{
    /// <summary>Only those of these entities, ignoring case; null means all.</summary>
    public IReadOnlyCollection<string>? Entities { get; init; }

    /// <summary>Only those that were invoked from this time on, to the millisecond; null means all.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Only those that were invoked before this time; null means all.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>The least id of an import that was invoked at a time: they are UUIDs of version 7 (RFC 9562), which begin with the milliseconds.</summary>
    public static Guid FirstId(DateTimeOffset time)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(bytes, Math.Max(0, time.ToUnixTimeMilliseconds()) << 16);
        return new Guid(bytes, bigEndian: true);
    }
}

/// <summary>Which plans to list.</summary>
/// <param name="EntitySystemName">Only those for this entity, ignoring case; null means all.</param>
/// <param name="States">Only those in one of these states; empty means all.</param>
/// <param name="Before">Only those that are older than this one; null means all.</param>
/// <param name="Limit">The most to return.</param>
public sealed record PlanQuery(string? EntitySystemName, IReadOnlyCollection<ImportState> States, Guid? Before, int Limit)
{
    /// <summary>Only those for these entities, ignoring case; null means all.</summary>
    public IReadOnlyCollection<string>? Entities { get; init; }

    /// <summary>Only those that have not expired.</summary>
    public bool Kept { get; init; }
}

/// <summary>Which mappings to list.</summary>
/// <param name="EntitySystemName">Only those for this entity, ignoring case; null means all.</param>
/// <param name="Before">Only those that are older than this one; null means all.</param>
/// <param name="Limit">The most to return.</param>
public sealed record MappingQuery(string? EntitySystemName, Guid? Before, int Limit)
{
    /// <summary>Only those whose last use was for a file with these columns, as <see cref="MappingUse.HeaderSha256"/>; null means all.</summary>
    public string? HeaderSha256 { get; init; }

    /// <summary>Only those for these entities, ignoring case; null means all.</summary>
    public IReadOnlyCollection<string>? Entities { get; init; }
}

/// <summary>Which revisions of a mapping to list.</summary>
/// <param name="MappingId">The mapping.</param>
/// <param name="Before">Only those before this one; null means all.</param>
/// <param name="Limit">The most to return.</param>
public sealed record MappingRevisionQuery(Guid MappingId, int? Before, int Limit)
{
    /// <summary>Only those for these entities, ignoring case; null means all.</summary>
    public IReadOnlyCollection<string>? Entities { get; init; }
}

/// <summary>Which uploads to list.</summary>
/// <param name="MappingId">Only those under this mapping; null means all.</param>
/// <param name="Before">Only those that are older than this one; null means all.</param>
/// <param name="Limit">The most to return.</param>
public sealed record UploadQuery(Guid? MappingId, Guid? Before, int Limit)
{
    /// <summary>Of those under a mapping, only those for these entities, ignoring case; null means all.</summary>
    public IReadOnlyCollection<string>? Entities { get; init; }

    /// <summary>Of those without a mapping, only those that this caller sent, by <see cref="Upload.SentBy"/>; null means all.</summary>
    public string? Sender { get; init; }

    /// <summary>Only those without a mapping whose file has not expired.</summary>
    public bool Unbound { get; init; }
}

/// <summary>Which entries of the audit trail to list.</summary>
/// <param name="Before">Only those that are older than this one; null means all.</param>
/// <param name="Limit">The most to return.</param>
public sealed record AuditQuery(Guid? Before, int Limit)
{
    /// <summary>Only those about this entity, ignoring case; null means all.</summary>
    public string? Entity { get; init; }

    /// <summary>Only those of this subject; null means all.</summary>
    public string? Subject { get; init; }

    /// <summary>Only what was done (false) or what was refused (true); null means both.</summary>
    public bool? Refused { get; init; }

    /// <summary>Only those from this time on; null means all.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Only those before this time; null means all.</summary>
    public DateTimeOffset? Until { get; init; }
}
