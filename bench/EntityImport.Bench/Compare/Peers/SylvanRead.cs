using EntityImport.Bench.Compare.Data;
using EntityImport.Bench.Compare.Results;
using EntityImport.Bench.Compare.Scenarios;
using Sylvan.Data.Csv;

namespace EntityImport.Bench.Compare.Peers;

/// <summary>Sylvan.Data.Csv reading typed values of a plain file; they go nowhere but into the comparison.</summary>
internal sealed class SylvanRead(string name, string group, string title, DataVariant input) : Scenario(name, group, title, input)
{
    public override async Task<Measurement> MeasureAsync(DataSet data, string directory)
    {
        var summary = new ProductSummary();
        var meter = Meter.Start();
        await using (var reader = CsvDataReader.Create(data.PathOf(Input), new CsvDataReaderOptions { Delimiter = ',' }))
        {
            while (reader.Read())
            {
                summary.Add(
                    reader.GetString(0),
                    reader.GetString(1),
                    reader.GetString(2),
                    reader.GetDecimal(3),
                    reader.GetDecimal(4),
                    reader.GetFieldSpan(5).IsEmpty ? null : reader.GetInt64(5),
                    reader.GetDecimal(6),
                    reader.GetDateTime(7),
                    reader.GetDateTime(8));
            }
        }

        meter.Stop();
        return meter.Measured(summary.Count) with { Summary = summary.ToString() };
    }
}
