using System.Globalization;
using EntityImport.Entities;
using EntityImport.Postgres.Connections;
using EntityImport.SqlStores;
using EntityImport.Storage;
using EntityImport.Testing;

namespace EntityImport.Postgres.Catalog;

/// <summary>What entities' records were before imports changed them.</summary>
/// <remarks>
/// For each entity there is one table with a row for each record that an import changed or, by an undo, brought back: which import, the version that the record had and the one that it got, and all of its fields as they were. What an
/// import inserts needs no row: it is what has the import's version and no row of that import. Of an import that replaces all records, or changes most of many, the whole table that was is kept. <c>eis.before_image</c> has a row for
/// each import of which that was kept, also where there was nothing to keep.
/// </remarks>
internal static class BeforeTables
{
    /// <summary>In a table of before-images, the version that the record had; <see cref="Absent"/> where there was none.</summary>
    public const string Was = "was";

    /// <summary>The version that it got; <see cref="Absent"/> where it was taken out. Where both are the same an undo of earlier versions has left it as it was, which says nothing.</summary>
    public const string Became = "became";

    /// <summary>The version of a record that is not there.</summary>
    public const long Absent = -1;

    /// <summary>What a row takes beside its values: its header and its place in the page.</summary>
    private const int RowBytes = 28;

    /// <summary>Of how many pages of a table rows are measured, about.</summary>
    private const int MeasuredPages = 64;

    /// <summary>How many rows are measured where those pages have none.</summary>
    private const int MeasuredRows = 1_000;

    /// <summary>How many tables one statement measures.</summary>
    private const int MeasuredTables = 100;

    /// <summary>What is kept, oldest first.</summary>
    public static async Task<IReadOnlyList<StoredBefore>> ListAsync(Session session, CancellationToken cancellationToken)
    {
        var kept = await session.QueryAsync(
            $"""
            SELECT b.import, b.entity, b.records, e.number, b.whole_table IS NOT NULL,
                coalesce(pg_catalog.pg_total_relation_size(pg_catalog.to_regclass('{Sql.DataSchema}.' || b.whole_table)), 0)
            FROM eis.before_image b JOIN eis.entity e ON e.name = b.entity ORDER BY b.import
            """,
            row => (Import: row.GetInt64(0), Entity: row.GetString(1), Records: row.GetInt64(2), Number: row.GetInt64(3), IsWhole: row.GetBoolean(4), Bytes: row.GetInt64(5)), cancellationToken).ConfigureAwait(false);
        var rows = await MeasureRowsAsync(session, kept.Where(before => before is { IsWhole: false, Records: > 0 }).Select(before => before.Number).Distinct(), cancellationToken).ConfigureAwait(false);
        return [.. kept.Select(before => new StoredBefore(before.Import, before.Entity, before.Records, before.IsWhole ? before.Bytes : (long)(before.Records * rows.GetValueOrDefault(before.Number))))];
    }

    /// <summary>What a row of an entity's table takes, its indexes included: the mean of some rows.</summary>
    /// <remarks>The size of the table would not tell it. It stays as it is when rows are deleted, whose room is for those that come.</remarks>
    private static async Task<IReadOnlyDictionary<long, double>> MeasureRowsAsync(Session session, IEnumerable<long> numbers, CancellationToken cancellationToken)
    {
        var sizes = new Dictionary<long, double>();
        // A table that is just being dropped has no size.
        // Of entities on several servers the tables here are empty shells, and no statement reads those of two.
        foreach (var portion in numbers.Chunk(session.IsSpread ? 1 : MeasuredTables))
        {
            var tables = await session.QueryAsync(
                $"""
                SELECT n.number, string_agg(format('coalesce(pg_catalog.pg_column_size(%I), 0)', a.attname), ' + '), coalesce(pg_catalog.pg_relation_size(c.oid) / current_setting('block_size')::bigint, 0),
                    coalesce(pg_catalog.pg_total_relation_size(c.oid)::double precision / greatest(pg_catalog.pg_table_size(c.oid), 1), 1)
                FROM unnest($1::bigint[]) n (number) JOIN pg_catalog.pg_class c ON c.oid = pg_catalog.to_regclass('{Sql.DataSchema}.b' || n.number)
                    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                GROUP BY n.number, c.oid
                """,
                [portion], row => (Number: row.GetInt64(0), Values: row.GetString(1), Pages: row.GetInt64(2), WithIndexes: row.GetDouble(3)), cancellationToken).ConfigureAwait(false);
            if (tables.Count == 0) continue;
            var measures = tables.Select(table =>
            {
                var rows = $"SELECT {RowBytes} + {table.Values} AS bytes FROM {EntityTable.BeforeOf(table.Number)}";
                var first = $"SELECT {Sql.Text(table.Number)}::bigint, coalesce(avg(bytes), 0)::double precision FROM ({rows} LIMIT {MeasuredRows}) sample";
                if (session.IsSpread) return first;
                var percent = Math.Min(100, 100.0 * MeasuredPages / Math.Max(1, table.Pages)).ToString(CultureInfo.InvariantCulture);
                return $"""
                    SELECT {Sql.Text(table.Number)}::bigint, {table.WithIndexes.ToString(CultureInfo.InvariantCulture)} * coalesce(
                        (SELECT avg(bytes) FROM ({rows} TABLESAMPLE SYSTEM ({percent}) REPEATABLE (1)) sample), (SELECT avg(bytes) FROM ({rows} LIMIT {MeasuredRows}) sample), 0)::double precision
                    """;
            });
            foreach (var (number, bytes) in await session.QueryAsync(string.Join(" UNION ALL ", measures), row => (row.GetInt64(0), row.GetDouble(1)), cancellationToken).ConfigureAwait(false)) sizes.Add(number, bytes);
        }

        return sizes;
    }

    /// <summary>Drops what is kept of an import, in the session's transaction; answers which table nobody needs once that is committed; null where it is none.</summary>
    public static async Task<string?> DropAsync(Session session, StoredBefore before, CancellationToken cancellationToken)
    {
        var dropped = (await session.QueryAsync(
            "DELETE FROM eis.before_image b USING eis.entity e WHERE b.import = $1 AND e.name = b.entity RETURNING b.whole_table, e.number", [before.Import],
            row => (Table: row.IsDBNull(0) ? null : row.GetString(0), Number: row.GetInt64(1)), cancellationToken).ConfigureAwait(false)).SingleOrDefault();
        if (dropped.Number == 0) return null;
        FaultPoints.Reach(FaultStep.BeforeDropping, Guid.Empty);
        // An undo that kept a whole table also has rows of the records that it left.
        await session.ExecuteAsync($"DELETE FROM {EntityTable.BeforeOf(dropped.Number)} WHERE {Sql.Version} = {Sql.Text(before.Import)}", cancellationToken).ConfigureAwait(false);
        return dropped.Table is { } table ? EntityTable.InData(table) : null;
    }

    /// <summary>What was kept of an import: the name of the whole table, or null; nothing where nothing is kept of it.</summary>
    /// <param name="session">The session.</param>
    /// <param name="import">The import's number.</param>
    /// <param name="systemName">The entity.</param>
    /// <param name="holds">Whether it stays until the transaction ends; a transaction that has a snapshot sees it until then anyway.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static async Task<(bool IsKept, string? WholeTable)> FindAsync(Session session, long import, string systemName, bool holds, CancellationToken cancellationToken) => (await session.QueryAsync(
        $"SELECT whole_table FROM eis.before_image WHERE import = $1 AND entity = $2{(holds ? " FOR SHARE" : "")}", [import, CatalogStatements.Key(systemName)],
        row => (true, row.IsDBNull(0) ? null : row.GetString(0)), cancellationToken).ConfigureAwait(false)).SingleOrDefault();

    /// <summary>
    /// A relation of versions that an entity's records had: before which import (<see cref="Sql.Version"/>), which one (<see cref="Was"/>, <see cref="Absent"/> where there was none), and the key. Of a table that was kept whole they are all,
    /// also of records that the import did not change. Without a key there is a row for each record, and of those that an undo has brought back one for each version, which it has in place of a key (<see cref="Became"/>).
    /// </summary>
    /// <param name="table">The entity's table.</param>
    /// <param name="whole">The tables that were kept whole.</param>
    public static string Versions(EntityTable table, IEnumerable<(long Import, string Table)> whole)
    {
        var (inWhole, inBefore) = table.Entity.Key.Any() ? (table.Key, table.Key) : (Sql.Version, $"CASE WHEN {Was} = {Sql.Text(Absent)} THEN {Became} ELSE {Was} END AS {Became}");
        var parts = whole.Select(kept => $"SELECT {Sql.Text(kept.Import)}::bigint, {Sql.Version}, {inWhole} FROM {EntityTable.InData(kept.Table)}");
        return $"({string.Join(" UNION ALL ", parts.Prepend($"SELECT {Sql.Version}, {Was}, {inBefore} FROM {table.Before} WHERE {Was} <> {Became}"))})";
    }

    /// <summary>Notes that what an import changed was kept.</summary>
    /// <param name="session">The session, in the import's transaction.</param>
    /// <param name="import">The import's number.</param>
    /// <param name="entity">The entity.</param>
    /// <param name="wholeTable">The name of the table where that is all that there was; else null.</param>
    /// <param name="records">How many records were kept.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static Task NoteAsync(Session session, long import, EntityDefinition entity, string? wholeTable, long records, CancellationToken cancellationToken) => session.ExecuteAsync(
        "INSERT INTO eis.before_image (import, entity, whole_table, records) VALUES ($1, $2, $3, $4)", [import, CatalogStatements.Key(entity.SystemName), wholeTable, records], cancellationToken);

    /// <summary>The first import into an entity of which something is kept; null where there is none.</summary>
    public static async Task<long?> FindFirstAsync(Session session, string systemName, CancellationToken cancellationToken) => (await session.QueryAsync(
        "SELECT min(import) FROM eis.before_image WHERE entity = $1", [CatalogStatements.Key(systemName)], row => row.IsDBNull(0) ? (long?)null : row.GetInt64(0), cancellationToken).ConfigureAwait(false))[0];

    /// <summary>The imports of which an entity's whole table was kept.</summary>
    public static Task<IReadOnlyList<(long Import, string Table)>> ListWholeAsync(Session session, string systemName, CancellationToken cancellationToken) => session.QueryAsync(
        "SELECT import, whole_table FROM eis.before_image WHERE entity = $1 AND whole_table IS NOT NULL ORDER BY import", [CatalogStatements.Key(systemName)], row => (row.GetInt64(0), row.GetString(1)), cancellationToken);
}
