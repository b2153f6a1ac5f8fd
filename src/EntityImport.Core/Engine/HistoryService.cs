using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Entities;
using EntityImport.Files;
using EntityImport.Imports;
using EntityImport.Imports.Running;
using EntityImport.Inputs;
using EntityImport.Mappings;
using EntityImport.Records;
using EntityImport.Storage;

namespace EntityImport.Engine;

/// <summary>Tells the stories of records, which import made them what they are and what they were before, and of imports, what they did to which records. Thread-safe.</summary>
public sealed class HistoryService
{
    /// <summary>Entries of a story whose rows are looked up, of the newest on: each reads a file.</summary>
    public const int MaxRows = 20;

    private readonly ICatalog _catalog;
    private readonly IRecords _records;
    private readonly EntityReads _reads;
    private readonly ImportFiles _files;
    private readonly ImportService _imports;
    private readonly UndoCheck _check;

    internal HistoryService(IStore store, ImportFiles files, ImportService imports)
    {
        _files = files;
        _catalog = store.Catalog;
        _records = store.Records;
        _reads = new EntityReads(store.Catalog);
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
        var stored = await _reads.ReadAsync(entity, () => _records.ReadHistoryAsync(entity, key, cancellationToken), () => true, cancellationToken).ConfigureAwait(false);
        var changes = new List<HistoryEntry>();
        var after = stored.Now;
        var left = new PriorityQueue<(long Number, RecordVersion? Before), long>(stored.Before.Select(known => (known, -known.Import)));
        var numbers = stored.Before.Select(known => known.Import).ToHashSet();
        var isComplete = true;
        while (left.TryDequeue(out var next, out _))
        {
            var (number, before) = next;
            // What is newer than what this import left was inserted since, of which nothing is kept but that it is there.
            if (after is not null && after.Import > number)
            {
                await AddInsertionAsync(after).ConfigureAwait(false);
                after = null;
            }

            if (before?.Import != after?.Import)
            {
                var change = await DescribeAsync(entity, number, before, after, cancellationToken).ConfigureAwait(false);
                changes.Add(change);
                // What was before a REPLACE that was undone is kept once: as what the undo brought back.
                if (change.Import?.Undoes is { } id && await FindReplaceAsync(id, cancellationToken).ConfigureAwait(false) is { } undone && numbers.Add(undone)) left.Enqueue((undone, after), -undone);
            }

            after = before;
        }

        if (after is { Import: 0 }) isComplete = false;
        else if (after is not null) await AddInsertionAsync(after).ConfigureAwait(false);
        return new RecordHistory(stored.Now?.Values, changes, isComplete);

        // Of a record that an import has changed without keeping what it was nothing else is known either.
        async Task AddInsertionAsync(RecordVersion version)
        {
            var inserted = await DescribeAsync(entity, version.Import, null, version, cancellationToken).ConfigureAwait(false);
            changes.Add(inserted);
            var isKept = inserted.Import is { KeptBefore: true } && (version.Import >= stored.KeptSince || numbers.Contains(version.Import));
            isComplete &= isKept || inserted.Import is { Ledger.Updated: 0, Replaced: false, Undoes: null };
        }
    }

    /// <summary>Looks up which row of which file each entry of a story comes from. That reads the files, for seconds where they are large.</summary>
    /// <param name="request">The request.</param>
    /// <param name="entity">The entity.</param>
    /// <param name="changes">The entries, newest first; the first <see cref="MaxRows"/> that come from rows are looked up.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>For each entry where it comes from; null where that is no row: of an undo, of what was removed, and of an import that is not known any more.</returns>
    /// <exception cref="RequestException">The caller may not read.</exception>
    public async Task<IReadOnlyList<EntrySource?>> FindRowsAsync(Request request, EntityDefinition entity, IReadOnlyList<HistoryEntry> changes, CancellationToken cancellationToken)
    {
        Admission.Check(request, Scope.Read);
        ArgumentNullException.ThrowIfNull(entity);
        ArgumentNullException.ThrowIfNull(changes);
        Admission.Check(request, Scope.Read, entity.SystemName);
        var sources = new List<EntrySource?>();
        var left = MaxRows;
        foreach (var change in changes)
        {
            if (change is not { Import: { Undoes: null } import, After: { } after }) sources.Add(null);
            else if (left-- <= 0) sources.Add(new EntrySource(EntrySourceState.NotLookedUp));
            else sources.Add(await FindRowAsync(entity, import, after, cancellationToken).ConfigureAwait(false));
        }

        return sources;
    }

    private async Task<EntrySource> FindRowAsync(EntityDefinition entity, Import import, string?[] after, CancellationToken cancellationToken)
    {
        var upload = await _catalog.FindUploadAsync(import.UploadId, cancellationToken).ConfigureAwait(false);
        var mapping = await _catalog.FindMappingAsync(import.MappingId, import.MappingRevision, cancellationToken).ConfigureAwait(false);
        if (upload is not { ExpiredAt: null } || mapping is null) return new EntrySource(EntrySourceState.Expired);
        var key = entity.Fields.Zip(after).Where(field => field.First.PrimaryKey).ToDictionary(field => field.First.SystemName, field => field.Second!);
        // On a thread of its own: it reads files, and the pool's threads are for all requests.
        return await Task.Factory.StartNew(Find, cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);

        EntrySource Find()
        {
            try
            {
                var definition = ImportDefinitionReader.Read(mapping.Document, entity).For(upload.Charset, mapping);
                using var input = InputFormats.Open(_files, upload, definition, cancellationToken);
                var fields = BoundField.Bind(input, entity, definition, ImportBinding.TwoDigitYearStartOf(import), cancellationToken);
                return RowSearch.Find(input, definition, fields, key, cancellationToken) is var (row, line) ? new EntrySource(EntrySourceState.Found, row, line) : new EntrySource(EntrySourceState.NotFound);
            }
            catch (StoredFileException)
            {
                // It was lost, or its time ended just now.
                return new EntrySource(EntrySourceState.Expired);
            }
            catch (Exception exception) when (exception is ImportRefusedException or RequestException)
            {
                // The entity has changed since, so that the file is read no more as it was.
                return new EntrySource(EntrySourceState.NotFound);
            }
        }
    }

    /// <summary>The number of an import that has replaced all records, or has undone such a one; null where it has changed some.</summary>
    private async Task<long?> FindReplaceAsync(Guid importId, CancellationToken cancellationToken)
    {
        var import = (await _catalog.FindImportAsync(importId, cancellationToken).ConfigureAwait(false))!;
        var number = import.Sequence;
        while (import.Undoes is { } id) import = (await _catalog.FindImportAsync(id, cancellationToken).ConfigureAwait(false))!;
        return import.Replaced ? number : null;
    }

    private async Task<HistoryEntry> DescribeAsync(EntityDefinition entity, long number, RecordVersion? before, RecordVersion? after, CancellationToken cancellationToken)
    {
        var import = await _catalog.FindLastSucceededAsync(entity.SystemName, number + 1, cancellationToken).ConfigureAwait(false);
        return new HistoryEntry(import?.Sequence == number ? import : null, before?.Values, after?.Values);
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

/// <summary>Which row of the import's file an entry of a story comes from.</summary>
/// <param name="State">Whether it was found.</param>
/// <param name="Row">The row, from 1; 0 where it was not found.</param>
/// <param name="Line">The line on which it begins, from 1; likewise.</param>
public sealed record EntrySource(EntrySourceState State, long Row = 0, long Line = 0);

/// <summary>Whether the row of an entry was found.</summary>
public enum EntrySourceState
{
    /// <summary>It was.</summary>
    Found,

    /// <summary>The file is kept no longer.</summary>
    Expired,

    /// <summary>No row of the file has the record's key, as entity and mapping read it now.</summary>
    NotFound,

    /// <summary>The story is longer than is looked up at once.</summary>
    NotLookedUp,
}
