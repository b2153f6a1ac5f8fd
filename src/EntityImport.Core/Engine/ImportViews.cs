using System.Runtime.CompilerServices;
using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Imports;
using EntityImport.Imports.Scheduling;

namespace EntityImport.Engine;

/// <summary>Imports as they are seen: where they stand, how far they are, and their ends. Thread-safe.</summary>
public sealed class ImportViews
{
    private const int LookedAtOnce = 500;

    /// <summary>Imports in each state that are followed at the same time.</summary>
    private const int MostFollowed = 200;

    /// <summary>Imports that are looked at for one page.</summary>
    private const int MostLookedAt = 10_000;

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

    /// <summary>Imports that the caller sees, newest first, with the files that they read.</summary>
    /// <param name="request">The request.</param>
    /// <param name="query">Which, and how many.</param>
    /// <param name="match">What else is to be true of them.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The imports, and the sequence number before which the next ones are; null where there are no more. A page can be short, or empty, though there are more: of those that match little, so many are looked at for one.</returns>
    public async Task<(IReadOnlyList<FoundImport> Imports, long? Next)> SearchAsync(Request request, ImportQuery query, ImportMatch match, CancellationToken cancellationToken)
    {
        Admission.Check(request, Scope.Read | Scope.Import);
        var found = new List<FoundImport>();
        // One more than asked for tells whether there are others.
        var atOnce = match.IsAll ? query.Limit + 1 : LookedAtOnce;
        for (var (looked, before) = (0, query.Before); ;)
        {
            var imports = await ListAsync(request, query with { Before = before, Limit = atOnce }, cancellationToken).ConfigureAwait(false);
            var uploads = (await _catalog.FindUploadsAsync([.. imports.Select(import => import.UploadId).Distinct()], cancellationToken).ConfigureAwait(false)).ToDictionary(upload => upload.Id);
            foreach (var import in imports)
            {
                if (found.Count == query.Limit) return (found, before);
                var upload = uploads.GetValueOrDefault(import.UploadId);
                if (match.Fits(import, upload)) found.Add(new FoundImport(import, upload));
                before = import.Sequence;
            }

            looked += imports.Count;
            if (imports.Count < atOnce) return (found, null);
            if (looked >= MostLookedAt) return (found, before);
        }
    }

    /// <summary>Figures over the last imports of files into an entity.</summary>
    /// <param name="request">The request.</param>
    /// <param name="systemName">The entity's name, ignoring case.</param>
    /// <param name="limit">The most imports, from 1. They can be fewer though there were more: so many imports are looked at and no more, where most are undos, repairs or dry runs.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The figures; null where there is no such entity that the caller sees.</returns>
    public async Task<EntityStatistics?> ReadStatisticsAsync(Request request, string systemName, int limit, CancellationToken cancellationToken)
    {
        Admission.Check(request, Scope.Read | Scope.Import);
        if (!Admission.Sees(request, systemName) || await _catalog.FindEntityAsync(systemName, cancellationToken).ConfigureAwait(false) is not { } entity) return null;
        var compared = new List<Import>();
        long? before = null;
        // Most imports are of files: some more than are wanted nearly always do.
        var atOnce = Math.Min(2 * limit, LookedAtOnce);
        for (var looked = 0; compared.Count < limit && looked < MostLookedAt; looked += atOnce)
        {
            var query = new ImportQuery(systemName, [ImportState.Succeeded, ImportState.Failed, ImportState.Cancelled], before, atOnce);
            var imports = await ListAsync(request, query, cancellationToken).ConfigureAwait(false);
            compared.AddRange(imports.Where(EntityStatistics.IsCompared).Take(limit - compared.Count));
            if (imports.Count < atOnce) break;
            before = imports[^1].Sequence;
        }

        var sizes = (await _catalog.FindUploadsAsync([.. compared.Select(import => import.UploadId).Distinct()], cancellationToken).ConfigureAwait(false)).ToDictionary(upload => upload.Id, upload => upload.Size);
        return EntityStatistics.Of(entity.SystemName, compared.Select(import => (import, sizes.TryGetValue(import.UploadId, out var size) ? size : (long?)null)));
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

    /// <summary>
    /// Snapshots of all imports that the caller sees and that have not ended, and of those that come: one at once, one whenever something has changed but at most one each <paramref name="interval"/>, and the last at an import's end.
    /// It goes on until it is cancelled. Of more than 200 that wait, the others are told of once they run.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="entity">Only imports into this entity, ignoring case; null means all.</param>
    /// <param name="after">Those that were invoked after the one of this <see cref="Import.Sequence"/> are told also where they have ended: the last 200 of them.</param>
    /// <param name="interval">How often it is looked.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async IAsyncEnumerable<ImportSnapshot> WatchAllAsync(Request request, string? entity, long after, TimeSpan interval, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Admission.Check(request, Scope.Read | Scope.Import);
        var told = new Dictionary<Guid, ImportSnapshot>();
        var newest = after;
        while (true)
        {
            var found = new SortedDictionary<long, Import>();
            foreach (var states in (ImportState[][])[[ImportState.Running], [ImportState.Queued], []])
            {
                foreach (var import in await ListAsync(request, new ImportQuery(entity, states, Before: null, MostFollowed), cancellationToken).ConfigureAwait(false))
                    if (!import.HasEnded || import.Sequence > newest) found.TryAdd(import.Sequence, import);
            }

            var waiting = found.Values.Where(import => import.State == ImportState.Queued).Select(import => import.Id).ToHashSet();
            // In the order of their invocation, also those that ended since and are not among the found ones.
            foreach (var id in (Guid[])[.. found.Values.Concat(told.Values.Select(snapshot => snapshot.Import)).OrderBy(import => import.Sequence).Select(import => import.Id).Distinct()])
            {
                var before = told.GetValueOrDefault(id);
                if (waiting.Contains(id) && (before is { Import.State: ImportState.Queued } || (before is null && told.Count >= MostFollowed))) continue;
                var snapshot = await FindSnapshotAsync(request, id, cancellationToken).ConfigureAwait(false);
                if (snapshot is null or { Import.HasEnded: true }) told.Remove(id);
                else told[id] = snapshot;
                if (snapshot is not null && (before is null || before.Import.State != snapshot.Import.State || before.Progress != snapshot.Progress)) yield return snapshot;
            }

            if (found.Count > 0) newest = Math.Max(newest, found.Keys.Last());
            await Task.Delay(interval, _time, cancellationToken).ConfigureAwait(false);
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

/// <summary>What is to be true of an import that is looked for, beside what <see cref="ImportQuery"/> says.</summary>
/// <param name="File">A text that its file's name has in it, ignoring case; null means any.</param>
/// <param name="InvokedBy">Who invoked it, ignoring case; null means anybody.</param>
public sealed record ImportMatch(string? File, string? InvokedBy)
{
    internal bool IsAll => File is null && InvokedBy is null;

    internal bool Fits(Import import, Upload? upload) =>
        (File is null || upload?.FileName?.Contains(File, StringComparison.OrdinalIgnoreCase) == true)
        && (InvokedBy is null || string.Equals(import.InvokedBy, InvokedBy, StringComparison.OrdinalIgnoreCase));
}

/// <summary>An import that was looked for.</summary>
/// <param name="Import">The import.</param>
/// <param name="Upload">What it read; null where that is not known any more.</param>
public sealed record FoundImport(Import Import, Upload? Upload);
