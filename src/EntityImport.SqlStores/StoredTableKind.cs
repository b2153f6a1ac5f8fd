namespace EntityImport.SqlStores;

/// <summary>What is in a table of a store.</summary>
internal enum StoredTableKind
{
    /// <summary>What is known of mappings, uploads, imports and the like.</summary>
    Catalog,

    /// <summary>An entity's records.</summary>
    Records,

    /// <summary>What some of them were before imports.</summary>
    Before,

    /// <summary>All of them as they were before an import.</summary>
    Whole,

    /// <summary>What a plan keeps.</summary>
    Plan,
}
