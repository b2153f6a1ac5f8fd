using System.Globalization;
using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Imports.Running;
using EntityImport.Imports.Scheduling;
using EntityImport.Mappings;
using EntityImport.Testing;
using Microsoft.Extensions.Logging;

namespace EntityImport.Engine;

/// <summary>Invokes imports, which then run by themselves, and cancels them. Thread-safe.</summary>
public sealed class ImportService
{
    private readonly ICatalog _catalog;
    private readonly IScheduler _scheduler;
    private readonly Admission _admission;
    private readonly int _maxUnfinished;
    private readonly TimeProvider _time;
    private readonly ILogger _log;

    internal ImportService(ICatalog catalog, IScheduler scheduler, Admission admission, int maxUnfinished, TimeProvider time, ILogger log)
    {
        _catalog = catalog;
        _scheduler = scheduler;
        _admission = admission;
        _maxUnfinished = maxUnfinished;
        _time = time;
        _log = log;
    }

    /// <summary>Invokes an import of an upload. It is durable when the call returns, and runs by itself; the same import is answered when the same request comes again.</summary>
    /// <returns>The import; null where there is no such upload.</returns>
    /// <exception cref="RequestException">
    /// The upload is not complete, bound to no mapping, being imported, or was, or its file has expired; too many imports are unfinished; the caller may not import; or the key is in use, or was used for another request.
    /// </exception>
    public async Task<Import?> InvokeAsync(Request request, Guid uploadId, CancellationToken cancellationToken)
    {
        using var admitted = _admission.Admit(request, Scope.Import);
        using var hold = await _scheduler.HoldDefinitionsAsync(cancellationToken).ConfigureAwait(false);
        if (await admitted.FindAnswerAsync(default, cancellationToken).ConfigureAwait(false) is { } earlier) return await FindSeenAsync(request, earlier, cancellationToken).ConfigureAwait(false);
        if (await FindReadableAsync(request, uploadId, cancellationToken).ConfigureAwait(false) is not var (upload, mapping)) return null;
        await ThrowIfImportedAsync(_catalog, uploadId, cancellationToken).ConfigureAwait(false);
        if (upload.ExpiredAt is { } expired) throw UploadService.Expired("file", expired);
        await ThrowIfFullAsync(cancellationToken).ConfigureAwait(false);
        var now = _time.GetUtcNow();
        var import = new Import
        {
            Id = Guid.CreateVersion7(now),
            UploadId = uploadId,
            MappingId = mapping.Id,
            MappingRevision = mapping.Revision,
            EntitySystemName = mapping.EntitySystemName,
            StartedAt = now,
            InvokedBy = request.Caller.Name,
            DryRun = ImportDefinitionReader.ReadFormat(mapping).DryRun,
        };
        return await AddAsync(admitted, new CatalogCommit { NewImport = import }, upload.Size, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Adds an import to the catalog, and has it run.</summary>
    /// <param name="admitted">The request.</param>
    /// <param name="commit">The new import, and what becomes true with it.</param>
    /// <param name="bytes">Size of its file.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    internal async Task<Import> AddAsync(Admission.AdmittedRequest admitted, CatalogCommit commit, long bytes, CancellationToken cancellationToken)
    {
        var import = commit.NewImport!;
        try
        {
            import = (await admitted.CommitAsync(import.Id, commit, cancellationToken).ConfigureAwait(false)).NewImport!;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // The caller is told that it failed. But where the store has it nevertheless, it must run, and not stay queued until the next start.
            _scheduler.TakeUpIfAdded(import.Id, bytes);
            throw;
        }

        FaultPoints.Reach(FaultStep.ImportAdded, import.Id);
        _scheduler.TakeUp(import, bytes);
        return import;
    }

    /// <summary>Ends an import without writing anything; that it was cancelled is durable when the call returns. False where there is no such import.</summary>
    /// <exception cref="RequestException">
    /// It has ended already, or is being committed; the end cannot be stored at the moment; the caller may not import; or the key is in use, or was used for another request.
    /// </exception>
    public async Task<bool> CancelAsync(Request request, Guid importId, CancellationToken cancellationToken)
    {
        using var admitted = _admission.Admit(request, Scope.Import);
        if (await FindSeenAsync(request, importId, cancellationToken).ConfigureAwait(false) is not { } import) return false;
        Admission.Check(request, Scope.Import, import.EntitySystemName);
        if (await admitted.FindAnswerAsync(default, cancellationToken).ConfigureAwait(false) is not null) return true;
        var notes = admitted.Note(importId, new CatalogCommit { ChangedImport = import }, import.EntitySystemName) with { ChangedImport = null };
        switch (await _scheduler.CancelAsync(importId, notes, cancellationToken).ConfigureAwait(false))
        {
            case CancelOutcome.Cancelled:
                return true;
            case CancelOutcome.CancelledBefore:
                // It may be this request that has cancelled it, when it was sent before.
                if (await admitted.FindAnswerAsync(default, cancellationToken).ConfigureAwait(false) is not null) return true;
                await _catalog.CommitAsync(notes, cancellationToken).ConfigureAwait(false);
                return true;
            // Once it was told that it has ended, it is not told otherwise, also where what ran it does not know it yet.
            case CancelOutcome.Committing when !import.HasEnded:
                throw new RequestException(FaultKind.Conflict, "import-committing", "The import is at its end, and that is being stored. It is too late to cancel it.");
            case CancelOutcome.Pending:
                throw new RequestException(FaultKind.Busy, "cancel-pending", "The import was told to end, but that it did cannot be stored at the moment. Ask for its status, or cancel it again.")
                {
                    RetryAfter = TimeSpan.FromSeconds(10),
                };
            default:
                throw new RequestException(FaultKind.Conflict, "import-already-ended", "The import has ended already.");
        }
    }

    /// <summary>Takes up what an earlier process left unfinished.</summary>
    /// <returns>The imports, in the order of invocation.</returns>
    internal async Task<IReadOnlyList<Import>> ResumeAsync(CancellationToken cancellationToken)
    {
        var unfinished = await _catalog.ListImportsAsync(
            new ImportQuery(null, [ImportState.Queued, ImportState.Running], Before: null, int.MaxValue), cancellationToken).ConfigureAwait(false);
        if (unfinished.Count == 0) return [];
        var sizes = (await _catalog.ListUploadsOfUnfinishedImportsAsync(cancellationToken).ConfigureAwait(false)).ToDictionary(upload => upload.Id, upload => upload.Size);
        var inOrder = unfinished.Reverse().ToList();
        foreach (var import in inOrder)
        {
            _log.LogInformation("Import {ImportId} into {Entity} was unfinished and runs again", import.Id, import.EntitySystemName);
            _scheduler.TakeUp(import, sizes.GetValueOrDefault(import.UploadId));
        }

        return inOrder;
    }

    internal async Task<Import?> FindSeenAsync(Request request, Guid importId, CancellationToken cancellationToken)
    {
        var import = await _scheduler.FindAsync(importId, cancellationToken).ConfigureAwait(false) is { } unfinished
            ? unfinished.Import
            : await _catalog.FindImportAsync(importId, cancellationToken).ConfigureAwait(false);
        return import is not null && Admission.Sees(request, import.EntitySystemName) ? import : null;
    }

    /// <summary>An upload that is read by a mapping, and that in its newest revision; null where there is no such upload that the caller sees.</summary>
    /// <exception cref="RequestException">It is not complete, or bound to no mapping; or the caller may not import.</exception>
    internal async Task<(Upload Upload, Mapping Mapping)?> FindReadableAsync(Request request, Guid uploadId, CancellationToken cancellationToken)
    {
        var upload = await _catalog.FindUploadAsync(uploadId, cancellationToken).ConfigureAwait(false);
        if (upload is null) return null;
        var mapping = upload.MappingId is { } mappingId ? await _catalog.FindMappingAsync(mappingId, revision: null, cancellationToken).ConfigureAwait(false) : null;
        if (!Admission.Sees(request, upload, mapping)) return null;
        UploadService.ThrowIfIncomplete(upload);
        UploadService.ThrowIfOfRepair(upload);
        if (mapping is null) throw new RequestException(FaultKind.Conflict, "upload-unbound", "The upload is bound to no mapping yet, so that nobody knows what its columns are. Bind it to one first.");
        Admission.Check(request, Scope.Import, mapping.EntitySystemName);
        return (upload, mapping);
    }

    /// <summary>Refuses an upload that is being imported, or was with success. Dry runs spend nothing.</summary>
    /// <exception cref="RequestException">It is, or was.</exception>
    internal static async Task ThrowIfImportedAsync(ICatalog catalog, Guid uploadId, CancellationToken cancellationToken)
    {
        var last = await catalog.FindLastImportAsync(uploadId, cancellationToken).ConfigureAwait(false);
        if (last is not null) last = await new UndoCheck(catalog).FindStandingAsync(last, cancellationToken).ConfigureAwait(false);
        if (last is null or { State: ImportState.Failed or ImportState.Cancelled } or { DryRun: true, HasEnded: true }) return;
        throw new RequestException(FaultKind.Conflict, "upload-already-imported", last.HasEnded
            ? $"The upload was imported by import {last.Id:D}. Upload the file again to import it again."
            : $"The upload is being imported by import {last.Id:D}.");
    }

    /// <summary>Refuses a further import where too many are unfinished.</summary>
    /// <exception cref="RequestException">They are.</exception>
    internal async Task ThrowIfFullAsync(CancellationToken cancellationToken)
    {
        var unfinished = await _scheduler.CountUnfinishedAsync(cancellationToken).ConfigureAwait(false);
        if (unfinished < _maxUnfinished) return;
        throw QueueFull(unfinished, "imports");
    }

    /// <summary>What is said where too many things are unfinished.</summary>
    internal static RequestException QueueFull(int unfinished, string what) => new(FaultKind.Busy, "queue-full", string.Create(
        CultureInfo.InvariantCulture, $"{unfinished} {what} are unfinished, which is as many as the service takes. Try again when some have ended."))
    {
        RetryAfter = TimeSpan.FromSeconds(10),
    };
}
