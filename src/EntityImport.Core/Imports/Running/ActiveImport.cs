using EntityImport.Catalog;
using EntityImport.Imports.Rejections;

namespace EntityImport.Imports.Running;

/// <summary>An import that has not ended, in the process that runs it: how far it is, how it ends, and those who wait for that. Thread-safe.</summary>
internal sealed class ActiveImport(Import import, long bytesTotal, TimeProvider time) : IUnfinishedImport, IDisposable
{
    private readonly TaskCompletionSource<Import> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Import _import = import;
    private RejectedRowsFile? _rejected;
    private ImportRetry? _retry;

    /// <inheritdoc/>
    public Import Import => Volatile.Read(ref _import);

    /// <summary>How far it is.</summary>
    public ProgressMeter Meter { get; } = new(bytesTotal, time);

    /// <summary>The rows that its attempt rejects; null before it opens the file.</summary>
    public RejectedRowsFile? Rejected
    {
        get => Volatile.Read(ref _rejected);
        set => Volatile.Write(ref _rejected, value);
    }

    /// <summary>When it is tried again; null where it is not waiting for that.</summary>
    public ImportRetry? Retry
    {
        get => Volatile.Read(ref _retry);
        set => Volatile.Write(ref _retry, value);
    }

    /// <summary>How it ends.</summary>
    public EndDecision End { get; } = new();

    /// <inheritdoc/>
    public ImportProgress Progress => Import is { HasEnded: true } ended ? Meter.Progress with { Ledger = ended.Ledger } : Meter.Progress;

    /// <inheritdoc/>
    public IReadOnlyList<TimelinePoint> Timeline => Meter.Timeline;

    /// <inheritdoc/>
    public Task Changed => Meter.Changed;

    /// <inheritdoc/>
    public Task<Import> Ended => _ended.Task;

    /// <summary>It as the oldest of its entity's imports that have not ended.</summary>
    /// <param name="unfinished">How many those are.</param>
    public QueuedEntity Queued(int unfinished)
    {
        var (current, retry) = (Import, Retry);
        var reason = retry is not null ? QueueReason.Retrying : Meter.Progress.Phase == ImportPhase.Queued ? QueueReason.WaitsForPlace : QueueReason.Running;
        return new QueuedEntity(current.EntitySystemName, unfinished, current.Id, current.StartedAt, current.Attempts, reason, Node: null, retry);
    }

    /// <summary>Notes that work begins, from the file's beginning.</summary>
    /// <param name="begun">The import.</param>
    /// <param name="mergeShare">How long the merge is expected to take, as a multiple of the time that loading takes.</param>
    public void Begin(Import begun, double mergeShare)
    {
        Volatile.Write(ref _import, begun);
        Meter.Begin(mergeShare);
    }

    /// <summary>Tells the end to those who wait.</summary>
    public void Finish(Import ended)
    {
        Volatile.Write(ref _import, ended);
        Meter.Enter(ImportPhase.Ended);
        _ended.TrySetResult(ended);
    }

    /// <summary>Lets go of all who wait, because the service stops before the import has ended.</summary>
    public void Abandon() => _ended.TrySetCanceled();

    public void Dispose() => End.Dispose();
}
