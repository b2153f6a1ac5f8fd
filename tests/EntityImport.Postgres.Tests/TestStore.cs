using EntityImport.Options;
using EntityImport.Postgres;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>The store that the tests of the contract run on.</summary>
internal static class TestStore
{
    /// <summary>Whether each of its commits waits for a server, so that what is repeated often is repeated less.</summary>
    public static bool IsRemote => true;

    /// <summary>Opens the store of a data directory.</summary>
    public static async Task<IStore> OpenAsync(EngineOptions options) =>
        await PostgresStore.OpenAsync(await TestDatabases.TakeAsync(options.DataDirectory), options, TestContext.Current.CancellationToken);

    /// <summary>Makes of a closed store what a program left that did not yet note when mappings were used.</summary>
    public static async Task ForgetMappingUsesAsync(string directory) =>
        await TestDatabases.ExecuteAsync(await TestDatabases.TakeAsync(directory), "DROP TABLE eis.mapping_use, eis.caller_use; ALTER TABLE eis.store DROP COLUMN lowest; UPDATE eis.store SET version = 4");

    /// <summary>Empties the database of a data directory.</summary>
    public static Task ForgetAsync(string directory) => TestDatabases.ForgetAsync(directory);
}
