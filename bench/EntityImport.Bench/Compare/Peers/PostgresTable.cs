using System.Globalization;
using EntityImport.Bench.Compare.Results;
using EntityImport.Bench.Compare.Scenarios;

namespace EntityImport.Bench.Compare.Peers;

/// <summary>The benchmark's table in a PostgreSQL database that <c>EIS_BENCH_POSTGRES</c> names (a URI or <c>key=value</c> pairs).</summary>
internal static class PostgresTable
{
    public const string Name = "eis_bench_products";
    public const string Staging = "eis_bench_staging";
    private const string Program = "psql";

    public static string? Address => Environment.GetEnvironmentVariable("EIS_BENCH_POSTGRES");

    public static string? FindObstacle() => string.IsNullOrEmpty(Address) ? "EIS_BENCH_POSTGRES is not set" : Tool.FindObstacle(Program);

    /// <summary>Runs statements, each in a transaction of its own.</summary>
    public static Task<string> RunAsync(params IEnumerable<string> statements) =>
        Tool.RunAsync(Program, ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", .. statements.SelectMany(sql => (string[])["-c", sql]), Address!]);

    /// <summary>Makes the table with its primary key, empty.</summary>
    public static Task MakeAsync() => RunAsync(
        $"DROP TABLE IF EXISTS {Name}, {Staging}", $"CREATE TABLE {Name} ({ProductTable.Definition}, PRIMARY KEY (sku))", "CHECKPOINT");

    /// <summary>The statement that copies a file into a table.</summary>
    public static string Copy(string table, string path) => $"\\copy {table} FROM '{path.Replace("'", "''", StringComparison.Ordinal)}' WITH (FORMAT csv, HEADER true)";

    /// <summary>Completes a measurement with what is in the table, and drops it. The server's processor time and memory are not known here.</summary>
    public static async Task<Measurement> MeasuredAsync(Meter meter)
    {
        var summary = await RunAsync(ProductTable.PostgresSummary(Name));
        var size = long.Parse(await RunAsync($"SELECT pg_total_relation_size('{Name}')"), NumberStyles.None, CultureInfo.InvariantCulture);
        await RunAsync($"DROP TABLE IF EXISTS {Name}, {Staging}");
        return meter.Measured(ProductTable.RowsOf(summary)) with { CpuSeconds = null, PeakBytes = null, Summary = summary, DatabaseBytes = size };
    }
}
