using EntityImport.Catalog;
using EntityImport.Changes;
using EntityImport.Entities;
using EntityImport.Guards;
using EntityImport.Storage;

namespace EntityImport.Imports.Running;

/// <summary>What is told of the changes that a plan keeps, by reading those fields of them that it depends on.</summary>
/// <param name="delta">The plan's delta, which has kept them.</param>
/// <param name="entity">The entity.</param>
/// <param name="changes">How much it keeps.</param>
/// <param name="ledger">What becomes of the rows.</param>
internal sealed class PlanReview(IDelta delta, EntityDefinition entity, KeptChanges changes, Ledger ledger)
{
    /// <summary>Records that rows are of and that stay as they are.</summary>
    private long Unchanged => ledger.Inserted + ledger.Updated + ledger.Unchanged - changes.Inserted - changes.Updated;

    /// <summary>What the changes have in common.</summary>
    public async Task<IReadOnlyList<ChangeFinding>> FindSignaturesAsync(CancellationToken cancellationToken)
    {
        var fields = ChangedFields().ToList();
        var signatures = new ChangeSignatures(fields);
        // Only of records that go can it be that they come again under other keys.
        await ReadAsync(fields, withKeys: changes is { Removed: > 0, Inserted: > 0 } && entity.Key.Any(), signatures.Add, cancellationToken).ConfigureAwait(false);
        return signatures.Describe(Unchanged);
    }

    /// <summary>The guards that forbid them.</summary>
    /// <param name="guards">The entity's guards.</param>
    /// <param name="figures">What is known beside the changes.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<IReadOnlyList<GuardBreach>> JudgeAsync(EntityGuards guards, GuardFigures figures, CancellationToken cancellationToken)
    {
        // Without a key no record is one that was there before: what is known is by how many there are fewer.
        if (figures.RecordsBefore is not null) figures = figures with { Removed = entity.Key.Any() ? changes.Removed : Math.Max(0, ledger.Removed - ledger.Inserted) };
        var fields = ChangedFields().Where(field => guards.IsAbout(field.SystemName)).ToList();
        var counts = new GuardCounts(guards, fields);
        await ReadAsync(fields, withKeys: false, counts.Add, cancellationToken).ConfigureAwait(false);
        return guards.Judge(counts.Complete(figures, Unchanged));
    }

    private IEnumerable<FieldDefinition> ChangedFields() => changes.Fields.Where(field => field.Updated > 0).Select(field => entity.FindField(field.SystemName)!);

    private async Task ReadAsync(List<FieldDefinition> fields, bool withKeys, Action<ChangeBatch> look, CancellationToken cancellationToken)
    {
        if (fields.Count == 0 && !withKeys) return;
        var batch = new ChangeBatch(entity, fields);
        await delta.ReadChangesAsync(batch, withKeys, () => look(batch), cancellationToken).ConfigureAwait(false);
    }
}
