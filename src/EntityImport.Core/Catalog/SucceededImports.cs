using System.Runtime.CompilerServices;

namespace EntityImport.Catalog;

/// <summary>The imports of an entity that succeeded, dry runs among them, the newest first.</summary>
internal static class SucceededImports
{
    private const int Page = 100;

    extension(ICatalog catalog)
    {
        /// <summary>Those before the one with a number; all where it is null. They are read as far as they are looked at.</summary>
        public async IAsyncEnumerable<Import> ListSucceededAsync(string entitySystemName, long? before, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            while (true)
            {
                var page = await catalog.ListImportsAsync(new ImportQuery(entitySystemName, [ImportState.Succeeded], before, Page), cancellationToken).ConfigureAwait(false);
                foreach (var import in page) yield return import;
                if (page.Count < Page) yield break;
                before = page[^1].Sequence;
            }
        }

        /// <summary>The last before the one with a number, of all where it is null; null where there is none.</summary>
        public async Task<Import?> FindLastSucceededAsync(string entitySystemName, long? before, CancellationToken cancellationToken)
        {
            var last = await catalog.ListImportsAsync(new ImportQuery(entitySystemName, [ImportState.Succeeded], before, Limit: 1), cancellationToken).ConfigureAwait(false);
            return last.Count == 0 ? null : last[0];
        }
    }
}
