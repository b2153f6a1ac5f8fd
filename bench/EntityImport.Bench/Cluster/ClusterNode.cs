using System.Globalization;
using EntityImport.Bench.Compare.Peers;
using EntityImport.Bench.Torture;
using EntityImport.Client;

namespace EntityImport.Bench.Cluster;

/// <summary>A node in a place of its own, with a small disk of its own, which is started again when it has ended.</summary>
internal sealed class ClusterNode : IAsyncDisposable
{
    /// <summary>How many imports run at the same time, on all nodes together.</summary>
    public const int Most = 3;

    /// <summary>What gives a process a clock of its own (Debian's libfaketime); null where it is not installed.</summary>
    private static readonly string? Faketime = Directory.EnumerateDirectories("/usr/lib").Select(folder => Path.Combine(folder, "faketime", "libfaketimeMT.so.1")).FirstOrDefault(File.Exists);

    private static readonly TimeSpan RequestLimit = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);

    private readonly ClusterOptions _options;
    private readonly string _work;
    private readonly IReadOnlyDictionary<string, string> _environment;
    private readonly Lock _state = new();
    private readonly SemaphoreSlim _hold = new(1);
    private ServerProcess _process;
    private EntityImportClient? _client;

    private ClusterNode(ClusterOptions options, string work, ClusterPlace place, string name, IReadOnlyDictionary<string, string> environment)
    {
        (_options, _work, Place, Name, _environment) = (options, work, place, name, environment);
        Steps = new StepTrace(Path.Combine(work, $"{name}-steps"));
        _process = Start();
    }

    /// <summary>Whether nodes can have clocks of their own.</summary>
    public static bool HasClocks => Faketime is not null;

    /// <summary>What it is called.</summary>
    public string Name { get; }

    /// <summary>Where it is.</summary>
    public ClusterPlace Place { get; }

    /// <summary>The steps at which it can be held up.</summary>
    public StepTrace Steps { get; }

    /// <summary>How far its clock is from the others', once it is started again.</summary>
    public TimeSpan Skew { get; set; }

    /// <summary>The build that it is, once it is started again: the path of its <c>eis.dll</c>.</summary>
    public string Program { get; set; } = ServerProcess.Built;

    /// <summary>Its disk, which has room for 32 MiB.</summary>
    public string Disk => Path.Combine(_work, Name);

    /// <summary>Its process.</summary>
    public ServerProcess Process
    {
        get
        {
            lock (_state) return _process;
        }
    }

    /// <summary>A client of it; null where it does not answer at the moment.</summary>
    public EntityImportClient? Client
    {
        get
        {
            lock (_state) return _client;
        }
    }

    /// <summary>Starts one.</summary>
    /// <param name="options">What is asked for.</param>
    /// <param name="work">The folder with its disk and its log.</param>
    /// <param name="place">Where it is.</param>
    /// <param name="name">What it is called.</param>
    /// <param name="environment">The variables that all nodes have.</param>
    public static async Task<ClusterNode> StartAsync(ClusterOptions options, string work, ClusterPlace place, string name, IReadOnlyDictionary<string, string> environment)
    {
        var disk = Directory.CreateDirectory(Path.Combine(work, name)).FullName;
        await Tool.RunAsync("mount", ["-t", "tmpfs", "-o", "size=32m", "eis", disk]);
        return new ClusterNode(options, work, place, name, environment);
    }

    /// <summary>Starts it again whenever it has ended by itself, as an operator has it, until that is ended.</summary>
    public async Task SuperviseAsync(CancellationToken ending)
    {
        while (!ending.IsCancellationRequested)
        {
            await Task.Delay(100, ending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (ending.IsCancellationRequested || !await _hold.WaitAsync(0, CancellationToken.None)) continue;
            try
            {
                if (Process.HasExited) await RestartAsync(ending);
            }
            catch (OperationCanceledException) when (ending.IsCancellationRequested)
            {
                // It is over.
            }
            finally
            {
                _hold.Release();
            }
        }
    }

    /// <summary>Waits to be the only one who stops and starts it, and until it runs; disposing the result ends it.</summary>
    public async Task<IDisposable> HoldAsync(CancellationToken cancellationToken)
    {
        await _hold.WaitAsync(cancellationToken);
        if (Process.HasExited) await RestartAsync(cancellationToken);
        return new Hold(_hold);
    }

    /// <summary>Waits until it takes requests.</summary>
    public async Task ConnectAsync(CancellationToken cancellationToken)
    {
        var process = Process;
        var client = await process.ConnectAsync(StartLimit, RequestLimit, cancellationToken);
        lock (_state)
        {
            if (process == _process) _client = client;
        }
    }

    /// <summary>Starts it again after it has ended, and waits until it takes requests; once more where it ends before, as without its database.</summary>
    public async Task RestartAsync(CancellationToken cancellationToken)
    {
        var until = DateTime.UtcNow + StartLimit;
        while (true)
        {
            ServerProcess old;
            lock (_state)
            {
                old = _process;
                _client = null;
            }

            await old.DisposeAsync();
            lock (_state) _process = Start();
            try
            {
                await ConnectAsync(cancellationToken);
                return;
            }
            catch (FindingException) when (Process.HasExited && DateTime.UtcNow < until)
            {
                await Task.Delay(100, cancellationToken);
            }
        }
    }

    /// <summary>Has nobody ask it.</summary>
    public void Leave()
    {
        lock (_state) _client = null;
    }

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        _hold.Dispose();
        await Tool.RunAsync("umount", [Disk]);
    }

    private sealed class Hold(SemaphoreSlim hold) : IDisposable
    {
        public void Dispose() => hold.Release();
    }

    private ServerProcess Start()
    {
        Steps.Clear();
        var environment = new Dictionary<string, string>(_environment)
        {
            ["EIS__STORE__NODE"] = Name,
            ["EIS__NODELEASESECONDS"] = _options.Lease.ToString(CultureInfo.InvariantCulture),
            ["EIS__CLUSTERIMPORTS"] = Most.ToString(CultureInfo.InvariantCulture),
            ["EIS__RETRYPAUSESECONDS"] = "1",
            ["EIS__MAXATTEMPTS"] = "100",
            ["EIS__ACCESS__PLAINHTTP"] = "true",
            // One caller asks all nodes as often as it can.
            ["EIS__ACCESS__LIMITS__REQUESTSPERSECOND"] = "1000000",
            ["EIS__ACCESS__LIMITS__REQUESTBURST"] = "1000000",
            ["EIS_TEST_STEPS"] = Steps.Folder,
        };
        if (_options.Break is { } broken) environment["EIS_TEST_BREAK"] = broken;
        if (Skew != TimeSpan.Zero)
        {
            environment["LD_PRELOAD"] = Faketime!;
            environment["FAKETIME"] = string.Create(CultureInfo.InvariantCulture, $"{Skew.TotalSeconds:+0;-0}s");
            environment["FAKETIME_DONT_FAKE_MONOTONIC"] = "1";
        }

        return ServerProcess.Start(Place.Launcher, Program, Place.Address, Disk, Path.Combine(_work, $"{Name}.log"), environment, []);
    }
}
