using EntityImport.Entities;
using EntityImport.Imports;
using EntityImport.Mappings;
using EntityImport.Uploads;

namespace EntityImport.Storage;

/// <summary>The port to what is known of entities, mappings, uploads and imports. What a call has returned for is durable. Thread-safe.</summary>
public interface ICatalog
{
    /// <summary>All entities, by name.</summary>
    Task<IReadOnlyList<EntityDefinition>> ListEntitiesAsync(CancellationToken cancellationToken);

    /// <summary>The entity of this name, ignoring case, or null.</summary>
    Task<EntityDefinition?> FindEntityAsync(string systemName, CancellationToken cancellationToken);

    /// <summary>Creates an entity, or changes one: new optional fields are added, and types widened. Records stay.</summary>
    Task SaveEntityAsync(EntityDefinition entity, CancellationToken cancellationToken);

    /// <summary>Deletes an entity and its records. Nothing happens where there is none.</summary>
    Task DeleteEntityAsync(string systemName, CancellationToken cancellationToken);

    /// <summary>Adds a revision of a mapping.</summary>
    Task AddMappingAsync(Mapping mapping, CancellationToken cancellationToken);

    /// <summary>A mapping, or null.</summary>
    /// <param name="mappingId">The mapping.</param>
    /// <param name="revision">The revision; null means the newest.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<Mapping?> FindMappingAsync(Guid mappingId, int? revision, CancellationToken cancellationToken);

    /// <summary>Adds an upload.</summary>
    Task AddUploadAsync(Upload upload, CancellationToken cancellationToken);

    /// <summary>An upload, or null.</summary>
    Task<Upload?> FindUploadAsync(Guid uploadId, CancellationToken cancellationToken);

    /// <summary>The ids of all uploads.</summary>
    Task<IReadOnlyCollection<Guid>> ListUploadIdsAsync(CancellationToken cancellationToken);

    /// <summary>Adds an import and gives it the next sequence number.</summary>
    /// <returns>The import with its number.</returns>
    Task<Import> AddImportAsync(Import import, CancellationToken cancellationToken);

    /// <summary>Changes an import. Where the change must be atomic with the entity's records, <see cref="IMerge.CommitAsync"/> does it instead.</summary>
    Task UpdateImportAsync(Import import, CancellationToken cancellationToken);

    /// <summary>An import, or null.</summary>
    Task<Import?> FindImportAsync(Guid importId, CancellationToken cancellationToken);

    /// <summary>The newest import of an upload, or null.</summary>
    Task<Import?> FindLastImportAsync(Guid uploadId, CancellationToken cancellationToken);

    /// <summary>Imports, newest first.</summary>
    /// <param name="query">Which ones.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<IReadOnlyList<Import>> ListImportsAsync(ImportQuery query, CancellationToken cancellationToken);
}

/// <summary>Which imports to list.</summary>
/// <param name="EntitySystemName">Only those of this entity, ignoring case; null means all.</param>
/// <param name="States">Only those in one of these states; empty means all.</param>
/// <param name="Before">Only those with a lower sequence number; null means all.</param>
/// <param name="Limit">The most to return.</param>
public sealed record ImportQuery(string? EntitySystemName, IReadOnlyCollection<ImportState> States, long? Before, int Limit);
