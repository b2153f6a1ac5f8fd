namespace EntityImport.Access;

/// <summary>What a caller may do. A call says which of these it needs.</summary>
[Flags]
public enum Scope
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>See entities, records, mappings, uploads and imports.</summary>
    Read = 1,

    /// <summary>Make mappings and uploads, invoke imports and cancel them, and see what belongs to them.</summary>
    Import = 2,

    /// <summary>Everything; and alone: declare, change and delete entities.</summary>
    Admin = 4,

    /// <summary>Everything.</summary>
    All = Read | Import | Admin,
}
