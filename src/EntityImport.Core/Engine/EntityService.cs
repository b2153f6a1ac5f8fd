using System.Globalization;
using System.Text.Json;
using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Entities;
using EntityImport.Imports.Scheduling;
using EntityImport.Storage;

namespace EntityImport.Engine;

/// <summary>The entities, and the rules by which they may be declared, changed and deleted. Thread-safe.</summary>
public sealed class EntityService
{
    private readonly ICatalog _catalog;
    private readonly IRecords _records;
    private readonly IScheduler _scheduler;
    private readonly Admission _admission;
    private readonly Limits _limits;

    internal EntityService(IStore store, IScheduler scheduler, Admission admission, Limits limits)
    {
        _catalog = store.Catalog;
        _records = store.Records;
        _scheduler = scheduler;
        _admission = admission;
        _limits = limits;
    }

    /// <summary>All entities that the caller sees, by name.</summary>
    public async Task<IReadOnlyList<EntityDefinition>> ListAsync(Request request, CancellationToken cancellationToken)
    {
        Admission.Check(request, Scope.Read | Scope.Import);
        var all = await _catalog.ListEntitiesAsync(cancellationToken).ConfigureAwait(false);
        return request.Caller.Scopes.SeesAll ? all : [.. all.Where(entity => Admission.Sees(request, entity.SystemName))];
    }

    /// <summary>The entity of this name, ignoring case; null where there is none that the caller sees.</summary>
    public async Task<EntityDefinition?> FindAsync(Request request, string systemName, CancellationToken cancellationToken)
    {
        Admission.Check(request, Scope.Read | Scope.Import);
        return Admission.Sees(request, systemName) ? await _catalog.FindEntityAsync(systemName, cancellationToken).ConfigureAwait(false) : null;
    }

    /// <summary>Declares an entity, or changes one without losing data.</summary>
    /// <param name="request">The request.</param>
    /// <param name="systemName">The name that the definition is put under.</param>
    /// <param name="document">The definition as JSON.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The entity, and whether it is new.</returns>
    /// <exception cref="RequestException">The definition has faults, the change could lose data, or an import goes into the entity.</exception>
    public async Task<(EntityDefinition Entity, bool Created)> PutAsync(
        Request request, string systemName, JsonElement document, CancellationToken cancellationToken)
    {
        using var admitted = _admission.Admit(request with { Key = null }, Scope.Admin);
        Admission.Check(request, Scope.Admin, systemName);
        var faults = new RequestFaults(_limits);
        var entity = EntityReader.Read(document, systemName, faults) ?? throw RequestException.Invalid(faults);
        using var hold = await _scheduler.HoldDefinitionsAsync(cancellationToken).ConfigureAwait(false);
        var existing = await _catalog.FindEntityAsync(entity.SystemName, cancellationToken).ConfigureAwait(false);
        if (existing is not null)
        {
            await ThrowIfBusyAsync(existing.SystemName, cancellationToken).ConfigureAwait(false);
            EntityChange.FindFaults(existing, entity, faults);
            if (faults.Count > 0)
            {
                var more = faults.Count > faults.Told.Count ? $" It has {faults}." : "";
                throw new RequestException(
                    FaultKind.Conflict, "entity-change-loses-data", $"The change could lose data or break existing records.{more}", faults.Told);
            }

            // Names are the same ignoring case; what readers of records see does not change.
            entity = entity with
            {
                SystemName = existing.SystemName,
                Fields = [.. entity.Fields.Select(f => f with { SystemName = existing.FindField(f.SystemName)?.SystemName ?? f.SystemName })],
            };
        }

        await admitted.CommitAsync(Guid.Empty, new CatalogCommit { Entity = entity }, cancellationToken).ConfigureAwait(false);
        return (entity, existing is null);
    }

    /// <summary>Deletes an entity with its records; false where there is none.</summary>
    /// <param name="request">The request.</param>
    /// <param name="systemName">The entity.</param>
    /// <param name="force">Whether it may hold records.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="RequestException">It holds records, or an import goes into it.</exception>
    public async Task<bool> DeleteAsync(Request request, string systemName, bool force, CancellationToken cancellationToken)
    {
        using var admitted = _admission.Admit(request with { Key = null }, Scope.Admin);
        if (!Admission.Sees(request, systemName)) return false;
        Admission.Check(request, Scope.Admin, systemName);
        using var hold = await _scheduler.HoldDefinitionsAsync(cancellationToken).ConfigureAwait(false);
        var entity = await _catalog.FindEntityAsync(systemName, cancellationToken).ConfigureAwait(false);
        if (entity is null) return false;
        await ThrowIfBusyAsync(entity.SystemName, cancellationToken).ConfigureAwait(false);
        var held = force ? 0 : await _records.CountRecordsAsync(entity, cancellationToken).ConfigureAwait(false);
        if (held > 0)
        {
            throw new RequestException(FaultKind.Conflict, "entity-holds-records", string.Create(
                CultureInfo.InvariantCulture, $"{entity.SystemName} holds {held} records; delete it with ?force=true to delete them, too."));
        }

        await admitted.CommitAsync(Guid.Empty, new CatalogCommit { DeletedEntity = entity.SystemName }, cancellationToken).ConfigureAwait(false);
        return true;
    }

    private async Task ThrowIfBusyAsync(string entity, CancellationToken cancellationToken)
    {
        if (await _scheduler.HasImportsAsync(entity, cancellationToken).ConfigureAwait(false))
            throw new RequestException(FaultKind.Conflict, "entity-busy", $"Imports into {entity} are queued or running; wait for their end.");
    }
}
