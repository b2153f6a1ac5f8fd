using System.Globalization;
using EntityImport.Bench.Compare.Data;
using EntityImport.Bench.Compare.Scenarios;

namespace EntityImport.Bench.Compare.Peers;

/// <summary>Miller counting the records of a file, its start included. It fails where a record has another number of fields, so their number is known.</summary>
internal sealed class MillerTokenizing(string name, string title) : Tokenizing(name, title)
{
    private const string Program = "mlr";

    public override string? FindObstacle(DataSet data) => base.FindObstacle(data) ?? Tool.FindObstacle(Program);

    protected override async Task<TokenizingPass> PassAsync(string path)
    {
        var count = await Tool.RunAsync(Program, ["--icsv", "--onidx", "count", path]);
        var records = long.Parse(count, NumberStyles.None, CultureInfo.InvariantCulture) + 1;
        return new TokenizingPass(records, records * ProductTable.Columns.Count);
    }
}
