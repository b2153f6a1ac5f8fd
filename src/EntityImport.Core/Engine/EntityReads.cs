using EntityImport.Catalog;
using EntityImport.Entities;
using EntityImport.Storage;

namespace EntityImport.Engine;

/// <summary>Reads of entities that somebody may change or delete at the same time. Thread-safe.</summary>
internal sealed class EntityReads(ICatalog catalog)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>Reads something of an entity.</summary>
    /// <exception cref="RequestException">The entity is no longer what it was when the call began.</exception>
    public async Task<T> ReadAsync<T>(EntityDefinition entity, Func<Task<T>> read, CancellationToken cancellationToken)
    {
        try
        {
            return await read().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not (RequestException or ImportRefusedException or StoreUnavailableException or OperationCanceledException))
        {
            var now = await catalog.FindEntityAsync(entity.SystemName, cancellationToken).ConfigureAwait(false);
            if (now is not null && now.Fields.SequenceEqual(entity.Fields)) throw;
            throw new RequestException(FaultKind.Busy, "store-busy", $"The entity {entity.SystemName} was {(now is null ? "deleted" : "changed")} while it was read.") { RetryAfter = RetryAfter };
        }
    }
}
