using System.Globalization;

namespace EntityImport.Options;

/// <summary>
/// An option of the engine as a number: the one place for its name, unit, range and meaning, from which options are checked when the engine opens, read from files and the environment, and shown.
/// </summary>
/// <param name="Name">The name, as in configuration: <c>limits.words</c>.</param>
/// <param name="Unit">What is counted.</param>
/// <param name="Least">The least value.</param>
/// <param name="Most">The greatest value.</param>
/// <param name="Meaning">What it does, what zero means where zero is allowed, and what the absence of a value means where it may be absent.</param>
public sealed record EngineSetting(string Name, string Unit, decimal Least, decimal Most, string Meaning)
{
    private const decimal Unlimited = 1L << 62;
    private const decimal Century = 36_500;

    /// <summary>Hardly anything, but not nothing: what is kept for no time at all would be gone before it could be used.</summary>
    private const decimal LeastKept = 0.00000001m;

    /// <summary>All options of the engine that are numbers.</summary>
    public static IReadOnlyList<EngineSetting> All { get; } =
    [
        Number("maxUploadBytes", "bytes", 1, Unlimited, "the largest file, after decompression", o => o.MaxUploadBytes, (o, v) => o with { MaxUploadBytes = v }),
        Number("concurrentImports", "imports", 1, 64, "how many imports, of different entities, run at the same time", o => o.ConcurrentImports, (o, v) => o with { ConcurrentImports = (int)v }),
        Number("maxUnfinishedImports", "imports", 1, 1_000_000, "how many imports may be unfinished; more are refused until some have ended", o => o.MaxUnfinishedImports, (o, v) => o with { MaxUnfinishedImports = (int)v }),
        Number("maxAttempts", "attempts", 1, 100, "how often an import is begun before it fails for good for reasons of the service", o => o.MaxAttempts, (o, v) => o with { MaxAttempts = (int)v }),
        Duration("retryPauseSeconds", "seconds", 0, 86_400, "how long an import waits before it is begun again; 0 means not at all", 1, o => o.RetryPause, (o, v) => o with { RetryPause = v ?? o.RetryPause }),
        Number("concurrentPlans", "plans", 1, 64, "how many plans are made at the same time, beside imports; others wait", o => o.ConcurrentPlans, (o, v) => o with { ConcurrentPlans = (int)v }),
        Number("maxUnfinishedPlans", "plans", 1, 100_000, "how many plans may be unfinished; more are refused until some have ended", o => o.MaxUnfinishedPlans, (o, v) => o with { MaxUnfinishedPlans = (int)v }),
        Number("maxPlanBytes", "bytes", 1 << 20, Unlimited, "what all plans may keep together, before compression; a plan that would take more fails", o => o.MaxPlanBytes, (o, v) => o with { MaxPlanBytes = v }),
        Duration("keepPlansDays", "days", LeastKept, Century, "how long a plan is kept after its end", 86_400, o => o.KeepPlans, (o, v) => o with { KeepPlans = v ?? o.KeepPlans }),
        Duration("keepUploadsDays", "days", LeastKept, Century, "how long a file is kept after its last import, or its upload where that is later; no value keeps it for ever", 86_400, o => o.KeepUploads, (o, v) => o with { KeepUploads = v }) with { MayBeAbsent = true },
        Duration("keepUnboundUploadsDays", "days", LeastKept, Century, "how long a file is kept that is bound to no mapping", 86_400, o => o.KeepUnboundUploads, (o, v) => o with { KeepUnboundUploads = v ?? o.KeepUnboundUploads }),
        Duration("keepUnfinishedUploadsHours", "hours", LeastKept, Century, "how long a file that comes piece by piece may take", 3_600, o => o.KeepUnfinishedUploads, (o, v) => o with { KeepUnfinishedUploads = v ?? o.KeepUnfinishedUploads }),
        Duration("keepErrorFilesDays", "days", LeastKept, Century, "how long rejected rows are kept after an import; no value keeps them for ever", 86_400, o => o.KeepErrorFiles, (o, v) => o with { KeepErrorFiles = v }) with { MayBeAbsent = true },
        Duration("keepRequestKeysHours", "hours", 0, Century, "how long the key of a request is remembered; 0 means not beyond the request", 3_600, o => o.KeepRequestKeys, (o, v) => o with { KeepRequestKeys = v ?? o.KeepRequestKeys }),
        Duration("keepAuditDays", "days", LeastKept, Century, "how long the audit trail is kept; no value keeps it for ever", 86_400, o => o.KeepAudit, (o, v) => o with { KeepAudit = v }) with { MayBeAbsent = true },
        Duration("keepBeforeDays", "days", LeastKept, Century, "how long it is kept what records were before an import, so that it can be undone; no value keeps it for ever", 86_400, o => o.KeepBefore, (o, v) => o with { KeepBefore = v }) with { MayBeAbsent = true },
        Number("maxBeforeBytes", "bytes", 0, Unlimited, "the space that this may take; beyond it that of the oldest imports is dropped", o => o.MaxBeforeBytes, (o, v) => o with { MaxBeforeBytes = v }),
        Duration("keepNoticesDays", "days", 2, Century, "how long notices and what became of them are kept", 86_400, o => o.KeepNotices, (o, v) => o with { KeepNotices = v ?? o.KeepNotices }),
        Duration("nodeLeaseSeconds", "seconds", 2, 600, "how long a node that is silent keeps its imports from others", 1, o => o.NodeLease, (o, v) => o with { NodeLease = v ?? o.NodeLease }),
        new("clusterImports", "imports", 1, 10_000, "how many imports run at the same time on all nodes together; no value means as many as they have places for")
        {
            IsWhole = true,
            MayBeAbsent = true,
            Reads = options => options.ClusterImports,
            Writes = (options, value) => options with { ClusterImports = (int?)value },
        },
        Number("threadsPerImport", "threads", 1, 256, "how many threads read and convert one file", o => o.ThreadsPerImport, (o, v) => o with { ThreadsPerImport = (int)v }),
        Number("storeMemoryBytes", "bytes", 256 << 20, Unlimited, "the memory that the embedded store may use; beyond that it works on disk", o => o.StoreMemoryBytes, (o, v) => o with { StoreMemoryBytes = v }),
        Limit("contentEncodings", "encodings", 1, 4, "Content-Encodings of one content, one inside of the other", l => l.ContentEncodings, (l, v) => l with { ContentEncodings = (int)v }),
        Limit("decompressionRatio", "bytes", 10, 1_000_000, "what one compressed byte may become", l => l.DecompressionRatio, (l, v) => l with { DecompressionRatio = (int)v }),
        Limit("freelyDecompressedBytes", "bytes", 0, Unlimited, "what compressed content may become whatever the ratio; 0 holds it to the ratio from the first byte", l => l.FreelyDecompressedBytes, (l, v) => l with { FreelyDecompressedBytes = v }),
        Limit("freeDiskBytes", "bytes", 0, Unlimited, "disk that uploads leave free; 0 leaves none", l => l.FreeDiskBytes, (l, v) => l with { FreeDiskBytes = v }),
        Limit("faults", "faults", 1, 10_000, "faults of one request that are told", l => l.Faults, (l, v) => l with { Faults = (int)v }),
        Limit("patternCharacters", "characters", 1, 10_000, "the longest date pattern", l => l.PatternCharacters, (l, v) => l with { PatternCharacters = (int)v }),
        Limit("words", "words", 1, 100_000, "the words of each of a mapping's lists", l => l.Words, (l, v) => l with { Words = (int)v }),
        Limit("wordCharacters", "characters", 1, 1_000_000, "the longest of those words", l => l.WordCharacters, (l, v) => l with { WordCharacters = (int)v }),
        Limit("rejectedRows", "rows", 1, Unlimited, "rows that an import may reject and still succeed", l => l.RejectedRows, (l, v) => l with { RejectedRows = v }),
        Limit("rejectedBytes", "bytes", 1 << 20, Unlimited, "disk that the rejected rows of one import may take", l => l.RejectedBytes, (l, v) => l with { RejectedBytes = v }),
        Limit("pageBytes", "bytes", 1 << 10, 1 << 30, "rows of one page of a list with a cursor", l => l.PageBytes, (l, v) => l with { PageBytes = (int)v }),
        Limit("concurrentUploads", "files", 1, 10_000, "files that are received at the same time", l => l.ConcurrentUploads, (l, v) => l with { ConcurrentUploads = (int)v }),
        Limit("unfinishedUploads", "files", 1, 100_000, "files that come piece by piece and are not complete", l => l.UnfinishedUploads, (l, v) => l with { UnfinishedUploads = (int)v }),
        Limit("unfinishedUploadsOfCaller", "files", 1, 100_000, "how many of them may be one caller's", l => l.UnfinishedUploadsOfCaller, (l, v) => l with { UnfinishedUploadsOfCaller = (int)v }),
        Limit("concurrentQueries", "queries", 1, 64, "queries for records that are worked on at the same time", l => l.ConcurrentQueries, (l, v) => l with { ConcurrentQueries = (int)v }),
        Limit("waitingQueries", "queries", 0, 100_000, "queries that may wait for their turn; 0 refuses what cannot begin at once", l => l.WaitingQueries, (l, v) => l with { WaitingQueries = (int)v }),
        Limit("concurrentInferences", "files", 1, 64, "files that are inferred from at the same time", l => l.ConcurrentInferences, (l, v) => l with { ConcurrentInferences = (int)v }),
        Limit("requestLineBytes", "bytes", 8 << 10, 1 << 20, "the longest request line", l => l.RequestLineBytes, (l, v) => l with { RequestLineBytes = (int)v }),
    ];

    /// <summary>Whether the value may be absent.</summary>
    public bool MayBeAbsent { get; private init; }

    /// <summary>Whether only whole numbers are values.</summary>
    public bool IsWhole { get; private init; }

    private Func<EngineOptions, decimal?> Reads { get; init; } = _ => null;

    private Func<EngineOptions, decimal?, EngineOptions> Writes { get; init; } = (options, _) => options;

    /// <summary>The value of an option; null where it is absent.</summary>
    public decimal? ValueIn(EngineOptions options) => Reads(options);

    /// <summary>Options with another value, which must be in range.</summary>
    public EngineOptions Set(EngineOptions options, decimal? value) => Writes(options, value);

    /// <summary>What is wrong with a value, as a sentence; null where nothing is.</summary>
    public string? FaultOf(decimal? value) => value switch
    {
        null => MayBeAbsent ? null : $"{Name} has no value; {Expected}.",
        { } number when number < Least || number > Most || (IsWhole && number != decimal.Truncate(number)) => string.Create(CultureInfo.InvariantCulture, $"{Name} cannot be {number:0.########}; {Expected}."),
        _ => null,
    };

    /// <summary>What a value must be.</summary>
    public string Expected => string.Create(CultureInfo.InvariantCulture, $"expected is {(IsWhole ? "a whole number" : "a number")} of {Unit} from {Least:0.########} to {Most:0.########}");

    /// <summary>Checks options.</summary>
    /// <exception cref="OptionsException">Some are out of range; all are named.</exception>
    public static void Check(EngineOptions options)
    {
        var faults = All.Select(setting => setting.FaultOf(setting.ValueIn(options))).OfType<string>().ToList();
        if (faults.Count > 0) throw new OptionsException(faults);
    }

    private static EngineSetting Number(string name, string unit, decimal least, decimal most, string meaning, Func<EngineOptions, long> read, Func<EngineOptions, long, EngineOptions> write) =>
        new(name, unit, least, most, meaning) { IsWhole = true, Reads = options => read(options), Writes = (options, value) => write(options, (long)value!.Value) };

    private static EngineSetting Limit(string name, string unit, decimal least, decimal most, string meaning, Func<Limits, long> read, Func<Limits, long, Limits> write) =>
        Number("limits." + name, unit, least, most, meaning, options => read(options.Limits), (options, value) => options with { Limits = write(options.Limits, value) });

    private static EngineSetting Duration(
        string name, string unit, decimal least, decimal most, string meaning, int seconds, Func<EngineOptions, TimeSpan?> read, Func<EngineOptions, TimeSpan?, EngineOptions> write) => new(name, unit, least, most, meaning)
        {
            Reads = options => read(options) is { } time ? (decimal)time.Ticks / TimeSpan.TicksPerSecond / seconds : null,
            Writes = (options, value) => write(options, value is { } number ? TimeSpan.FromTicks((long)(number * seconds * TimeSpan.TicksPerSecond)) : null),
        };
}

/// <summary>Options are out of range or cannot be read.</summary>
/// <param name="faults">A sentence for each, with the option's name.</param>
public sealed class OptionsException(IReadOnlyList<string> faults) : Exception(string.Join(' ', faults))
{
    /// <summary>A sentence for each fault, with the option's name.</summary>
    public IReadOnlyList<string> Faults => faults;
}
