using EntityImport.Bench.Compare.Data;
using EntityImport.Bench.Compare.Results;
using EntityImport.Bench.Compare.Scenarios;

namespace EntityImport.Bench.Compare.Peers;

/// <summary><c>sqlite3 .import</c> of a plain file into an empty table; the program ends when it is committed and closed.</summary>
internal sealed class SqliteImport(string name, string group, string title, DataVariant input) : Scenario(name, group, title, input)
{
    private const string Program = "sqlite3";

    public override string? FindObstacle(DataSet data) => Tool.FindObstacle(Program);

    public override async Task<Measurement> MeasureAsync(DataSet data, string directory)
    {
        var path = Path.Combine(directory, "products.sqlite");
        await Tool.RunAsync(Program, [path], $"CREATE TABLE products ({ProductTable.Definition});");
        var meter = Meter.Start();
        await Tool.RunAsync(Program, ["-bail", path], $".mode csv\n.import --skip 1 {data.PathOf(Input)} products\n");
        meter.Stop();
        meter.StopClosed();
        var summary = await Tool.RunAsync(Program, [path], ProductTable.SqliteSummary("products") + ";");
        return meter.Measured(ProductTable.RowsOf(summary)) with { Summary = summary, DatabaseBytes = new FileInfo(path).Length };
    }
}
