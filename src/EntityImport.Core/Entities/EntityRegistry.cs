using System.Text.Json;
using EntityImport.Storage;

namespace EntityImport.Entities;

/// <summary>The entities, and the rules by which they may be declared, changed and deleted. Thread-safe.</summary>
public sealed class EntityRegistry(ICatalog catalog, IEntityData data)
{
    /// <summary>All entities, by name.</summary>
    public Task<IReadOnlyList<EntityDefinition>> ListAsync(CancellationToken cancellationToken) => catalog.ListEntitiesAsync(cancellationToken);

    /// <summary>The entity of this name, ignoring case, or null.</summary>
    public Task<EntityDefinition?> FindAsync(string systemName, CancellationToken cancellationToken) =>
        catalog.FindEntityAsync(systemName, cancellationToken);

    /// <summary>Declares an entity, or changes one without losing data.</summary>
    /// <param name="systemName">The name in the request's path.</param>
    /// <param name="document">The definition as JSON.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The entity, and whether it is new.</returns>
    /// <exception cref="RequestException">The definition has faults, or the change could lose data.</exception>
    public Task<(EntityDefinition Entity, bool Created)> PutAsync(string systemName, JsonElement document, CancellationToken cancellationToken) =>
        throw new NotImplementedException(catalog.ToString() + data);

    /// <summary>Deletes an entity with its records; false where there is none.</summary>
    /// <param name="systemName">The entity.</param>
    /// <param name="force">Whether it may hold records.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="RequestException">It holds records, or an import goes into it.</exception>
    public Task<bool> DeleteAsync(string systemName, bool force, CancellationToken cancellationToken) => throw new NotImplementedException();
}
