using EntityImport.Server.Options;

namespace EntityImport.Server.Tests;

/// <summary>The store of the servers that are tested. Each store has a project of its own, with another one of this class and the same tests.</summary>
internal static class TestStores
{
    /// <summary>The store of a data directory; null where there is none, so that tests are to be skipped.</summary>
    public static Task<StoreOptions?> FindAsync(string directory) => Task.FromResult<StoreOptions?>(new StoreOptions());

    /// <summary>Deletes what is kept beside the data directory: nothing.</summary>
    public static Task ForgetAsync(string directory) => Task.CompletedTask;
}
