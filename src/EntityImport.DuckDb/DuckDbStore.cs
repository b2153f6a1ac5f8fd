using EntityImport.Storage;

namespace EntityImport.DuckDb;

/// <summary>The embedded store: catalog and entity data in one DuckDB file in the data directory. Thread-safe.</summary>
public sealed class DuckDbStore : IAsyncDisposable
{
    /// <summary>Opens the store, and makes it where there is none.</summary>
    /// <exception cref="DataDirectoryInUseException">Another process holds the data directory open.</exception>
    public static DuckDbStore Open(EngineOptions options) => throw new NotImplementedException();

    /// <summary>The catalog.</summary>
    public ICatalog Catalog => throw new NotImplementedException();

    /// <summary>The entities' records.</summary>
    public IEntityData Data => throw new NotImplementedException();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}

/// <summary>Another process holds the data directory open.</summary>
public sealed class DataDirectoryInUseException(string message, Exception inner) : Exception(message, inner);
