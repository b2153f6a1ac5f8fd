using DuckDB.NET.Data;
using EntityImport.DuckDb.Connections;
using EntityImport.Entities;

namespace EntityImport.DuckDb.Catalog;

/// <summary>What entities' records were before imports changed them.</summary>
/// <remarks>
/// For each entity there is one table with a row for each record that an import changed or, by an undo, brought back or left: which import, the version that the record had and the one that it got, and all of its fields as they were. What an
/// import inserts needs no row: it is what has the import's version and no row of that import. An import that replaces all records keeps the whole table that was, under a name of its own. <c>eis.before_image</c> has a row for
/// each import of which that was kept, also where there was nothing to keep.
/// </remarks>
internal static class BeforeTables
{
    /// <summary>In a table of before-images, the version that the record had; <see cref="Absent"/> where there was none.</summary>
    public const string Was = "\"#was\"";

    /// <summary>The version that it got; <see cref="Absent"/> where it was taken out. Where both are the same an undo has left it as it was.</summary>
    public const string Became = "\"#became\"";

    /// <summary>The version of a record that is not there.</summary>
    public const long Absent = -1;

    /// <summary>Makes an entity's table.</summary>
    public static void Create(DuckDBConnection connection, EntityDefinition entity) =>
        connection.Execute($"CREATE TABLE {Sql.Before(entity)} ({Sql.Version} BIGINT, {Was} BIGINT, {Became} BIGINT, {Sql.ColumnTypes(entity.Fields)})");

    /// <summary>An entity's tables.</summary>
    public static IEnumerable<string> ListOf(DuckDBConnection connection, string systemName) =>
        ListWhole(connection, systemName).Append($"{Sql.BeforeSchema}.{Sql.Name(systemName)}");

    /// <summary>Drops an entity's tables.</summary>
    public static void Drop(DuckDBConnection connection, string systemName)
    {
        foreach (var table in ListOf(connection, systemName)) connection.Execute($"DROP TABLE IF EXISTS {table}");
        connection.Execute("DELETE FROM eis.before_image WHERE entity = $1", [CatalogWriter.Key(systemName)]);
    }

    /// <summary>Notes that what an import changed was kept.</summary>
    /// <param name="connection">The connection, in the import's transaction.</param>
    /// <param name="import">The import's number.</param>
    /// <param name="entity">The entity.</param>
    /// <param name="isWhole">Whether it was the whole table.</param>
    /// <param name="records">How many records were kept.</param>
    public static void Note(DuckDBConnection connection, long import, EntityDefinition entity, bool isWhole, long records) =>
        connection.Execute("INSERT INTO eis.before_image VALUES ($1, $2, $3, $4)", [import, CatalogWriter.Key(entity.SystemName), isWhole, records]);

    private static IReadOnlyList<string> ListWhole(DuckDBConnection connection, string systemName) => connection.Query(
        "SELECT import FROM eis.before_image WHERE entity = $1 AND is_whole", [CatalogWriter.Key(systemName)], row => $"{Sql.RecordSchema}.{Sql.Name(Sql.WholeName(row.GetInt64(0)))}");
}
