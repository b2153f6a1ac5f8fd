using EntityImport.Bench.Compare.Data;
using EntityImport.Bench.Compare.Results;
using EntityImport.Bench.Compare.Scenarios;

namespace EntityImport.Bench.Compare.Peers;

/// <summary>A program that brings a plain file into a table with its primary key on the PostgreSQL server.</summary>
internal abstract class PostgresPeer(string name, string group, string title, DataVariant input) : Scenario(name, group, title, input)
{
    protected const string Table = "products";

    /// <summary>Whether all rows of the plain file are in the table before.</summary>
    public bool HasRows { get; init; }

    public override IEnumerable<DataVariant> Files => HasRows ? [Input, DataVariant.Iso] : [Input];

    public override bool IsOnPostgres => true;

    public override bool IsWarm => true;

    public override bool IsPrepared => true;

    public override string Prepared => HasRows ? "table-with-rows" : "table";

    public override async Task PrepareAsync(DataSet data, string directory)
    {
        var database = PostgresDatabase.Of(directory);
        await database.RunAsync($"CREATE TABLE {Table} ({ProductTable.Definition}, PRIMARY KEY (sku))");
        if (HasRows) await PsqlLoad.RunAsync(database, [PsqlLoad.Copy(Table, data.PathOf(DataVariant.Iso))]);
    }

    public override async Task<Measurement> MeasureAsync(DataSet data, string directory)
    {
        var database = PostgresDatabase.Of(directory);
        var meter = await database.StartAsync();
        await LoadAsync(database, data.PathOf(Input), directory);
        meter.Stop();
        await database.CloseAsync(meter);
        return await database.MeasuredAsync(meter, Table);
    }

    /// <summary>Does what is measured.</summary>
    /// <param name="database">The database.</param>
    /// <param name="file">The file.</param>
    /// <param name="directory">A folder for what it needs.</param>
    protected abstract Task LoadAsync(PostgresDatabase database, string file, string directory);
}
