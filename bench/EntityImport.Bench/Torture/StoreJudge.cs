using DuckDB.NET.Data;

namespace EntityImport.Bench.Torture;

/// <summary>Looks into a store whose service was killed: at every instant there are exactly the tables that the catalog knows, and what they hold is what it counts.</summary>
internal static class StoreJudge
{
    /// <summary>Judges a copy of a store, so that the service finds its own as the kill has left it.</summary>
    /// <param name="store">The store's file.</param>
    /// <param name="copy">Where the copy goes, and is deleted from.</param>
    /// <exception cref="FindingException">Something is left, or missing.</exception>
    public static void Judge(string store, string copy)
    {
        string[] ends = ["", ".wal"];
        try
        {
            foreach (var end in ends.Where(end => File.Exists(store + end))) File.Copy(store + end, copy + end, overwrite: true);
            using var connection = new DuckDBConnection($"Data Source={copy}");
            connection.Open();
            JudgePlans(connection);
            JudgeBefore(connection);
        }
        finally
        {
            foreach (var end in ends) File.Delete(copy + end);
        }
    }

    private static void JudgePlans(DuckDBConnection connection)
    {
        Compare(
            "plans",
            Read(connection, "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'plans'"),
            Read(connection, "SELECT replace(id::VARCHAR, '-', '') FROM eis.plan WHERE state = 'Succeeded' AND NOT expired"));
        foreach (var plan in Read(connection, "SELECT id::VARCHAR FROM eis.plan WHERE state = 'Succeeded' AND NOT expired"))
        {
            var kept = Read(connection, $"SELECT concat_ws(' ', count(*) FILTER (WHERE \"#kind\" = 0), count(*) FILTER (WHERE \"#kind\" = 1), count(*) FILTER (WHERE \"#kind\" = 2)) FROM plans.\"{plan.Replace("-", "", StringComparison.Ordinal)}\"")[0];
            var counted = Read(connection, $"SELECT concat_ws(' ', document->>'$.changes.inserted', document->>'$.changes.updated', document->>'$.changes.removed') FROM eis.plan WHERE id = '{plan}'")[0];
            if (kept != counted) throw new FindingException(FindingKind.Half, $"The plan {plan} counts {counted} records that come, change and go; its table has {kept}.");
        }
    }

    private static void JudgeBefore(DuckDBConnection connection)
    {
        var entities = Read(connection, "SELECT name FROM eis.entity");
        Compare(
            "records",
            Read(connection, "SELECT upper(table_name) FROM duckdb_tables() WHERE schema_name = 'records'"),
            [.. entities, .. Read(connection, "SELECT upper('#before_' || import) FROM eis.before_image WHERE is_whole")]);
        Compare("before", Read(connection, "SELECT upper(table_name) FROM duckdb_tables() WHERE schema_name = 'before'"), entities);
        foreach (var entity in entities)
        {
            // An undo that has put a whole table in its place has a few rows here, too.
            var left = Read(connection, $"SELECT DISTINCT \"#import\"::VARCHAR FROM before.\"{entity}\" WHERE \"#import\" NOT IN (SELECT import FROM eis.before_image WHERE entity = '{entity}')");
            if (left.Count > 0) throw new FindingException(FindingKind.Leftover, $"What records of {entity} were before import number {left[0]} is kept, though the catalog does not know that.");
        }

        var stray = Read(connection, "SELECT b.import::VARCHAR FROM eis.before_image b WHERE NOT EXISTS (FROM eis.import i WHERE i.sequence = b.import AND i.state = 'Succeeded')");
        if (stray.Count > 0) throw new FindingException(FindingKind.Leftover, $"What records were before import number {stray[0]} is kept, though that has not succeeded.");
    }

    private static void Compare(string schema, List<string> tables, List<string> known)
    {
        if (tables.Except(known).FirstOrDefault() is { } left) throw new FindingException(FindingKind.Leftover, $"The store has a table {schema}.{left} that nothing in the catalog is about.");
        if (known.Except(tables).FirstOrDefault() is { } lost) throw new FindingException(FindingKind.Lost, $"The store has no table {schema}.{lost}, though the catalog says so.");
    }

    private static List<string> Read(DuckDBConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var values = new List<string>();
        while (reader.Read()) values.Add(reader.GetString(0));
        return values;
    }
}
