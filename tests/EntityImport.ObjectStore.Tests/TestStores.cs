using System.Collections.Concurrent;
using EntityImport.Server.Options;

namespace EntityImport.Server.Tests;

/// <summary>The store of the servers that are tested: the embedded one, with the files of each data directory where a test says.</summary>
internal static class TestStores
{
    private static readonly ConcurrentDictionary<string, string> Files = new();

    /// <summary>A data directory whose files are kept in a place.</summary>
    public static string DirectoryWith(string files)
    {
        var directory = Path.Combine(Path.GetTempPath(), "eis-server-tests", Path.GetRandomFileName());
        Files[directory] = files;
        return directory;
    }

    /// <summary>The store of a data directory.</summary>
    public static Task<StoreOptions?> FindAsync(string directory) => Task.FromResult<StoreOptions?>(new StoreOptions { Files = Files[directory] });

    /// <summary>Deletes what is kept beside the data directory: nothing, since it is gone with the object store.</summary>
    public static Task ForgetAsync(string directory) => Task.CompletedTask;
}
