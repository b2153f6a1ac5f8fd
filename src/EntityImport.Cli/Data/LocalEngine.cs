using EntityImport.Access;
using EntityImport.Cli.Output;
using EntityImport.Engine;
using EntityImport.Files;
using EntityImport.Options;
using EntityImport.Server.Hosting;
using EntityImport.Server.Options;
using EntityImport.Storage;
using Microsoft.Extensions.Logging;

namespace EntityImport.Cli.Data;

/// <summary>The engine on an embedded store, for as long as one command runs.</summary>
internal sealed class LocalEngine : IAsyncDisposable
{
    private readonly ILoggerFactory _logs;

    private LocalEngine(ImportEngine engine, ILoggerFactory logs, UnreportedImports unreported)
    {
        _logs = logs;
        Engine = engine;
        Unreported = unreported;
    }

    public ImportEngine Engine { get; }

    /// <summary>What the engine's services are told of each call: that the user at the terminal makes it.</summary>
    public Request Request { get; } = new(Caller.Local(Environment.UserName));

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
        try
        {
            var engine = await ImportEngine.OpenAsync(Stores.Open(options), options, TimeProvider.System, logs, cancellationToken);
            return new LocalEngine(engine, logs, new UnreportedImports(directory));
        }
        catch (Exception exception)
        {
            logs.Dispose();
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
