using System.Text.Json;
using EntityImport.Catalog;

namespace EntityImport.Imports.Running;

/// <summary>What earlier imports tell of one whose turn has come: those before it in its entity have ended then.</summary>
internal sealed class ImportHistory(ICatalog catalog)
{
    /// <summary>How long the merge takes as a multiple of the time for loading, where no earlier import into the entity tells: an empty entity is loaded into directly.</summary>
    private const double UsualMergeShare = 0;

    /// <summary>Imports that loaded faster say nothing about larger ones; in milliseconds.</summary>
    private const long LeastTellingLoad = 100;

    /// <summary>The newest earlier import that brought the same bytes in under the same definition; null where there is none.</summary>
    public async Task<Guid?> FindDuplicateAsync(Import import, Upload upload, Mapping mapping, CancellationToken cancellationToken)
    {
        if (import.DryRun || import.Undoes is not null) return null;
        using var definition = JsonDocument.Parse(mapping.Document);
        var undos = new UndoCheck(catalog);
        foreach (var earlier in await catalog.ListImportsOfFileAsync(import.EntitySystemName, upload.Sha256!, cancellationToken).ConfigureAwait(false))
        {
            if (earlier.DryRun || earlier.Undoes is not null || earlier.Sequence >= import.Sequence) continue;
            if (await undos.FindUndoAsync(earlier, cancellationToken).ConfigureAwait(false) is not null) continue;
            if (earlier.MappingId == mapping.Id && earlier.MappingRevision == mapping.Revision) return earlier.Id;
            var other = (await catalog.FindMappingAsync(earlier.MappingId, earlier.MappingRevision, cancellationToken).ConfigureAwait(false))!;
            using var otherDefinition = JsonDocument.Parse(other.Document);
            if (JsonElement.DeepEquals(definition.RootElement, otherDefinition.RootElement)) return earlier.Id;
        }

        return null;
    }

    /// <summary>How long the merge took as a multiple of the time for loading, when the entity was last imported into.</summary>
    public async Task<double> FindMergeShareAsync(Import import, CancellationToken cancellationToken)
    {
        var last = await catalog.FindLastSucceededAsync(import.EntitySystemName, before: null, cancellationToken).ConfigureAwait(false);
        if (last is null) return UsualMergeShare;
        var stages = last.StageMilliseconds;
        var load = stages.GetValueOrDefault(ImportStage.Load);
        return load < LeastTellingLoad ? UsualMergeShare : (double)(stages.GetValueOrDefault(ImportStage.Keys) + stages.GetValueOrDefault(ImportStage.Merge)) / load;
    }
}
