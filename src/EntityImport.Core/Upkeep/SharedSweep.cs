using EntityImport.Catalog;
using EntityImport.Files;
using Microsoft.Extensions.Logging;

namespace EntityImport.Upkeep;

/// <summary>
/// Deletes from a store that others work with, too, what is proved to be rubbish: uploads that nobody was told of, and what was begun and never kept. Nothing that is younger than a day is touched, whoever began it;
/// what the catalog does not know is left where it is, since it may be the catalog that is not the right one.
/// </summary>
internal sealed class SharedSweep(ICatalog catalog, ImportFiles files, ILogger log)
{
    /// <summary>Longer than anything takes that may still become something.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromDays(1);

    /// <summary>Sweeps. Others may do the same at the same time.</summary>
    public async Task SweepAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        foreach (var (uploadId, keptAt) in files.ListUnanswered().ToList())
        {
            if (keptAt > now - Grace) continue;
            if (await catalog.FindUploadAsync(uploadId, cancellationToken).ConfigureAwait(false) is null)
            {
                files.DropUpload(uploadId);
                log.LogInformation("Upload {UploadId} was deleted: a service had ended before anybody was told of it", uploadId);
            }

            // Last, since it is by its mark that the next sweep finds what this one leaves.
            files.ConfirmUpload(uploadId);
        }

        if (files.DropUnfinished(now - Grace) is > 0 and var count) log.LogInformation("{Count} files that were begun more than a day ago and never kept were deleted", count);
    }
}
