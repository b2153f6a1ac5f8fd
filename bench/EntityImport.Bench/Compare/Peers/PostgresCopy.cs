using EntityImport.Bench.Compare.Data;
using EntityImport.Bench.Compare.Results;
using EntityImport.Bench.Compare.Scenarios;

namespace EntityImport.Bench.Compare.Peers;

/// <summary><c>psql \copy</c> of a plain file into an empty table with its primary key.</summary>
internal sealed class PostgresCopy(string name, string group, string title, DataVariant input) : Scenario(name, group, title, input)
{
    public override string? FindObstacle(DataSet data) => PostgresTable.FindObstacle();

    public override async Task<Measurement> MeasureAsync(DataSet data, string directory)
    {
        await PostgresTable.MakeAsync();
        var meter = Meter.Start();
        await PostgresTable.RunAsync(PostgresTable.Copy(PostgresTable.Name, data.PathOf(Input)));
        meter.Stop();
        await PostgresTable.RunAsync("CHECKPOINT");
        meter.StopClosed();
        return await PostgresTable.MeasuredAsync(meter);
    }
}
