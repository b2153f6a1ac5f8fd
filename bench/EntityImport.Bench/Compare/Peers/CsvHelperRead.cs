using CsvHelper;
using EntityImport.Bench.Compare.Data;
using EntityImport.Bench.Compare.Results;
using EntityImport.Bench.Compare.Scenarios;

namespace EntityImport.Bench.Compare.Peers;

/// <summary>CsvHelper reading typed values of a plain file; they go nowhere but into the comparison.</summary>
internal sealed class CsvHelperRead(string name, string group, string title, DataVariant input) : Scenario(name, group, title, input)
{
    public override Task<Measurement> MeasureAsync(DataSet data, string directory)
    {
        var summary = new ProductSummary();
        var meter = Meter.Start();
        using (var reader = CsvReader.FromFile(data.PathOf(Input), new CsvReaderOptions { Separator = ',' }))
        {
            while (reader.Read())
            {
                summary.Add(
                    reader.GetString(0),
                    reader.GetString(1),
                    reader.GetString(2),
                    reader.Parse<decimal>(3),
                    reader.Parse<decimal>(4),
                    reader.IsEmpty(5) ? null : reader.Parse<long>(5),
                    reader.Parse<decimal>(6),
                    reader.Parse<DateTime>(7),
                    reader.Parse<DateTime>(8));
            }
        }

        meter.Stop();
        return Task.FromResult(meter.Measured(summary.Count) with { Summary = summary.ToString() });
    }
}
