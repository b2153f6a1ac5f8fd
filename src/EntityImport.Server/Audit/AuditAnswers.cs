using System.Globalization;
using EntityImport.Catalog;

namespace EntityImport.Server.Audit;

/// <summary>What the API tells of the audit trail.</summary>
internal static class AuditAnswers
{
    /// <summary>The columns of the trail as CSV.</summary>
    public static IReadOnlyList<string> Columns { get; } =
        ["date", "scheme", "subject", "name", "organisation", "address", "call", "entity", "mappingId", "uploadId", "importId", "keyId", "result", "count", "webhookId", "planId", "sessionId"];

    extension(Api.AuditEntry)
    {
        public static Api.AuditEntry Of(AuditEntry entry) => new(
            entry.At, entry.Scheme is { } scheme ? new Api.AuditCaller(scheme, entry.Subject, entry.Name, entry.Organisation) : null,
            entry.Address, entry.Call, entry.Entity, entry.MappingId, entry.UploadId, entry.ImportId, entry.KeyId, entry.Result, entry.Count, entry.WebhookId, entry.PlanId, entry.SessionId);
    }

    /// <summary>An entry's fields, in the order of <see cref="Columns"/>.</summary>
    public static IEnumerable<string> Fields(AuditEntry entry) =>
    [
        entry.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
        entry.Scheme ?? "", entry.Subject ?? "", entry.Name ?? "", entry.Organisation ?? "", entry.Address ?? "", entry.Call ?? "", entry.Entity ?? "",
        $"{entry.MappingId}", $"{entry.UploadId}", $"{entry.ImportId}", $"{entry.KeyId}", entry.Result, entry.Count.ToString(CultureInfo.InvariantCulture), $"{entry.WebhookId}", $"{entry.PlanId}", $"{entry.SessionId}",
    ];
}
