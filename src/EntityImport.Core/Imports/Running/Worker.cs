using System.Globalization;
using EntityImport.Catalog;
using EntityImport.Files;
using EntityImport.Notices;
using EntityImport.Options;
using EntityImport.Storage;
using EntityImport.Testing;
using Microsoft.Extensions.Logging;

namespace EntityImport.Imports.Running;

/// <summary>
/// Brings an import whose turn has come to its end, whoever says that it has come: attempts with pauses between them, and the end in the catalog. Any fault that is not the file's is the
/// service's, and a reason to try again. Thread-safe.
/// </summary>
internal sealed class Worker(IStore store, ImportFiles files, Outbox outbox, EngineOptions options, TimeProvider time, ILogger log) : IDisposable
{
    /// <summary>The pauses between attempts to write down how an import ended.</summary>
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <summary>How often an end is written down as it is, where nothing says that it never can be; then it is shortened.</summary>
    private const int MaxAttemptsToEnd = 8;

    private readonly ICatalog _catalog = store.Catalog;
    private readonly ImportHistory _history = new(store.Catalog);
    private readonly SemaphoreSlim _places = new(options.ConcurrentImports);

    /// <summary>The pause after one that was not long enough: twice as long, up to the longest.</summary>
    public static TimeSpan Longer(TimeSpan pause) => pause * 2 < LongestPause ? pause * 2 : LongestPause;

    /// <summary>Runs an import to its end, which is durable when the call returns.</summary>
    /// <param name="active">The import.</param>
    /// <param name="stopping">Signals that the service stops.</param>
    /// <exception cref="OperationCanceledException">The service stops. The import is unfinished in the catalog.</exception>
    public async Task<Import> RunAsync(ActiveImport active, CancellationToken stopping)
    {
        while (true)
        {
            if (await AttemptAsync(active, stopping).ConfigureAwait(false) is { } ended) return await EndAsync(active, ended, stopping).ConfigureAwait(false);
            await PauseAsync(active, stopping).ConfigureAwait(false);
        }
    }

    /// <summary>Ends an import that was cancelled before its turn came.</summary>
    /// <inheritdoc cref="RunAsync"/>
    public Task<Import> EndCancelledAsync(ActiveImport active, CancellationToken stopping) => EndAsync(active, new EndedRun(Cancelled(active.Import), IsKept: false), stopping);

    public void Dispose() => _places.Dispose();

    /// <summary>Waits for a free place and runs the import once; null where the service failed and it is to be tried again.</summary>
    private async Task<EndedRun?> AttemptAsync(ActiveImport active, CancellationToken stopping)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(active.End.Cancelled, stopping);
        var begun = false;
        try
        {
            await _places.WaitAsync(either.Token).ConfigureAwait(false);
            try
            {
                // As the store has it: it may have ended in a commit whose answer was lost, or have been begun before a crash.
                var import = (await _catalog.FindImportAsync(active.Import.Id, either.Token).ConfigureAwait(false))!;
                if (import.HasEnded) return new EndedRun(import, IsKept: true);
                if (import.Attempts >= options.MaxAttempts)
                    return new EndedRun(ServiceFailed(import, EndCode.ServiceFailed, string.Create(
                        CultureInfo.InvariantCulture,
                        $"work on it began {import.Attempts} times, and the service failed or ended unexpectedly each time; its log tells more under the import's id")), IsKept: false);
                var upload = (await _catalog.FindUploadAsync(import.UploadId, either.Token).ConfigureAwait(false))!;
                var mapping = (await _catalog.FindMappingAsync(import.MappingId, import.MappingRevision, either.Token).ConfigureAwait(false))!;
                import = import with
                {
                    State = ImportState.Running,
                    Attempts = import.Attempts + 1,
                    DuplicateOf = await _history.FindDuplicateAsync(import, upload, mapping, either.Token).ConfigureAwait(false),
                };
                var mergeShare = await _history.FindMergeShareAsync(import, either.Token).ConfigureAwait(false);
                // Counted before the work, so that an import which takes the process down does not do so for ever.
                await KeepAsync(import, either.Token).ConfigureAwait(false);
                begun = true;
                FaultPoints.Reach(FaultStep.ImportRunning, import.Id);
                active.Begin(import, mergeShare);
                if (import.Undoes is not null) return await new UndoRun(store, files, outbox, time).RunAsync(active, mapping, either.Token).ConfigureAwait(false);
                return await new ImportRun(_catalog, store.Records, files, outbox, options, time).RunAsync(active, upload, mapping, plan: null, either.Token).ConfigureAwait(false);
            }
            finally
            {
                _places.Release();
            }
        }
        catch (Exception) when (active.End.Cancelled.IsCancellationRequested && !stopping.IsCancellationRequested)
        {
            return new EndedRun(Cancelled(active.Import), IsKept: false);
        }
        catch (Exception) when (stopping.IsCancellationRequested)
        {
            if (begun) await ForgetAttemptAsync(active.Import).ConfigureAwait(false);
            throw new OperationCanceledException(stopping);
        }
        catch (StoredFileException exception)
        {
            var import = active.Import;
            log.LogError(exception, "Import {ImportId} of upload {UploadId} into {Entity} failed, and is not tried again", import.Id, import.UploadId, import.EntitySystemName);
            return new EndedRun(ImportRun.Unsuccessful(import, ImportState.Failed, clientError: false, exception.Type, $". {exception.Message}", time.GetUtcNow()), IsKept: false);
        }
        catch (Exception exception)
        {
            active.End.Undecide();
            var import = active.Import;
            var isLast = begun && import.Attempts >= options.MaxAttempts;
            log.LogError(
                exception, "Import {ImportId} of upload {UploadId} into {Entity} failed at attempt {Attempt} of {MaxAttempts}{Next}",
                import.Id, import.UploadId, import.EntitySystemName, import.Attempts, options.MaxAttempts, isLast ? "" : "; it is tried again");
            var (code, problem) = IsDiskFull(exception) ? (EndCode.DiskFull, "the disk is full") : (EndCode.ServiceFailed, "an error in the service; its log tells more under the import's id");
            if (isLast) return new EndedRun(ServiceFailed(import, code, problem), IsKept: false);
            active.Retry = new ImportRetry(time.GetUtcNow() + options.RetryPause, problem);
            return null;
        }
    }

    /// <summary>Waits before the next attempt; cancelling the import ends the wait.</summary>
    private async Task PauseAsync(ActiveImport active, CancellationToken stopping)
    {
        active.Meter.Enter(ImportPhase.Queued);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(active.End.Cancelled, stopping);
        await Task.Delay(options.RetryPause, time, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        active.Retry = null;
        stopping.ThrowIfCancellationRequested();
    }

    /// <summary>Takes back that an attempt was begun, because a clean stop is nothing that the import is to blame for.</summary>
    private async Task ForgetAttemptAsync(Import import)
    {
        try
        {
            if (await _catalog.FindImportAsync(import.Id, CancellationToken.None).ConfigureAwait(false) is not { HasEnded: false } kept) return;
            await KeepAsync(kept with { State = ImportState.Queued, Attempts = kept.Attempts - 1 }, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            log.LogWarning(exception, "Import {ImportId} was interrupted by the stop of the service, which counts as an attempt because the store did not take it back", import.Id);
        }
    }

    /// <summary>Ends an import in the catalog, however long that takes.</summary>
    private async Task<Import> EndAsync(ActiveImport active, EndedRun run, CancellationToken stopping)
    {
        var ended = run.Import;
        FaultPoints.Reach(FaultStep.ImportEnding, ended.Id);
        if (run.IsKept)
        {
            // Another node may have marked it since, for one that it was undone.
            if (store.Cluster is null) await NoteCommitTimeAsync(ended, stopping).ConfigureAwait(false);
        }
        else
        {
            ended = await KeepEndAsync(active, ended with { Timeline = active.Meter.Timeline }, stopping).ConfigureAwait(false);
        }

        FaultPoints.Reach(FaultStep.ImportEnded, ended.Id);
        outbox.Wake();
        ImportMetrics.Record(ended, active.Progress.BytesTotal);
        log.LogInformation("Import {ImportId} into {Entity} ended as {State}: {Message}", ended.Id, ended.EntitySystemName, ended.State, ended.Message);
        return ended;
    }

    /// <summary>How long the commit took is only known after it. The import has ended by then, so that not being able to store it is no failure.</summary>
    private async Task NoteCommitTimeAsync(Import ended, CancellationToken stopping)
    {
        try
        {
            await KeepAsync(ended, stopping).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            log.LogWarning(exception, "Import {ImportId} has ended, but how long its commit took cannot be stored", ended.Id);
        }
    }

    /// <summary>
    /// Writes down how an import ended. Where that cannot be written as it is, a shorter end takes its place, because an import that never ends blocks its entity. As
    /// long as nothing is written, a client can still cancel it.
    /// </summary>
    private async Task<Import> KeepEndAsync(ActiveImport active, Import ended, CancellationToken stopping)
    {
        var pause = FirstPause;
        for (var attempt = 1; ; attempt++, pause = Longer(pause))
        {
            if (ended.State != ImportState.Cancelled && !active.End.TryDecide()) ended = Cancelled(active.Import);
            try
            {
                return await TryKeepEndAsync(ended, active.End.CancelNotes, stopping).ConfigureAwait(false);
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                active.End.Undecide();
                log.LogError(
                    exception, "That import {ImportId} ended as {State} cannot be stored; it is tried again in {Seconds} s. {Message}",
                    ended.Id, ended.State, pause.TotalSeconds, ended.Message);
                if (attempt >= MaxAttemptsToEnd || !MayPass(exception)) ended = Shorten(ended);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(
                    stopping, ended.State == ImportState.Cancelled ? CancellationToken.None : active.End.Cancelled);
                await Task.Delay(pause, time, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                stopping.ThrowIfCancellationRequested();
            }
        }
    }

    private async Task<Import> TryKeepEndAsync(Import ended, CatalogCommit? cancellation, CancellationToken stopping)
    {
        // A commit whose answer was lost has happened all the same.
        if (await _catalog.FindImportAsync(ended.Id, stopping).ConfigureAwait(false) is { HasEnded: true } kept) return kept;
        // Where others may be at work, only once the catalog has taken this end for the import's: what is there may be theirs.
        if (!ended.HasRejectedRows && !files.IsShared) DropRejected(ended.Id);
        await _catalog.CommitAsync(ImportEnd.Commit(ended, outbox, cancellation), stopping).ConfigureAwait(false);
        if (!ended.HasRejectedRows && files.IsShared) DropRejected(ended.Id);
        return ended;
    }

    private Task<CatalogCommit> KeepAsync(Import import, CancellationToken cancellationToken) => _catalog.CommitAsync(new CatalogCommit { ChangedImport = import }, cancellationToken);

    /// <summary>Deletes rows that nobody is shown. Where that fails they take space until their time is over, which is no reason for an import not to end.</summary>
    private void DropRejected(Guid importId)
    {
        try
        {
            files.DropRejected(importId);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            log.LogWarning(exception, "What import {ImportId} has written of rejected rows cannot be deleted", importId);
        }
    }

    /// <summary>The same end, as short as it can be told.</summary>
    private static Import Shorten(Import ended)
    {
        var shorter = ended with { Warnings = [], Timeline = null, StageMilliseconds = new Dictionary<string, long>() };
        return ended.State != ImportState.Failed ? shorter : ImportRun.Unsuccessful(
            shorter, ended.State, ended.ClientError, ended.Code!, ". Why cannot be stored; the service's log has it under the import's id.", ended.StoppedAt!.Value);
    }

    /// <summary>Whether what the store failed with passes, so that trying the same again may help.</summary>
    private static bool MayPass(Exception exception) => exception is StoreUnavailableException or IOException or UnauthorizedAccessException;

    private Import Cancelled(Import import) =>
        ImportRun.Unsuccessful(import, ImportState.Cancelled, clientError: true, EndCode.Cancelled, ": the import was cancelled.", time.GetUtcNow());

    private Import ServiceFailed(Import import, string code, string why) =>
        ImportRun.Unsuccessful(import, ImportState.Failed, clientError: false, code, $": {why}.", time.GetUtcNow());

    internal static bool IsDiskFull(Exception exception) =>
        exception is StoreUnavailableException { IsDiskFull: true } || (exception is IOException fault && DiskFull.IsCauseOf(fault));
}
