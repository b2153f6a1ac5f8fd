namespace EntityImport.Api;

/// <summary>A page of the audit trail.</summary>
/// <param name="Entries">The entries, newest first.</param>
/// <param name="NextCursor">The cursor of the next page; null where there is none.</param>
public sealed record AuditPage(IReadOnlyList<AuditEntry> Entries, string? NextCursor);

/// <summary>Who did what, or was refused it.</summary>
/// <param name="Date">When.</param>
/// <param name="Caller">Who; null where nobody could be believed.</param>
/// <param name="Address">The address that the call came from; null where it came from the terminal.</param>
/// <param name="Call">What was called, without what it was called with: <c>POST /v1/EntityImport/{mappingId}/upload</c>.</param>
/// <param name="Entity">The entity that it was about.</param>
/// <param name="MappingId">The mapping that it was about.</param>
/// <param name="UploadId">The upload that it was about.</param>
/// <param name="ImportId">The import that it was about.</param>
/// <param name="PlanId">The plan that it was about.</param>
/// <param name="KeyId">The API key that it was about.</param>
/// <param name="Result"><c>done</c>, or the name of the problem that it was refused with.</param>
/// <param name="Count">How many attempts the entry stands for: refusals of one kind within a minute are one entry.</param>
/// <param name="WebhookId">The webhook that it was about.</param>
/// <param name="SessionId">The session that it was about.</param>
public sealed record AuditEntry(
    DateTimeOffset Date, AuditCaller? Caller, string? Address, string? Call, string? Entity, Guid? MappingId, Guid? UploadId, Guid? ImportId, Guid? KeyId, string Result, long Count,
    Guid? WebhookId, Guid? PlanId = null, Guid? SessionId = null);

/// <summary>Who called.</summary>
/// <param name="Scheme">How it was found out: <c>none</c>, <c>local</c>, <c>key</c>, <c>jwt</c>, <c>salesforce</c>, <c>oidc</c> or <c>link</c>.</param>
/// <param name="Subject">Who it is to the scheme.</param>
/// <param name="Name">Its name.</param>
/// <param name="Organisation">Who vouches for it.</param>
public sealed record AuditCaller(string Scheme, string? Subject, string? Name, string? Organisation);
