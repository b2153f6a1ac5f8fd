using EntityImport.Postgres.Connections;

namespace EntityImport.Postgres.Leases;

/// <summary>Drops the tables that a process has left which ended unexpectedly, and those that could not be dropped while somebody read them.</summary>
internal static class Sweep
{
    /// <summary>Whether a table is of an attempt that may still be at work: it has the attempt's epoch in its name, which is the entity's as long as that is so. What is made within a transaction is not seen before it counts.</summary>
    private const string MayBeInUse =
        $$"""
        CASE
            WHEN n.nspname = '{{Sql.DataSchema}}' AND c.relname ~ '^t[0-9]+_[0-9]+$' THEN EXISTS (
                SELECT 1 FROM eis.entity e JOIN eis.lease l ON l.name = e.name
                WHERE e.number = substr(split_part(c.relname, '_', 1), 2)::bigint AND l.epoch <= split_part(c.relname, '_', 2)::bigint)
            WHEN n.nspname = '{{Sql.StageSchema}}' AND c.relname ~ '^[sk][0-9a-f]{32}_[0-9]+' THEN EXISTS (
                SELECT 1 FROM eis.import i JOIN eis.lease l ON l.name = i.entity
                WHERE i.id = substr(c.relname, 2, 32)::uuid AND i.state IN ('Queued', 'Running') AND l.epoch <= substring(c.relname FROM '^.{33}_([0-9]+)')::bigint)
                OR EXISTS (SELECT 1 FROM eis.plan p WHERE p.id = substr(c.relname, 2, 32)::uuid AND p.state IN ('Queued', 'Running'))
            ELSE false
        END
        """;

    /// <summary>Drops them. Where others work on the store, what they may be at stays.</summary>
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
                    {(database.IsShared ? $"AND NOT ({MayBeInUse})" : "")}
                """,
                row => row.GetString(0), cancellationToken).ConfigureAwait(false);
        }

        foreach (var table in left) await database.DropAsync([table], cancellationToken).ConfigureAwait(false);
    }
}
