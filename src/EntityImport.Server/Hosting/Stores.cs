using EntityImport.DuckDb;
using EntityImport.Options;
using EntityImport.Storage;

namespace EntityImport.Server.Hosting;

/// <summary>Which store the options name: here, and nowhere else in server and command line, a kind of store is known by its type.</summary>
internal static class Stores
{
    /// <summary>Opens the store of a data directory, and makes it where there is none.</summary>
    /// <inheritdoc cref="DuckDbStore.Open"/>
    public static IStore Open(EngineOptions options) => DuckDbStore.Open(options);
}
