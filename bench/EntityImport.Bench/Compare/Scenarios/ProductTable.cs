using System.Data.Common;
using System.Globalization;
using DuckDB.NET.Data;
using EntityImport.Bench.Compare.Results;

namespace EntityImport.Bench.Compare.Scenarios;

/// <summary>The products' columns in SQL, and what is compared of them between stores.</summary>
internal static class ProductTable
{
    /// <summary>The fields of the entity, in JSON.</summary>
    public const string Fields = """
        [
          { "systemName": "sku", "dataType": "STRING", "length": 20, "primaryKey": true },
          { "systemName": "name", "dataType": "STRING", "length": 100 },
          { "systemName": "category", "dataType": "STRING", "length": 40 },
          { "systemName": "price", "dataType": "CURRENCY", "precision": 18, "scale": 2 },
          { "systemName": "discount", "dataType": "PERCENT", "precision": 9, "scale": 4 },
          { "systemName": "stock", "dataType": "INTEGER" },
          { "systemName": "weight", "dataType": "DECIMAL", "precision": 12, "scale": 3 },
          { "systemName": "addedOn", "dataType": "DATE" },
          { "systemName": "updatedAt", "dataType": "DATETIME" }
        ]
        """;

    /// <summary>The columns, in file order.</summary>
    public static IReadOnlyList<(string Name, string Type)> Columns { get; } =
    [
        ("sku", "VARCHAR"),
        ("name", "VARCHAR"),
        ("category", "VARCHAR"),
        ("price", "DECIMAL(18,2)"),
        ("discount", "DECIMAL(9,4)"),
        ("stock", "BIGINT"),
        ("weight", "DECIMAL(12,3)"),
        ("addedOn", "DATE"),
        ("updatedAt", "TIMESTAMP"),
    ];

    /// <summary>The columns without the key.</summary>
    public static IEnumerable<string> OtherColumns => Columns.Skip(1).Select(column => column.Name);

    /// <summary>The columns with their types, as they stand in CREATE TABLE.</summary>
    public static string Definition => string.Join(", ", Columns.Select(column => $"{column.Name} {column.Type}"));

    /// <summary>DuckDB's query for <see cref="Measurement.Summary"/>.</summary>
    public static string DuckDbSummary(string table) => Summary(
        table, "", "CAST(price * 100 AS BIGINT)", "CAST(discount * 10000 AS BIGINT)", "stock", "CAST(weight * 1000 AS BIGINT)", "addedOn - DATE '1970-01-01'", "CAST(epoch(updatedAt) AS BIGINT)");

    /// <summary>PostgreSQL's query for <see cref="Measurement.Summary"/>.</summary>
    public static string PostgresSummary(string table) => Summary(
        table, " COLLATE \"C\"", "(price * 100)::bigint", "(discount * 10000)::bigint", "stock", "(weight * 1000)::bigint", "addedOn - DATE '1970-01-01'", "extract(epoch FROM updatedAt)::bigint");

    /// <summary>PostgreSQL's query for <see cref="Measurement.Hash"/>. Numbers have as many places there as were written, or as the column has.</summary>
    public static string PostgresHash(string table)
    {
        var values = Columns.Select(column => column.Name switch
        {
            "updatedAt" => "extract(epoch FROM updatedAt)::bigint",
            _ when column.Type.StartsWith("DECIMAL", StringComparison.Ordinal) => $"{column.Name}::{column.Type}",
            _ => column.Name,
        });
        return $"SELECT bit_xor(hashtextextended(concat_ws('|', {string.Join(", ", values.Select(value => $"coalesce(({value})::text, '')"))}), 0)) FROM {table}";
    }

    /// <summary>SQLite's query for <see cref="Measurement.Summary"/>: its numbers are binary, its dates text, its missing values empty.</summary>
    public static string SqliteSummary(string table) => Summary(
        table,
        "",
        "CAST(round(price * 100) AS INTEGER)",
        "CAST(round(discount * 10000) AS INTEGER)",
        "nullif(stock, '')",
        "CAST(round(weight * 1000) AS INTEGER)",
        "unixepoch(addedOn) / 86400",
        "unixepoch(updatedAt)");

    /// <summary>Reads a closed DuckDB file: how many rows a table has, and what is compared of them.</summary>
    public static (long Rows, string Summary, string Hash) Read(string file, string table)
    {
        using var connection = new DuckDBConnection($"DataSource={file};ACCESS_MODE=READ_ONLY");
        connection.Open();
        var summary = QueryText(connection, DuckDbSummary(table));
        var hash = QueryText(connection, $"SELECT bit_xor(hash({string.Join(", ", Columns.Select(column => column.Name))})) FROM {table}");
        return (RowsOf(summary), summary, hash);
    }

    /// <summary>The number of rows, which a summary begins with.</summary>
    public static long RowsOf(string summary) => long.Parse(summary.AsSpan(0, summary.IndexOf('|', StringComparison.Ordinal)), CultureInfo.InvariantCulture);

    /// <summary>The only row of a query, its values separated by bars.</summary>
    public static string QueryText(DbConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        if (!reader.Read()) throw new InvalidOperationException("The query has no result.");
        return string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(column =>
            reader.IsDBNull(column) ? "" : Convert.ToString(reader.GetValue(column), CultureInfo.InvariantCulture)));
    }

    private static string Summary(string table, string collation, string cents, string shares, string stock, string grams, string days, string seconds)
    {
        var texts = Columns.Take(3).Select(column => $"count({column.Name}), sum(length({column.Name})), min({column.Name}{collation}), max({column.Name}{collation})");
        var numbers = ((string[])[cents, shares, stock, grams, days, seconds]).Select(number => $"count({number}), sum({number}), min({number}), max({number})");
        return $"SELECT count(*), {string.Join(", ", texts)}, {string.Join(", ", numbers)} FROM {table}";
    }
}
