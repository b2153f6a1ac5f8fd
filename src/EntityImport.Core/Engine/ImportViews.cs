using System.Runtime.CompilerServices;
using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Imports;
using EntityImport.Imports.Scheduling;

namespace EntityImport.Engine;

/// <summary>Imports as they are seen: where they stand, how far they are, and their ends. Thread-safe.</summary>
public sealed class ImportViews
{
    private readonly EndedImports _ended = new();
    private readonly ICatalog _catalog;
    private readonly IScheduler _scheduler;
    private readonly TimeProvider _time;

    internal ImportViews(ICatalog catalog, IScheduler scheduler, TimeProvider time)
    {
        _catalog = catalog;
        _scheduler = scheduler;
        _time = time;
    }

    /// <summary>An import as it is now; null where there is none that the caller sees. Cheap: it is what status polls call.</summary>
    public async ValueTask<Import?> FindAsync(Request request, Guid importId, CancellationToken cancellationToken)
    {
        Admission.Check(request, Scope.Read | Scope.Import);
        var import = await _scheduler.FindAsync(importId, cancellationToken).ConfigureAwait(false) is { } unfinished
            ? unfinished.Import
            : await FindKeptAsync(importId, cancellationToken).ConfigureAwait(false);
        return import is not null && Admission.Sees(request, import.EntitySystemName) ? import : null;
    }

    /// <summary>The newest import of an upload; null where there is none that the caller sees.</summary>
    public async Task<Import?> FindLastAsync(Request request, Guid uploadId, CancellationToken cancellationToken)
    {
        Admission.Check(request, Scope.Read | Scope.Import);
        return await _catalog.FindLastImportAsync(uploadId, cancellationToken).ConfigureAwait(false) is { } import && Admission.Sees(request, import.EntitySystemName) ? import : null;
    }

    /// <summary>All that is known of an import; null where there is none that the caller sees.</summary>
    public async Task<ImportSnapshot?> FindSnapshotAsync(Request request, Guid importId, CancellationToken cancellationToken)
    {
        Admission.Check(request, Scope.Read | Scope.Import);
        var unfinished = await _scheduler.FindAsync(importId, cancellationToken).ConfigureAwait(false);
        return await DescribeAsync(request, importId, unfinished, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Imports that the caller sees, newest first.</summary>
    public Task<IReadOnlyList<Import>> ListAsync(Request request, ImportQuery query, CancellationToken cancellationToken)
    {
        Admission.Check(request, Scope.Read | Scope.Import);
        return _catalog.ListImportsAsync(query with { Entities = request.Caller.Scopes.VisibleEntities }, cancellationToken);
    }

    /// <summary>The import's snapshots: one at once, one whenever something has changed but at most one each <paramref name="interval"/>, and the last at its end.</summary>
    public async IAsyncEnumerable<ImportSnapshot> WatchAsync(
        Request request, Guid importId, TimeSpan interval, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Admission.Check(request, Scope.Read | Scope.Import);
        while (true)
        {
            var unfinished = await _scheduler.FindAsync(importId, cancellationToken).ConfigureAwait(false);
            var changed = unfinished?.Changed ?? Task.CompletedTask;
            var snapshot = await DescribeAsync(request, importId, unfinished, cancellationToken).ConfigureAwait(false);
            if (snapshot is null) yield break;
            yield return snapshot;
            if (snapshot.Import.HasEnded || unfinished is null) yield break;
            var pause = Task.Delay(interval, _time, cancellationToken);
            await Task.WhenAny(unfinished.Ended, pause).ConfigureAwait(false);
            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>How far an import was over time, oldest first; null where there is no such import that the caller sees.</summary>
    public async Task<IReadOnlyList<TimelinePoint>?> ReadTimelineAsync(Request request, Guid importId, CancellationToken cancellationToken)
    {
        Admission.Check(request, Scope.Read | Scope.Import);
        var unfinished = await _scheduler.FindAsync(importId, cancellationToken).ConfigureAwait(false);
        var import = unfinished?.Import ?? await FindKeptAsync(importId, cancellationToken).ConfigureAwait(false);
        return import is null || !Admission.Sees(request, import.EntitySystemName) ? null : unfinished?.Timeline ?? import.Timeline ?? [];
    }

    /// <summary>Waits for an import's end.</summary>
    /// <exception cref="OperationCanceledException">The caller, or the service, ended before.</exception>
    /// <exception cref="ArgumentException">There is no such import that the caller sees.</exception>
    public async Task<Import> WaitAsync(Request request, Guid importId, CancellationToken cancellationToken)
    {
        Admission.Check(request, Scope.Read | Scope.Import);
        var unfinished = await _scheduler.FindAsync(importId, cancellationToken).ConfigureAwait(false);
        var import = unfinished?.Import ?? await FindKeptAsync(importId, cancellationToken).ConfigureAwait(false);
        if (import is null || !Admission.Sees(request, import.EntitySystemName)) throw new ArgumentException("There is no such import.", nameof(importId));
        return unfinished is null ? import : await unfinished.Ended.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<Import?> FindKeptAsync(Guid importId, CancellationToken cancellationToken)
    {
        if (_ended.Find(importId) is { } ended) return ended;
        var import = await _catalog.FindImportAsync(importId, cancellationToken).ConfigureAwait(false);
        if (import is { HasEnded: true }) _ended.Add(import);
        return import;
    }

    private async Task<ImportSnapshot?> DescribeAsync(Request request, Guid importId, IUnfinishedImport? unfinished, CancellationToken cancellationToken)
    {
        var progress = unfinished?.Progress;
        // As the catalog has it: that it was undone becomes known after its end.
        var import = unfinished?.Import ?? await _catalog.FindImportAsync(importId, cancellationToken).ConfigureAwait(false);
        if (import is null || !Admission.Sees(request, import.EntitySystemName)) return null;
        var upload = (await _catalog.FindUploadAsync(import.UploadId, cancellationToken).ConfigureAwait(false))!;
        var mapping = (await _catalog.FindMappingAsync(import.MappingId, import.MappingRevision, cancellationToken).ConfigureAwait(false))!;
        var repairs = import is { State: ImportState.Succeeded, Ledger.Rejected: > 0 } ? await RepairService.FindRepairsAsync(_catalog, importId, cancellationToken).ConfigureAwait(false) : [];
        return new ImportSnapshot(import, upload, mapping, progress ?? ProgressOf(import, upload.Size)) { RepairedBy = [.. repairs.Select(repair => repair.Id)] };
    }

    private static ImportProgress ProgressOf(Import import, long bytes) => new()
    {
        Phase = import.HasEnded ? ImportPhase.Ended : ImportPhase.Queued,
        Ledger = import.Ledger,
        RecordsRead = import.Ledger.Records,
        BytesRead = import.State == ImportState.Succeeded ? bytes : 0,
        BytesTotal = bytes,
        RecordsPerSecond = import.StageMilliseconds.GetValueOrDefault(ImportStage.Load) is > 0 and var load ? import.Ledger.Records * 1000.0 / load : 0,
        EstimatedSecondsLeft = null,
    };
}
