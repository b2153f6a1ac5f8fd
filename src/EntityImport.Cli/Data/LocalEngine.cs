using EntityImport.Catalog;
using EntityImport.Cli.Output;
using EntityImport.DuckDb;
using EntityImport.Engine;
using EntityImport.Files;
using EntityImport.Options;
using EntityImport.Server;
using EntityImport.Server.Options;
using Microsoft.Extensions.Logging;

namespace EntityImport.Cli.Data;

/// <summary>The engine on an embedded store, for as long as one command runs.</summary>
internal sealed class LocalEngine : IAsyncDisposable
{
    private readonly ILoggerFactory _logs;

    private LocalEngine(ICatalog catalog, ImportEngine engine, ILoggerFactory logs, IReadOnlyList<Import> interrupted, UnreportedImports unreported)
    {
        Catalog = catalog;
        _logs = logs;
        Engine = engine;
        Interrupted = interrupted;
        Unreported = unreported;
    }

    public ImportEngine Engine { get; }

    public ICatalog Catalog { get; }

    /// <summary>The imports that were unfinished when the engine was opened, in the order of their invocation. They run again.</summary>
    public IReadOnlyList<Import> Interrupted { get; }

    /// <summary>The imports whose end no command has told.</summary>
    public UnreportedImports Unreported { get; }

    /// <summary>Opens the engine, and makes the store where there is none.</summary>
    /// <exception cref="DataDirectoryInUseException">Another process holds the directory open.</exception>
    /// <exception cref="CommandFailure">The directory or the store cannot be used.</exception>
    /// <exception cref="UnknownFilesException">The store is new, the directory's files are not, and a new store is not to be accepted.</exception>
    public static async Task<LocalEngine> OpenAsync(DirectoryInfo directory, Terminal terminal, bool acceptNewStore, CancellationToken cancellationToken)
    {
        var options = OptionsFor(directory, acceptNewStore);
        var logs = LoggerFactory.Create(logging => logging.AddProvider(new TerminalLog(terminal)));
        DuckDbStore? store = null;
        try
        {
            store = DuckDbStore.Open(options);
            // Before the engine takes them up: short ones end at once.
            var unfinished = await store.Catalog.ListImportsAsync(
                new ImportQuery(null, [ImportState.Queued, ImportState.Running], Before: null, int.MaxValue), cancellationToken);
            var opened = store;
            store = null;
            var engine = await ImportEngine.OpenAsync(opened, options, TimeProvider.System, logs, cancellationToken);
            return new LocalEngine(opened.Catalog, engine, logs, [.. unfinished.Reverse()], new UnreportedImports(directory));
        }
        catch (Exception exception)
        {
            logs.Dispose();
            if (store is not null) await store.DisposeAsync();
            if (DataDirectory.Describe(exception, directory) is { } failure) throw failure;
            throw;
        }
    }

    /// <summary>The options that the service would have on the directory, only that somebody waits in front of the terminal.</summary>
    private static EngineOptions OptionsFor(DirectoryInfo directory, bool acceptNewStore)
    {
        try
        {
            var configured = new OptionSources(OptionSources.FileIn(directory), new Dictionary<string, string>()).Apply(new ServerOptions { Engine = new EngineOptions { DataDirectory = directory.FullName, AcceptNewStore = acceptNewStore } });
            return configured.Engine with { RetryPause = TimeSpan.FromSeconds(1) };
        }
        catch (OptionsException exception)
        {
            throw new CommandFailure(exception.Message, exception);
        }
    }

    /// <summary>Opens the engine on a store that is there already, for a command that only reads.</summary>
    /// <exception cref="CommandFailure">There is no such directory, or it cannot be used.</exception>
    public static Task<LocalEngine> OpenExistingAsync(DirectoryInfo directory, Terminal terminal, CancellationToken cancellationToken) => directory.Exists
        ? OpenAsync(directory, terminal, acceptNewStore: false, cancellationToken)
        : throw new CommandFailure($"There is no data directory {directory.FullName}. eis import makes it; --data names another one.");

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        _logs.Dispose();
    }
}
