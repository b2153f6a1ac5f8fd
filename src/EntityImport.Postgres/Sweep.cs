using EntityImport.Postgres.Connections;

namespace EntityImport.Postgres;

/// <summary>Drops the tables that a process has left which ended unexpectedly, and those that could not be dropped while somebody read them.</summary>
internal static class Sweep
{
    /// <summary>Drops them; nobody else works on the store.</summary>
    public static async Task RunAsync(Database database, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> left;
        var session = await database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            left = await session.QueryAsync(
                $"""
                SELECT n.nspname || '.' || c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                WHERE c.relkind = 'r' AND (n.nspname = '{Sql.StageSchema}' OR (n.nspname = '{Sql.DataSchema}'
                    AND c.relname NOT IN (SELECT table_name FROM eis.entity) AND c.relname NOT IN (SELECT 'b' || number FROM eis.entity)
                    AND c.relname NOT IN (SELECT whole_table FROM eis.before_image WHERE whole_table IS NOT NULL)
                    AND c.relname NOT IN (SELECT 'p' || replace(id::text, '-', '') FROM eis.plan WHERE NOT expired)))
                """,
                row => row.GetString(0), cancellationToken).ConfigureAwait(false);
        }

        foreach (var table in left) await database.DropAsync(table).ConfigureAwait(false);
    }
}
