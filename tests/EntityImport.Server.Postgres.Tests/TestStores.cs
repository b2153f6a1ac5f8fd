using EntityImport.Server.Options;
using EntityImport.Storage.Tests;

namespace EntityImport.Server.Tests;

/// <summary>The store of the servers that are tested: a database for each data directory, on a server that is the tests' own.</summary>
internal static class TestStores
{
    /// <summary>The store of a data directory; null where there is none, so that tests are to be skipped.</summary>
    public static async Task<StoreOptions?> FindAsync(string directory) =>
        PrivateServer.IsNamed ? new StoreOptions { Postgres = await TestDatabases.TakeAsync(directory) } : null;

    /// <summary>Empties the database of a data directory.</summary>
    public static Task ForgetAsync(string directory) => TestDatabases.ForgetAsync(directory);
}
