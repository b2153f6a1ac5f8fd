using System.Globalization;
using System.Text.Json;
using EntityImport.Catalog;
using EntityImport.Entities;
using EntityImport.Imports.Scheduling;
using EntityImport.Records;
using EntityImport.Storage;

namespace EntityImport.Engine;

/// <summary>The entities, and the rules by which they may be declared, changed and deleted. Thread-safe.</summary>
public sealed class EntityService
{
    private readonly ICatalog _catalog;
    private readonly IRecords _data;
    private readonly EntityLocks _locks;
    private readonly Limits _limits;

    internal EntityService(ICatalog catalog, IRecords data, EntityLocks locks, Limits limits)
    {
        _catalog = catalog;
        _data = data;
        _locks = locks;
        _limits = limits;
    }

    /// <summary>All entities, by name.</summary>
    public Task<IReadOnlyList<EntityDefinition>> ListAsync(CancellationToken cancellationToken) => _catalog.ListEntitiesAsync(cancellationToken);

    /// <summary>The entity of this name, ignoring case, or null.</summary>
    public Task<EntityDefinition?> FindAsync(string systemName, CancellationToken cancellationToken) =>
        _catalog.FindEntityAsync(systemName, cancellationToken);

    /// <summary>Reads records of an entity into memory.</summary>
    /// <exception cref="RequestException">Too many queries are being worked on.</exception>
    public async Task<RecordPage> ReadRecordsAsync(RecordQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        var records = new List<string?[]>();
        var total = await ReadRecordsAsync(query, records.Add, cancellationToken).ConfigureAwait(false);
        return new RecordPage(query.Select, records, total);
    }

    /// <summary>Reads records of an entity one by one.</summary>
    /// <inheritdoc cref="IRecords.ReadRecordsAsync"/>
    /// <exception cref="RequestException">Too many queries are being worked on.</exception>
    public Task<long?> ReadRecordsAsync(RecordQuery query, Action<string?[]> take, CancellationToken cancellationToken) =>
        _data.ReadRecordsAsync(query, take, cancellationToken);

    /// <summary>Declares an entity, or changes one without losing data.</summary>
    /// <param name="systemName">The name in the request's path.</param>
    /// <param name="document">The definition as JSON.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The entity, and whether it is new.</returns>
    /// <exception cref="RequestException">The definition has faults, the change could lose data, or an import goes into the entity.</exception>
    public async Task<(EntityDefinition Entity, bool Created)> PutAsync(
        string systemName, JsonElement document, CancellationToken cancellationToken)
    {
        var faults = new RequestFaults(_limits);
        var entity = EntityReader.Read(document, systemName, faults) ?? throw RequestException.Invalid(faults);
        using var hold = await _locks.HoldDefinitionsAsync(cancellationToken).ConfigureAwait(false);
        var existing = await _catalog.FindEntityAsync(entity.SystemName, cancellationToken).ConfigureAwait(false);
        if (existing is not null)
        {
            ThrowIfBusy(existing.SystemName);
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

        await _catalog.SaveEntityAsync(entity, cancellationToken).ConfigureAwait(false);
        return (entity, existing is null);
    }

    /// <summary>Deletes an entity with its records; false where there is none.</summary>
    /// <param name="systemName">The entity.</param>
    /// <param name="force">Whether it may hold records.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="RequestException">It holds records, or an import goes into it.</exception>
    public async Task<bool> DeleteAsync(string systemName, bool force, CancellationToken cancellationToken)
    {
        using var hold = await _locks.HoldDefinitionsAsync(cancellationToken).ConfigureAwait(false);
        var entity = await _catalog.FindEntityAsync(systemName, cancellationToken).ConfigureAwait(false);
        if (entity is null) return false;
        ThrowIfBusy(entity.SystemName);
        var records = force ? 0 : await _data.CountRecordsAsync(entity, cancellationToken).ConfigureAwait(false);
        if (records > 0)
        {
            throw new RequestException(FaultKind.Conflict, "entity-holds-records", string.Create(
                CultureInfo.InvariantCulture, $"{entity.SystemName} holds {records} records; delete it with ?force=true to delete them, too."));
        }

        await _catalog.DeleteEntityAsync(entity.SystemName, cancellationToken).ConfigureAwait(false);
        return true;
    }

    private void ThrowIfBusy(string entity)
    {
        if (_locks.HasImports(entity))
            throw new RequestException(FaultKind.Conflict, "entity-busy", $"Imports into {entity} are queued or running; wait for their end.");
    }
}
