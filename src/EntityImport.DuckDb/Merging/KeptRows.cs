using EntityImport.Catalog;
using EntityImport.Entities;
using EntityImport.Rows;
using EntityImport.Storage;

namespace EntityImport.DuckDb.Merging;

/// <summary>The size of rows that are in the store already, as a plan keeps them. Nobody reads them from here.</summary>
internal sealed class KeptRows(LoadOrder order, KeptChanges changes) : IRowFeed
{
    public IEnumerable<FieldDefinition> Fields => order.Fields.Select(f => f.Field);

    public long RecordCount => Math.Max(1, changes.Inserted + changes.Updated + changes.Removed);

    public long FileBytes => changes.Bytes;

    public int MaxReaders => int.MaxValue;

    public bool KeysMayRepeat => false;

    public IRowReader CreateReader() => throw new InvalidOperationException("These rows are in the store.");

    public void Repeat() => throw new InvalidOperationException("These rows are in the store.");
}
