using EntityImport.Bench.Compare.Data;
using EntityImport.Bench.Compare.Results;
using EntityImport.Bench.Compare.Scenarios;

namespace EntityImport.Bench.Compare.Peers;

/// <summary>DuckDB: a file into an empty table. A bad value fails all of it.</summary>
internal sealed class DuckDbLoad(string name, string group, string title, DataVariant input) : Scenario(name, group, title, input)
{
    /// <summary>Whether the order of rows may be lost, as it is in this project's store.</summary>
    public bool Unordered { get; init; }

    public override bool IsWarm => true;

    public override Task<Measurement> MeasureAsync(DataSet data, string directory)
    {
        var path = DuckDbFile.PathIn(directory);
        Meter meter;
        using (var file = new DuckDbFile(path, Environment.ProcessorCount))
        {
            if (Unordered) file.Execute("SET preserve_insertion_order = false");
            file.Execute($"CREATE TABLE products ({ProductTable.Definition})");
            meter = Meter.Start();
            file.Execute($"INSERT INTO products {DuckDbSource.Products(data, Input)}");
            meter.Stop();
        }

        meter.StopClosed();
        var (rows, summary, hash) = ProductTable.Read(path, "products");
        return Task.FromResult(meter.Measured(rows) with { Summary = summary, Hash = hash, DatabaseBytes = new FileInfo(path).Length });
    }
}
