using EntityImport.Bench.Compare.Data;
using EntityImport.Bench.Compare.Results;
using EntityImport.Bench.Compare.Scenarios;

namespace EntityImport.Bench.Compare.Peers;

/// <summary>Miller reading a file and adding up its numbers, on all cores.</summary>
internal sealed class MillerRead(string name, string group, string title, DataVariant input) : Scenario(name, group, title, input)
{
    private const string Program = "mlr";

    public override string? Content => null;

    public override string? FindObstacle(DataSet data) => Tool.FindObstacle(Program);

    public override async Task<Measurement> MeasureAsync(DataSet data, string directory)
    {
        var meter = Meter.Start();
        var output = await Tool.RunAsync(Program, ["--icsv", "--onidx", "stats1", "-a", "count,sum", "-f", "price,discount,weight", data.PathOf(Input)]);
        meter.Stop();
        return meter.Measured(ProductTable.RowsOf(output.Replace(' ', '|')));
    }
}
