using EntityImport.Entities;

namespace EntityImport.Catalog;

/// <summary>What has become of an entity that somebody changed or deleted while another worked on it.</summary>
internal static class ChangedEntities
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    extension(ICatalog catalog)
    {
        /// <summary>What may have been the reason for which a read of an entity failed: <c>deleted</c> or <c>changed</c>; null where the entity is what it was.</summary>
        public async Task<string?> FindChangeAsync(EntityDefinition entity, CancellationToken cancellationToken)
        {
            // A change is seen by some statements a moment before others see it.
            await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
            var now = await catalog.FindEntityAsync(entity.SystemName, cancellationToken).ConfigureAwait(false);
            return now is null ? "deleted" : now.Fields.SequenceEqual(entity.Fields) ? null : "changed";
        }
    }
}
