using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Options;
using EntityImport.Storage;
using EntityImport.Upkeep;

namespace EntityImport.Engine;

/// <summary>How much space what takes, and when that is free again: for administrators. Thread-safe.</summary>
public sealed class StorageService
{
    private readonly IStore _store;
    private readonly Retention _retention;
    private readonly EngineOptions _options;

    internal StorageService(IStore store, Retention retention, EngineOptions options)
    {
        _store = store;
        _retention = retention;
        _options = options;
    }

    /// <summary>Reads the figures, which are kept: no folder is looked through.</summary>
    /// <exception cref="RequestException">The caller is no administrator.</exception>
    public async Task<StorageFigures> ReadAsync(Request request, CancellationToken cancellationToken)
    {
        Admission.CheckEverywhere(request, Scope.Admin);
        var uploads = await _store.Catalog.SumUploadsAsync(cancellationToken).ConfigureAwait(false);
        var plans = await _store.Catalog.ListPlansAsync(new PlanQuery(null, [], Before: null, int.MaxValue) { Kept = true }, cancellationToken).ConfigureAwait(false);
        var ready = plans.Where(plan => plan.Changes is not null).ToList();
        return new StorageFigures
        {
            DatabaseBytes = _store.Bytes,
            Uploads = new SpaceFigures(uploads.Count, uploads.Bytes, uploads.Oldest, uploads.Oldest + _options.KeepUploads),
            ErrorFiles = _retention.ErrorFiles is { } errorFiles ? new SpaceFigures(errorFiles.Count, errorFiles.Bytes, errorFiles.Oldest, errorFiles.Oldest + _options.KeepErrorFiles) : null,
            ErrorFilesAt = _retention.ErrorFiles?.At,
            Plans = new SpaceFigures(ready.Count, ready.Sum(plan => plan.Changes!.Bytes), ready.Min(plan => plan.Run.StoppedAt), ready.Min(plan => plan.ExpiresAt)),
            MaxPlanBytes = _options.MaxPlanBytes,
            Before = await ReadBeforeAsync(cancellationToken).ConfigureAwait(false),
            MaxBeforeBytes = _options.MaxBeforeBytes,
        };
    }

    private async Task<IReadOnlyList<BeforeFigures>> ReadBeforeAsync(CancellationToken cancellationToken)
    {
        var entities = await _store.Catalog.ListEntitiesAsync(cancellationToken).ConfigureAwait(false);
        var figures = new List<BeforeFigures>();
        foreach (var kept in (await _store.Records.ListBeforeAsync(cancellationToken).ConfigureAwait(false)).GroupBy(before => before.EntitySystemName, StringComparer.OrdinalIgnoreCase))
        {
            var first = kept.Min(before => before.Import);
            var import = await _store.Catalog.FindLastSucceededAsync(kept.Key, first + 1, cancellationToken).ConfigureAwait(false);
            var oldest = import?.StoppedAt;
            var name = entities.FirstOrDefault(entity => entity.SystemName.Equals(kept.Key, StringComparison.OrdinalIgnoreCase))?.SystemName ?? kept.Key;
            figures.Add(new BeforeFigures(name, kept.Sum(before => before.Records), new SpaceFigures(kept.LongCount(), kept.Sum(before => before.Bytes), oldest, oldest + _options.KeepBefore)));
        }

        return [.. figures.OrderByDescending(entity => entity.Space.Bytes).ThenBy(entity => entity.EntitySystemName, StringComparer.Ordinal)];
    }
}

/// <summary>How much space what takes.</summary>
public sealed record StorageFigures
{
    /// <summary>The store on disk: records, catalog, plans and before-images, with room that is free in it.</summary>
    public required long DatabaseBytes { get; init; }

    /// <summary>Uploaded files.</summary>
    public required SpaceFigures Uploads { get; init; }

    /// <summary>Files of rejected rows; null before they were looked at for the first time.</summary>
    public required SpaceFigures? ErrorFiles { get; init; }

    /// <summary>When they were looked at last.</summary>
    public required DateTimeOffset? ErrorFilesAt { get; init; }

    /// <summary>What plans keep, before compression.</summary>
    public required SpaceFigures Plans { get; init; }

    /// <summary>What plans may keep.</summary>
    public required long MaxPlanBytes { get; init; }

    /// <summary>What entities' records were before imports, the largest first.</summary>
    public required IReadOnlyList<BeforeFigures> Before { get; init; }

    /// <summary>What all of that may take.</summary>
    public required long MaxBeforeBytes { get; init; }
}

/// <summary>How much space some things take.</summary>
/// <param name="Count">How many.</param>
/// <param name="Bytes">Their size.</param>
/// <param name="Oldest">When the oldest came to be; null where there is none.</param>
/// <param name="Expires">The earliest time at which the first is deleted; null where there is none, or where they are kept for ever.</param>
public sealed record SpaceFigures(long Count, long Bytes, DateTimeOffset? Oldest, DateTimeOffset? Expires);

/// <summary>What is kept of what an entity's records were.</summary>
/// <param name="EntitySystemName">The entity.</param>
/// <param name="Records">How many records.</param>
/// <param name="Space">How many imports, and how much space; the oldest is the one of these that ended first.</param>
public sealed record BeforeFigures(string EntitySystemName, long Records, SpaceFigures Space);
