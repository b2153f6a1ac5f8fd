using Npgsql;

namespace EntityImport.Bench.Torture;

/// <summary>Looks into the database of a service that has nothing to do: there are exactly the tables that the catalog knows, and what they hold is what it counts.</summary>
internal static class DatabaseJudge
{
    /// <summary>A table that nothing in the catalog is about; null where there is none.</summary>
    public static async Task<string?> FindLeftAsync(string database, CancellationToken cancellationToken)
    {
        await using var source = Connect(database);
        var (left, _) = await CompareAsync(source, cancellationToken);
        return left is null ? null : $"The database has {left}, which nothing in the catalog is about.";
    }

    /// <summary>Makes sure that what the catalog knows is there.</summary>
    /// <exception cref="FindingException">Something is missing, or left.</exception>
    public static async Task JudgeAsync(string database, CancellationToken cancellationToken)
    {
        await using var source = Connect(database);
        if (await CompareAsync(source, cancellationToken) is { Lost: { } lost }) throw new FindingException(FindingKind.Lost, $"The database has no {lost}, though the catalog says so.");
        foreach (var plan in await ReadAsync(source, "SELECT id::text FROM eis.plan WHERE state = 'Succeeded' AND NOT expired", cancellationToken))
        {
            var table = $"eis_data.p{plan.Replace("-", "", StringComparison.Ordinal)}";
            var kept = (await ReadAsync(source, $"SELECT concat_ws(' ', count(*) FILTER (WHERE kind = 0), count(*) FILTER (WHERE kind = 1), count(*) FILTER (WHERE kind = 2)) FROM {table}", cancellationToken))[0];
            var counted = (await ReadAsync(source, $"SELECT concat_ws(' ', c->>'inserted', c->>'updated', c->>'removed') FROM (SELECT document::json->'changes' AS c FROM eis.plan WHERE id = '{plan}') plan", cancellationToken))[0];
            if (kept != counted) throw new FindingException(FindingKind.Half, $"The plan {plan} counts {counted} records that come, change and go; its table has {kept}.");
        }

        foreach (var entity in await ReadAsync(source, "SELECT number::text FROM eis.entity", cancellationToken))
        {
            // An undo that has put a whole table in its place has a few rows here, too.
            var left = await ReadAsync(source, $"SELECT DISTINCT import::text FROM eis_data.b{entity} WHERE import NOT IN (SELECT import FROM eis.before_image)", cancellationToken);
            if (left.Count > 0) throw new FindingException(FindingKind.Leftover, $"What records of entity number {entity} were before import number {left[0]} is kept, though the catalog does not know that.");
        }

        var stray = await ReadAsync(source, "SELECT b.import::text FROM eis.before_image b WHERE NOT EXISTS (SELECT FROM eis.import i WHERE i.sequence = b.import AND i.state = 'Succeeded')", cancellationToken);
        if (stray.Count > 0) throw new FindingException(FindingKind.Leftover, $"What records were before import number {stray[0]} is kept, though that has not succeeded.");
        var keyless = await ReadAsync(
            source,
            """
            SELECT e.name FROM eis.entity e WHERE EXISTS (SELECT FROM json_array_elements(e.document::json->'fields') f WHERE (f->>'primaryKey')::boolean)
            AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = to_regclass('eis_data.' || e.table_name) AND i.indisprimary AND i.indisvalid)
            """,
            cancellationToken);
        if (keyless.Count > 0) throw new FindingException(FindingKind.Lost, $"The table of {keyless[0]} has no key, though the entity has one.");
    }

    private static NpgsqlDataSource Connect(string database) => NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database) { Pooling = false, ApplicationName = "torture" });

    private static async Task<(string? Left, string? Lost)> CompareAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        var actual = await ReadAsync(source, "SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname IN ('eis_stage', 'eis_data', 'records') AND c.relkind IN ('r', 'v')", cancellationToken);
        var known = await ReadAsync(
            source,
            """
            SELECT 'eis_data.' || table_name FROM eis.entity UNION ALL SELECT 'eis_data.b' || number FROM eis.entity UNION ALL SELECT 'records.' || (document::json->>'systemName') FROM eis.entity
            UNION ALL SELECT 'eis_data.' || whole_table FROM eis.before_image WHERE whole_table IS NOT NULL
            UNION ALL SELECT 'eis_data.p' || replace(id::text, '-', '') FROM eis.plan WHERE state = 'Succeeded' AND NOT expired
            """,
            cancellationToken);
        return (actual.Except(known).FirstOrDefault(), known.Except(actual).FirstOrDefault());
    }

    private static async Task<List<string>> ReadAsync(NpgsqlDataSource source, string sql, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var values = new List<string>();
        while (await reader.ReadAsync(cancellationToken)) values.Add(reader.GetString(0));
        return values;
    }
}
