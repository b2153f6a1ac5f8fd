using System.Globalization;
using DuckDB.NET.Data;
using Npgsql;

namespace EntityImport.Bench.Compare.Scenarios;

/// <summary>The tables of a store in which there is what records were before imports, and plans.</summary>
internal static class KeptTables
{
    /// <summary>DuckDB's blocks of a file.</summary>
    private const long BlockBytes = 256 << 10;

    /// <summary>The blocks of a closed store's file that they take. Small tables share blocks, so that what takes less than some is counted as more.</summary>
    public static long MeasureBytes(string file)
    {
        using var connection = new DuckDBConnection($"DataSource={file};ACCESS_MODE=READ_ONLY");
        connection.Open();
        return ListNames(connection).Sum(table => CountBlocks(connection, table)) * BlockBytes;
    }

    /// <summary>What they take of a store in PostgreSQL, keys included.</summary>
    public static async Task<long> MeasureBytesAsync(PostgresDatabase database)
    {
        await using var source = NpgsqlDataSource.Create(database.Connection);
        await using var command = source.CreateCommand(
            """
            SELECT coalesce(sum(pg_total_relation_size(to_regclass('eis_data.' || name))), 0)::bigint
            FROM (SELECT 'b' || number AS name FROM eis.entity UNION SELECT whole_table FROM eis.before_image) kept
            """);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static List<string> ListNames(DuckDBConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = """
            SELECT format('"{}"."{}"', schema_name, table_name) FROM duckdb_tables() WHERE schema_name IN ('before', 'plans') OR table_name LIKE '#before%'
            """;
        using var reader = command.ExecuteReader();
        var names = new List<string>();
        while (reader.Read()) names.Add(reader.GetString(0));
        return names;
    }

    private static long CountBlocks(DuckDBConnection connection, string table)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT count(DISTINCT block_id) FROM pragma_storage_info('{table}') WHERE persistent";
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }
}
