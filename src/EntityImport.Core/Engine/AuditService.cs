using EntityImport.Access;
using EntityImport.Catalog;

namespace EntityImport.Engine;

/// <summary>The audit trail as administrators read it. Thread-safe.</summary>
public sealed class AuditService
{
    private readonly ICatalog _catalog;

    internal AuditService(ICatalog catalog) => _catalog = catalog;

    /// <summary>Who did what, or was refused it, newest first.</summary>
    /// <exception cref="RequestException">The caller is no administrator.</exception>
    public Task<IReadOnlyList<AuditEntry>> ListAsync(Request request, AuditQuery query, CancellationToken cancellationToken)
    {
        Admission.CheckEverywhere(request, Scope.Admin);
        return _catalog.ListAuditAsync(query, cancellationToken);
    }
}
