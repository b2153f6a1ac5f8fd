using EntityImport.Catalog;
using EntityImport.Entities;
using EntityImport.Storage;

namespace EntityImport.Engine;

/// <summary>Reads of entities that somebody may change or delete at the same time. Thread-safe.</summary>
internal sealed class EntityReads(ICatalog catalog)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>Reads something of an entity.</summary>
    /// <param name="entity">The entity as it was found.</param>
    /// <param name="read">Reads it; once more where that fails although the entity is as it was, since it may have been deleted and made again.</param>
    /// <param name="isUntouched">Whether nothing was handed over yet. What fails later fails for another reason: it reads the entity as it was when it began.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="RequestException">The entity is no longer what it was.</exception>
    public async Task<T> ReadAsync<T>(EntityDefinition entity, Func<Task<T>> read, Func<bool> isUntouched, CancellationToken cancellationToken)
    {
        for (var isFirst = true; ; isFirst = false)
        {
            try
            {
                return await read().ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is not (RequestException or ImportRefusedException or StoreUnavailableException or LedgerException or OperationCanceledException) && isUntouched())
            {
                if (await catalog.FindChangeAsync(entity, cancellationToken).ConfigureAwait(false) is { } change) throw Changed(entity, change);
                if (!isFirst) throw;
            }
        }
    }

    private static RequestException Changed(EntityDefinition entity, string what) =>
        new RequestException(FaultKind.Busy, "store-busy", $"The entity {entity.SystemName} was {what} while it was read.") { RetryAfter = RetryAfter };
}
