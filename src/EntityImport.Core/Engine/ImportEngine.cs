using EntityImport.Access;
using EntityImport.Files;
using EntityImport.Imports.Scheduling;
using EntityImport.Options;
using EntityImport.Storage;
using EntityImport.Testing;
using EntityImport.Testing.Breaking;
using EntityImport.Upkeep;
using Microsoft.Extensions.Logging;

namespace EntityImport.Engine;

/// <summary>The service without its web face: everything that server and command line do goes through here. Thread-safe.</summary>
public sealed class ImportEngine : IAsyncDisposable
{
    private readonly IStore _store;
    private readonly EntityLocks _locks;
    private readonly DataDirectory _directory;
    private readonly Retention _retention;

    private ImportEngine(IStore store, DataDirectory directory, ImportFiles files, EngineOptions options, TimeProvider time, ILoggerFactory logs)
    {
        var (catalog, data) = (store.Catalog, store.Data);
        _store = store;
        _locks = new EntityLocks();
        _directory = directory;
        Entities = new EntityService(catalog, data, _locks, options.Limits);
        Requests = new Idempotency(catalog, time);
        Mappings = new MappingService(catalog, _locks, Requests, options.Limits, time);
        Uploads = new UploadService(catalog, files, Requests, options, time);
        Imports = new ImportService(catalog, data, files, _locks, Requests, options, time, logs.CreateLogger<ImportService>());
        _retention = new Retention(catalog, files, _locks, Imports, options, time, logs.CreateLogger<Retention>());
    }

    /// <summary>The entities.</summary>
    public EntityService Entities { get; }

    /// <summary>The requests that carry a key.</summary>
    public Idempotency Requests { get; }

    /// <summary>The mappings.</summary>
    public MappingService Mappings { get; }

    /// <summary>The uploaded files.</summary>
    public UploadService Uploads { get; }

    /// <summary>The imports.</summary>
    public ImportService Imports { get; }

    /// <summary>Opens the engine on a store; imports that a crash left unfinished run again at once.</summary>
    /// <param name="store">The store. From here on it is the engine's, which disposes it, also where it cannot be opened.</param>
    /// <param name="options">The options.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logs">Where operators' log lines go.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="OptionsException">Options are out of range; all are named.</exception>
    /// <exception cref="UnknownFilesException">The store knows of nothing, but the data directory has files of uploads or imports.</exception>
    public static async Task<ImportEngine> OpenAsync(
        IStore store, EngineOptions options, TimeProvider time, ILoggerFactory logs, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(options);
        FaultPoints.Announce(logs.CreateLogger(nameof(FaultPoints)));
        DataDirectory? directory = null;
        ImportFiles files;
        try
        {
            EngineSetting.Check(options);
            store = BrokenStore.BreakWhereAsked(store, logs.CreateLogger<BrokenStore>());
            directory = new DataDirectory(options.DataDirectory);
            files = new ImportFiles(directory.Files, directory.Scratch);
            await new StartSweep(store.Catalog, directory, files, options, logs.CreateLogger<StartSweep>()).RunAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            directory?.Dispose();
            await store.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        var engine = new ImportEngine(store, directory, files, options, time, logs);
        try
        {
            await engine.Imports.ResumeAsync(cancellationToken).ConfigureAwait(false);
            engine._retention.Start();
            return engine;
        }
        catch
        {
            await engine.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Whether the store can no longer be used: nothing but a repair and a restart will help.</summary>
    public bool IsStoreLost => _store.IsLost;

    /// <summary>Finds out whether files can be stored in the data directory.</summary>
    /// <inheritdoc cref="IFileStore.Probe"/>
    public void ProbeFiles() => _directory.Files.Probe();

    /// <summary>Stops: running imports are interrupted without failing, and run again when the engine is opened next.</summary>
    public async ValueTask DisposeAsync()
    {
        await _retention.DisposeAsync().ConfigureAwait(false);
        await Imports.DisposeAsync().ConfigureAwait(false);
        Uploads.Dispose();
        _locks.Dispose();
        _directory.Dispose();
        await _store.DisposeAsync().ConfigureAwait(false);
    }
}
