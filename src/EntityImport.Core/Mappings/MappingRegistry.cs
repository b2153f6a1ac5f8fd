using System.Text.Json;
using EntityImport.Storage;

namespace EntityImport.Mappings;

/// <summary>The mappings, revision by revision. Thread-safe.</summary>
public sealed class MappingRegistry(ICatalog catalog, TimeProvider time)
{
    /// <summary>The newest revision of a mapping, or null.</summary>
    public Task<Mapping?> FindAsync(Guid mappingId, CancellationToken cancellationToken) =>
        catalog.FindMappingAsync(mappingId, revision: null, cancellationToken);

    /// <summary>Adds a mapping.</summary>
    /// <exception cref="RequestException">The document has faults; all are listed.</exception>
    public Task<Mapping> CreateAsync(JsonElement document, CancellationToken cancellationToken) => throw new NotImplementedException(time.ToString());

    /// <summary>Makes the next revision of a mapping by a merge patch (RFC 7396); null where there is no such mapping.</summary>
    /// <exception cref="RequestException">The patched document has faults; all are listed.</exception>
    public Task<Mapping?> PatchAsync(Guid mappingId, JsonElement patch, CancellationToken cancellationToken) => throw new NotImplementedException();
}
