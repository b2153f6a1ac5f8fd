using System.Runtime.CompilerServices;
using EntityImport.Catalog;
using EntityImport.Storage;

namespace EntityImport.Imports.Running;

/// <summary>Whether an import can be undone, and which imports are: asked when an undo is invoked, and again when its turn comes.</summary>
internal sealed class UndoCheck(ICatalog catalog)
{
    /// <summary>What an undo is to do, as things are now.</summary>
    /// <param name="undone">The import that is to be undone.</param>
    /// <param name="sequence">The number of the import that undoes.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ImportRefusedException">It cannot be undone; the code is one of <see cref="EndCode"/>.</exception>
    public async Task<UndoOrder> OrderAsync(Import undone, long sequence, CancellationToken cancellationToken)
    {
        ThrowUnlessWritten(undone);
        if (await FindUndoAsync(undone, cancellationToken).ConfigureAwait(false) is { } other)
            throw new ImportRefusedException(EndCode.AlreadyUndone, $"Import {undone.Id:D} was undone by import {other:D} already. To bring back what it did, undo that one.");
        if (await IsTurnedRoundAsync(undone, cancellationToken).ConfigureAwait(false)) throw TurnedRound(undone);
        if (!undone.KeptBefore || await catalog.FindEntityAsync(undone.EntitySystemName, cancellationToken).ConfigureAwait(false) is not { } entity) throw Expired(undone);
        var order = new UndoOrder { Sequence = sequence, Entity = entity, Undone = undone, IsLast = true, IsCounted = true };
        var replacing = new List<Import>();
        await foreach (var later in ListLaterAsync(undone, cancellationToken).ConfigureAwait(false))
        {
            if (later is { Undoes: null, Replaced: true } && await FindUndoAsync(later, cancellationToken).ConfigureAwait(false) is null)
                throw new ImportRefusedException(EndCode.ReplacedSince, $"Import {later.Id:D} has replaced all records of {entity.SystemName} since, so that nothing of what import {undone.Id:D} did is left to be undone. Undo that one first.");
            order = order with { IsLast = false, IsCounted = order.IsCounted && later.KeptBefore };
            if (later.KeptBefore && await IsReplacingAsync(later, cancellationToken).ConfigureAwait(false)) replacing.Add(later);
        }

        return order with { Tables = Follow(undone, replacing) };
    }

    /// <summary>What an import did, as things are now: that it was undone, or that all records were replaced since, is in the way of nobody who only wants to know.</summary>
    /// <exception cref="ImportRefusedException">It wrote nothing, or what the records were is not kept; the code is one of <see cref="EndCode"/>.</exception>
    public async Task<ImportedChanges> FindChangesAsync(Import import, CancellationToken cancellationToken)
    {
        ThrowUnlessWritten(import);
        if (await IsTurnedRoundAsync(import, cancellationToken).ConfigureAwait(false)) throw TurnedRound(import);
        if (!import.KeptBefore || await catalog.FindEntityAsync(import.EntitySystemName, cancellationToken).ConfigureAwait(false) is not { } entity) throw Expired(import);
        var changes = new ImportedChanges(entity, import, IsComplete: true);
        var replacing = new List<Import>();
        await foreach (var later in ListLaterAsync(import, cancellationToken).ConfigureAwait(false))
        {
            if (!later.KeptBefore) changes = changes with { IsComplete = false };
            if (later.KeptBefore && await IsReplacingAsync(later, cancellationToken).ConfigureAwait(false)) replacing.Add(later);
        }

        return changes with { Tables = Follow(import, replacing) };
    }

    /// <summary>Whether an import replaced all records, or undid one that did, and was undone: the table that was kept of it is in use again, and its undo has kept the one that it left.</summary>
    private async Task<bool> IsTurnedRoundAsync(Import import, CancellationToken cancellationToken) => import.UndoneBy is not null && await IsReplacingAsync(import, cancellationToken).ConfigureAwait(false);

    /// <summary>Whether an import replaced all records, undid one that did, or undid that.</summary>
    private async Task<bool> IsReplacingAsync(Import import, CancellationToken cancellationToken)
    {
        while (import.Undoes is { } id) import = (await catalog.FindImportAsync(id, cancellationToken).ConfigureAwait(false))!;
        return import.Replaced;
    }

    /// <summary>Tells of imports that replaced all records after another one which of them stand, and which were taken back.</summary>
    /// <param name="import">The import that they came after.</param>
    /// <param name="replacing">The others, newest first.</param>
    private static LaterTables Follow(Import import, List<Import> replacing)
    {
        // What other imports left is known by the version that records have from them.
        if (import.Undoes is null) return LaterTables.None;
        var (standing, takenBack) = (new List<Import>(), new List<(long, long)>());
        foreach (var later in Enumerable.Reverse(replacing))
        {
            // One that brings back what was taken out before is one that stands, as a REPLACE does.
            if (standing.Find(other => other.Id == later.Undoes) is not { } undone) standing.Add(later);
            else if (standing.Remove(undone)) takenBack.Add((undone.Sequence, later.Sequence));
        }

        return new LaterTables(standing.Count > 0 ? standing[0].Sequence : null, takenBack);
    }

    private static ImportRefusedException TurnedRound(Import import) => new(
        EndCode.BeforeExpired, $"What the records of {import.EntitySystemName} were before import {import.Id:D} was brought back by import {import.UndoneBy:D}, and is kept no longer. That import tells what it did, the other way round.");

    /// <summary>What is said where what the records were is not there.</summary>
    public static ImportRefusedException Expired(Import undone) => new(
        EndCode.BeforeExpired, $"What the records of {undone.EntitySystemName} were before import {undone.Id:D} is not kept: its time or its space is over, the entity was deleted since or says that nothing is kept, or the import is older than that.");

    /// <summary>The import by which another one is undone; null where it stands.</summary>
    public async Task<Guid?> FindUndoAsync(Import import, CancellationToken cancellationToken)
    {
        if (import.UndoneBy is not { } id) return null;
        // An undo that was undone in turn has brought it back.
        var undo = (await catalog.FindImportAsync(id, cancellationToken).ConfigureAwait(false))!;
        return await FindUndoAsync(undo, cancellationToken).ConfigureAwait(false) is null ? id : null;
    }

    /// <summary>The import that says what became of an upload: the last one, or, where that is an undo that did not succeed, what it was to undo; null where undos have given the upload back.</summary>
    /// <param name="last">The upload's last import.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<Import?> FindStandingAsync(Import last, CancellationToken cancellationToken)
    {
        var isUndone = false;
        while (last.Undoes is { } id && last.HasEnded)
        {
            if (last.State == ImportState.Succeeded) isUndone = !isUndone;
            last = (await catalog.FindImportAsync(id, cancellationToken).ConfigureAwait(false))!;
        }

        if (!isUndone) return last;
        // It may have been imported before, too, and the undo of that have been undone since; or into another entity afterwards, before somebody wanted to undo the undo.
        foreach (var import in await catalog.ListImportsOfUploadsAsync([last.UploadId], cancellationToken).ConfigureAwait(false))
        {
            if (import.Undoes is not null) continue;
            if (!import.HasEnded || (import is { State: ImportState.Succeeded, DryRun: false } && await FindUndoAsync(import, cancellationToken).ConfigureAwait(false) is null)) return import;
        }

        return null;
    }

    private static void ThrowUnlessWritten(Import import)
    {
        if (import.State != ImportState.Succeeded) throw new ImportRefusedException(EndCode.NotUndoable, $"Import {import.Id:D} has written nothing: it {(import.HasEnded ? "did not succeed" : "has not ended")}.");
        if (import.DryRun) throw new ImportRefusedException(EndCode.NotUndoable, $"Import {import.Id:D} has written nothing: it was a dry run.");
    }

    /// <summary>The imports that wrote into the entity after another one, newest first.</summary>
    private async IAsyncEnumerable<Import> ListLaterAsync(Import import, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var later in catalog.ListSucceededAsync(import.EntitySystemName, before: null, cancellationToken).ConfigureAwait(false))
        {
            if (later.Sequence <= import.Sequence) yield break;
            if (!later.DryRun) yield return later;
        }
    }
}
