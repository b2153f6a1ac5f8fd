using System.Text.Json;
using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Guards;
using EntityImport.Imports.Scheduling;

namespace EntityImport.Engine;

/// <summary>The guards of entities. An import is judged by those that there are when it begins. Thread-safe.</summary>
public sealed class GuardService
{
    private readonly ICatalog _catalog;
    private readonly IScheduler _scheduler;
    private readonly Admission _admission;
    private readonly Limits _limits;

    internal GuardService(ICatalog catalog, IScheduler scheduler, Admission admission, Limits limits)
    {
        _catalog = catalog;
        _scheduler = scheduler;
        _admission = admission;
        _limits = limits;
    }

    /// <summary>The guards of the entity of this name, ignoring case; null where it has none, or there is none that the caller sees.</summary>
    /// <exception cref="RequestException">The caller may not read.</exception>
    public async Task<EntityGuards?> FindAsync(Request request, string systemName, CancellationToken cancellationToken)
    {
        Admission.Check(request, Scope.Read);
        if (!Admission.Sees(request, systemName)) return null;
        Admission.Check(request, Scope.Read, systemName);
        return await _catalog.FindGuardsAsync(systemName, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Puts guards in place of those that an entity has.</summary>
    /// <param name="request">The request.</param>
    /// <param name="systemName">The entity.</param>
    /// <param name="document">The guards as JSON.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The guards; null where there is no such entity that the caller sees.</returns>
    /// <exception cref="RequestException">The guards have faults, or the caller is no administrator.</exception>
    public async Task<EntityGuards?> PutAsync(Request request, string systemName, JsonElement document, CancellationToken cancellationToken)
    {
        using var admitted = _admission.Admit(request with { Key = null }, Scope.Admin);
        if (!Admission.Sees(request, systemName)) return null;
        Admission.Check(request, Scope.Admin, systemName);
        // So that the entity is not deleted meanwhile.
        using var hold = await _scheduler.HoldDefinitionsAsync(cancellationToken).ConfigureAwait(false);
        if (await _catalog.FindEntityAsync(systemName, cancellationToken).ConfigureAwait(false) is not { } entity) return null;
        var faults = new RequestFaults(_limits);
        var guards = GuardReader.Read(document, entity, faults) ?? throw RequestException.Invalid(faults);
        await admitted.CommitAsync(Guid.Empty, new CatalogCommit { Guards = guards }, cancellationToken).ConfigureAwait(false);
        return guards;
    }

    /// <summary>Deletes the guards of an entity; false where it has none, or there is none that the caller sees.</summary>
    /// <exception cref="RequestException">The caller is no administrator.</exception>
    public async Task<bool> DeleteAsync(Request request, string systemName, CancellationToken cancellationToken)
    {
        using var admitted = _admission.Admit(request with { Key = null }, Scope.Admin);
        if (!Admission.Sees(request, systemName)) return false;
        Admission.Check(request, Scope.Admin, systemName);
        if (await _catalog.FindGuardsAsync(systemName, cancellationToken).ConfigureAwait(false) is not { } guards) return false;
        await admitted.CommitAsync(Guid.Empty, new CatalogCommit { DeletedGuards = guards.EntitySystemName }, cancellationToken).ConfigureAwait(false);
        return true;
    }
}
