using System.Diagnostics;
using System.Globalization;
using EntityImport.Catalog;
using EntityImport.Files;
using EntityImport.Imports.Rejections;
using EntityImport.Inputs;
using EntityImport.Mappings;
using EntityImport.Notices;
using EntityImport.Storage;
using EntityImport.Testing;

namespace EntityImport.Imports.Running;

/// <summary>Runs an undo, which is an import without a file, to its end. What it does before the commit leaves no trace.</summary>
internal sealed class UndoRun(IStore store, ImportFiles files, Outbox outbox, TimeProvider time)
{
    /// <summary>Runs an undo. Exceptions are faults of the service.</summary>
    /// <param name="active">The import, begun.</param>
    /// <param name="mapping">The mapping of what it undoes.</param>
    /// <param name="cancellationToken">Ends the work without a trace.</param>
    public async Task<EndedRun> RunAsync(ActiveImport active, Mapping mapping, CancellationToken cancellationToken)
    {
        var import = files.NameRejected(active.Import);
        try
        {
            return await RunAsync(active, import, mapping, cancellationToken).ConfigureAwait(false);
        }
        catch (ImportRefusedException fault)
        {
            return Failed(import, clientError: true, fault.Code, fault.Message);
        }
        catch (RecordsRefusedException fault)
        {
            return Failed(import, clientError: true, EndCode.RecordsRefused, fault.Message);
        }
        catch (LedgerException fault)
        {
            return Failed(import, clientError: false, EndCode.LedgerUnbalanced, fault.Message);
        }
    }

    /// <summary>What an undo would do.</summary>
    /// <exception cref="ImportRefusedException">It is not possible.</exception>
    /// <exception cref="LedgerException">The figures do not add up.</exception>
    public static async Task<IDelta> FindAsync(IRecords records, UndoOrder order, CancellationToken cancellationToken)
    {
        var delta = await records.FindUndoAsync(order, cancellationToken).ConfigureAwait(false) ?? throw UndoCheck.Expired(order.Undone);
        try
        {
            Account(order, delta.Counts);
            return delta;
        }
        catch
        {
            await delta.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task<EndedRun> RunAsync(ActiveImport active, Import import, Mapping mapping, CancellationToken cancellationToken)
    {
        var undone = (await store.Catalog.FindImportAsync(import.Undoes!.Value, cancellationToken).ConfigureAwait(false))!;
        var order = await new UndoCheck(store.Catalog).OrderAsync(undone, import.Sequence, cancellationToken).ConfigureAwait(false) with { ImportId = import.Id };
        FaultPoints.Reach(FaultStep.ImportPlanned, import.Id);
        using (var rejected = new RejectedRowsFile(files, import))
        {
            rejected.Begin(ErrorFileFormat.Of(ImportDefinitionReader.ReadFormat(mapping).Layout));
            await rejected.KeepAsync(cancellationToken).ConfigureAwait(false);
        }

        FaultPoints.Reach(FaultStep.RejectedKept, import.Id);
        active.Meter.BeginMerging();
        var begun = Stopwatch.GetTimestamp();
        var delta = await FindAsync(store.Records, order, cancellationToken).ConfigureAwait(false);
        await using (delta.ConfigureAwait(false))
        {
            FaultPoints.Reach(FaultStep.UndoFound, import.Id);
            var merge = await delta.ApplyAsync(cancellationToken).ConfigureAwait(false);
            FaultPoints.Reach(FaultStep.UndoMerged, import.Id);
            // From here on it is too late to cancel: who asks is told so, and not left to believe that nothing was written.
            if (!active.End.TryDecide()) throw new OperationCanceledException(cancellationToken);
            var ended = import with
            {
                State = ImportState.Succeeded,
                StoppedAt = time.GetUtcNow(),
                Ledger = Account(order, delta.Counts),
                KeptBefore = order.Entity.KeepsBefore,
                Message = Summarize(order, delta.Counts),
                StageMilliseconds = new Dictionary<string, long> { [ImportStage.Merge] = (long)Stopwatch.GetElapsedTime(begun).TotalMilliseconds },
            };
            await merge.CommitAsync(ImportEnd.Commit(ended, outbox) with { UndoneImport = undone with { UndoneBy = import.Id } }, CancellationToken.None).ConfigureAwait(false);
            return new EndedRun(ended, IsKept: true);
        }
    }

    /// <summary>The ledger of an undo: each change of what it undoes is reversed or kept.</summary>
    /// <exception cref="LedgerException">They are not as many as there were.</exception>
    public static Ledger Account(UndoOrder order, DeltaCounts counts)
    {
        var ledger = order.Undone.Ledger;
        var changes = order.Undone.Undoes is null ? ledger.Inserted + ledger.Updated + ledger.Removed : ledger.Reversed;
        // What was changed since without a trace is not reversed, so it is kept.
        var kept = order.IsCounted ? counts.Kept : changes - counts.Reversed;
        if (counts.Reversed + kept != changes || kept < counts.Kept)
        {
            throw new LedgerException(string.Create(
                CultureInfo.InvariantCulture,
                $"The ledger does not add up, so nothing was written: import {order.Undone.Id:D} made {changes} changes, of which {counts.Reversed} can be taken back and {counts.Kept} were changed since."));
        }

        return new Ledger { Reversed = counts.Reversed, Kept = kept };
    }

    private static string Summarize(UndoOrder order, DeltaCounts counts)
    {
        var kept = Account(order, counts).Kept;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"Import {order.Undone.Id:D} into {order.Entity.SystemName} was undone: {counts.Reversed} changes were taken back{(kept > 0 ? $", and {kept} were kept, since other imports changed the same records later" : "")}.");
    }

    private EndedRun Failed(Import import, bool clientError, string code, string why) => new(
        import with
        {
            State = ImportState.Failed,
            StoppedAt = time.GetUtcNow(),
            ClientError = clientError,
            Code = code,
            Message = ShownText.Fit($"The undo of import {import.Undoes:D} into {import.EntitySystemName} has changed nothing. {why}", Limits.MessageCharacters),
        },
        IsKept: false);
}
