using EntityImport.Catalog;

namespace EntityImport.Imports.Scheduling;

/// <summary>
/// The port to the order in which imports run: which one where and when, and who is told of it. Those of one entity run one after the other as they were invoked, different entities side by
/// side. What an import does, and how it is tried again, is the <see cref="Running.Worker"/>'s, wherever it runs. Thread-safe.
/// </summary>
public interface IScheduler : IAsyncDisposable
{
    /// <summary>How many imports have been taken up and not ended.</summary>
    ValueTask<int> CountUnfinishedAsync(CancellationToken cancellationToken);

    /// <summary>Whether an import into an entity is unfinished: then the entity stays as it is.</summary>
    ValueTask<bool> HasImportsAsync(string entitySystemName, CancellationToken cancellationToken);

    /// <summary>The entities with imports that have not ended, whose oldest ones were invoked first.</summary>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    ValueTask<IReadOnlyList<QueuedEntity>> ListQueuesAsync(int limit, CancellationToken cancellationToken);

    /// <summary>Waits to be the only one that changes entities or mappings, or adds imports; disposing the result ends it. Imports that were added before have been taken up by then, also those that <see cref="TakeUpIfAdded"/> is about.</summary>
    Task<IDisposable> HoldDefinitionsAsync(CancellationToken cancellationToken);

    /// <summary>Takes up an import that the catalog has: it runs by itself, after those of its entity that were taken up before.</summary>
    /// <param name="import">The import, not ended.</param>
    /// <param name="bytes">Size of its file.</param>
    void TakeUp(Import import, long bytes);

    /// <summary>Takes up an import of which the catalog did not say whether it has it, as soon as it says that it does.</summary>
    /// <param name="importId">The import.</param>
    /// <param name="bytes">Size of its file.</param>
    void TakeUpIfAdded(Guid importId, long bytes);

    /// <summary>An import that has not ended; null where it has, and where there is none.</summary>
    ValueTask<IUnfinishedImport?> FindAsync(Guid importId, CancellationToken cancellationToken);

    /// <summary>Ends an import without writing anything, and waits for a while until that is durable.</summary>
    /// <param name="importId">The import.</param>
    /// <param name="notes">What is noted of the request for it, which is kept in the same commit.</param>
    /// <param name="cancellationToken">Ends the wait; the import is cancelled all the same.</param>
    Task<CancelOutcome> CancelAsync(Guid importId, CatalogCommit notes, CancellationToken cancellationToken);

    /// <summary>Interrupts what runs here without failing it, and begins no more; done when nothing holds the store any longer.</summary>
    Task StopAsync();
}

/// <summary>What came of cancelling an import.</summary>
public enum CancelOutcome
{
    /// <summary>It is cancelled, and that is durable.</summary>
    Cancelled,

    /// <summary>It was cancelled by another request: what is noted of this one was not kept with that.</summary>
    CancelledBefore,

    /// <summary>It had ended, or there is none.</summary>
    NotUnfinished,

    /// <summary>It is being committed: too late.</summary>
    Committing,

    /// <summary>It will end, but that cannot be made durable at the moment.</summary>
    Pending,
}
