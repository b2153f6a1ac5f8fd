using EntityImport.Bench.Compare.Data;
using EntityImport.Bench.Compare.Results;
using EntityImport.Bench.Compare.Scenarios;

namespace EntityImport.Bench.Compare.Peers;

/// <summary><c>psql \copy</c> of a plain file into an unlogged table, and from there <c>ON CONFLICT DO UPDATE</c> onto all rows.</summary>
internal sealed class PostgresUpsert(string name, string group, string title, DataVariant input) : Scenario(name, group, title, input)
{
    public override IEnumerable<DataVariant> Files => [Input, DataVariant.Iso];

    public override string? FindObstacle(DataSet data) => PostgresTable.FindObstacle();

    public override async Task<Measurement> MeasureAsync(DataSet data, string directory)
    {
        await PostgresTable.MakeAsync();
        await PostgresTable.RunAsync(PostgresTable.Copy(PostgresTable.Name, data.PathOf(DataVariant.Iso)), $"VACUUM ANALYZE {PostgresTable.Name}", "CHECKPOINT");
        var set = string.Join(", ", ProductTable.OtherColumns.Select(column => $"{column} = excluded.{column}"));
        var meter = Meter.Start();
        await PostgresTable.RunAsync(
            $"CREATE UNLOGGED TABLE {PostgresTable.Staging} ({ProductTable.Definition})",
            PostgresTable.Copy(PostgresTable.Staging, data.PathOf(Input)),
            $"INSERT INTO {PostgresTable.Name} SELECT * FROM {PostgresTable.Staging} ON CONFLICT (sku) DO UPDATE SET {set}",
            $"DROP TABLE {PostgresTable.Staging}");
        meter.Stop();
        await PostgresTable.RunAsync("CHECKPOINT");
        meter.StopClosed();
        return await PostgresTable.MeasuredAsync(meter);
    }
}
