using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Imports.Running;
using EntityImport.Imports.Scheduling;
using EntityImport.Storage;

namespace EntityImport.Engine;

/// <summary>Takes imports back. Thread-safe.</summary>
public sealed class UndoService : IDisposable
{
    /// <summary>How many previews are made at the same time: each looks at all records that its import has changed.</summary>
    private const int Places = 2;

    /// <summary>How often a preview is made where imports are committed meanwhile.</summary>
    private const int MostPreviews = 5;

    private readonly SemaphoreSlim _places = new(Places);
    private readonly IStore _store;
    private readonly IScheduler _scheduler;
    private readonly Admission _admission;
    private readonly ImportService _imports;
    private readonly UndoCheck _check;
    private readonly EntityReads _reads;
    private readonly TimeProvider _time;

    internal UndoService(IStore store, IScheduler scheduler, Admission admission, ImportService imports, TimeProvider time)
    {
        _store = store;
        _scheduler = scheduler;
        _admission = admission;
        _imports = imports;
        _check = new UndoCheck(store.Catalog);
        _reads = new EntityReads(store.Catalog);
        _time = time;
    }

    /// <summary>Invokes the undo of an import: an import of its own, which waits for its turn in the entity. It is durable when the call returns, and runs by itself; the same one is answered when the same request comes again.</summary>
    /// <returns>The import that undoes; null where there is no such import.</returns>
    /// <exception cref="RequestException">
    /// The import wrote nothing, was undone already, or all records were replaced since; what the records were is no longer kept; too many imports are unfinished; the caller may not import; or the key is in use, or was used for another request.
    /// </exception>
    public async Task<Import?> InvokeAsync(Request request, Guid importId, CancellationToken cancellationToken)
    {
        using var admitted = _admission.Admit(request, Scope.Import);
        using var hold = await _scheduler.HoldDefinitionsAsync(cancellationToken).ConfigureAwait(false);
        if (await _imports.FindSeenAsync(request, importId, cancellationToken).ConfigureAwait(false) is not { } undone) return null;
        Admission.Check(request, Scope.Import, undone.EntitySystemName);
        if (await admitted.FindAnswerAsync(default, cancellationToken).ConfigureAwait(false) is { } earlier) return await _imports.FindSeenAsync(request, earlier, cancellationToken).ConfigureAwait(false);
        await OrderAsync(undone, cancellationToken).ConfigureAwait(false);
        if (await _store.Catalog.FindLastImportAsync(undone.UploadId, cancellationToken).ConfigureAwait(false) is { HasEnded: false, Undoes: not null } other)
            throw new RequestException(FaultKind.Conflict, "undo-unfinished", $"Import {other.Id:D} undoes an import of the same upload, and has not ended.");
        await _imports.ThrowIfFullAsync(cancellationToken).ConfigureAwait(false);
        var now = _time.GetUtcNow();
        var import = new Import
        {
            Id = Guid.CreateVersion7(now),
            UploadId = undone.UploadId,
            MappingId = undone.MappingId,
            MappingRevision = undone.MappingRevision,
            EntitySystemName = undone.EntitySystemName,
            StartedAt = now,
            InvokedBy = request.Caller.Name,
            Undoes = undone.Id,
        };
        return await _imports.AddAsync(admitted, new CatalogCommit { NewImport = import }, bytes: 0, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What undoing an import would do now; null where there is no such import.</summary>
    /// <inheritdoc cref="InvokeAsync"/>
    public async Task<UndoPreview?> PreviewAsync(Request request, Guid importId, CancellationToken cancellationToken)
    {
        Admission.Check(request, Scope.Import);
        if (await _imports.FindSeenAsync(request, importId, cancellationToken).ConfigureAwait(false) is not { } undone) return null;
        Admission.Check(request, Scope.Import, undone.EntitySystemName);
        using var place = await Hold.TakeAsync(_places, cancellationToken).ConfigureAwait(false);
        for (var attempt = 1; ; attempt++)
        {
            var order = await OrderAsync(undone, cancellationToken).ConfigureAwait(false);
            try
            {
                var delta = await _reads.ReadAsync(order.Entity, () => UndoRun.FindAsync(_store.Records, order, cancellationToken), () => true, cancellationToken).ConfigureAwait(false);
                await using (delta.ConfigureAwait(false))
                {
                    var ledger = UndoRun.Account(order, delta.Counts);
                    return new UndoPreview(ledger.Reversed, ledger.Kept);
                }
            }
            catch (ImportRefusedException refused)
            {
                throw Refused(refused);
            }
            catch (LedgerException) when (attempt < MostPreviews)
            {
                // Another import, or the undo of this one, was committed between the look at imports and that at the records. An undo that runs keeps others waiting.
                if (await _imports.FindSeenAsync(request, importId, cancellationToken).ConfigureAwait(false) is not { } now) return null;
                undone = now;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _places.Dispose();

    private async Task<UndoOrder> OrderAsync(Import undone, CancellationToken cancellationToken)
    {
        try
        {
            return await _check.OrderAsync(undone, long.MaxValue, cancellationToken).ConfigureAwait(false);
        }
        catch (ImportRefusedException refused)
        {
            throw Refused(refused);
        }
    }

    /// <summary>What a request is told that an import cannot be undone for.</summary>
    internal static RequestException Refused(ImportRefusedException refused) =>
        new(refused.Code == EndCode.BeforeExpired ? FaultKind.Gone : FaultKind.Conflict, refused.Code, refused.Message);
}

/// <summary>What an undo would do.</summary>
/// <param name="Reversed">Changes of the import that it would take back.</param>
/// <param name="Kept">Changes that it would leave, since other imports changed the same records later.</param>
public sealed record UndoPreview(long Reversed, long Kept);
