using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Entities;
using EntityImport.Imports.Running;
using EntityImport.Records;
using EntityImport.Storage;

namespace EntityImport.Engine;

/// <summary>Tells the stories of records, which import made them what they are and what they were before, and of imports, what they did to which records. Thread-safe.</summary>
public sealed class HistoryService
{
    private readonly ICatalog _catalog;
    private readonly IRecords _records;
    private readonly ImportService _imports;
    private readonly UndoCheck _check;

    internal HistoryService(IStore store, ImportService imports)
    {
        _catalog = store.Catalog;
        _records = store.Records;
        _imports = imports;
        _check = new UndoCheck(store.Catalog);
    }

    /// <summary>What an import did, to be read by <see cref="ReadChangesAsync"/>; null where there is no such import that the caller sees.</summary>
    /// <exception cref="RequestException">It wrote nothing, or has not ended; what the records were is not kept; or the caller may not read.</exception>
    public async Task<ImportedChanges?> FindChangesAsync(Request request, Guid importId, CancellationToken cancellationToken)
    {
        Admission.Check(request, Scope.Read);
        if (await _imports.FindSeenAsync(request, importId, cancellationToken).ConfigureAwait(false) is not { } import) return null;
        Admission.Check(request, Scope.Read, import.EntitySystemName);
        try
        {
            return await _check.FindChangesAsync(import, cancellationToken).ConfigureAwait(false);
        }
        catch (ImportRefusedException refused)
        {
            throw UndoService.Refused(refused);
        }
    }

    /// <summary>Reads what an import did to records.</summary>
    /// <param name="request">The request.</param>
    /// <param name="import">The import, which was found.</param>
    /// <param name="query">Which changes.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="RequestException">What the records were is kept no longer; too many queries are being worked on; or the caller may not read.</exception>
    public async Task<ChangePage> ReadChangesAsync(Request request, ImportedChanges import, ChangeQuery query, CancellationToken cancellationToken)
    {
        Admission.Check(request, Scope.Read);
        ArgumentNullException.ThrowIfNull(import);
        Admission.Check(request, Scope.Read, import.Entity.SystemName);
        return await _records.ReadChangesAsync(import, query, cancellationToken).ConfigureAwait(false) ?? throw UndoService.Refused(UndoCheck.Expired(import.Import));
    }

    /// <summary>The story of a record as far back as it is known, newest first; empty where nothing is known of such a record.</summary>
    /// <param name="request">The request.</param>
    /// <param name="entity">The entity.</param>
    /// <param name="key">The condition that all of its key's fields have certain values.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="RequestException">Too many queries are being worked on, or the caller may not read.</exception>
    public async Task<RecordHistory> ReadAsync(Request request, EntityDefinition entity, Condition key, CancellationToken cancellationToken)
    {
        Admission.Check(request, Scope.Read);
        ArgumentNullException.ThrowIfNull(entity);
        Admission.Check(request, Scope.Read, entity.SystemName);
        var stored = await _records.ReadHistoryAsync(entity, key, cancellationToken).ConfigureAwait(false);
        var changes = new List<HistoryEntry>();
        var after = stored.Now;
        foreach (var (number, before) in stored.Before)
        {
            // What is newer than what this import left was inserted since, of which nothing is kept but that it is there.
            if (after is not null && after.Import > number)
            {
                changes.Add(await DescribeAsync(entity, after.Import, null, after, cancellationToken).ConfigureAwait(false));
                after = null;
            }

            if (before?.Import != after?.Import) changes.Add(await DescribeAsync(entity, number, before, after, cancellationToken).ConfigureAwait(false));
            after = before;
        }

        var isComplete = after is not { Import: 0 };
        if (after is { Import: > 0 }) changes.Add(await DescribeAsync(entity, after.Import, null, after, cancellationToken).ConfigureAwait(false));
        return new RecordHistory(stored.Now?.Values, changes, isComplete);
    }

    private async Task<HistoryEntry> DescribeAsync(EntityDefinition entity, long number, RecordVersion? before, RecordVersion? after, CancellationToken cancellationToken)
    {
        var import = (await _catalog.ListImportsAsync(new ImportQuery(entity.SystemName, [ImportState.Succeeded], number + 1, Limit: 1), cancellationToken).ConfigureAwait(false))
            .FirstOrDefault(found => found.Sequence == number);
        return new HistoryEntry(import, before?.Values, after?.Values);
    }
}

/// <summary>The story of a record.</summary>
/// <param name="Now">The values that it has, in the order of the entity's fields; null where there is no such record.</param>
/// <param name="Changes">What happened to it, newest first.</param>
/// <param name="IsComplete">Whether that begins with its insertion; else it was there before changes were kept, or they are kept no longer.</param>
public sealed record RecordHistory(string?[]? Now, IReadOnlyList<HistoryEntry> Changes, bool IsComplete);

/// <summary>What an import did to a record.</summary>
/// <param name="Import">The import; null where it is not known any more.</param>
/// <param name="Before">The values before; null where the record was not there.</param>
/// <param name="After">The values after; null where it was taken out.</param>
public sealed record HistoryEntry(Import? Import, string?[]? Before, string?[]? After);
