using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using EntityImport.Entities;
using EntityImport.Mappings;
using EntityImport.Storage;
using EntityImport.Testing;
using Microsoft.Extensions.Logging;

namespace EntityImport.Imports;

/// <summary>Invokes imports and runs them: those of one entity one after the other, different entities side by side. Thread-safe.</summary>
public sealed class ImportQueue : IAsyncDisposable
{
    /// <summary>The columns that an error file has beside those of its input; they are ignored when it is imported.</summary>
    public static IReadOnlyList<string> ErrorColumns => ImportSource.ErrorColumns;

    private readonly ICatalog _catalog;
    private readonly IEntityData _data;
    private readonly FileStore _files;
    private readonly EntityLocks _locks;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ConcurrentDictionary<Guid, ActiveImport> _active = new();
    private readonly EndedImports _ended = new();
    private readonly Dictionary<string, Task> _lastOfEntity = new(StringComparer.OrdinalIgnoreCase);
    private readonly SemaphoreSlim _places;
    private readonly CancellationTokenSource _stopping = new();

    internal ImportQueue(
        ICatalog catalog, IEntityData data, FileStore files, EntityLocks locks, EngineOptions options, TimeProvider time, ILogger log)
    {
        _catalog = catalog;
        _data = data;
        _files = files;
        _locks = locks;
        _time = time;
        _log = log;
        _places = new SemaphoreSlim(options.ConcurrentImports);
    }

    /// <summary>Invokes an import of an upload. It is durable when the call returns, and runs by itself.</summary>
    /// <returns>The import; null where there is no such upload.</returns>
    /// <exception cref="RequestException">The upload is being imported, or was.</exception>
    public async Task<Import?> InvokeAsync(Guid uploadId, string? invokedBy, CancellationToken cancellationToken)
    {
        using var hold = await _locks.HoldDefinitionsAsync(cancellationToken).ConfigureAwait(false);
        var upload = await _catalog.FindUploadAsync(uploadId, cancellationToken).ConfigureAwait(false);
        if (upload is null) return null;
        var last = await _catalog.FindLastImportAsync(uploadId, cancellationToken).ConfigureAwait(false);
        if (last is { State: not (ImportState.Failed or ImportState.Cancelled) })
        {
            throw new RequestException(FaultKind.Conflict, "upload-already-imported", last.HasEnded
                ? $"The upload was imported by import {last.Id:D}. Upload the file again to import it again."
                : $"The upload is being imported by import {last.Id:D}.");
        }

        var mapping = (await _catalog.FindMappingAsync(upload.MappingId, revision: null, cancellationToken).ConfigureAwait(false))!;
        var now = _time.GetUtcNow();
        var import = await _catalog.AddImportAsync(
            new Import
            {
                Id = Guid.CreateVersion7(now),
                UploadId = uploadId,
                MappingId = mapping.Id,
                MappingRevision = mapping.Revision,
                EntitySystemName = mapping.EntitySystemName,
                StartedAt = now,
                InvokedBy = invokedBy,
                DryRun = ImportDefinitionReader.ReadFormat(mapping).DryRun,
            },
            cancellationToken).ConfigureAwait(false);
        FaultPoints.Reach("import.added", import.Id);
        Enqueue(import, upload.Size);
        return import;
    }

    /// <summary>Asks an import to end without writing anything; false where there is no such import.</summary>
    /// <exception cref="RequestException">It has ended already.</exception>
    public async Task<bool> CancelAsync(Guid importId, CancellationToken cancellationToken)
    {
        if (_active.TryGetValue(importId, out var active))
        {
            active.Cancel();
            return true;
        }

        if (await _catalog.FindImportAsync(importId, cancellationToken).ConfigureAwait(false) is null) return false;
        throw new RequestException(FaultKind.Conflict, "import-already-ended", "The import has ended already.");
    }

    /// <summary>An import as the catalog and the running work know it, or null. Cheap: it is what status polls call.</summary>
    public async Task<Import?> FindAsync(Guid importId, CancellationToken cancellationToken)
    {
        if (_active.TryGetValue(importId, out var active)) return active.Import;
        if (_ended.Find(importId) is { } ended) return ended;
        var import = await _catalog.FindImportAsync(importId, cancellationToken).ConfigureAwait(false);
        if (import is { HasEnded: true }) _ended.Add(import);
        return import;
    }

    /// <summary>All that is known of an import, or null.</summary>
    public async Task<ImportSnapshot?> FindSnapshotAsync(Guid importId, CancellationToken cancellationToken)
    {
        var progress = _active.TryGetValue(importId, out var active) ? active.Progress : null;
        var import = active is not null ? active.Import : await FindAsync(importId, cancellationToken).ConfigureAwait(false);
        if (import is null) return null;
        var upload = (await _catalog.FindUploadAsync(import.UploadId, cancellationToken).ConfigureAwait(false))!;
        var mapping = (await _catalog.FindMappingAsync(import.MappingId, import.MappingRevision, cancellationToken).ConfigureAwait(false))!;
        return new ImportSnapshot(import, upload, mapping, progress ?? DescribeEnd(import, upload.Size));
    }

    /// <summary>Imports, newest first.</summary>
    public Task<IReadOnlyList<Import>> ListAsync(ImportQuery query, CancellationToken cancellationToken) =>
        _catalog.ListImportsAsync(query, cancellationToken);

    /// <summary>The import's snapshots: one at once, one whenever something has changed but at most one each <paramref name="interval"/>, and the last at its end.</summary>
    public async IAsyncEnumerable<ImportSnapshot> WatchAsync(
        Guid importId, TimeSpan interval, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var changed = _active.TryGetValue(importId, out var active) ? active.Changed : Task.CompletedTask;
            var snapshot = await FindSnapshotAsync(importId, cancellationToken).ConfigureAwait(false);
            if (snapshot is null) yield break;
            yield return snapshot;
            if (snapshot.Import.HasEnded || active is null) yield break;
            var pause = Task.Delay(interval, _time, cancellationToken);
            await Task.WhenAny(active.Ended, pause).ConfigureAwait(false);
            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Waits for an import's end.</summary>
    /// <exception cref="OperationCanceledException">The caller, or the service, ended before.</exception>
    public async Task<Import> WaitAsync(Guid importId, CancellationToken cancellationToken)
    {
        if (_active.TryGetValue(importId, out var active)) return await active.Ended.WaitAsync(cancellationToken).ConfigureAwait(false);
        return await _catalog.FindImportAsync(importId, cancellationToken).ConfigureAwait(false)
            ?? throw new ArgumentException("There is no such import.", nameof(importId));
    }

    /// <summary>Whether an ended import has an error file; it has none where it was cancelled or never began.</summary>
    public bool HasErrorFile(Import import)
    {
        ArgumentNullException.ThrowIfNull(import);
        using var rejected = import.HasEnded ? _files.OpenRejected(import.Id) : null;
        return rejected?.Length > 0;
    }

    /// <summary>Writes an ended import's error file: the file's header and rejected rows in its own dialect and encoding, with the reasons.</summary>
    public async Task WriteErrorFileAsync(Import import, Stream target, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(import);
        var rejected = _files.OpenRejected(import.Id) ?? throw new ArgumentException("The import has no error file.", nameof(import));
        await using (rejected.ConfigureAwait(false))
        {
            await ErrorFileWriter.WriteAsync(rejected, target, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Reads an ended import's rejected rows in file order.</summary>
    /// <param name="import">The import.</param>
    /// <param name="cursor">Where to go on, as an earlier call returned it; null for the beginning.</param>
    /// <param name="limit">The most rows to return.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The rows, and the cursor of the rows after them; null where there are none.</returns>
    /// <exception cref="RequestException">The cursor is none that this import returned.</exception>
    public async Task<(IReadOnlyList<RejectedRow> Rows, string? Next)> ReadRejectedRowsAsync(
        Import import, string? cursor, int limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(import);
        var file = import.HasEnded ? _files.OpenRejected(import.Id) : null;
        if (file is null) return ([], null);
        await using (file.ConfigureAwait(false))
        {
            if (RejectedRowsFile.Read<RejectedRowsFormat>(file) is null) return ([], null);
            if (cursor is not null) SkipTo(file, cursor);
            var rows = new List<RejectedRow>();
            while (rows.Count < limit && RejectedRowsFile.Read<StoredRejectedRow>(file) is { } row)
            {
                cancellationToken.ThrowIfCancellationRequested();
                rows.Add(new RejectedRow(row.Row, row.Line, row.Reasons, Encoding.UTF8.GetString(row.Text)));
            }

            return (rows, file.Position < file.Length ? file.Position.ToString(CultureInfo.InvariantCulture) : null);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        Task[] running;
        lock (_lastOfEntity) running = [.. _lastOfEntity.Values];
        await Task.WhenAll(running).ConfigureAwait(false);
        foreach (var active in _active.Values) active.Abandon();
        _stopping.Dispose();
        _places.Dispose();
    }

    /// <summary>Takes up what an earlier process left unfinished, in the order of invocation.</summary>
    internal async Task ResumeAsync(CancellationToken cancellationToken)
    {
        var unfinished = await _catalog.ListImportsAsync(
            new ImportQuery(null, [ImportState.Queued, ImportState.Running], Before: null, int.MaxValue), cancellationToken).ConfigureAwait(false);
        foreach (var import in unfinished.Reverse())
        {
            var upload = (await _catalog.FindUploadAsync(import.UploadId, cancellationToken).ConfigureAwait(false))!;
            _log.LogInformation("Import {ImportId} into {Entity} was unfinished and runs again", import.Id, import.EntitySystemName);
            Enqueue(import, upload.Size);
        }
    }

    private static ImportProgress DescribeEnd(Import import, long bytes) => new()
    {
        Phase = import.HasEnded ? ImportPhase.Ended : ImportPhase.Queued,
        Ledger = import.Ledger,
        RecordsRead = import.Ledger.Records,
        BytesRead = import.State == ImportState.Succeeded ? bytes : 0,
        BytesTotal = bytes,
        RecordsPerSecond = 0,
    };

    private static void SkipTo(FileStream file, string cursor)
    {
        if (long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var wanted) && wanted <= file.Length)
        {
            // Only positions at which a row begins are valid; finding them again costs no more than the rows before.
            while (file.Position < wanted && RejectedRowsFile.Skip(file)) { }
            if (file.Position == wanted) return;
        }

        throw new RequestException(FaultKind.Invalid, "bad-cursor", "The cursor is none that this list returned.");
    }

    private void Enqueue(Import import, long bytes)
    {
        var active = new ActiveImport(import, bytes, _time);
        _active[import.Id] = active;
        _locks.Enter(import.EntitySystemName);
        lock (_lastOfEntity)
        {
            var before = _lastOfEntity.GetValueOrDefault(import.EntitySystemName, Task.CompletedTask);
            _lastOfEntity[import.EntitySystemName] = Task.Run(() => RunAfterAsync(before, active));
        }
    }

    /// <summary>Runs an import when the one before it has ended and a place is free. Never fails: what happens is told in the import.</summary>
    private async Task RunAfterAsync(Task before, ActiveImport active)
    {
        var waits = true;
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(active.Cancelled, _stopping.Token);
            try
            {
                await before.WaitAsync(either.Token).ConfigureAwait(false);
                await _places.WaitAsync(either.Token).ConfigureAwait(false);
                waits = false;
            }
            catch (OperationCanceledException) when (!_stopping.IsCancellationRequested)
            {
                // Cancelled before its turn: it ends at once, and its place in the order stays taken until the one before has ended.
            }

            var import = active.Import;
            var upload = (await _catalog.FindUploadAsync(import.UploadId, _stopping.Token).ConfigureAwait(false))!;
            var mapping = (await _catalog.FindMappingAsync(import.MappingId, import.MappingRevision, _stopping.Token).ConfigureAwait(false))!;
            var run = new ImportRun(_catalog, _data, _files, _time, _log);
            var ended = await run.RunAsync(active, upload, mapping, _stopping.Token).ConfigureAwait(false);
            _ended.Add(ended);
            // First the entity is free, then the end is told: who has seen it may delete the entity at once.
            _locks.Leave(import.EntitySystemName);
            active.End(ended);
            FaultPoints.Reach("import.ended", ended.Id);
            _active.TryRemove(import.Id, out _);
            _log.LogInformation("Import {ImportId} into {Entity} ended as {State}: {Message}", ended.Id, ended.EntitySystemName, ended.State, ended.Message);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // It stays unfinished in the catalog, and runs again when the engine is opened next.
        }
        catch (Exception exception)
        {
            _log.LogCritical(exception, "Import {ImportId} could not be ended; it runs again when the service starts", active.Import.Id);
        }
        finally
        {
            if (!waits) _places.Release();
        }

        await before.ConfigureAwait(false);
    }
}
