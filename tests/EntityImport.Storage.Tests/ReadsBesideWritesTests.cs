using DuckDB.NET.Data;
using EntityImport.DuckDb.Connections;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>What is committed is found, whatever is written beside the read.</summary>
public sealed class ReadsBesideWritesTests
{
    /// <summary>The fault itself shows in one of some thousand reads, on some machines more than on others, which is nothing that a test could wait for.</summary>
    [Fact]
    public async Task The_way_in_which_DuckDB_loses_the_first_row_while_others_are_added_is_closed_to_all_connections()
    {
        await using var engine = await Engine.StartAsync();
        using var connection = new DuckDBConnection($"DataSource={Path.Combine(engine.DataDirectory, "store.duckdb")}");
        connection.Open();
        Assert.Equal(["row_group_pruner"], connection.Query("SELECT current_setting('disabled_optimizers')", null, row => row.GetString(0), TestContext.Current.CancellationToken));
    }

    /// <summary>DuckDB answers for a table that another transaction changes between the two halves of a statement with an internal error, after which it is lost.</summary>
    [Fact]
    public async Task What_is_kept_is_told_while_entities_get_fields()
    {
        const int MostFields = 150;
        await using var engine = await Engine.StartAsync();
        var fields = Enumerable.Range(2, MostFields - 1).Select(number => $$"""{"systemName": "f{{number}}", "dataType": "STRING"}""").Prepend("""{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}""").ToList();
        await DeclareAsync(1);
        // Nothing was there before the first one; of the second the whole table is kept.
        await engine.ImportAsync("e", "id\n1\n2\n");
        await engine.ImportAsync("e", "id\n3\n", """{"importMode": "REPLACE"}""");

        var growing = Task.Run(
            async () =>
            {
                for (var count = 2; count <= MostFields; count++) await DeclareAsync(count);
            },
            TestContext.Current.CancellationToken);
        do
        {
            var figures = await engine.Import.Storage.ReadAsync(Access.Request.Anonymous, TestContext.Current.CancellationToken);
            Assert.Equal([("e", 2)], figures.Before.Select(before => (before.EntitySystemName, before.Records)));
        }
        while (!growing.IsCompleted);

        await growing;

        Task DeclareAsync(int count) => engine.DeclareAsync("e", $"[{string.Join(", ", fields.Take(count))}]");
    }
}
