using EntityImport.Catalog;

namespace EntityImport.Imports.Running;

/// <summary>What becomes true with the end of an import, however it ends and whoever commits it: the store with its rows, or the catalog alone.</summary>
internal static class ImportEnd
{
    /// <summary>The commit of an end.</summary>
    /// <param name="ended">The import at its end.</param>
    /// <param name="cancellation">What is noted of the request that cancelled it; null where none did.</param>
    public static CatalogCommit Commit(Import ended, CatalogCommit? cancellation = null)
    {
        var notes = ended.State == ImportState.Cancelled ? cancellation : null;
        return (notes ?? new CatalogCommit()) with { ChangedImport = ended };
    }
}
