namespace EntityImport.SqlStores;

/// <summary>A statement that writes something into the catalog.</summary>
/// <param name="Sql">Its text, the same for all stores.</param>
/// <param name="Parameters">The values of <c>$1</c>, <c>$2</c>, ….</param>
internal sealed record CatalogStatement(string Sql, params object?[] Parameters)
{
    /// <summary>Why nothing is committed where it changes no row; null where that is no fault.</summary>
    public Func<Exception>? Unchanged { get; init; }
}
