using EntityImport.Bench.Compare.Data;
using EntityImport.Bench.Compare.Results;
using EntityImport.Bench.Compare.Scenarios;

namespace EntityImport.Bench.Compare.Peers;

/// <summary><c>pgloader</c> of a plain file into an empty table with its primary key.</summary>
internal sealed class PgLoader(string name, string group, string title, DataVariant input) : Scenario(name, group, title, input)
{
    private const string Program = "pgloader";

    public override string? FindObstacle(DataSet data) =>
        PostgresTable.FindObstacle()
        ?? Tool.FindObstacle(Program)
        ?? (PostgresTable.Address!.StartsWith("postgres", StringComparison.Ordinal) ? null : "pgloader needs a URI in EIS_BENCH_POSTGRES");

    public override async Task<Measurement> MeasureAsync(DataSet data, string directory)
    {
        await PostgresTable.MakeAsync();
        var columns = string.Join(", ", ProductTable.Columns.Select(column => column.Name == "stock" ? "stock [null if blanks]" : column.Name));
        var script = Path.Combine(directory, "products.load");
        await File.WriteAllTextAsync(
            script,
            $"""
            LOAD CSV FROM '{data.PathOf(Input)}' ({columns})
            INTO {PostgresTable.Address}
            TARGET TABLE public.{PostgresTable.Name}
            WITH skip header = 1, fields terminated by ',', fields optionally enclosed by '"', fields escaped by double-quote;
            """);
        var meter = Meter.Start();
        await Tool.RunAsync(Program, ["--on-error-stop", script]);
        meter.Stop();
        await PostgresTable.RunAsync("CHECKPOINT");
        meter.StopClosed();
        return await PostgresTable.MeasuredAsync(meter);
    }
}
