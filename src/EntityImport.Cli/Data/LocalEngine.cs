using EntityImport.DuckDb;
using Microsoft.Extensions.Logging.Abstractions;

namespace EntityImport.Cli.Data;

/// <summary>The engine on an embedded store, for as long as one command runs.</summary>
internal sealed class LocalEngine : IAsyncDisposable
{
    private readonly DuckDbStore _store;

    private LocalEngine(DuckDbStore store, ImportEngine engine)
    {
        _store = store;
        Engine = engine;
    }

    public ImportEngine Engine { get; }

    /// <summary>Opens the engine, and makes the store where there is none.</summary>
    /// <exception cref="DataDirectoryInUseException">Another process holds the directory open.</exception>
    /// <exception cref="CommandFailure">The directory cannot be used.</exception>
    /// <exception cref="EntityImport.Storage.UnknownFilesException">The store is new, the directory's files are not, and a new store is not to be accepted.</exception>
    public static async Task<LocalEngine> OpenAsync(DirectoryInfo directory, bool acceptNewStore, CancellationToken cancellationToken)
    {
        // Somebody waits in front of the terminal.
        var options = new EngineOptions { DataDirectory = directory.FullName, RetryPause = TimeSpan.FromSeconds(1), AcceptNewStore = acceptNewStore };
        DuckDbStore store;
        try
        {
            store = DuckDbStore.Open(options);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure($"The data directory {directory.FullName} cannot be used: {exception.Message}", exception);
        }

        try
        {
            var engine = await ImportEngine.OpenAsync(store.Catalog, store.Data, options, TimeProvider.System, NullLoggerFactory.Instance, cancellationToken);
            return new LocalEngine(store, engine);
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens the engine on a store that is there already, for a command that only reads.</summary>
    /// <exception cref="CommandFailure">There is no such directory, or it cannot be used.</exception>
    public static Task<LocalEngine> OpenExistingAsync(DirectoryInfo directory, CancellationToken cancellationToken) => directory.Exists
        ? OpenAsync(directory, acceptNewStore: false, cancellationToken)
        : throw new CommandFailure($"There is no data directory {directory.FullName}. eis import makes it; --data names another one.");

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        await _store.DisposeAsync();
    }
}
