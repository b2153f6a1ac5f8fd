namespace EntityImport.Options;

/// <summary>What can be configured of the engine. Every option has a default that suits a machine of two cores and 4 GiB.</summary>
public sealed record EngineOptions
{
    /// <summary>The folder of everything the service keeps. It is made where it does not exist.</summary>
    public string DataDirectory { get; init; } = "data";

    /// <summary>The largest file in bytes, after decompression: 1 to 2^62. Default 100 GiB.</summary>
    public long MaxUploadBytes { get; init; } = 100L << 30;

    /// <summary>How many imports, of different entities, run at the same time: 1 to 64. Default 2.</summary>
    public int ConcurrentImports { get; init; } = 2;

    /// <summary>How many imports may be unfinished, running ones included: 1 to 1,000,000. Default 10,000; more are refused until some have ended.</summary>
    public int MaxUnfinishedImports { get; init; } = 10_000;

    /// <summary>
    /// How often an import is begun before it fails for good for reasons of the service, a crash among them: 1 to 100. Default 3. What a clean stop interrupts
    /// does not count.
    /// </summary>
    public int MaxAttempts { get; init; } = 3;

    /// <summary>How long an import that failed for reasons of the service waits before it is begun again; others go on meanwhile. Default 30 seconds.</summary>
    public TimeSpan RetryPause { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How many plans are made at the same time, beside the imports that run: 1 to 64. Default 1; others wait.</summary>
    public int ConcurrentPlans { get; init; } = 1;

    /// <summary>How many plans may be unfinished: 1 to 100,000. Default 1,000; more are refused until some have ended.</summary>
    public int MaxUnfinishedPlans { get; init; } = 1_000;

    /// <summary>What all plans may keep together in bytes, before compression: from 1 MiB to 2^62. Default 20 GiB; a plan that would take more fails.</summary>
    public long MaxPlanBytes { get; init; } = 20L << 30;

    /// <summary>How long a plan is kept after its end. Default 7 days.</summary>
    public TimeSpan KeepPlans { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How long an uploaded file is kept after its upload, or after the end of its last import if that is later; null, the default, means for ever.</summary>
    public TimeSpan? KeepUploads { get; init; }

    /// <summary>How long an uploaded file that is bound to no mapping is kept. Default 7 days.</summary>
    public TimeSpan KeepUnboundUploads { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How long a file that comes piece by piece may take from its beginning until it is complete. Default 24 hours; then what has arrived is deleted.</summary>
    public TimeSpan KeepUnfinishedUploads { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How long the rejected rows of an import are kept after its end; null, the default, means for ever.</summary>
    public TimeSpan? KeepErrorFiles { get; init; }

    /// <summary>How long the key of a request is remembered. Default 24 hours.</summary>
    public TimeSpan KeepRequestKeys { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How long the audit trail is kept; null means for ever. Default 365 days.</summary>
    public TimeSpan? KeepAudit { get; init; } = TimeSpan.FromDays(365);

    /// <summary>How long it is kept what records were before an import, so that it can be undone; null means for ever. Default 30 days.</summary>
    public TimeSpan? KeepBefore { get; init; } = TimeSpan.FromDays(30);

    /// <summary>The most space in bytes that this may take; beyond it that of the oldest imports is dropped. Default 20 GiB.</summary>
    public long MaxBeforeBytes { get; init; } = 20L << 30;

    /// <summary>How long notices and what became of them are kept. Default 30 days.</summary>
    public TimeSpan KeepNotices { get; init; } = TimeSpan.FromDays(30);

    /// <summary>
    /// What this process is called among several that work on one store, and read the same files, as one service: 1 to 64 letters, digits, '-', '_' or '.'. Null, the default, means that it works alone, and that no other may.
    /// </summary>
    public string? NodeName { get; init; }

    /// <summary>How long a process that is silent keeps its place among others, and its imports: 2 to 600 seconds. Default 20 seconds.</summary>
    public TimeSpan NodeLease { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How many imports run at the same time on all nodes together: 1 to 10,000. Null, the default, means as many as the nodes have places for.</summary>
    public int? ClusterImports { get; init; }

    /// <summary>
    /// Whether a store that knows of nothing is taken for a new one though the data directory has files of uploads or imports, which then go to quarantine. Default false: the
    /// engine does not open, because most likely the store is not the one that belongs to the files.
    /// </summary>
    public bool AcceptNewStore { get; init; }

    /// <summary>How many threads read and convert one import's file: 1 to 256. Default: the machine's cores.</summary>
    public int ThreadsPerImport { get; init; } = Environment.ProcessorCount;

    /// <summary>The most memory that the embedded store may use in bytes, from 256 MiB. Default 1 GiB; beyond that it works on disk.</summary>
    public long StoreMemoryBytes { get; init; } = 1L << 30;

    /// <summary>How much of anything is taken in, kept or said at once.</summary>
    public Limits Limits { get; init; } = new();
}
