using EntityImport.Bench.Compare.Data;
using EntityImport.Bench.Compare.Results;
using EntityImport.Options;
using EntityImport.Postgres;
using EntityImport.Storage;

namespace EntityImport.Bench.Compare.Scenarios;

/// <summary>This project: the same on the store in PostgreSQL.</summary>
internal sealed class ProjectPostgresImport(string name, string group, string title, DataVariant input, string mode) : ProjectImport(name, group, title, input, mode)
{
    /// <summary>The records, with their columns' names as SQL has them without quotes.</summary>
    private static readonly string Products = $"(SELECT {string.Join(", ", ProductTable.Columns.Select(column => $"\"{column.Name}\" AS {column.Name}"))} FROM records.{Entity}) products";

    public override bool IsOnPostgres => true;

    public override string Prepared => Name;

    protected override async Task<IStore> OpenStoreAsync(EngineOptions options) =>
        await PostgresStore.OpenAsync(PostgresDatabase.Of(options.DataDirectory).PooledConnection, options, CancellationToken.None);

    protected override Task<Meter> StartAsync(string directory) => PostgresDatabase.Of(directory).StartAsync();

    protected override Task CloseAsync(Meter meter, string directory) => PostgresDatabase.Of(directory).CloseAsync(meter);

    protected override async Task<Measurement> MeasuredAsync(Meter meter, string directory)
    {
        var database = PostgresDatabase.Of(directory);
        return await database.MeasuredAsync(meter, Products) with { KeptBytes = await KeptTables.MeasureBytesAsync(database) };
    }
}
