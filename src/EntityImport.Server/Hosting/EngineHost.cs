using EntityImport.Engine;
using EntityImport.Notices;
using EntityImport.Server.Options;

namespace EntityImport.Server.Hosting;

/// <summary>Opens the engine on its store before the server takes requests, and closes it after it has stopped to.</summary>
internal sealed class EngineHost(ServerOptions options, INoticePost post, IHostApplicationLifetime lifetime, TimeProvider time, ILoggerFactory logs) : IHostedService, IAsyncDisposable
{
    /// <summary>How long a request waits for a place.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private ImportEngine? _engine;

    /// <summary>The places of inferences that are at work at the same time.</summary>
    public SemaphoreSlim Inferences { get; } = new(options.Engine.Limits.ConcurrentInferences);

    /// <summary>Takes a place of an inference, or of what is like one, and waits for it a while; disposing the result gives it back.</summary>
    /// <exception cref="RequestException">None has become free.</exception>
    public async Task<IDisposable> TakeInferenceAsync(CancellationToken cancellationToken)
    {
        if (await Inferences.WaitAsync(Patience, cancellationToken)) return new InferencePlace(Inferences);
        throw new RequestException(FaultKind.Busy, "too-many-inferences", "The service is inferring from as many files as it takes at the same time. Try again when it is done with some.") { RetryAfter = Patience };
    }

    /// <summary>The place of the one query that is being read from its request.</summary>
    public SemaphoreSlim Queries { get; } = new(1);

    /// <summary>The engine.</summary>
    /// <exception cref="InvalidOperationException">The server is not running.</exception>
    public ImportEngine Engine => _engine ?? throw new InvalidOperationException("The engine is not open.");

    /// <summary>Whether the store became invalid and could not be opened again.</summary>
    public bool IsStoreLost => _engine is { IsStoreLost: true };

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var engine = options.Engine with { NodeName = options.Store.Node };
        _engine = await Stores.OpenEngineAsync(options.Store, engine, time, logs, cancellationToken);
        _engine.SendNotices(post);
        if (engine.NodeName is not null) _ = EndWhereLostAsync(_engine, logs.CreateLogger<EngineHost>());
        // Imports let go while requests in flight are still answered, so that both together do not take longer than the longer one.
        lifetime.ApplicationStopping.Register(() => _engine?.StopImportsAsync());
    }

    /// <summary>A node that has lost its place writes nothing any longer; started again it is one like any other.</summary>
    private async Task EndWhereLostAsync(ImportEngine engine, ILogger log)
    {
        using var ticks = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        while (await ticks.WaitForNextTickAsync(lifetime.ApplicationStopping).AsTask().ContinueWith(tick => tick is { IsCompletedSuccessfully: true, Result: true }, TaskScheduler.Default))
        {
            if (!engine.IsStoreLost) continue;
            log.LogCritical("This node was silent for longer than it may be, and has lost its place to others; it ends");
            lifetime.StopApplication();
            return;
        }
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => DisposeAsync().AsTask();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _engine, null) is { } engine) await engine.DisposeAsync();
        Inferences.Dispose();
        Queries.Dispose();
    }

    private sealed class InferencePlace(SemaphoreSlim places) : IDisposable
    {
        public void Dispose() => places.Release();
    }
}
