using System.Globalization;
using EntityImport.Catalog;
using EntityImport.Storage;

namespace EntityImport.Imports.Running;

/// <summary>
/// What became of an import's rows, counted at each place that they pass: by the index of the file when it was uploaded, by the readers, and by the store when rows reach it and when it has found what they change. Where
/// two figures that must be equal are not, a row was lost or came twice, and nothing may be committed.
/// </summary>
internal sealed record Account
{
    /// <summary>Records of the file, as its index counted them.</summary>
    public required long Indexed { get; init; }

    /// <summary>Records that the readers read.</summary>
    public required long Read { get; init; }

    /// <summary>Records that they rejected.</summary>
    public required long RejectedByReaders { get; init; }

    /// <summary>Records that they passed over as the definition says.</summary>
    public required long SkippedByReaders { get; init; }

    /// <summary>Rows that were rejected for their key, once they had reached the store.</summary>
    public required long RejectedForKey { get; init; }

    /// <summary>What the store counted.</summary>
    public required DeltaCounts Store { get; init; }

    /// <summary>The ledger that this is.</summary>
    /// <exception cref="LedgerException">The figures do not add up.</exception>
    public Ledger Close()
    {
        var merged = Store.Inserted + Store.Updated + Store.Unchanged + Store.Superseded;
        if (Read != Indexed || Store.Received != Read - RejectedByReaders - SkippedByReaders || merged != Store.Received - RejectedForKey) throw new LedgerException(Describe());
        return new Ledger
        {
            Records = Indexed,
            Inserted = Store.Inserted,
            Updated = Store.Updated,
            Unchanged = Store.Unchanged,
            Superseded = Store.Superseded,
            Skipped = SkippedByReaders,
            Rejected = RejectedByReaders + RejectedForKey,
            Removed = Store.Removed,
        };
    }

    private string Describe() => string.Create(
        CultureInfo.InvariantCulture,
        $"The ledger does not add up, so nothing was written: the file has {Indexed} records, {Read} were read and {RejectedByReaders} of them rejected{(SkippedByReaders > 0 ? string.Create(CultureInfo.InvariantCulture, $" and {SkippedByReaders} skipped") : "")}; {Store.Received} rows reached the store, which rejected {RejectedForKey} for their key, inserted {Store.Inserted}, updated {Store.Updated}, left {Store.Unchanged} unchanged and superseded {Store.Superseded}.");
}
