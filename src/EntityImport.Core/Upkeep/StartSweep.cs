using EntityImport.Catalog;
using EntityImport.Files;
using EntityImport.Options;
using Microsoft.Extensions.Logging;

namespace EntityImport.Upkeep;

/// <summary>
/// Brings files and catalog together at start. Deleted is only what is proved to be rubbish: what never was complete, uploads that nobody was told of, and rejected rows of plans whose time is over. Whatever else the
/// catalog does not know goes to quarantine, since it may be the catalog that is not the right one.
/// </summary>
internal sealed class StartSweep(ICatalog catalog, DataDirectory directory, ImportFiles files, EngineOptions options, ILogger log)
{
    /// <summary>Sweeps. Only before there is new work.</summary>
    /// <exception cref="UnknownFilesException">The catalog knows of nothing, but there are files.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // Where others may be at work, nobody knows at its start what is rubbish: see SharedSweep.
        if (files.IsShared)
        {
            SweepUnfinished();
            return;
        }

        var knownUploads = (await catalog.ListUploadIdsAsync(cancellationToken).ConfigureAwait(false)).ToHashSet();
        var knownImports = (await catalog.ListImportIdsAsync(cancellationToken).ConfigureAwait(false)).ToHashSet();
        var quarantine = new Quarantine(directory.Files);
        var uploads = files.ListUploads().ToList();
        var unanswered = uploads.Where(files.IsUnanswered).ToHashSet();
        var unknownUploads = uploads.Where(id => !knownUploads.Contains(id) && !unanswered.Contains(id)).ToList();
        var unknownImports = new List<Guid>();
        var expiredPlans = new List<Guid>();
        foreach (var id in files.ListRejected().Where(id => !knownImports.Contains(id)))
        {
            var plan = await catalog.FindPlanAsync(id, cancellationToken).ConfigureAwait(false);
            if (plan is null) unknownImports.Add(id);
            else if (plan.ExpiredAt is not null) expiredPlans.Add(id);
        }

        if (unknownUploads.Count + unknownImports.Count > 0 && knownUploads.Count + knownImports.Count == 0 && !options.AcceptNewStore
            && (await catalog.ListEntitiesAsync(cancellationToken).ConfigureAwait(false)).Count == 0)
            throw new UnknownFilesException(Path.GetFullPath(options.DataDirectory), unknownUploads.Count, unknownImports.Count);

        SweepUnfinished();
        foreach (var uploadId in unanswered) Settle(uploadId, knownUploads.Contains(uploadId));
        foreach (var planId in expiredPlans)
        {
            files.DropRejected(planId);
            log.LogInformation("The rejected rows of plan {PlanId} were deleted: the service had ended while what the plan kept was deleted", planId);
        }

        foreach (var uploadId in unknownUploads)
        {
            var (folder, bytes) = quarantine.TakeUpload(uploadId);
            log.LogWarning("The store does not know upload {UploadId}; its files, {Bytes} bytes, were moved to {Folder}", uploadId, bytes, folder);
        }

        foreach (var importId in unknownImports)
        {
            var (folder, bytes) = quarantine.TakeRejected(importId);
            log.LogWarning("The store does not know import {ImportId}; its rejected rows, {Bytes} bytes, were moved to {Folder}", importId, bytes, folder);
        }

        if (quarantine.Count() is > 0 and var quarantined)
            log.LogInformation("{Count} uploads and imports that the store does not know are in {Folder}; nothing of them is ever deleted", quarantined, quarantine.Folder);
    }

    private void SweepUnfinished()
    {
        foreach (var (folder, count, bytes) in directory.Sweep())
            if (count > 0) log.LogInformation("{Count} files of work that was broken off were deleted from {Folder}/: {Bytes} bytes", count, folder, bytes);
    }

    private void Settle(Guid uploadId, bool isKnown)
    {
        if (isKnown)
        {
            files.ConfirmUpload(uploadId);
            return;
        }

        files.DropUpload(uploadId);
        log.LogInformation("Upload {UploadId} was deleted: the service had ended before anybody was told of it", uploadId);
    }
}
