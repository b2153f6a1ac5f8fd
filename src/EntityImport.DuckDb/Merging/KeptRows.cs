using EntityImport.Catalog;
using EntityImport.Rows;

namespace EntityImport.DuckDb.Merging;

/// <summary>The size of rows that are in the store already, as a plan keeps them.</summary>
internal sealed class KeptRows(KeptChanges changes) : IRowAmount
{
    public long RecordCount => Math.Max(1, changes.Inserted + changes.Updated + changes.Removed);

    public long FileBytes => changes.Bytes;

    public int MaxReaders => int.MaxValue;
}
