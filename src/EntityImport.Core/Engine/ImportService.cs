using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Files;
using EntityImport.Imports;
using EntityImport.Imports.Rejections;
using EntityImport.Imports.Running;
using EntityImport.Imports.Scheduling;
using EntityImport.Inputs;
using EntityImport.Mappings;
using EntityImport.Options;
using EntityImport.Storage;
using EntityImport.Testing;
using Microsoft.Extensions.Logging;

namespace EntityImport.Engine;

/// <summary>Invokes imports and runs them: those of one entity one after the other, different entities side by side. Thread-safe.</summary>
public sealed class ImportService : IAsyncDisposable
{
    /// <summary>The columns that an error file has beside those of its input; they are ignored when it is imported.</summary>
    public static IReadOnlyList<string> ErrorColumns => ImportSource.ErrorColumns;

    /// <summary>How long who cancels waits until that is durable.</summary>
    private static readonly TimeSpan CancelPatience = TimeSpan.FromSeconds(20);

    /// <summary>The pauses between attempts to write down how an import ended.</summary>
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <summary>How often an end is written down as it is, where nothing says that it never can be; then it is shortened.</summary>
    private const int MaxAttemptsToEnd = 8;

    /// <summary>How long the merge takes as a multiple of the time for loading, where no earlier import into the entity tells: an empty entity is loaded into directly.</summary>
    private const double UsualMergeShare = 0;

    /// <summary>Imports that loaded faster say nothing about larger ones; in milliseconds.</summary>
    private const long LeastTellingLoad = 100;

    private readonly ICatalog _catalog;
    private readonly IRecords _data;
    private readonly FileStore _files;
    private readonly EntityLocks _locks;
    private readonly Idempotency _requests;
    private readonly EngineOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ConcurrentDictionary<Guid, ActiveImport> _active = new();
    private readonly EndedImports _ended = new();
    private readonly ConcurrentDictionary<Guid, Task> _unsure = new();
    private readonly EntityQueues _queues;
    private readonly SemaphoreSlim _places;
    private readonly CancellationTokenSource _stopping = new();

    internal ImportService(
        ICatalog catalog, IRecords data, FileStore files, EntityLocks locks, Idempotency requests, EngineOptions options, TimeProvider time,
        ILogger log)
    {
        _catalog = catalog;
        _data = data;
        _files = files;
        _locks = locks;
        _requests = requests;
        _options = options;
        _time = time;
        _log = log;
        _queues = new EntityQueues(RunAsync);
        _places = new SemaphoreSlim(options.ConcurrentImports);
    }

    /// <summary>Invokes an import of an upload. It is durable when the call returns, and runs by itself.</summary>
    /// <inheritdoc cref="InvokeAsync(Guid, string?, RequestKey?, CancellationToken)"/>
    public Task<Import?> InvokeAsync(Guid uploadId, string? invokedBy, CancellationToken cancellationToken) =>
        InvokeAsync(uploadId, invokedBy, key: null, cancellationToken);

    /// <summary>Invokes an import of an upload; the same import is answered when the same request comes again.</summary>
    /// <returns>The import; null where there is no such upload.</returns>
    /// <exception cref="RequestException">
    /// The upload is being imported, or was, or its file has expired; too many imports are unfinished; or the key is in use, or was used for another request.
    /// </exception>
    public async Task<Import?> InvokeAsync(Guid uploadId, string? invokedBy, RequestKey? key, CancellationToken cancellationToken)
    {
        using var request = _requests.Begin(key);
        using var hold = await _locks.HoldDefinitionsAsync(cancellationToken).ConfigureAwait(false);
        if (await request.FindAsync(default, cancellationToken).ConfigureAwait(false) is { } earlier)
            return await FindAsync(earlier, cancellationToken).ConfigureAwait(false);
        var upload = await _catalog.FindUploadAsync(uploadId, cancellationToken).ConfigureAwait(false);
        if (upload is null) return null;
        var last = await _catalog.FindLastImportAsync(uploadId, cancellationToken).ConfigureAwait(false);
        if (last is { State: not (ImportState.Failed or ImportState.Cancelled) })
        {
            throw new RequestException(FaultKind.Conflict, "upload-already-imported", last.HasEnded
                ? $"The upload was imported by import {last.Id:D}. Upload the file again to import it again."
                : $"The upload is being imported by import {last.Id:D}.");
        }

        if (upload.ExpiredAt is { } expired) throw UploadService.Expired("file", expired);
        if (_active.Count >= _options.MaxUnfinishedImports)
        {
            throw new RequestException(FaultKind.Busy, "queue-full", string.Create(
                CultureInfo.InvariantCulture, $"{_active.Count} imports are unfinished, which is as many as the service takes. Try again when some have ended."))
            {
                RetryAfter = TimeSpan.FromSeconds(10),
            };
        }

        var mapping = (await _catalog.FindMappingAsync(upload.MappingId, revision: null, cancellationToken).ConfigureAwait(false))!;
        var now = _time.GetUtcNow();
        var import = new Import
        {
            Id = Guid.CreateVersion7(now),
            UploadId = uploadId,
            MappingId = mapping.Id,
            MappingRevision = mapping.Revision,
            EntitySystemName = mapping.EntitySystemName,
            StartedAt = now,
            InvokedBy = invokedBy,
            DryRun = ImportDefinitionReader.ReadFormat(mapping).DryRun,
        };
        try
        {
            import = await _catalog.AddImportAsync(import, request.Done(import.Id), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // The caller is told that it failed. But where the store has it nevertheless, it must run, and not stay queued until the next start.
            _unsure[import.Id] = TakeUpIfAddedAsync(import.Id, upload.Size);
            throw;
        }

        FaultPoints.Reach(FaultStep.ImportAdded, import.Id);
        Enqueue(import, upload.Size);
        return import;
    }

    /// <summary>Ends an import without writing anything; false where there is no such import.</summary>
    /// <inheritdoc cref="CancelAsync(Guid, RequestKey?, CancellationToken)"/>
    public Task<bool> CancelAsync(Guid importId, CancellationToken cancellationToken) => CancelAsync(importId, key: null, cancellationToken);

    /// <summary>Ends an import without writing anything; that it was cancelled is durable when the call returns. False where there is no such import.</summary>
    /// <exception cref="RequestException">
    /// It has ended already, or is being committed; the end cannot be stored at the moment; or the key is in use, or was used for another request.
    /// </exception>
    public async Task<bool> CancelAsync(Guid importId, RequestKey? key, CancellationToken cancellationToken)
    {
        using var request = _requests.Begin(key);
        if (await request.FindAsync(default, cancellationToken).ConfigureAwait(false) is not null) return true;
        if (!_active.TryGetValue(importId, out var active))
        {
            if (await _catalog.FindImportAsync(importId, cancellationToken).ConfigureAwait(false) is null) return false;
            throw AlreadyEnded();
        }

        var receipt = request.Done(importId);
        if (!await active.TryCancelAsync(receipt).ConfigureAwait(false))
        {
            if (active.Import.HasEnded) throw AlreadyEnded();
            throw new RequestException(FaultKind.Conflict, "import-committing", "The import is at its end, and that is being stored. It is too late to cancel it.");
        }

        if (_queues.TryRemove(active)) _ = EndAsync(active, new EndedRun(Cancelled(active.Import), IsKept: false));
        Import ended;
        try
        {
            ended = await active.Ended.WaitAsync(CancelPatience, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TimeoutException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new RequestException(FaultKind.Busy, "cancel-pending", "The import was told to end, but that it did cannot be stored at the moment. Ask for its status, or cancel it again.")
            {
                RetryAfter = TimeSpan.FromSeconds(10),
            };
        }

        if (ended.State != ImportState.Cancelled) throw AlreadyEnded();
        if (receipt is not null && receipt != active.CancelReceipt) await _catalog.AddReceiptAsync(receipt, cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>An import as the catalog and the running work know it, or null. Cheap: it is what status polls call.</summary>
    public async Task<Import?> FindAsync(Guid importId, CancellationToken cancellationToken)
    {
        if (_active.TryGetValue(importId, out var active)) return active.Import;
        if (_ended.Find(importId) is { } ended) return ended;
        var import = await _catalog.FindImportAsync(importId, cancellationToken).ConfigureAwait(false);
        if (import is { HasEnded: true }) _ended.Add(import);
        return import;
    }

    /// <summary>All that is known of an import, or null.</summary>
    public async Task<ImportSnapshot?> FindSnapshotAsync(Guid importId, CancellationToken cancellationToken)
    {
        var progress = _active.TryGetValue(importId, out var active) ? active.Progress : null;
        var import = active is not null ? active.Import : await FindAsync(importId, cancellationToken).ConfigureAwait(false);
        if (import is null) return null;
        var upload = (await _catalog.FindUploadAsync(import.UploadId, cancellationToken).ConfigureAwait(false))!;
        var mapping = (await _catalog.FindMappingAsync(import.MappingId, import.MappingRevision, cancellationToken).ConfigureAwait(false))!;
        return new ImportSnapshot(import, upload, mapping, progress ?? DescribeEnd(import, upload.Size));
    }

    /// <summary>Imports, newest first.</summary>
    public Task<IReadOnlyList<Import>> ListAsync(ImportQuery query, CancellationToken cancellationToken) =>
        _catalog.ListImportsAsync(query, cancellationToken);

    /// <summary>The import's snapshots: one at once, one whenever something has changed but at most one each <paramref name="interval"/>, and the last at its end.</summary>
    public async IAsyncEnumerable<ImportSnapshot> WatchAsync(
        Guid importId, TimeSpan interval, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var changed = _active.TryGetValue(importId, out var active) ? active.Changed : Task.CompletedTask;
            var snapshot = await FindSnapshotAsync(importId, cancellationToken).ConfigureAwait(false);
            if (snapshot is null) yield break;
            yield return snapshot;
            if (snapshot.Import.HasEnded || active is null) yield break;
            var pause = Task.Delay(interval, _time, cancellationToken);
            await Task.WhenAny(active.Ended, pause).ConfigureAwait(false);
            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Waits for an import's end.</summary>
    /// <exception cref="OperationCanceledException">The caller, or the service, ended before.</exception>
    public async Task<Import> WaitAsync(Guid importId, CancellationToken cancellationToken)
    {
        if (_active.TryGetValue(importId, out var active)) return await active.Ended.WaitAsync(cancellationToken).ConfigureAwait(false);
        return await _catalog.FindImportAsync(importId, cancellationToken).ConfigureAwait(false)
            ?? throw new ArgumentException("There is no such import.", nameof(importId));
    }

    /// <summary>Whether an ended import has an error file; it has none where it was cancelled or never began.</summary>
    /// <exception cref="RequestException">Its time was over, and it was deleted; or it is damaged.</exception>
    public bool HasErrorFile(Import import)
    {
        ArgumentNullException.ThrowIfNull(import);
        ThrowIfExpired(import);
        using var file = HasRejectedRows(import) ? _files.OpenRejected(import.Id) : null;
        try
        {
            return file is not null && RejectedRowsReader.Open(file) is not null;
        }
        catch (InvalidDataException damage)
        {
            throw RejectedRowsDamaged(import, damage);
        }
    }

    /// <summary>Writes an ended import's error file: the file's header and rejected rows in its own dialect and encoding, with the reasons.</summary>
    /// <exception cref="RequestException">The rejected rows are damaged; where that shows before the first of them, nothing is written.</exception>
    public async Task WriteErrorFileAsync(Import import, Stream target, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(import);
        var file = _files.OpenRejected(import.Id) ?? throw new ArgumentException("The import has no error file.", nameof(import));
        await using (file.ConfigureAwait(false))
        {
            try
            {
                var rejected = RejectedRowsReader.Open(file) ?? throw new ArgumentException("The import has no error file.", nameof(import));
                await ErrorFileWriter.WriteAsync(rejected, target, cancellationToken).ConfigureAwait(false);
            }
            catch (InvalidDataException damage)
            {
                throw RejectedRowsDamaged(import, damage);
            }
        }
    }

    /// <summary>Reads an ended import's rejected rows in file order.</summary>
    /// <param name="import">The import.</param>
    /// <param name="cursor">Where to go on, as an earlier call returned it; null for the beginning.</param>
    /// <param name="limit">The most rows to return; there may be fewer, because they take no more than <see cref="Limits.PageBytes"/>.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The rows, and the cursor of the rows after them; null where there are none.</returns>
    /// <exception cref="RequestException">
    /// The cursor is none that this import returned; the rows' time was over and they were deleted; or they are damaged.
    /// </exception>
    public async Task<(IReadOnlyList<RejectedRow> Rows, string? Next)> ReadRejectedRowsAsync(
        Import import, string? cursor, int limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(import);
        ThrowIfExpired(import);
        var file = HasRejectedRows(import) ? _files.OpenRejected(import.Id) : null;
        if (file is null) return ([], null);
        await using (file.ConfigureAwait(false))
        {
            try
            {
                return ReadPage(file, cursor, limit, cancellationToken);
            }
            catch (InvalidDataException damage)
            {
                throw RejectedRowsDamaged(import, damage);
            }
        }
    }

    /// <summary>Interrupts running imports without failing them, and begins no more; done when they have let go of the store.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _queues.StopAsync().ConfigureAwait(false);
        await Task.WhenAll(_unsure.Values).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        foreach (var active in _active.Values) active.Abandon();
        _stopping.Dispose();
        _places.Dispose();
    }

    /// <summary>Notes that an ended import's rejected rows have expired.</summary>
    internal void NoteExpired(Import import) => _ended.Change(import);

    /// <summary>Takes up what an earlier process left unfinished, in the order of invocation.</summary>
    internal async Task ResumeAsync(CancellationToken cancellationToken)
    {
        var unfinished = await _catalog.ListImportsAsync(
            new ImportQuery(null, [ImportState.Queued, ImportState.Running], Before: null, int.MaxValue), cancellationToken).ConfigureAwait(false);
        if (unfinished.Count == 0) return;
        var sizes = (await _catalog.ListUploadsOfUnfinishedImportsAsync(cancellationToken).ConfigureAwait(false)).ToDictionary(upload => upload.Id, upload => upload.Size);
        foreach (var import in unfinished.Reverse())
        {
            _log.LogInformation("Import {ImportId} into {Entity} was unfinished and runs again", import.Id, import.EntitySystemName);
            Enqueue(import, sizes.GetValueOrDefault(import.UploadId));
        }
    }

    private static ImportProgress DescribeEnd(Import import, long bytes) => new()
    {
        Phase = import.HasEnded ? ImportPhase.Ended : ImportPhase.Queued,
        Ledger = import.Ledger,
        RecordsRead = import.Ledger.Records,
        BytesRead = import.State == ImportState.Succeeded ? bytes : 0,
        BytesTotal = bytes,
        RecordsPerSecond = import.StageMilliseconds.GetValueOrDefault(ImportStage.Load) is > 0 and var load ? import.Ledger.Records * 1000.0 / load : 0,
        EstimatedSecondsLeft = null,
    };

    private (IReadOnlyList<RejectedRow> Rows, string? Next) ReadPage(FileStream file, string? cursor, int limit, CancellationToken cancellationToken)
    {
        if (RejectedRowsReader.Open(file) is not { } rejected) return ([], null);
        if (cursor is not null && !(long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var wanted) && rejected.TryGoTo(wanted)))
            throw new RequestException(FaultKind.Invalid, "bad-cursor", "The cursor is none that this list returned.");
        var rows = new List<RejectedRow>();
        var bytes = 0L;
        var next = rejected.Position;
        while (rows.Count < limit && rejected.Read() is { } row)
        {
            cancellationToken.ThrowIfCancellationRequested();
            bytes += SizeOf(row);
            if (rows.Count > 0 && bytes > _options.Limits.PageBytes) return (rows, next.ToString(CultureInfo.InvariantCulture));
            rows.Add(new RejectedRow(row.Row, row.Line, row.Reasons, Encoding.UTF8.GetString(row.Text)));
            next = rejected.Position;
        }

        return (rows, rejected.IsAtEnd ? null : next.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>About how many bytes a row takes in a page.</summary>
    private static long SizeOf(StoredRejectedRow row)
    {
        const int Names = 80;
        var size = Names + (long)row.Text.Length;
        foreach (var reason in row.Reasons)
            size += Names + reason.Code.Length + (reason.Field?.Length ?? 0) + (reason.Column?.Length ?? 0) + (reason.Value?.Length ?? 0) + reason.Message.Length;
        return size;
    }

    private RequestException RejectedRowsDamaged(Import import, InvalidDataException damage)
    {
        _log.LogError(damage, "The rejected rows of import {ImportId} cannot be read", import.Id);
        return new RequestException(
            FaultKind.Damaged, "rejected-rows-damaged",
            $"The rejected rows of import {import.Id:D} are damaged where they are kept, so that asking again is of no use. The import itself is not affected.");
    }

    private static RequestException AlreadyEnded() => new(FaultKind.Conflict, "import-already-ended", "The import has ended already.");

    /// <summary>Where the work was broken off, the rows found so far are not all: better none than some that look like all.</summary>
    private static bool HasRejectedRows(Import import) => import.State == ImportState.Succeeded || import is { State: ImportState.Failed, ClientError: true };

    private static void ThrowIfExpired(Import import)
    {
        if (import.RejectedExpiredAt is { } expired) throw UploadService.Expired("error file", expired);
    }

    private void Enqueue(Import import, long bytes)
    {
        var active = new ActiveImport(import, bytes, _time);
        _active[import.Id] = active;
        _locks.Enter(import.EntitySystemName);
        _queues.Add(active);
    }

    /// <summary>Takes up an import of which the store did not say whether it has it, as soon as it says so.</summary>
    private async Task TakeUpIfAddedAsync(Guid importId, long bytes)
    {
        try
        {
            var import = await UntilDoneAsync(importId, () => _catalog.FindImportAsync(importId, _stopping.Token)).ConfigureAwait(false);
            if (import is not null) Enqueue(import, bytes);
        }
        catch (OperationCanceledException)
        {
            // The next start finds it.
        }

        _unsure.TryRemove(importId, out _);
    }

    /// <summary>Runs an import whose turn has come to its end, or until the service stops. Never fails: what happens is told in the import.</summary>
    private async Task RunAsync(ActiveImport active)
    {
        try
        {
            EndedRun? ended = null;
            while (ended is null)
            {
                ended = await AttemptAsync(active).ConfigureAwait(false);
                if (ended is null) await PauseAsync(active).ConfigureAwait(false);
            }

            await EndAsync(active, ended).ConfigureAwait(false);
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

    /// <summary>Waits for a free place and runs the import once; null where the service failed and it is to be tried again.</summary>
    private async Task<EndedRun?> AttemptAsync(ActiveImport active)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(active.Cancelled, _stopping.Token);
        var begun = false;
        try
        {
            await _places.WaitAsync(either.Token).ConfigureAwait(false);
            try
            {
                // As the store has it: it may have ended in a commit whose answer was lost, or have been begun before a crash.
                var import = (await _catalog.FindImportAsync(active.Import.Id, either.Token).ConfigureAwait(false))!;
                if (import.HasEnded) return new EndedRun(import, IsKept: true);
                if (import.Attempts >= _options.MaxAttempts)
                    return new EndedRun(ServiceFailed(import, EndCode.ServiceFailed, string.Create(
                        CultureInfo.InvariantCulture,
                        $"work on it began {import.Attempts} times, and the service failed or ended unexpectedly each time; its log tells more under the import's id")), IsKept: false);
                var upload = (await _catalog.FindUploadAsync(import.UploadId, either.Token).ConfigureAwait(false))!;
                var mapping = (await _catalog.FindMappingAsync(import.MappingId, import.MappingRevision, either.Token).ConfigureAwait(false))!;
                import = import with
                {
                    State = ImportState.Running,
                    Attempts = import.Attempts + 1,
                    DuplicateOf = await FindDuplicateAsync(import, upload, mapping, either.Token).ConfigureAwait(false),
                };
                var mergeShare = await FindMergeShareAsync(import, either.Token).ConfigureAwait(false);
                // Counted before the work, so that an import which takes the process down does not do so for ever.
                await _catalog.UpdateImportAsync(import, receipt: null, either.Token).ConfigureAwait(false);
                begun = true;
                FaultPoints.Reach(FaultStep.ImportRunning, import.Id);
                active.Begin(import, mergeShare);
                return await new ImportRun(_catalog, _data, _files, _options.Limits, _time).RunAsync(active, upload, mapping, either.Token).ConfigureAwait(false);
            }
            finally
            {
                _places.Release();
            }
        }
        catch (Exception) when (active.Cancelled.IsCancellationRequested && !_stopping.IsCancellationRequested)
        {
            return new EndedRun(Cancelled(active.Import), IsKept: false);
        }
        catch (Exception) when (_stopping.IsCancellationRequested)
        {
            if (begun) await ForgetAttemptAsync(active.Import).ConfigureAwait(false);
            throw new OperationCanceledException(_stopping.Token);
        }
        catch (StoredFileException exception)
        {
            var import = active.Import;
            _log.LogError(exception, "Import {ImportId} of upload {UploadId} into {Entity} failed, and is not tried again", import.Id, import.UploadId, import.EntitySystemName);
            return new EndedRun(ImportRun.Unsuccessful(import, ImportState.Failed, clientError: false, exception.Type, $". {exception.Message}", _time.GetUtcNow()), IsKept: false);
        }
        catch (Exception exception)
        {
            active.Undecide();
            var import = active.Import;
            var isLast = begun && import.Attempts >= _options.MaxAttempts;
            _log.LogError(
                exception, "Import {ImportId} of upload {UploadId} into {Entity} failed at attempt {Attempt} of {MaxAttempts}{Next}",
                import.Id, import.UploadId, import.EntitySystemName, import.Attempts, _options.MaxAttempts, isLast ? "" : "; it is tried again");
            if (!isLast) return null;
            var failed = IsDiskFull(exception)
                ? ServiceFailed(import, EndCode.DiskFull, "the disk is full")
                : ServiceFailed(import, EndCode.ServiceFailed, "an error in the service; its log tells more under the import's id");
            return new EndedRun(failed, IsKept: false);
        }
    }

    /// <summary>Waits before the next attempt; cancelling the import ends the wait.</summary>
    private async Task PauseAsync(ActiveImport active)
    {
        active.Enter(ImportPhase.Queued);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(active.Cancelled, _stopping.Token);
        await Task.Delay(_options.RetryPause, _time, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Token.ThrowIfCancellationRequested();
    }

    /// <summary>Takes back that an attempt was begun, because a clean stop is nothing that the import is to blame for.</summary>
    private async Task ForgetAttemptAsync(Import import)
    {
        try
        {
            if (await _catalog.FindImportAsync(import.Id, CancellationToken.None).ConfigureAwait(false) is not { HasEnded: false } kept) return;
            await _catalog.UpdateImportAsync(
                kept with { State = ImportState.Queued, Attempts = kept.Attempts - 1 }, receipt: null, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            _log.LogWarning(exception, "Import {ImportId} was interrupted by the stop of the service, which counts as an attempt because the store did not take it back", import.Id);
        }
    }

    /// <summary>Ends an import: in the catalog, however long that takes, and then for those who wait.</summary>
    private async Task EndAsync(ActiveImport active, EndedRun run)
    {
        var ended = run.Import;
        FaultPoints.Reach(FaultStep.ImportEnding, ended.Id);
        if (run.IsKept) await NoteCommitTimeAsync(ended).ConfigureAwait(false);
        else ended = await KeepEndAsync(active, ended).ConfigureAwait(false);

        _ended.Add(ended);
        // First the entity is free, then the end is told: who has seen it may delete the entity at once.
        _locks.Leave(ended.EntitySystemName);
        active.End(ended);
        FaultPoints.Reach(FaultStep.ImportEnded, ended.Id);
        ImportMetrics.Record(ended, active.Progress.BytesTotal);
        _active.TryRemove(ended.Id, out _);
        _log.LogInformation("Import {ImportId} into {Entity} ended as {State}: {Message}", ended.Id, ended.EntitySystemName, ended.State, ended.Message);
    }

    /// <summary>How long the commit took is only known after it. The import has ended by then, so that not being able to store it is no failure.</summary>
    private async Task NoteCommitTimeAsync(Import ended)
    {
        try
        {
            await _catalog.UpdateImportAsync(ended, receipt: null, _stopping.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            _log.LogWarning(exception, "Import {ImportId} has ended, but how long its commit took cannot be stored", ended.Id);
        }
    }

    /// <summary>
    /// Writes down how an import ended. Where that cannot be written as it is, a shorter end takes its place, because an import that never ends blocks its entity. As
    /// long as nothing is written, a client can still cancel it.
    /// </summary>
    private async Task<Import> KeepEndAsync(ActiveImport active, Import ended)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (ended.State != ImportState.Cancelled && !active.TryDecide()) ended = Cancelled(active.Import);
            try
            {
                return await KeepEndAsync(ended, active.CancelReceipt).ConfigureAwait(false);
            }
            catch (Exception exception) when (!_stopping.IsCancellationRequested)
            {
                active.Undecide();
                var pause = PauseAfter(attempt);
                _log.LogError(
                    exception, "That import {ImportId} ended as {State} cannot be stored; it is tried again in {Seconds} s. {Message}",
                    ended.Id, ended.State, pause.TotalSeconds, ended.Message);
                if (attempt >= MaxAttemptsToEnd || !MayPass(exception)) ended = Shorten(ended);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(
                    _stopping.Token, ended.State == ImportState.Cancelled ? CancellationToken.None : active.Cancelled);
                await Task.Delay(pause, _time, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                _stopping.Token.ThrowIfCancellationRequested();
            }
        }
    }

    /// <summary>Deletes rows that nobody is shown. Where that fails they take space until their time is over, which is no reason for an import not to end.</summary>
    private void DropRejected(Guid importId)
    {
        try
        {
            _files.DropRejected(importId);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _log.LogWarning(exception, "What import {ImportId} has written of rejected rows cannot be deleted", importId);
        }
    }

    /// <summary>The same end, as short as it can be told.</summary>
    private static Import Shorten(Import ended)
    {
        var shorter = ended with { Warnings = [], StageMilliseconds = new Dictionary<string, long>() };
        return ended.State != ImportState.Failed ? shorter : ImportRun.Unsuccessful(
            shorter, ended.State, ended.ClientError, ended.Code!, ". Why cannot be stored; the service's log has it under the import's id.", ended.StoppedAt!.Value);
    }

    private async Task<Import> KeepEndAsync(Import ended, RequestReceipt? receipt)
    {
        // A commit whose answer was lost has happened all the same.
        if (await _catalog.FindImportAsync(ended.Id, _stopping.Token).ConfigureAwait(false) is { HasEnded: true } kept) return kept;
        if (!HasRejectedRows(ended)) DropRejected(ended.Id);
        await _catalog.UpdateImportAsync(ended, ended.State == ImportState.Cancelled ? receipt : null, _stopping.Token).ConfigureAwait(false);
        return ended;
    }

    /// <summary>Does what must be done, with pauses until it can be, or the service stops.</summary>
    private async Task<T> UntilDoneAsync<T>(Guid importId, Func<Task<T>> work)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await work().ConfigureAwait(false);
            }
            catch (Exception exception) when (!_stopping.IsCancellationRequested)
            {
                _log.LogError(
                    exception, "Whether import {ImportId} was added cannot be read; that is tried again in {Seconds} s", importId, PauseAfter(attempt).TotalSeconds);
            }

            await Task.Delay(PauseAfter(attempt), _time, _stopping.Token).ConfigureAwait(false);
        }
    }

    /// <summary>The pause after the attempt that failed: each is twice as long as the one before, up to the longest.</summary>
    private static TimeSpan PauseAfter(int attempt) => attempt > 5 ? LongestPause : FirstPause * (1 << (attempt - 1));

    /// <summary>Whether what the store failed with passes, so that trying the same again may help.</summary>
    private static bool MayPass(Exception exception) => exception is StoreUnavailableException or IOException or UnauthorizedAccessException;

    /// <summary>
    /// The newest earlier import that brought the same bytes in under the same definition. It is looked for when the import's turn has come: those before it in its entity
    /// have ended then.
    /// </summary>
    private async Task<Guid?> FindDuplicateAsync(Import import, Upload upload, Mapping mapping, CancellationToken cancellationToken)
    {
        if (import.DryRun) return null;
        using var definition = JsonDocument.Parse(mapping.Document);
        foreach (var earlier in await _catalog.ListImportsOfFileAsync(import.EntitySystemName, upload.Sha256, cancellationToken).ConfigureAwait(false))
        {
            if (earlier.DryRun || earlier.Sequence >= import.Sequence) continue;
            if (earlier.MappingId == mapping.Id && earlier.MappingRevision == mapping.Revision) return earlier.Id;
            var other = (await _catalog.FindMappingAsync(earlier.MappingId, earlier.MappingRevision, cancellationToken).ConfigureAwait(false))!;
            using var otherDefinition = JsonDocument.Parse(other.Document);
            if (JsonElement.DeepEquals(definition.RootElement, otherDefinition.RootElement)) return earlier.Id;
        }

        return null;
    }

    /// <summary>How long the merge took as a multiple of the time for loading, when the entity was last imported into.</summary>
    private async Task<double> FindMergeShareAsync(Import import, CancellationToken cancellationToken)
    {
        var last = await _catalog.ListImportsAsync(new ImportQuery(import.EntitySystemName, [ImportState.Succeeded], Before: null, Limit: 1), cancellationToken).ConfigureAwait(false);
        if (last.Count == 0) return UsualMergeShare;
        var stages = last[0].StageMilliseconds;
        var load = stages.GetValueOrDefault(ImportStage.Load);
        return load < LeastTellingLoad ? UsualMergeShare : (double)(stages.GetValueOrDefault(ImportStage.Keys) + stages.GetValueOrDefault(ImportStage.Merge)) / load;
    }

    private Import Cancelled(Import import) =>
        ImportRun.Unsuccessful(import, ImportState.Cancelled, clientError: true, EndCode.Cancelled, ": the import was cancelled.", _time.GetUtcNow());

    private Import ServiceFailed(Import import, string code, string why) =>
        ImportRun.Unsuccessful(import, ImportState.Failed, clientError: false, code, $": {why}.", _time.GetUtcNow());

    private static bool IsDiskFull(Exception exception) =>
        exception is StoreUnavailableException { IsDiskFull: true } || (exception is IOException fault && DiskFull.IsCauseOf(fault));
}
