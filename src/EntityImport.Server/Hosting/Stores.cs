using EntityImport.DuckDb;
using EntityImport.Options;
using EntityImport.Postgres;
using EntityImport.Server.Options;
using EntityImport.Storage;

namespace EntityImport.Server.Hosting;

/// <summary>Which store the options name: here, and nowhere else in server and command line, a kind of store is known by its type.</summary>
internal static class Stores
{
    /// <summary>Opens the store that is configured, and makes it where there is none.</summary>
    /// <exception cref="DataDirectoryInUseException">Another process, or another store in this one, holds the data directory open, or works on the database.</exception>
    /// <exception cref="StoreNotOpenedException">The store is of a newer program, damaged, or cannot be read.</exception>
    public static async Task<IStore> OpenAsync(StoreOptions store, EngineOptions options, CancellationToken cancellationToken) =>
        store.IsEmbedded ? DuckDbStore.Open(options) : await PostgresStore.OpenAsync(store.Postgres!, options, cancellationToken);
}
