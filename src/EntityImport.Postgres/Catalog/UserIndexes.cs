using EntityImport.Postgres.Connections;
using EntityImport.Storage;

namespace EntityImport.Postgres.Catalog;

/// <summary>The indexes that users make on an entity's table besides its key. The table that takes its place has them, too, with their names.</summary>
internal static class UserIndexes
{
    /// <summary>The valid indexes of a table but for its key: their numbers, names, and how each is defined behind its name and table's.</summary>
    private const string OfTable = """
        SELECT oid, name, is_unique, how, row_number() OVER (PARTITION BY is_unique, how ORDER BY oid) AS nth FROM (
            SELECT i.oid::bigint AS oid, i.relname::text AS name, x.indisunique AS is_unique, substr(made.by, length(CASE WHEN starts_with(made.by, head.qualified) THEN head.qualified ELSE head.bare END) + 1) AS how
            FROM pg_catalog.pg_index x
            JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
            JOIN pg_catalog.pg_class t ON t.oid = x.indrelid
            JOIN pg_catalog.pg_namespace s ON s.oid = t.relnamespace
            CROSS JOIN LATERAL (SELECT pg_catalog.pg_get_indexdef(i.oid) AS by, CASE WHEN x.indisunique THEN 'UNIQUE ' ELSE '' END AS kind) made
            CROSS JOIN LATERAL (SELECT format('CREATE %sINDEX %I ON %I.%I ', made.kind, i.relname, s.nspname, t.relname) AS qualified, format('CREATE %sINDEX %I ON %I ', made.kind, i.relname, t.relname) AS bare) head
            WHERE s.nspname = $1 AND t.relname = {0} AND x.indisvalid AND NOT x.indisprimary AND NOT x.indisexclusion) of_table
        """;

    private static readonly string There = OfTable.Replace("{0}", "$2", StringComparison.Ordinal);
    private static readonly string Next = OfTable.Replace("{0}", "$3", StringComparison.Ordinal);

    /// <summary>Makes those of a table that another one lacks which is to take its place. They have names of their own until it does.</summary>
    /// <param name="session">The session, in the transaction in which that will be.</param>
    /// <param name="table">The table.</param>
    /// <param name="next">The other one.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="RecordsRefusedException">What one of them promises does not hold for the other one's records.</exception>
    public static async Task CopyAsync(Session session, EntityTable table, EntityTable next, CancellationToken cancellationToken)
    {
        var missing = await session.QueryAsync(
            $"SELECT name, is_unique, how FROM ({There}) there WHERE NOT EXISTS (SELECT 1 FROM ({Next}) next WHERE next.is_unique = there.is_unique AND next.how = there.how AND next.nth = there.nth) ORDER BY oid",
            [Sql.DataSchema, table.TableName, next.TableName], row => (Name: row.GetString(0), IsUnique: row.GetBoolean(1), How: row.GetString(2)), cancellationToken).ConfigureAwait(false);
        if (missing.Count == 0) return;
        await session.ExecuteAsync("SET LOCAL maintenance_work_mem = '256MB'", cancellationToken).ConfigureAwait(false);
        foreach (var (name, isUnique, how) in missing)
        {
            try
            {
                await session.ExecuteAsync($"CREATE {(isUnique ? "UNIQUE " : "")}INDEX ON {next.Table} {how}", cancellationToken).ConfigureAwait(false);
            }
            catch (RecordsRefusedException)
            {
                throw Session.Refused(name, table.Table);
            }
        }
    }

    /// <summary>Gives those of the table that takes the other one's place the names that they had there.</summary>
    public static async Task RenameAsync(Session session, EntityTable table, EntityTable next)
    {
        var pairs = await session.QueryAsync(
            $"SELECT there.oid, there.name, next.name FROM ({There}) there JOIN ({Next}) next ON next.is_unique = there.is_unique AND next.how = there.how AND next.nth = there.nth",
            [Sql.DataSchema, table.TableName, next.TableName], row => (Number: row.GetInt64(0), Name: row.GetString(1), Next: row.GetString(2)), CancellationToken.None).ConfigureAwait(false);
        foreach (var (number, name, copy) in pairs)
        {
            await session.ExecuteAsync($"ALTER INDEX {Sql.DataSchema}.{Sql.Name(name)} RENAME TO {Sql.Name($"{table.TableName}_i{Sql.Text(number)}")}", CancellationToken.None).ConfigureAwait(false);
            await session.ExecuteAsync($"ALTER INDEX {Sql.DataSchema}.{Sql.Name(copy)} RENAME TO {Sql.Name(name)}", CancellationToken.None).ConfigureAwait(false);
        }
    }
}
