using EntityImport.Entities;

namespace EntityImport.SqlStores;

/// <summary>A table of a store as another store can take it in.</summary>
/// <param name="Kind">What is in it.</param>
/// <param name="Columns">Its columns.</param>
/// <param name="Read">
/// Reads the rows, in no order; the array is used again for each. Values are texts, null where there is none: numbers with all of their digits, a DATETIME as microseconds since 1970, a BOOLEAN as <c>true</c> or <c>false</c>.
/// </param>
internal sealed record StoredTable(StoredTableKind Kind, IReadOnlyList<StoredColumn> Columns, Func<IEnumerable<string?[]>> Read)
{
    /// <summary>The name of a table of the catalog; else empty.</summary>
    public string Name { get; init; } = "";

    /// <summary>The entity of whose records it tells; null for a table of the catalog.</summary>
    public EntityDefinition? Entity { get; init; }

    /// <summary>The number of the import before which all records were so.</summary>
    public long Import { get; init; }

    /// <summary>The plan that it is of.</summary>
    public Guid PlanId { get; init; }

    /// <summary>The tables of the catalog that are the same in all stores, with their columns. Entities, and of which imports it is kept what records were, are each store's own.</summary>
    public static IReadOnlyList<(string Name, string[] Columns)> Catalog { get; } =
    [
        ("guards", ["entity", "document"]),
        ("mapping", ["id", "revision", "entity", "document"]),
        ("mapping_use", ["mapping", "used_for", "import", "used_revision", "used", "header"]),
        ("upload", ["id", "sha256", "mapping", "sender", "expired", "document"]),
        ("import", ["sequence", "id", "upload", "entity", "state", "document"]),
        ("plan", ["id", "entity", "state", "expired", "bytes", "document"]),
        ("repair", ["import", "document"]),
        ("repair_edit", ["import", "number", "document"]),
        ("receipt", ["caller", "key", "done", "document"]),
        ("key", ["id", "used", "document"]),
        ("session", ["id", "hash", "expires", "document"]),
        ("protection_key", ["id", "document"]),
        ("audit", ["id", "noted", "entity", "subject", "refused", "document"]),
        ("webhook", ["id", "document"]),
        ("notice", ["id", "noted", "document"]),
        ("delivery", ["notice", "webhook", "state", "due", "document"]),
    ];
}
