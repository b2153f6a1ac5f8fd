namespace EntityImport.Changes;

/// <summary>What happens to a record. The numbers are stored.</summary>
public enum ChangeKind
{
    /// <summary>It comes.</summary>
    Inserted = 0,

    /// <summary>It changes.</summary>
    Updated = 1,

    /// <summary>It goes.</summary>
    Removed = 2,
}
