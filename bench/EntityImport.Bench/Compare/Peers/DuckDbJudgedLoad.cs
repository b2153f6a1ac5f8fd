using EntityImport.Bench.Compare.Data;
using EntityImport.Bench.Compare.Results;
using EntityImport.Bench.Compare.Scenarios;

namespace EntityImport.Bench.Compare.Peers;

/// <summary>
/// DuckDB doing an import's job in SQL: a formatted file into an empty table, rows with a text that is no value into a table of errors with their number and
/// all reasons. It does not check that keys are unique.
/// </summary>
internal sealed class DuckDbJudgedLoad(string name, string group, string title, DataVariant input, bool staged) : Scenario(name, group, title, input)
{
    public override bool IsWarm => true;

    public override Task<Measurement> MeasureAsync(DataSet data, string directory)
    {
        var path = DuckDbFile.PathIn(directory);
        Meter meter;
        long rejected;
        long? numberSum;
        using (var file = new DuckDbFile(path, Environment.ProcessorCount))
        {
            file.Execute($"CREATE TABLE products ({ProductTable.Definition})");
            file.Execute("CREATE TABLE errors (row_number BIGINT, reason VARCHAR)");
            meter = Meter.Start();
            if (staged) LoadStaged(file, data.PathOf(Input));
            else LoadInPasses(file, data.PathOf(Input));
            meter.Stop();
            rejected = file.Count("SELECT count(*) FROM errors");
            numberSum = file.Count("SELECT CAST(coalesce(sum(row_number), 0) AS BIGINT) FROM errors");
        }

        meter.StopClosed();
        var (rows, summary, hash) = ProductTable.Read(path, "products");
        return Task.FromResult(meter.Measured(rows) with
        {
            Rejected = rejected,
            RejectedNumberSum = numberSum,
            Summary = summary,
            Hash = hash,
            DatabaseBytes = new FileInfo(path).Length,
        });
    }

    /// <summary>Converts once into a table in memory, whose row ids are the file's order, and divides that.</summary>
    private static void LoadStaged(DuckDbFile file, string path)
    {
        var columns = string.Join(", ", ProductTable.Columns.Select(column => column.Name));
        // Committed before, or the row ids would be those of the transaction.
        file.Execute($"CREATE TEMP TABLE staged AS {DuckDbSource.JudgedProducts(path)}");
        file.Execute("BEGIN");
        file.Execute($"INSERT INTO products SELECT {columns} FROM staged WHERE reason IS NULL");
        file.Execute("INSERT INTO errors SELECT rowid + 1, reason FROM staged WHERE reason IS NOT NULL");
        file.Execute("COMMIT");
    }

    /// <summary>Reads the file a second time to see whether all rows went in, and a third time for those that did not.</summary>
    private static void LoadInPasses(DuckDbFile file, string path)
    {
        var columns = string.Join(", ", ProductTable.Columns.Select(column => column.Name));
        file.Execute("BEGIN");
        var loaded = file.Execute($"INSERT INTO products SELECT {columns} FROM ({DuckDbSource.JudgedProducts(path)}) WHERE reason IS NULL");
        if (file.Count($"SELECT count(*) FROM {DuckDbSource.Texts(path)}") > loaded)
        {
            var numbered = $"SELECT row_number() OVER () AS row_number, reason FROM ({DuckDbSource.JudgedProducts(path)})";
            file.Execute($"INSERT INTO errors SELECT row_number, reason FROM ({numbered}) WHERE reason IS NOT NULL");
        }

        file.Execute("COMMIT");
    }
}
