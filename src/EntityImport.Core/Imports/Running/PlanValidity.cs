using System.Globalization;
using EntityImport.Catalog;
using EntityImport.Entities;
using EntityImport.Storage;

namespace EntityImport.Imports.Running;

/// <summary>Whether what a plan was made of is still as it was.</summary>
internal static class PlanValidity
{
    /// <summary>Notes what a plan is made of. To be called before the store's snapshot is taken: what is committed in between makes the plan a stale one, and never a wrong one.</summary>
    public static async Task<Plan> NoteAsync(Plan plan, ICatalog catalog, IRecords records, EntityDefinition entity, Upload upload, CancellationToken cancellationToken)
    {
        var last = await catalog.FindLastSucceededAsync(entity.SystemName, before: null, cancellationToken).ConfigureAwait(false);
        return plan with
        {
            Sha256 = upload.Sha256,
            Entity = entity,
            LastSequence = last?.Sequence ?? 0,
            EntityRecords = await records.CountRecordsAsync(entity, cancellationToken).ConfigureAwait(false),
        };
    }

    /// <summary>What has moved since a plan was made; null where nothing has.</summary>
    /// <param name="plan">The plan, which succeeded.</param>
    /// <param name="catalog">The catalog.</param>
    /// <param name="records">The records.</param>
    /// <param name="upload">Its upload as it is now.</param>
    /// <param name="mapping">The upload's mapping, in its newest revision; null where it has none.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static async Task<PlanMove?> FindMoveAsync(Plan plan, ICatalog catalog, IRecords records, Upload upload, Mapping? mapping, CancellationToken cancellationToken)
    {
        var run = plan.Run;
        if (upload.Sha256 != plan.Sha256) return new PlanMove(PlanMove.File, null, "The file is another one than the plan was made of.");
        // A repair is read as its file was, whatever has become of the mapping.
        if (run.Repairs is null && (mapping is null || mapping.Id != run.MappingId || mapping.Revision != run.MappingRevision))
        {
            return new PlanMove(PlanMove.Mapping, null, string.Create(
                CultureInfo.InvariantCulture,
                $"The plan was made with revision {run.MappingRevision} of mapping {run.MappingId:D}; now it is {(mapping is null ? "none" : string.Create(CultureInfo.InvariantCulture, $"revision {mapping.Revision} of {mapping.Id:D}"))}."));
        }

        var entity = await catalog.FindEntityAsync(run.EntitySystemName, cancellationToken).ConfigureAwait(false);
        if (entity is null || !entity.Fields.SequenceEqual(plan.Entity!.Fields)) return Redefined(run);
        if (await FindChangingImportAsync(catalog, run.EntitySystemName, plan.LastSequence, cancellationToken).ConfigureAwait(false) is { } import)
            return new PlanMove(PlanMove.Contents, import.Id, $"Import {import.Id:D} has changed {run.EntitySystemName} since the plan was made.");
        // An entity can be deleted and declared again, which is no import.
        long count;
        try
        {
            count = await records.CountRecordsAsync(entity, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not (StoreUnavailableException or OperationCanceledException))
        {
            if (await catalog.FindChangeAsync(entity, cancellationToken).ConfigureAwait(false) is not null) return Redefined(run);
            count = await records.CountRecordsAsync(entity, cancellationToken).ConfigureAwait(false);
        }

        return count == plan.EntityRecords ? null : new PlanMove(PlanMove.Contents, null, string.Create(
            CultureInfo.InvariantCulture, $"{run.EntitySystemName} held {plan.EntityRecords} records when the plan was made, and holds {count} now."));
    }

    private static PlanMove Redefined(Import run) => new(PlanMove.Entity, null, $"The definition of {run.EntitySystemName} is another one than the plan was made with.");

    /// <summary>The first import that changed an entity's records after the one with a number; null where none did.</summary>
    public static async Task<Import?> FindChangingImportAsync(ICatalog catalog, string entitySystemName, long after, CancellationToken cancellationToken)
    {
        Import? first = null;
        await foreach (var import in catalog.ListSucceededAsync(entitySystemName, before: null, cancellationToken).ConfigureAwait(false))
        {
            if (import.Sequence <= after) break;
            if (!import.DryRun && !LeftAllAsItWas(import.Ledger)) first = import;
        }

        return first;
    }

    /// <summary>Whether an import changed no record, be it that its file has no rows, or that it is an undo that could take nothing back.</summary>
    private static bool LeftAllAsItWas(Ledger ledger) => ledger is { Inserted: 0, Updated: 0, Removed: 0, Reversed: 0, IsBalanced: true };
}

/// <summary>What has moved since a plan was made, so that it cannot be applied any more.</summary>
/// <param name="What"><see cref="File"/>, <see cref="Mapping"/>, <see cref="Entity"/> or <see cref="Contents"/>.</param>
/// <param name="ImportId">The first import that changed the entity's records; null where none did.</param>
/// <param name="Message">The same as a sentence.</param>
public sealed record PlanMove(string What, Guid? ImportId, string Message)
{
    /// <summary>The file.</summary>
    public const string File = "file";

    /// <summary>The mapping.</summary>
    public const string Mapping = "mapping";

    /// <summary>The entity's definition.</summary>
    public const string Entity = "entity";

    /// <summary>The entity's records.</summary>
    public const string Contents = "contents";
}
