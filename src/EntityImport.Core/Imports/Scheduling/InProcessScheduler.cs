using System.Collections.Concurrent;
using EntityImport.Catalog;
using EntityImport.Imports.Running;
using Microsoft.Extensions.Logging;

namespace EntityImport.Imports.Scheduling;

/// <summary>Runs all imports in this process, which is the only one on its store.</summary>
internal sealed class InProcessScheduler : IScheduler
{
    /// <summary>How long who cancels waits until that is durable.</summary>
    private static readonly TimeSpan CancelPatience = TimeSpan.FromSeconds(20);

    private readonly ConcurrentDictionary<Guid, ActiveImport> _active = new();
    private readonly UnansweredAdds<Import> _unsure;
    private readonly EntityLocks _locks = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly EntityQueues _queues;
    private readonly Worker _worker;
    private readonly TimeProvider _time;
    private readonly ILogger _log;

    public InProcessScheduler(Worker worker, ICatalog catalog, TimeProvider time, ILogger log)
    {
        _worker = worker;
        _time = time;
        _log = log;
        _queues = new EntityQueues(RunAsync);
        _unsure = new UnansweredAdds<Import>("import", catalog.FindImportAsync, TakeUp, time, log);
    }

    public ValueTask<int> CountUnfinishedAsync(CancellationToken cancellationToken) => ValueTask.FromResult(_active.Count);

    public ValueTask<bool> HasImportsAsync(string entitySystemName, CancellationToken cancellationToken) => ValueTask.FromResult(_locks.HasImports(entitySystemName));

    public ValueTask<IReadOnlyList<QueuedEntity>> ListQueuesAsync(int limit, CancellationToken cancellationToken) => ValueTask.FromResult<IReadOnlyList<QueuedEntity>>(
    [
        .. _active.Values.GroupBy(active => active.Import.EntitySystemName, StringComparer.OrdinalIgnoreCase)
            .Select(imports => (Oldest: imports.MinBy(active => active.Import.Sequence)!, Count: imports.Count()))
            .OrderBy(queue => queue.Oldest.Import.Sequence)
            .Take(limit)
            .Select(queue => queue.Oldest.Queued(queue.Count)),
    ]);

    public async Task<IDisposable> HoldDefinitionsAsync(CancellationToken cancellationToken)
    {
        var hold = await _locks.HoldDefinitionsAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // What was invoked before, without an answer, runs before what is invoked now.
            await _unsure.SettleAsync(cancellationToken).ConfigureAwait(false);
            return hold;
        }
        catch
        {
            hold.Dispose();
            throw;
        }
    }

    public void TakeUp(Import import, long bytes)
    {
        var active = new ActiveImport(import, bytes, _time);
        _active[import.Id] = active;
        _locks.Enter(import.EntitySystemName);
        _queues.Add(active);
    }

    public void TakeUpIfAdded(Guid importId, long bytes) => _unsure.Add(importId, bytes, _stopping.Token);

    public ValueTask<IUnfinishedImport?> FindAsync(Guid importId, CancellationToken cancellationToken) => ValueTask.FromResult<IUnfinishedImport?>(_active.GetValueOrDefault(importId));

    public async Task<CancelOutcome> CancelAsync(Guid importId, CatalogCommit notes, CancellationToken cancellationToken)
    {
        if (!_active.TryGetValue(importId, out var active)) return CancelOutcome.NotUnfinished;
        if (!await active.End.TryCancelAsync(notes).ConfigureAwait(false)) return active.Import.HasEnded ? CancelOutcome.NotUnfinished : CancelOutcome.Committing;
        if (_queues.TryRemove(active)) _ = CancelQueuedAsync(active);
        try
        {
            var ended = await active.Ended.WaitAsync(CancelPatience, _time, cancellationToken).ConfigureAwait(false);
            return ended.State != ImportState.Cancelled ? CancelOutcome.NotUnfinished
                : ReferenceEquals(notes, active.End.CancelNotes) ? CancelOutcome.Cancelled
                : CancelOutcome.CancelledBefore;
        }
        catch (Exception exception) when (exception is TimeoutException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return CancelOutcome.Pending;
        }
    }

    public async Task StopAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _queues.StopAsync().ConfigureAwait(false);
        await _unsure.EndAsync().ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        foreach (var active in _active.Values) active.Abandon();
        _stopping.Dispose();
        _locks.Dispose();
    }

    /// <summary>Runs an import whose turn has come to its end, or until the service stops. Never fails: what happens is told in the import.</summary>
    private Task RunAsync(ActiveImport active) => GuardAsync(active, () => _worker.RunAsync(active, _stopping.Token));

    private Task CancelQueuedAsync(ActiveImport active) => GuardAsync(active, () => _worker.EndCancelledAsync(active, _stopping.Token));

    private async Task GuardAsync(ActiveImport active, Func<Task<Import>> run)
    {
        try
        {
            var ended = await run().ConfigureAwait(false);
            // First the entity is free, then the end is told: who has seen it may delete the entity at once.
            _locks.Leave(ended.EntitySystemName);
            active.Finish(ended);
            _active.TryRemove(ended.Id, out _);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // It stays unfinished in the catalog, and runs again when the engine is opened next.
        }
        catch (Exception exception)
        {
            _log.LogCritical(exception, "Import {ImportId} could not be ended; it runs again when the service starts", active.Import.Id);
        }
    }
}
