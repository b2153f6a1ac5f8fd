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
}
