namespace EntityImport.Catalog;

/// <summary>
/// Where the records of a file ended up. Every record read is in exactly one bucket, so that an import can prove that it lost none.
/// </summary>
public sealed record Ledger
{
    /// <summary>Records in the file, the header not included.</summary>
    public long Records { get; init; }

    /// <summary>Rows that became new records of the entity.</summary>
    public long Inserted { get; init; }

    /// <summary>Rows that changed an existing record.</summary>
    public long Updated { get; init; }

    /// <summary>Rows that equal what their record already was.</summary>
    public long Unchanged { get; init; }

    /// <summary>Rows whose key came again later in the file; the later one won.</summary>
    public long Superseded { get; init; }

    /// <summary>Rows of delimiters alone, where the definition says that they are passed over.</summary>
    public long Skipped { get; init; }

    /// <summary>Rows that were refused; the error file has each with its reasons.</summary>
    public long Rejected { get; init; }

    /// <summary>Records that the entity held before and that a REPLACE took out. Not a bucket: they are no records of the file.</summary>
    public long Removed { get; init; }

    /// <summary>Changes of the import that an undo is of which it took back. Not a bucket: an undo reads no file.</summary>
    public long Reversed { get; init; }

    /// <summary>Changes that it left, since other imports changed the same records later. Not a bucket.</summary>
    public long Kept { get; init; }

    /// <summary>Rows that were imported: all but the skipped and the rejected ones.</summary>
    public long Processed => Inserted + Updated + Unchanged + Superseded;

    /// <summary>Whether the buckets add up to the records of the file.</summary>
    public bool IsBalanced => Processed + Skipped + Rejected == Records;

    /// <summary>This ledger and another one in one.</summary>
    public Ledger Plus(Ledger other) => new()
    {
        Records = Records + other.Records,
        Inserted = Inserted + other.Inserted,
        Updated = Updated + other.Updated,
        Unchanged = Unchanged + other.Unchanged,
        Superseded = Superseded + other.Superseded,
        Skipped = Skipped + other.Skipped,
        Rejected = Rejected + other.Rejected,
        Removed = Removed + other.Removed,
        Reversed = Reversed + other.Reversed,
        Kept = Kept + other.Kept,
    };
}
