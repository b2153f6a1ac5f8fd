using EntityImport.DuckDb;
using EntityImport.Options;

namespace EntityImport.Storage.Tests;

/// <summary>The store that the tests of the contract run on. Each store has a project of its own, with another one of this class and the same tests.</summary>
internal static class TestStore
{
    /// <summary>Whether each of its commits waits for a server, so that what is repeated often is repeated less.</summary>
    public static bool IsRemote => false;

    /// <summary>Opens the store of a data directory.</summary>
    public static Task<IStore> OpenAsync(EngineOptions options) => Task.FromResult<IStore>(DuckDbStore.Open(options));

    /// <summary>Deletes what is kept beside the data directory: nothing.</summary>
    public static Task ForgetAsync(string directory) => Task.CompletedTask;
}
