using DuckDB.NET.Data;
using EntityImport.DuckDb.Connections;
using EntityImport.Entities;
using EntityImport.SqlStores;
using EntityImport.Storage;
using EntityImport.Testing;

namespace EntityImport.DuckDb.Catalog;

/// <summary>What entities' records were before imports changed them.</summary>
/// <remarks>
/// For each entity there is one table with a row for each record that an import changed or, by an undo, brought back: which import, the version that the record had and the one that it got, and all of its fields as they were. What an
/// import inserts needs no row: it is what has the import's version and no row of that import. An import that replaces all records, or changes most of many, keeps the whole table that was, under a name of its own. <c>eis.before_image</c> has a row for
/// each import of which that was kept, also where there was nothing to keep.
/// </remarks>
internal static class BeforeTables
{
    /// <summary>In a table of before-images, the version that the record had; <see cref="Absent"/> where there was none.</summary>
    public const string Was = "\"#was\"";

    /// <summary>The version that it got; <see cref="Absent"/> where it was taken out. Where both are the same an undo of earlier versions has left it as it was, which says nothing.</summary>
    public const string Became = "\"#became\"";

    /// <summary>The version of a record that is not there.</summary>
    public const long Absent = -1;

    /// <summary>DuckDB's blocks of a file.</summary>
    private const long BlockBytes = 256 << 10;

    /// <summary>Makes an entity's table.</summary>
    public static void Create(DuckDBConnection connection, EntityDefinition entity) =>
        connection.Execute($"CREATE TABLE {Sql.Before(entity)} ({Sql.Version} BIGINT, {Was} BIGINT, {Became} BIGINT, {Sql.ColumnTypes(entity.Fields)})");

    /// <summary>An entity's tables.</summary>
    public static IEnumerable<string> ListOf(DuckDBConnection connection, string systemName) =>
        ListWhole(connection, systemName).Select(import => $"{Sql.RecordSchema}.{Sql.Name(Sql.WholeName(import))}").Append($"{Sql.BeforeSchema}.{Sql.Name(systemName)}");

    /// <summary>Drops an entity's tables.</summary>
    public static void Drop(DuckDBConnection connection, string systemName)
    {
        foreach (var table in ListOf(connection, systemName)) connection.Execute($"DROP TABLE IF EXISTS {table}");
        connection.Execute("DELETE FROM eis.before_image WHERE entity = $1", [CatalogStatements.Key(systemName)]);
    }

    /// <summary>What is kept, oldest first.</summary>
    /// <remarks>In a transaction only: see <see cref="Sql.Storage"/>.</remarks>
    public static IReadOnlyList<StoredBefore> List(DuckDBConnection connection, CancellationToken cancellationToken)
    {
        var kept = connection.Query(
            "SELECT import, entity, is_whole, records FROM eis.before_image ORDER BY import", null,
            row => (Import: row.GetInt64(0), Entity: row.GetString(1), IsWhole: row.GetBoolean(2), Records: row.GetInt64(3)), cancellationToken);
        // The table of an entity is shared by its imports.
        var shared = kept.Where(before => !before.IsWhole).GroupBy(before => before.Entity).ToDictionary(
            group => group.Key, group => (Bytes: BytesOfKept(connection, $"{Sql.BeforeSchema}.{Sql.Name(group.Key)}", cancellationToken), Records: group.Sum(before => before.Records)));
        return
        [
            .. kept.Select(before => new StoredBefore(before.Import, before.Entity, before.Records, before.IsWhole
                ? BytesOf(connection, $"{Sql.RecordSchema}.{Sql.Name(Sql.WholeName(before.Import))}", cancellationToken)
                : (long)((double)shared[before.Entity].Bytes * before.Records / Math.Max(1, shared[before.Entity].Records)))),
        ];
    }

    /// <summary>Drops what is kept of an import.</summary>
    public static void Drop(DuckDBConnection connection, StoredBefore before, CancellationToken cancellationToken)
    {
        var isWhole = connection.Query("SELECT is_whole FROM eis.before_image WHERE import = $1", [before.Import], row => row.GetBoolean(0), cancellationToken);
        if (isWhole.Count == 0) return;
        if (isWhole[0]) connection.Execute($"DROP TABLE {Sql.RecordSchema}.{Sql.Name(Sql.WholeName(before.Import))}", cancellationToken: cancellationToken);
        // An undo that kept a whole table also has rows of the records that it left.
        connection.Execute($"DELETE FROM {Sql.BeforeSchema}.{Sql.Name(before.EntitySystemName)} WHERE {Sql.Version} = {before.Import}", cancellationToken: cancellationToken);
        FaultPoints.Reach(FaultStep.BeforeDropping, Guid.Empty);
        connection.Execute("DELETE FROM eis.before_image WHERE import = $1", [before.Import], cancellationToken);
    }

    /// <summary>Whether the whole table was kept of an import; null where nothing is kept of it.</summary>
    public static bool? FindIsWhole(DuckDBConnection connection, long import, string systemName, CancellationToken cancellationToken) => connection.Query(
        "SELECT is_whole FROM eis.before_image WHERE import = $1 AND entity = $2", [import, CatalogStatements.Key(systemName)], row => (bool?)row.GetBoolean(0), cancellationToken).SingleOrDefault();

    /// <summary>
    /// A relation of versions that an entity's records had: before which import (<see cref="Sql.Version"/>), which one (<see cref="Was"/>, <see cref="Absent"/> where there was none), and the key. Of a table that was kept whole they are all,
    /// also of records that the import did not change. Without a key there is a row for each record, and of those that an undo has brought back one for each version, which it has in place of a key (<see cref="Became"/>).
    /// </summary>
    public static string Versions(DuckDBConnection connection, EntityDefinition entity)
    {
        var (whole, kept) = entity.Key.Any()
            ? (Sql.Columns(entity.Key), Sql.Columns(entity.Key))
            : ($"{Sql.Version} AS {Became}", $"CASE WHEN {Was} = {Absent} THEN {Became} ELSE {Was} END AS {Became}");
        var parts = ListWhole(connection, entity.SystemName).Select(import => $"SELECT {import}::BIGINT AS {Sql.Version}, {Sql.Version} AS {Was}, {whole} FROM {Sql.RecordSchema}.{Sql.Name(Sql.WholeName(import))}");
        return $"({string.Join(" UNION ALL ", parts.Prepend($"SELECT {Sql.Version}, {Was}, {kept} FROM {Sql.Before(entity)} WHERE {Was} <> {Became}"))})";
    }

    private static long BytesOf(DuckDBConnection connection, string table, CancellationToken cancellationToken) => connection.Query(
        $"SELECT count(DISTINCT block_id) * {BlockBytes} FROM {Sql.Storage(table)} WHERE persistent", null, row => row.GetInt64(0), cancellationToken)[0];

    /// <summary>The part of a table's blocks that rows take which are not deleted: those that are keep theirs until DuckDB writes the table anew, and some of them for longer.</summary>
    private static long BytesOfKept(DuckDBConnection connection, string table, CancellationToken cancellationToken)
    {
        var bytes = BytesOf(connection, table, cancellationToken);
        var written = connection.Query(
            $"SELECT coalesce(sum(count), 0)::BIGINT FROM {Sql.Storage(table)} WHERE column_path = '[0]'", null, row => row.GetInt64(0), cancellationToken)[0];
        var left = connection.Query($"SELECT count(*) FROM {table}", null, row => row.GetInt64(0), cancellationToken)[0];
        return left < written ? (long)((double)bytes * left / written) : bytes;
    }

    /// <summary>Notes that what an import changed was kept.</summary>
    /// <param name="connection">The connection, in the import's transaction.</param>
    /// <param name="import">The import's number.</param>
    /// <param name="entity">The entity.</param>
    /// <param name="isWhole">Whether it was the whole table.</param>
    /// <param name="records">How many records were kept.</param>
    public static void Note(DuckDBConnection connection, long import, EntityDefinition entity, bool isWhole, long records) =>
        connection.Execute("INSERT INTO eis.before_image VALUES ($1, $2, $3, $4)", [import, CatalogStatements.Key(entity.SystemName), isWhole, records]);

    /// <summary>The number of the first import into an entity of which something is kept; null where there is none.</summary>
    public static long? FindFirst(DuckDBConnection connection, string systemName) =>
        connection.Query("SELECT min(import) FROM eis.before_image WHERE entity = $1", [CatalogStatements.Key(systemName)], row => row.IsDBNull(0) ? (long?)null : row.GetInt64(0))[0];

    /// <summary>The numbers of the imports of which an entity's whole table was kept.</summary>
    public static IReadOnlyList<long> ListWhole(DuckDBConnection connection, string systemName) =>
        connection.Query("SELECT import FROM eis.before_image WHERE entity = $1 AND is_whole", [CatalogStatements.Key(systemName)], row => row.GetInt64(0));
}
