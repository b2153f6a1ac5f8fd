using System.Globalization;
using System.Net;
using EntityImport.Bench.Torture;
using EntityImport.Client;

namespace EntityImport.Bench.Cluster;

/// <summary>A node, which is started again when it has ended, and its way to the database.</summary>
internal sealed class ClusterNode : IAsyncDisposable
{
    private static readonly TimeSpan RequestLimit = TimeSpan.FromSeconds(15);

    private readonly ClusterOptions _options;
    private readonly string _work;
    private readonly string _files;
    private readonly Lock _state = new();
    private ServerProcess _process;
    private EntityImportClient? _client;

    public ClusterNode(ClusterOptions options, string work, string files, string name, int databasePort)
    {
        (_options, _work, _files, Name) = (options, work, files, name);
        Line = new NodeLine(new IPEndPoint(IPAddress.Loopback, databasePort));
        _process = Start();
    }

    /// <summary>What it is called.</summary>
    public string Name { get; }

    /// <summary>Its way to the database.</summary>
    public NodeLine Line { get; }

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

    /// <summary>Waits until it takes requests.</summary>
    public async Task ConnectAsync(CancellationToken cancellationToken)
    {
        var process = Process;
        var client = await process.ConnectAsync(TimeSpan.FromSeconds(120), RequestLimit, cancellationToken);
        lock (_state)
        {
            if (process == _process) _client = client;
        }
    }

    /// <summary>Starts it again after it has ended, and waits until it takes requests.</summary>
    public async Task RestartAsync(CancellationToken cancellationToken)
    {
        ServerProcess old;
        lock (_state)
        {
            old = _process;
            _client = null;
        }

        await old.DisposeAsync();
        lock (_state) _process = Start();
        await ConnectAsync(cancellationToken);
    }

    /// <summary>Has nobody ask it.</summary>
    public void Leave()
    {
        lock (_state) _client = null;
    }

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        await Line.DisposeAsync();
    }

    private ServerProcess Start()
    {
        var environment = new Dictionary<string, string>
        {
            ["EIS__STORE__POSTGRES"] = string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={Line.Port};Username=postgres;Database=postgres;Timeout=5;Keepalive=2;Cancellation Timeout=2000"),
            ["EIS__STORE__FILES"] = _files,
            ["EIS__STORE__NODE"] = Name,
            ["EIS__NODELEASESECONDS"] = _options.Lease.ToString(CultureInfo.InvariantCulture),
            ["EIS__RETRYPAUSESECONDS"] = "1",
            ["EIS__MAXATTEMPTS"] = "100",
        };
        if (_options.Break is { } broken) environment["EIS_TEST_BREAK"] = broken;
        return ServerProcess.Start(Path.Combine(_work, Name), Path.Combine(_work, $"{Name}.log"), environment);
    }
}
