using EntityImport.Bench.Compare.Data;
using EntityImport.Bench.Compare.Results;
using EntityImport.Bench.Compare.Scenarios;

namespace EntityImport.Bench.Compare.Peers;

/// <summary>DuckDB: <c>MERGE INTO</c> a table that holds all rows, from a plain file.</summary>
internal sealed class DuckDbMerge(string name, string group, string title, DataVariant input, bool onlyChanged) : Scenario(name, group, title, input)
{
    public override IEnumerable<DataVariant> Files => [Input, DataVariant.Iso];

    public override bool IsPrepared => true;

    public override Task PrepareAsync(DataSet data, string directory)
    {
        using var file = new DuckDbFile(DuckDbFile.PathIn(directory), Environment.ProcessorCount);
        file.Execute($"CREATE TABLE products ({ProductTable.Definition})");
        file.Execute($"INSERT INTO products {DuckDbSource.Products(data, DataVariant.Iso)}");
        return Task.CompletedTask;
    }

    public override bool IsWarm => true;

    public override Task<Measurement> MeasureAsync(DataSet data, string directory)
    {
        var path = DuckDbFile.PathIn(directory);
        var condition = onlyChanged ? $" AND ({string.Join(" OR ", ProductTable.OtherColumns.Select(column => $"t.{column} IS DISTINCT FROM s.{column}"))})" : "";
        var set = string.Join(", ", ProductTable.OtherColumns.Select(column => $"{column} = s.{column}"));
        var values = string.Join(", ", ProductTable.Columns.Select(column => $"s.{column.Name}"));
        Meter meter;
        using (var file = new DuckDbFile(path, Environment.ProcessorCount))
        {
            meter = Meter.Start();
            file.Execute(
                $"""
                MERGE INTO products t USING ({DuckDbSource.Products(data, Input)}) s ON t.sku = s.sku
                WHEN MATCHED{condition} THEN UPDATE SET {set}
                WHEN NOT MATCHED THEN INSERT VALUES ({values})
                """);
            meter.Stop();
        }

        meter.StopClosed();
        var (rows, summary, hash) = ProductTable.Read(path, "products");
        return Task.FromResult(meter.Measured(rows) with { Summary = summary, Hash = hash, DatabaseBytes = new FileInfo(path).Length });
    }
}
