using EntityImport.Entities;

namespace EntityImport.SqlStores;

/// <summary>A column of a <see cref="StoredTable"/>.</summary>
/// <param name="Name">In a table of the catalog, its name; else one of the names here.</param>
/// <param name="Field">The field whose values are in it; null where it has the store's own.</param>
internal sealed record StoredColumn(string Name, FieldDefinition? Field = null)
{
    /// <summary>The values of a field; in a table of a plan, those that records get.</summary>
    public const string Value = "value";

    /// <summary>In a table of a plan, the values that records have of a field.</summary>
    public const string Old = "old";

    /// <summary>The version of a record; of what records were, the import before which they were so.</summary>
    public const string Version = "version";

    /// <summary>The version that a record had.</summary>
    public const string Was = "was";

    /// <summary>The version that it got.</summary>
    public const string Became = "became";

    /// <summary>In a table of a plan, what happens to the record.</summary>
    public const string Kind = "kind";

    /// <summary>In a table of a plan, the number of the row.</summary>
    public const string RowNumber = "row";
}
