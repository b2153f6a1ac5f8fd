namespace EntityImport.SqlStores;

/// <summary>That it is kept what records were before an import.</summary>
/// <param name="Import">The import's number.</param>
/// <param name="Entity">How the entity is looked up.</param>
/// <param name="IsWhole">Whether all of them are kept, in a table of their own.</param>
/// <param name="Records">How many.</param>
internal sealed record StoredBeforeImage(long Import, string Entity, bool IsWhole, long Records);
