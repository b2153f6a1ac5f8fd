using System.Collections.Concurrent;
using EntityImport.Catalog;
using EntityImport.Imports.Running;
using EntityImport.Options;
using EntityImport.Storage;
using Microsoft.Extensions.Logging;

namespace EntityImport.Imports.Scheduling;

/// <summary>
/// Runs the imports that this node gets of those that several nodes share. Whatever runs where, the store says; this only asks it when there is room, or news, and after a while in any case. What others run is seen through the store.
/// Thread-safe.
/// </summary>
internal sealed class ClusterScheduler : IScheduler
{
    /// <summary>How long it takes at most until something new is seen of which nobody was told.</summary>
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(2);

    /// <summary>How long nothing is claimed after the store could not be asked.</summary>
    private static readonly TimeSpan FaultPause = TimeSpan.FromSeconds(1);

    /// <summary>For how long a node that stops tries to give back what it had.</summary>
    private static readonly TimeSpan ReleasePatience = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan ReleasePause = TimeSpan.FromMilliseconds(250);

    /// <summary>How long who cancels waits until that is durable.</summary>
    private static readonly TimeSpan CancelPatience = TimeSpan.FromSeconds(20);

    private readonly ConcurrentDictionary<Guid, (ActiveImport Active, Task Work)> _active = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _wakes = new(0);
    private readonly Worker _worker;
    private readonly ICluster _cluster;
    private readonly ICatalog _catalog;
    private readonly SharedImports _shared;
    private readonly int _places;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Task _claiming;
    private readonly Task _reporting;

    public ClusterScheduler(Worker worker, ICluster cluster, ICatalog catalog, SharedImports shared, EngineOptions options, TimeProvider time, ILogger log)
    {
        _worker = worker;
        _cluster = cluster;
        _catalog = catalog;
        _shared = shared;
        _places = options.ConcurrentImports;
        _time = time;
        _log = log;
        _claiming = Task.Run(ClaimAsync);
        _reporting = Task.Run(() => new NodeReports(cluster, time, log).RunAsync(() => _active.Values.Select(active => active.Active).Where(active => active.Progress.Phase != ImportPhase.Queued), _stopping.Token));
    }

    public async ValueTask<int> CountUnfinishedAsync(CancellationToken cancellationToken) => await _cluster.CountUnfinishedAsync(cancellationToken).ConfigureAwait(false);

    public async ValueTask<bool> HasImportsAsync(string entitySystemName, CancellationToken cancellationToken) => await _cluster.HasImportsAsync(entitySystemName, cancellationToken).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<QueuedEntity>> ListQueuesAsync(int limit, CancellationToken cancellationToken)
    {
        var queues = await _cluster.ListQueuesAsync(limit, cancellationToken).ConfigureAwait(false);
        // What this node runs it knows better.
        return [.. queues.Select(queue => _active.TryGetValue(queue.ImportId, out var here) && here.Active.Retry is { } retry ? queue with { Reason = QueueReason.Retrying, Retry = retry } : queue)];
    }

    public Task<IDisposable> HoldDefinitionsAsync(CancellationToken cancellationToken) => _cluster.HoldDefinitionsAsync(cancellationToken);

    public void TakeUp(Import import, long bytes) => Wake();

    /// <inheritdoc/>
    /// <remarks>Where the catalog has it, it waits for its turn like any other.</remarks>
    public void TakeUpIfAdded(Guid importId, long bytes) => Wake();

    public async ValueTask<IUnfinishedImport?> FindAsync(Guid importId, CancellationToken cancellationToken)
    {
        if (_active.TryGetValue(importId, out var here)) return here.Active;
        return await _shared.FindAsync(importId, cancellationToken).ConfigureAwait(false) is { Import.HasEnded: false } elsewhere ? elsewhere : null;
    }

    public async Task<CancelOutcome> CancelAsync(Guid importId, CatalogCommit notes, CancellationToken cancellationToken)
    {
        var isHere = _active.TryGetValue(importId, out var here);
        if (!isHere)
        {
            if (await _catalog.FindImportAsync(importId, cancellationToken).ConfigureAwait(false) is not { HasEnded: false } import) return CancelOutcome.NotUnfinished;
            here.Active = new ActiveImport(import, bytesTotal: 0, _time);
        }

        // What runs it may not know yet that it has ended, when other nodes tell it already.
        if (!await here.Active.End.TryCancelAsync(notes).ConfigureAwait(false))
            return await _catalog.FindImportAsync(importId, cancellationToken).ConfigureAwait(false) is { HasEnded: false } ? CancelOutcome.Committing : CancelOutcome.NotUnfinished;
        try
        {
            // Whoever runs it elsewhere cannot commit it any longer once this has, and finds that out.
            var ending = isHere ? here.Active.Ended : _worker.EndCancelledAsync(here.Active, _stopping.Token);
            var ended = await ending.WaitAsync(CancelPatience, _time, cancellationToken).ConfigureAwait(false);
            _shared.Forget(importId);
            return ended.State != ImportState.Cancelled ? CancelOutcome.NotUnfinished
                : isHere && !ReferenceEquals(notes, here.Active.End.CancelNotes) ? CancelOutcome.CancelledBefore
                : CancelOutcome.Cancelled;
        }
        catch (Exception exception) when (exception is TimeoutException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return CancelOutcome.Pending;
        }
    }

    public async Task StopAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _claiming.ConfigureAwait(false);
        await _reporting.ConfigureAwait(false);
        await Task.WhenAll(_active.Values.Select(active => active.Work)).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        foreach (var (active, _) in _active.Values) active.Abandon();
        await _shared.DisposeAsync().ConfigureAwait(false);
        _stopping.Dispose();
        _wakes.Dispose();
    }

    private void Wake() => _wakes.Release();

    /// <summary>Claims as long as there is room and something waits, and then waits itself.</summary>
    private async Task ClaimAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            using var pass = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            var news = _cluster.WaitForNewsAsync(pass.Token);
            var pause = Poll;
            try
            {
                await AskAsync(async token =>
                {
                    await TakeOverAsync(token).ConfigureAwait(false);
                    return true;
                }).ConfigureAwait(false);
                while (_active.Count < _places && await AskAsync(_cluster.ClaimAsync).ConfigureAwait(false) is { } import) await BeginAsync(import).ConfigureAwait(false);
            }
            catch (Exception exception) when (!_stopping.IsCancellationRequested)
            {
                _log.LogError(exception, "Which imports wait could not be found out; it is tried again in {Seconds} s", FaultPause.TotalSeconds);
                pause = FaultPause;
            }
            catch (Exception)
            {
                // The service stops.
            }

            await WaitAsync(news, pause, pass).ConfigureAwait(false);
        }

        await GiveBackAsync("What was being claimed at that moment", TakeOverAsync).ConfigureAwait(false);
    }

    /// <summary>Gives back what nodes had that are silent, and what the store has as this one's and is not at work here: a claim may have come about whose answer never came.</summary>
    private async Task TakeOverAsync(CancellationToken cancellationToken)
    {
        foreach (var silent in await _cluster.TakeOverAsync([.. _active.Values.Select(active => active.Active.Import)], cancellationToken).ConfigureAwait(false))
            _log.LogWarning("Node {Node} was silent for longer than it may be: its imports go on elsewhere", silent);
    }

    private Task<T> AskAsync<T>(Func<CancellationToken, Task<T>> ask) => Patience.AskAsync(ask, _stopping.Token);

    /// <summary>Waits for news, for who wakes this up, or for some time, and has nobody wait for news any longer.</summary>
    private async Task WaitAsync(Task news, TimeSpan pause, CancellationTokenSource pass)
    {
        var woken = _wakes.WaitAsync(pass.Token);
        await Task.WhenAny(news, woken, Task.Delay(pause, _time, pass.Token)).ConfigureAwait(false);
        await pass.CancelAsync().ConfigureAwait(false);
        await woken.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await news.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        while (_wakes.Wait(0, CancellationToken.None))
        {
            // One look is enough for all who woke this up.
        }
    }

    /// <summary>Begins an import that was claimed; where that fails, it is given back by the next look.</summary>
    private async Task BeginAsync(Import import)
    {
        var upload = await AskAsync(token => _catalog.FindUploadAsync(import.UploadId, token)).ConfigureAwait(false);
        var active = new ActiveImport(import, upload?.Size ?? 0, _time);
        // Entered before it can end.
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _active[import.Id] = (active, WorkAsync());
        begun.SetResult();

        async Task WorkAsync()
        {
            await begun.Task.ConfigureAwait(false);
            await RunAsync(active).ConfigureAwait(false);
        }
    }

    private async Task RunAsync(ActiveImport active)
    {
        try
        {
            var ended = await _worker.RunAsync(active, _stopping.Token).ConfigureAwait(false);
            _shared.Forget(ended.Id);
            active.Finish(ended);
            _active.TryRemove(ended.Id, out _);
            Wake();
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            await GiveBackAsync($"Import {active.Import.Id}", cancellationToken => _cluster.ReleaseAsync(active.Import, cancellationToken)).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            _log.LogCritical(exception, "Import {ImportId} could not be ended; a node begins it again", active.Import.Id);
            active.Abandon();
            // The next look gives it back.
            _active.TryRemove(active.Import.Id, out _);
            Wake();
        }
    }

    /// <summary>Gives back what a node that stops had. One broken connection is no reason to have the others wait for its lease.</summary>
    private async Task GiveBackAsync(string what, Func<CancellationToken, Task> release)
    {
        using var patience = new CancellationTokenSource(ReleasePatience, _time);
        while (true)
        {
            try
            {
                await release(patience.Token).WaitAsync(patience.Token).ConfigureAwait(false);
                return;
            }
            catch (Exception exception) when (patience.IsCancellationRequested)
            {
                _log.LogWarning(exception, "{What} could not be given back; others take it when they see that this node is gone", what);
                return;
            }
            catch (Exception)
            {
                await Task.Delay(ReleasePause, _time, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }
}
