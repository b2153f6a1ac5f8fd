using EntityImport.Catalog;
using EntityImport.Files;
using EntityImport.Imports.Scheduling;
using EntityImport.Options;
using EntityImport.Storage;
using EntityImport.Testing;
using Microsoft.Extensions.Logging;

namespace EntityImport.Upkeep;

/// <summary>
/// Deletes files and receipts whose time is over, in the background. That a file has expired is written down before it is deleted: a crash in between leaves a file
/// that the next sweep deletes. A clock that may be wrong deletes nothing.
/// </summary>
internal sealed class Retention(
    IStore store, ImportFiles files, IScheduler scheduler, EngineOptions options, TimeProvider time, ILogger log) : IAsyncDisposable
{
    /// <summary>The time between two sweeps.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    /// <summary>How many entries of refused attempts the audit trail keeps: about two weeks of the longest flood.</summary>
    private const int MostRefusedAttempts = 2_000_000;

    /// <summary>How many deliveries of notices are kept.</summary>
    private const int MostDeliveries = 1_000_000;

    private readonly ICatalog _catalog = store.Catalog;
    private readonly SharedSweep _shared = new(store.Catalog, files, log);
    private readonly ClockWatch _clock = new(files, time, log);
    private readonly CancellationTokenSource _stopping = new();
    private Task _work = Task.CompletedTask;
    private ErrorFileFigures? _errorFiles;

    /// <summary>How much the files of rejected rows took when they were looked at last, which is done with each sweep; null before the first.</summary>
    public ErrorFileFigures? ErrorFiles => Volatile.Read(ref _errorFiles);

    /// <summary>Begins to sweep: now, and then at each interval.</summary>
    public void Start() => _work = Task.Run(RunAsync);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _work.ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await SweepAsync(_stopping.Token).ConfigureAwait(false);
            }
            catch (Exception exception) when (!_stopping.IsCancellationRequested)
            {
                log.LogError(exception, "The sweep of what has expired failed; it is tried again in {Minutes} minutes", Interval.TotalMinutes);
            }
            catch (Exception)
            {
                // The service stops.
            }

            await Task.Delay(Interval, time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        // Of several nodes one is enough, and what each deletes is looked at again before that.
        var isHere = store.Cluster is not { } cluster || await cluster.TakeDutyAsync("retention", Interval, cancellationToken).ConfigureAwait(false);
        if (isHere && await _clock.IsTrustedAsync(cancellationToken).ConfigureAwait(false)) await DeleteAsync(now, cancellationToken).ConfigureAwait(false);
        MeasureErrorFiles(now, cancellationToken);
    }

    private async Task DeleteAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        await _catalog.DeleteReceiptsAsync(now - options.KeepRequestKeys, cancellationToken).ConfigureAwait(false);
        await _catalog.DeleteAuditAsync(now - options.KeepAudit, MostRefusedAttempts, cancellationToken).ConfigureAwait(false);
        await _catalog.DeleteNoticesAsync(now - options.KeepNotices, MostDeliveries, cancellationToken).ConfigureAwait(false);
        if (options.KeepErrorFiles is { } keepRejected)
            foreach (var importId in files.ListRejected()) await SweepRejectedAsync(importId, now, now - keepRejected, cancellationToken).ConfigureAwait(false);
        await SweepUnboundAsync(now, cancellationToken).ConfigureAwait(false);
        await SweepBeforeAsync(now, cancellationToken).ConfigureAwait(false);
        await SweepPlansAsync(now, cancellationToken).ConfigureAwait(false);
        if (options.KeepUploads is { } keepUploads)
            foreach (var uploadId in files.ListUploads()) await SweepUploadAsync(uploadId, now, now - keepUploads, cancellationToken).ConfigureAwait(false);
        if (files.IsShared) await _shared.SweepAsync(now, cancellationToken).ConfigureAwait(false);
        await _clock.NoteAsync(cancellationToken).ConfigureAwait(false);
    }

    private void MeasureErrorFiles(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (bytes, oldest) = (0L, (DateTimeOffset?)null);
        var imports = new HashSet<Guid>();
        foreach (var (importId, size) in files.MeasureRejected())
        {
            cancellationToken.ThrowIfCancellationRequested();
            bytes += size;
            if (!imports.Add(importId)) continue;
            var begun = IdTime.Of(importId);
            if (oldest is null || begun < oldest) oldest = begun;
        }

        Volatile.Write(ref _errorFiles, new ErrorFileFigures(imports.Count, bytes, oldest, now));
    }

    private async Task SweepRejectedAsync(Guid importId, DateTimeOffset now, DateTimeOffset before, CancellationToken cancellationToken)
    {
        if (IdTime.Of(importId) >= before || !await ExpireRejectedAsync(importId, now, before, cancellationToken).ConfigureAwait(false)) return;
        files.DropRejected(importId);
        log.LogInformation("The rejected rows of import {ImportId} were deleted: their time was over", importId);
    }

    /// <summary>Notes of an import that its rejected rows are gone; false where their time is not over.</summary>
    private async Task<bool> ExpireRejectedAsync(Guid importId, DateTimeOffset now, DateTimeOffset before, CancellationToken cancellationToken)
    {
        // No undo of it can be invoked meanwhile; one that has not ended writes the import down as it has read it, and is the last of the upload until then.
        using var hold = await scheduler.HoldDefinitionsAsync(cancellationToken).ConfigureAwait(false);
        if (await _catalog.FindImportAsync(importId, cancellationToken).ConfigureAwait(false) is not { HasEnded: true } import || import.StoppedAt >= before) return false;
        if (await _catalog.FindLastImportAsync(import.UploadId, cancellationToken).ConfigureAwait(false) is { HasEnded: false }) return false;
        if (import.RejectedExpiredAt is null)
        {
            await _catalog.CommitAsync(new CatalogCommit { ChangedImport = import with { RejectedExpiredAt = now }, DeletedRepair = importId }, cancellationToken).ConfigureAwait(false);
        }

        return true;
    }

    private async Task SweepPlansAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        foreach (var listed in await _catalog.ListPlansAsync(new PlanQuery(null, [], Before: null, int.MaxValue) { Kept = true }, cancellationToken).ConfigureAwait(false))
        {
            if (!(listed.ExpiresAt <= now)) continue;
            // It cannot be applied meanwhile; an import that applies it keeps it.
            using var hold = await scheduler.HoldDefinitionsAsync(cancellationToken).ConfigureAwait(false);
            if (await _catalog.FindPlanAsync(listed.Id, cancellationToken).ConfigureAwait(false) is not { ExpiredAt: null } plan) continue;
            if (plan.AppliedBy is { } importId && await _catalog.FindImportAsync(importId, cancellationToken).ConfigureAwait(false) is { HasEnded: false }) continue;
            await _catalog.CommitAsync(new CatalogCommit { ChangedPlan = plan with { ExpiredAt = now, Signatures = [] } }, cancellationToken).ConfigureAwait(false);
            FaultPoints.Reach(FaultStep.PlanExpired, plan.Id);
            if (plan.RejectedId == plan.Id) files.DropRejected(plan.Id);
            log.LogInformation("What plan {PlanId} kept was deleted: its time was over", plan.Id);
        }
    }

    private async Task SweepUploadAsync(Guid uploadId, DateTimeOffset now, DateTimeOffset before, CancellationToken cancellationToken)
    {
        if (IdTime.Of(uploadId) >= before) return;
        // No import or plan of it can be invoked meanwhile.
        using var hold = await scheduler.HoldDefinitionsAsync(cancellationToken).ConfigureAwait(false);
        if (await _catalog.FindUploadAsync(uploadId, cancellationToken).ConfigureAwait(false) is not { } upload || upload.CreatedAt >= before) return;
        var last = await _catalog.FindLastImportAsync(uploadId, cancellationToken).ConfigureAwait(false);
        if (last is { HasEnded: false } || last?.StoppedAt >= before) return;
        var unfinished = await _catalog.ListPlansAsync(new PlanQuery(null, [ImportState.Queued, ImportState.Running], Before: null, int.MaxValue), cancellationToken).ConfigureAwait(false);
        if (unfinished.Any(plan => plan.Run.UploadId == uploadId)) return;
        // How long it may stay without a mapping is another matter.
        if (upload.MappingId is null) return;
        if (upload.ExpiredAt is null) await _catalog.CommitAsync(new CatalogCommit { ChangedUpload = upload with { ExpiredAt = now } }, cancellationToken).ConfigureAwait(false);
        files.DropUpload(uploadId);
        log.LogInformation("The file of upload {UploadId} was deleted: its time was over", uploadId);
    }

    /// <summary>What records were before imports: what is too old, and the oldest where all of it takes too much space. Oldest first, so that of what is left nothing is missing that came after it.</summary>
    private async Task SweepBeforeAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var kept = await store.Records.ListBeforeAsync(cancellationToken).ConfigureAwait(false);
        var bytes = kept.Sum(before => before.Bytes);
        foreach (var before in kept)
        {
            var isTooMuch = bytes > options.MaxBeforeBytes;
            if (!isTooMuch && options.KeepBefore is null) return;
            var import = await _catalog.FindLastSucceededAsync(before.EntitySystemName, before.Import + 1, cancellationToken).ConfigureAwait(false);
            // That none is found says nothing of its time: each of them is of an import that has succeeded.
            if (!isTooMuch && !(import?.StoppedAt < now - options.KeepBefore)) return;
            await store.Records.DropBeforeAsync(before, cancellationToken).ConfigureAwait(false);
            bytes -= before.Bytes;
            log.LogInformation("What the records of {Entity} were before import {ImportId} was deleted: {Why}", before.EntitySystemName, import?.Id, isTooMuch ? "it took too much space" : "its time was over");
        }
    }

    /// <summary>Files that nobody has bound to a mapping, or that never became complete.</summary>
    private async Task SweepUnboundAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        foreach (var listed in await _catalog.ListUploadsAsync(new UploadQuery(MappingId: null, Before: null, int.MaxValue) { Unbound = true }, cancellationToken).ConfigureAwait(false))
        {
            if (!IsOver(listed)) continue;
            // It can neither be bound nor become complete meanwhile.
            using var hold = await scheduler.HoldDefinitionsAsync(cancellationToken).ConfigureAwait(false);
            if (await _catalog.FindUploadAsync(listed.Id, cancellationToken).ConfigureAwait(false) is not { MappingId: null } upload || !IsOver(upload)) continue;
            // In this order, since only those that have not expired are listed: a crash in between leaves one that the next sweep finds again.
            files.DropUpload(upload.Id);
            await _catalog.CommitAsync(new CatalogCommit { ChangedUpload = upload with { ExpiredAt = now } }, cancellationToken).ConfigureAwait(false);
            log.LogInformation("The file of upload {UploadId} was deleted: its time was over, and it was bound to no mapping", upload.Id);
        }

        // Whoever sends a file until the last moment has let go of it an interval later.
        bool IsOver(Upload upload) => upload.CreatedAt < now - (upload.IsComplete ? options.KeepUnboundUploads : options.KeepUnfinishedUploads + Interval);
    }

}

/// <summary>How much the files of rejected rows took at a time.</summary>
/// <param name="Count">How many there were: each import that has ended with its rows read has one, those of plans included.</param>
/// <param name="Bytes">Their size.</param>
/// <param name="Oldest">When the oldest import of them was invoked; null where there were none.</param>
/// <param name="At">When they were looked at.</param>
internal sealed record ErrorFileFigures(long Count, long Bytes, DateTimeOffset? Oldest, DateTimeOffset At);
