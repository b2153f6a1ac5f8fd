using DuckDB.NET.Data;
using EntityImport.DuckDb;
using EntityImport.DuckDb.Connections;
using EntityImport.Options;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>The store that the tests of the contract run on. Each store has a project of its own, with another one of this class and the same tests.</summary>
internal static class TestStore
{
    /// <summary>Whether each of its commits waits for a server, so that what is repeated often is repeated less.</summary>
    public static bool IsRemote => false;

    /// <summary>Opens the store of a data directory.</summary>
    public static Task<IStore> OpenAsync(EngineOptions options) => Task.FromResult<IStore>(DuckDbStore.Open(options));

    /// <summary>Makes of a closed store what a program left that did not yet note when mappings were used.</summary>
    public static Task ForgetMappingUsesAsync(string directory)
    {
        using var connection = new DuckDBConnection($"DataSource={Path.Combine(directory, "store.duckdb")}");
        connection.Open();
        connection.Execute("DROP TABLE eis.mapping_use; UPDATE eis.store SET version = 12", cancellationToken: TestContext.Current.CancellationToken);
        return Task.CompletedTask;
    }

    /// <summary>Deletes what is kept beside the data directory: nothing.</summary>
    public static Task ForgetAsync(string directory) => Task.CompletedTask;
}
