using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Imports.Scheduling;

namespace EntityImport.Engine;

/// <summary>What waits, and for what, for administrators. Thread-safe.</summary>
public sealed class QueueService
{
    private readonly IScheduler _scheduler;

    internal QueueService(IScheduler scheduler) => _scheduler = scheduler;

    /// <summary>How many imports have not ended, and the entities that they are of, whose oldest ones were invoked first.</summary>
    /// <param name="request">Who asks.</param>
    /// <param name="limit">How many entities at most, at least 1.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="RequestException">The caller is no administrator.</exception>
    public async Task<(int Unfinished, IReadOnlyList<QueuedEntity> Entities)> ReadAsync(Request request, int limit, CancellationToken cancellationToken)
    {
        Admission.CheckEverywhere(request, Scope.Admin);
        return (await _scheduler.CountUnfinishedAsync(cancellationToken).ConfigureAwait(false), await _scheduler.ListQueuesAsync(limit, cancellationToken).ConfigureAwait(false));
    }
}
