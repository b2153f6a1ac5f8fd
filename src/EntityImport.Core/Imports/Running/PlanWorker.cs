using System.Collections.Concurrent;
using System.Globalization;
using EntityImport.Catalog;
using EntityImport.Files;
using EntityImport.Notices;
using EntityImport.Options;
using EntityImport.Storage;
using EntityImport.Testing;
using Microsoft.Extensions.Logging;

namespace EntityImport.Imports.Running;

/// <summary>Makes plans, a few at once, beside the imports: they read the entity as it is when they begin, and wait for no import. Thread-safe.</summary>
internal sealed class PlanWorker : IAsyncDisposable
{
    /// <summary>How often it is tried to write down how a plan ended, where nothing says that it can be written later; then the next start makes it anew.</summary>
    private const int MaxAttemptsToEnd = 8;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);

    /// <summary>How often plans are looked for that nobody makes, where several nodes share the store.</summary>
    private static readonly TimeSpan AdoptInterval = TimeSpan.FromSeconds(2);

    private readonly IStore _store;
    private readonly ICatalog _catalog;
    private readonly ImportFiles _files;
    private readonly Outbox _outbox;
    private readonly EngineOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ConcurrentDictionary<Guid, (ActiveImport Active, Task Work)> _active = new();
    private readonly UnansweredAdds<Plan> _unsure;
    private readonly SemaphoreSlim _places;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _sharing = Task.CompletedTask;

    public PlanWorker(IStore store, ImportFiles files, Outbox outbox, EngineOptions options, TimeProvider time, ILogger log)
    {
        _store = store;
        _catalog = store.Catalog;
        _files = files;
        _outbox = outbox;
        _options = options;
        _time = time;
        _log = log;
        _places = new SemaphoreSlim(options.ConcurrentPlans);
        _unsure = new UnansweredAdds<Plan>("plan", _catalog.FindPlanAsync, Start, time, log);
        if (store.Cluster is { } cluster) _sharing = Task.WhenAll(Task.Run(() => AdoptAsync(cluster)), Task.Run(() => new NodeReports(cluster, time, log).RunAsync(() => _active.Values.Select(active => active.Active), _stopping.Token)));
    }

    /// <summary>How many plans have not ended, on all nodes.</summary>
    public async ValueTask<int> CountUnfinishedAsync(CancellationToken cancellationToken) =>
        _store.Cluster is { } cluster ? await cluster.CountUnfinishedPlansAsync(cancellationToken).ConfigureAwait(false) : _active.Count;

    /// <summary>Begins to make a plan that the catalog has.</summary>
    /// <param name="plan">The plan, not ended.</param>
    /// <param name="bytes">Size of its file.</param>
    public void Start(Plan plan, long bytes)
    {
        var active = new ActiveImport(plan.Run, bytes, _time);
        // Entered before it can end, and once: who added it and who looks for those that nobody makes may both come to it.
        var begun = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        begun.SetResult(_active.TryAdd(plan.Id, (active, WorkAsync())));

        async Task WorkAsync()
        {
            if (await begun.Task.ConfigureAwait(false)) await RunAsync(active, plan).ConfigureAwait(false);
            else active.Dispose();
        }
    }

    /// <summary>Begins to make a plan of which the catalog did not say whether it has it, as soon as it says that it does.</summary>
    /// <param name="planId">The plan.</param>
    /// <param name="bytes">Size of its file.</param>
    public void StartIfAdded(Guid planId, long bytes) => _unsure.Add(planId, bytes, _stopping.Token);

    /// <summary>A plan that has not ended; null where it has, and where there is none.</summary>
    public ActiveImport? Find(Guid planId) => _active.TryGetValue(planId, out var found) ? found.Active : null;

    /// <summary>Ends a plan that another node makes, which finds that out.</summary>
    /// <param name="plan">The plan, not ended.</param>
    /// <param name="notes">What is noted of the request for it.</param>
    /// <returns>How it has ended.</returns>
    public async Task<Import> EndCancelledAsync(Plan plan, CatalogCommit notes)
    {
        using var active = new ActiveImport(plan.Run, bytesTotal: 0, _time);
        await active.End.TryCancelAsync(notes).ConfigureAwait(false);
        await KeepEndAsync(active, plan, Cancelled(plan.Run), _stopping.Token).ConfigureAwait(false);
        return (await _catalog.FindPlanAsync(plan.Id, _stopping.Token).ConfigureAwait(false))?.Run ?? Cancelled(plan.Run);
    }

    /// <summary>Interrupts what runs; it runs again when the engine is opened next.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _unsure.EndAsync().ConfigureAwait(false);
        await _sharing.ConfigureAwait(false);
        await Task.WhenAll(_active.Values.Select(active => active.Work)).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        foreach (var (active, _) in _active.Values) active.Abandon();
        _stopping.Dispose();
        _places.Dispose();
    }

    /// <summary>Makes the plans of nodes that are not there any longer.</summary>
    private async Task AdoptAsync(ICluster cluster)
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                foreach (var plan in await Patience.AskAsync(token => cluster.AdoptPlansAsync([.. _active.Keys], token), _stopping.Token).ConfigureAwait(false))
                {
                    var upload = await Patience.AskAsync(token => _catalog.FindUploadAsync(plan.Run.UploadId, token), _stopping.Token).ConfigureAwait(false);
                    _log.LogInformation("Plan {PlanId} for {Entity} was unfinished and is made here", plan.Id, plan.Run.EntitySystemName);
                    Start(plan, upload?.Size ?? 0);
                }
            }
            catch (Exception exception) when (!_stopping.IsCancellationRequested)
            {
                _log.LogWarning(exception, "Which plans nobody makes could not be found out; it is tried again in {Seconds} s", AdoptInterval.TotalSeconds);
            }
            catch (Exception)
            {
                // The service stops.
            }

            await Task.Delay(AdoptInterval, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RunAsync(ActiveImport active, Plan plan)
    {
        var stopping = _stopping.Token;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(active.End.Cancelled, stopping);
        try
        {
            var ended = await AttemptAsync(active, plan, either.Token).ConfigureAwait(false);
            if (!ended.IsKept) await KeepEndAsync(active, plan, ended.Import, stopping).ConfigureAwait(false);
            FaultPoints.Reach(FaultStep.PlanEnded, plan.Id);
            _outbox.Wake();
            _log.LogInformation("Plan {PlanId} for {Entity} ended as {State}: {Message}", plan.Id, plan.Run.EntitySystemName, ended.Import.State, ended.Import.Message);
            active.Finish(ended.Import);
            _active.TryRemove(plan.Id, out _);
        }
        catch (Exception) when (stopping.IsCancellationRequested)
        {
            // It stays unfinished in the catalog, and is made when the engine is opened next.
            await ForgetAttemptAsync(plan.Id).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            _log.LogCritical(exception, "Plan {PlanId} could not be ended; it is made again when the service starts", plan.Id);
        }
    }

    private async Task<EndedRun> AttemptAsync(ActiveImport active, Plan plan, CancellationToken cancellationToken)
    {
        try
        {
            await _places.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                var kept = await _catalog.FindPlanAsync(plan.Id, cancellationToken).ConfigureAwait(false) ?? throw new InvalidOperationException("The plan is not in the catalog.");
                if (kept.Run.HasEnded) return new EndedRun(kept.Run, IsKept: true);
                var run = kept.Run;
                if (run.Attempts >= _options.MaxAttempts)
                    return new EndedRun(Failed(run, EndCode.ServiceFailed, string.Create(CultureInfo.InvariantCulture, $": work on it began {run.Attempts} times, and the service ended unexpectedly each time.")), IsKept: false);
                var upload = (await _catalog.FindUploadAsync(run.UploadId, cancellationToken).ConfigureAwait(false))!;
                var mapping = (await _catalog.FindMappingAsync(run.MappingId, run.MappingRevision, cancellationToken).ConfigureAwait(false))!;
                // Counted before the work, so that a plan which takes the process down does not do so for ever.
                plan = kept with { Run = run with { State = ImportState.Running, Attempts = run.Attempts + 1 } };
                await _catalog.CommitAsync(new CatalogCommit { ChangedPlan = plan }, cancellationToken).ConfigureAwait(false);
                FaultPoints.Reach(FaultStep.PlanRunning, plan.Id);
                active.Begin(plan.Run, mergeShare: 0);
                return await new ImportRun(_catalog, _store.Records, _files, _outbox, _options, _time).RunAsync(active, upload, mapping, plan, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                _places.Release();
            }
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested && !_stopping.IsCancellationRequested)
        {
            return new EndedRun(Cancelled(active.Import), IsKept: false);
        }
        catch (Exception exception) when (!_stopping.IsCancellationRequested)
        {
            active.End.Undecide();
            _log.LogError(exception, "Plan {PlanId} for {Entity} failed", plan.Id, plan.Run.EntitySystemName);
            return new EndedRun(
                exception is StoredFileException lost ? Failed(active.Import, lost.Type, $". {lost.Message}")
                    : Worker.IsDiskFull(exception) ? Failed(active.Import, EndCode.DiskFull, ": the disk is full.")
                    : Failed(active.Import, EndCode.ServiceFailed, ": an error in the service; its log tells more under the plan's id."),
                IsKept: false);
        }
    }

    /// <summary>Takes back that an attempt was begun, because a clean stop is nothing that the plan is to blame for.</summary>
    private async Task ForgetAttemptAsync(Guid planId)
    {
        try
        {
            if (await _catalog.FindPlanAsync(planId, CancellationToken.None).ConfigureAwait(false) is not { Run: { State: ImportState.Running } run } kept) return;
            await _catalog.CommitAsync(new CatalogCommit { ChangedPlan = kept with { Run = run with { State = ImportState.Queued, Attempts = run.Attempts - 1 } } }, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            _log.LogWarning(exception, "Plan {PlanId} was interrupted by the stop of the service, which counts as an attempt because the store did not take it back", planId);
        }
    }

    /// <summary>Writes down how a plan ended that keeps nothing.</summary>
    private async Task KeepEndAsync(ActiveImport active, Plan plan, Import ended, CancellationToken stopping)
    {
        var pause = FirstPause;
        for (var attempt = 1; ; attempt++, pause = Worker.Longer(pause))
        {
            try
            {
                // A commit whose answer was lost has happened all the same.
                if (await _catalog.FindPlanAsync(plan.Id, stopping).ConfigureAwait(false) is not { Run.HasEnded: false } kept) return;
                if (!ended.HasRejectedRows && !_files.IsShared) _files.DropRejected(plan.Id);
                var notes = ended.State == ImportState.Cancelled ? active.End.CancelNotes : null;
                FaultPoints.Reach(FaultStep.PlanEnding, plan.Id);
                await _catalog.CommitAsync((notes ?? new CatalogCommit()) with { ChangedPlan = kept with { Run = ended, ExpiresAt = ended.StoppedAt + _options.KeepPlans }, Ends = true }, stopping).ConfigureAwait(false);
                if (!ended.HasRejectedRows && _files.IsShared) _files.DropRejected(plan.Id);
                return;
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested && (attempt < MaxAttemptsToEnd || exception is StoreUnavailableException))
            {
                _log.LogError(exception, "That plan {PlanId} ended as {State} cannot be stored; it is tried again in {Seconds} s", plan.Id, ended.State, pause.TotalSeconds);
                await Task.Delay(pause, _time, stopping).ConfigureAwait(false);
            }
        }
    }

    private Import Cancelled(Import run) => ImportRun.Unsuccessful(run, ImportState.Cancelled, clientError: true, EndCode.Cancelled, ": the plan was cancelled.", _time.GetUtcNow());

    private Import Failed(Import run, string code, string why) => ImportRun.Unsuccessful(run, ImportState.Failed, clientError: false, code, why, _time.GetUtcNow());
}
