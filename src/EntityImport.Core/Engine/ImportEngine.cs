using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Files;
using EntityImport.Imports.Running;
using EntityImport.Imports.Scheduling;
using EntityImport.Notices;
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
    private readonly DataDirectory _directory;
    private readonly ImportFiles _files;
    private readonly Worker _worker;
    private readonly IScheduler _scheduler;
    private readonly PlanWorker _planWorker;
    private readonly Retention _retention;
    private readonly Outbox _outbox;
    private Refresh? _refresh;

    private ImportEngine(
        IStore store, DataDirectory directory, ImportFiles files, Worker worker, IScheduler scheduler, SharedImports? shared, PlanWorker planWorker, Outbox outbox, ApiKeys keys, EngineOptions options, TimeProvider time, ILoggerFactory logs)
    {
        var catalog = store.Catalog;
        var admission = new Admission(catalog, time);
        _store = store;
        (_directory, _files) = (directory, files);
        _worker = worker;
        _scheduler = scheduler;
        _planWorker = planWorker;
        _outbox = outbox;
        _retention = new Retention(store, files, _scheduler, options, time, logs.CreateLogger<Retention>());
        Storage = new StorageService(store, _retention, options);
        Nodes = new NodeService(store, admission);
        CallerUses = new CallerUses(store.Cluster, time);
        Queue = new QueueService(_scheduler);
        Entities = new EntityService(store, _scheduler, admission, options.Limits);
        Guards = new GuardService(catalog, _scheduler, admission, options.Limits);
        Records = new RecordService(store);
        Mappings = new MappingService(catalog, _scheduler, admission, options.Limits, time);
        Uploads = new UploadService(catalog, _scheduler, files, admission, options, time);
        PartialUploads = new PartialUploadService(catalog, _scheduler, files, Uploads, admission, options, time);
        Previews = new PreviewService(catalog, files, Uploads, options.Limits, time);
        Imports = new ImportService(catalog, _scheduler, admission, options.MaxUnfinishedImports, time, logs.CreateLogger<ImportService>());
        History = new HistoryService(store, files, Imports);
        Undos = new UndoService(store, _scheduler, admission, Imports, time);
        Plans = new PlanService(store, files, _scheduler, planWorker, shared, Imports, admission, options, time, logs.CreateLogger<PlanService>());
        ImportViews = new ImportViews(catalog, _scheduler, time);
        ApiKeys = keys;
        RefusedAttempts = new RefusedAttempts(catalog, time, logs.CreateLogger<RefusedAttempts>());
        Keys = new KeyService(catalog, keys, admission, time);
        SignIns = new SignIns(catalog, time);
        ProtectionKeys = new ProtectionKeys(catalog, time);
        Sessions = new SessionService(catalog, SignIns, admission, time);
        Audit = new AuditService(catalog);
        Webhooks = new WebhookService(catalog, _scheduler, outbox, admission, time);
        RejectedRows = new RejectedRowService(catalog, _scheduler, files, options.Limits, logs.CreateLogger<RejectedRowService>());
        Cures = new CureService(catalog, files, RejectedRows, options);
        Repairs = new RepairService(store, files, _scheduler, admission, RejectedRows, Cures, Uploads, Plans, time);
    }

    /// <summary>The entities.</summary>
    public EntityService Entities { get; }

    /// <summary>What imports into them may not do.</summary>
    public GuardService Guards { get; }

    /// <summary>Their records.</summary>
    public RecordService Records { get; }

    /// <summary>The stories of records.</summary>
    public HistoryService History { get; }

    /// <summary>The mappings.</summary>
    public MappingService Mappings { get; }

    /// <summary>The uploaded files.</summary>
    public UploadService Uploads { get; }

    /// <summary>Files that come piece by piece.</summary>
    public PartialUploadService PartialUploads { get; }

    /// <summary>Uploaded files as an import would read them.</summary>
    public PreviewService Previews { get; }

    /// <summary>Invokes and cancels imports.</summary>
    public ImportService Imports { get; }

    /// <summary>Takes imports back.</summary>
    public UndoService Undos { get; }

    /// <summary>What imports would do.</summary>
    public PlanService Plans { get; }

    /// <summary>The imports as they are seen.</summary>
    public ImportViews ImportViews { get; }

    /// <summary>The rows that imports rejected.</summary>
    public RejectedRowService RejectedRows { get; }

    /// <summary>What would make them good.</summary>
    public CureService Cures { get; }

    /// <summary>What somebody makes of them.</summary>
    public RepairService Repairs { get; }

    /// <summary>The API keys.</summary>
    public KeyService Keys { get; }

    /// <summary>Who is signed in with a browser.</summary>
    public SessionService Sessions { get; }

    /// <summary>Who did what.</summary>
    public AuditService Audit { get; }

    /// <summary>How much space what takes.</summary>
    public StorageService Storage { get; }

    /// <summary>What waits, and for what.</summary>
    public QueueService Queue { get; }

    /// <summary>The processes that share the store.</summary>
    public NodeService Nodes { get; }

    /// <summary>Who is told of what.</summary>
    public WebhookService Webhooks { get; }

    /// <summary>Who shows which API key: for whoever finds out who calls.</summary>
    public ApiKeys ApiKeys { get; }

    /// <summary>Who signs in and whose session is shown: for whoever finds out who calls.</summary>
    public SignIns SignIns { get; }

    /// <summary>What cookies are encrypted with.</summary>
    public ProtectionKeys ProtectionKeys { get; }

    /// <summary>What callers do at other nodes: for whoever holds them to limits.</summary>
    public CallerUses CallerUses { get; }

    /// <summary>Where it is noted that an attempt was refused.</summary>
    public RefusedAttempts RefusedAttempts { get; }

    /// <summary>The imports that were unfinished when the engine was opened, in the order of their invocation, as they were then. They run again. None where several nodes share the store.</summary>
    public IReadOnlyList<Import> Interrupted { get; private set; } = [];

    /// <summary>Opens the engine on a store; imports that a crash left unfinished run again at once.</summary>
    /// <param name="store">The store. From here on it is the engine's, which disposes it, also where it cannot be opened.</param>
    /// <param name="options">The options.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logs">Where operators' log lines go.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="OptionsException">Options are out of range; all are named.</exception>
    /// <exception cref="UnknownFilesException">The store knows of nothing, but the data directory has files of uploads or imports.</exception>
    public static Task<ImportEngine> OpenAsync(IStore store, EngineOptions options, TimeProvider time, ILoggerFactory logs, CancellationToken cancellationToken) =>
        OpenAsync(store, files: null, options, time, logs, cancellationToken);

    /// <summary>Opens the engine on a store, with files elsewhere than in the data directory.</summary>
    /// <param name="store">The store. From here on it is the engine's, which disposes it, also where it cannot be opened.</param>
    /// <param name="files">Where files are kept, likewise; null means the data directory.</param>
    /// <param name="options">The options.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logs">Where operators' log lines go.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <inheritdoc cref="OpenAsync(IStore, EngineOptions, TimeProvider, ILoggerFactory, CancellationToken)"/>
    public static async Task<ImportEngine> OpenAsync(
        IStore store, IFileStore? files, EngineOptions options, TimeProvider time, ILoggerFactory logs, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(options);
        FaultPoints.Announce(logs.CreateLogger(nameof(FaultPoints)));
        DataDirectory? directory = null;
        ImportFiles importFiles;
        ApiKeys keys;
        Webhooks webhooks;
        try
        {
            EngineSetting.Check(options);
            store = BrokenStore.BreakWhereAsked(store, logs.CreateLogger<BrokenStore>());
            directory = new DataDirectory(options.DataDirectory);
            importFiles = new ImportFiles(files ?? directory.Files, directory.Scratch);
            await new StartSweep(store.Catalog, directory, importFiles, options, logs.CreateLogger<StartSweep>()).RunAsync(cancellationToken).ConfigureAwait(false);
            keys = await ApiKeys.LoadAsync(store.Catalog, time, logs.CreateLogger<ApiKeys>(), cancellationToken).ConfigureAwait(false);
            webhooks = await Notices.Webhooks.LoadAsync(store.Catalog, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            directory?.Dispose();
            files?.Dispose();
            await store.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        var outbox = new Outbox(store, webhooks, time, logs.CreateLogger<Outbox>());
        var worker = new Worker(store, importFiles, outbox, options, time, logs.CreateLogger<Worker>());
        var shared = store.Cluster is null ? null : new SharedImports(store.Cluster, time);
        IScheduler scheduler = shared is null
            ? new InProcessScheduler(worker, store.Catalog, time, logs.CreateLogger<InProcessScheduler>())
            : new ClusterScheduler(worker, store.Cluster!, store.Catalog, shared, options, time, logs.CreateLogger<ClusterScheduler>());
        var planWorker = new PlanWorker(store, importFiles, outbox, options, time, logs.CreateLogger<PlanWorker>());
        var engine = new ImportEngine(store, directory, importFiles, worker, scheduler, shared, planWorker, outbox, keys, options, time, logs);
        try
        {
            if (store.Cluster is null)
            {
                engine.Interrupted = await engine.Imports.ResumeAsync(cancellationToken).ConfigureAwait(false);
                await engine.Plans.ResumeAsync(cancellationToken).ConfigureAwait(false);
            }
            else
            {
                engine._refresh = new Refresh(store.Catalog, keys, webhooks, time, logs.CreateLogger<Refresh>());
            }

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

    /// <summary>Finds out whether files can be stored, and scratch files in the data directory.</summary>
    /// <inheritdoc cref="IFileStore.Probe"/>
    public void ProbeFiles()
    {
        _directory.Files.Probe();
        if (_files.IsShared) _files.Store.Probe();
    }

    /// <summary>Begins to send notices, those of before included; without it they wait in the store. Once.</summary>
    /// <param name="post">What they go out by; it is used until the engine is disposed.</param>
    public void SendNotices(INoticePost post) => _outbox.Start(post);

    /// <summary>Interrupts running imports, and plans, without failing them, and begins no more; done when they have let go of the store. What else the engine does goes on.</summary>
    public Task StopImportsAsync() => Task.WhenAll(_scheduler.StopAsync(), _planWorker.StopAsync());

    /// <summary>Stops: running imports are interrupted without failing, and run again when the engine is opened next.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_refresh is not null) await _refresh.DisposeAsync().ConfigureAwait(false);
        await _retention.DisposeAsync().ConfigureAwait(false);
        await _planWorker.DisposeAsync().ConfigureAwait(false);
        await _scheduler.DisposeAsync().ConfigureAwait(false);
        await _outbox.DisposeAsync().ConfigureAwait(false);
        await ApiKeys.DisposeAsync().ConfigureAwait(false);
        await RefusedAttempts.DisposeAsync().ConfigureAwait(false);
        _worker.Dispose();
        Keys.Dispose();
        Uploads.Dispose();
        Cures.Dispose();
        Undos.Dispose();
        RejectedRows.Dispose();
        _directory.Dispose();
        _files.Store.Dispose();
        await _store.DisposeAsync().ConfigureAwait(false);
    }
}
