using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Files;
using EntityImport.Imports.Scheduling;
using EntityImport.Inputs;
using EntityImport.Mappings;
using EntityImport.Options;
using EntityImport.Storage;
using EntityImport.Testing;

namespace EntityImport.Engine;

/// <summary>Stores uploaded files: streamed to disk, hashed and indexed on the way, durable before the call returns. Thread-safe.</summary>
public sealed class UploadService : IDisposable
{
    private const int BufferBytes = 128 << 10;

    /// <summary>Most uploads that are open without end have sent little: what they hold is little, too.</summary>
    private const int FirstBytes = 4 << 10;

    /// <summary>Files that are made durable at a time.</summary>
    private const int ConcurrentSyncs = 4;

    /// <summary>Files that are read for another index at a time.</summary>
    private const int ConcurrentIndexings = 2;

    private readonly ICatalog _catalog;
    private readonly IScheduler _scheduler;
    private readonly ImportFiles _files;
    private readonly Admission _admission;
    private readonly FreeSpace _space;
    private readonly EngineOptions _options;
    private readonly SemaphoreSlim _syncs = new(ConcurrentSyncs, ConcurrentSyncs);
    private readonly SemaphoreSlim _indexings = new(ConcurrentIndexings, ConcurrentIndexings);
    private int _receiving;
    private readonly TimeProvider _time;

    internal UploadService(ICatalog catalog, IScheduler scheduler, ImportFiles files, Admission admission, EngineOptions options, TimeProvider time)
    {
        _catalog = catalog;
        _scheduler = scheduler;
        _files = files;
        _admission = admission;
        _space = new FreeSpace(files.Store, options.Limits.FreeDiskBytes);
        _options = options;
        _time = time;
    }

    /// <summary>Takes a place among the files that are received at the same time, before anything of a file is read. Dispose it when that is done.</summary>
    /// <exception cref="RequestException">All places are taken.</exception>
    public IDisposable TakePlace(Request request)
    {
        Admission.Check(request, Scope.Import);
        if (Interlocked.Increment(ref _receiving) <= _options.Limits.ConcurrentUploads) return new Place(this);
        Interlocked.Decrement(ref _receiving);
        throw new RequestException(FaultKind.Busy, "too-many-uploads", string.Create(
            CultureInfo.InvariantCulture, $"{_options.Limits.ConcurrentUploads} files are being received, which is as many as the service takes at the same time. Try again when some are done."))
        {
            RetryAfter = TimeSpan.FromSeconds(5),
        };
    }

    /// <summary>Refuses a file that is known to be too large before any of it is read.</summary>
    /// <param name="bytes">How many bytes it has at least.</param>
    /// <exception cref="RequestException">It is larger than allowed, or than there is room for.</exception>
    public void CheckSize(long bytes)
    {
        ThrowIfTooLarge(bytes);
        if (!_space.Has(bytes)) throw NoSpace();
    }

    /// <summary>Stores a file; the same upload is answered when the same request, with the same bytes and file name, comes again.</summary>
    /// <param name="request">The request.</param>
    /// <param name="mappingId">The mapping that it is to be read by; null where that is said later, by <see cref="BindAsync(Request, Guid, Guid, CancellationToken)"/>.</param>
    /// <param name="content">The bytes, already decompressed.</param>
    /// <param name="fileName">The client's name for it; folders are cut off.</param>
    /// <param name="charset">The charset that the client stated, by its IANA name: the file's encoding where the mapping states none. Null where it stated none.</param>
    /// <param name="cancellationToken">Ends the call; nothing is kept.</param>
    /// <returns>The upload; null where there is no such mapping.</returns>
    /// <exception cref="RequestException">The file is too large, the disk is full, or the key is in use or was used for another request.</exception>
    public Task<Upload?> ReceiveAsync(Request request, Guid? mappingId, Stream content, string? fileName, string? charset, CancellationToken cancellationToken) =>
        ReceiveAsync(request, mappingId, content, fileName, charset, repaired: null, cancellationToken);

    /// <summary>Refuses what is done to files that were sent, where a file has the corrected rows of an import.</summary>
    internal static void ThrowIfOfRepair(Upload upload)
    {
        if (upload.Repairs is { } importId) throw new RequestException(FaultKind.Conflict, "upload-of-repair", $"The file has corrected rows of import {importId:D}, which its repair brings in.");
    }

    /// <summary>Stores a file of corrected rows, which is read by the revision of the mapping that the repaired import was.</summary>
    internal async Task<Upload> ReceiveCorrectedAsync(Request request, Import repaired, Stream content, string? fileName, string? charset, CancellationToken cancellationToken) =>
        (await ReceiveAsync(request with { Key = null }, repaired.MappingId, content, fileName, charset, repaired, cancellationToken).ConfigureAwait(false))!;

    /// <summary>Deletes the file of an upload that has been read, and that nobody needs any more.</summary>
    internal async Task DropAsync(Upload upload)
    {
        await _catalog.CommitAsync(new CatalogCommit { ChangedUpload = upload with { ExpiredAt = _time.GetUtcNow() } }, CancellationToken.None).ConfigureAwait(false);
        _files.DropUpload(upload.Id);
    }

    private async Task<Upload?> ReceiveAsync(Request request, Guid? mappingId, Stream content, string? fileName, string? charset, Import? repaired, CancellationToken cancellationToken)
    {
        using var admitted = _admission.Admit(request, Scope.Import);
        ArgumentNullException.ThrowIfNull(content);
        Mapping? mapping = null;
        if (mappingId is { } id)
        {
            mapping = await _catalog.FindMappingAsync(id, repaired?.MappingRevision, cancellationToken).ConfigureAwait(false);
            if (mapping is null || !Admission.Sees(request, mapping.EntitySystemName)) return null;
            Admission.Check(request, Scope.Import, mapping.EntitySystemName);
        }

        var uploadId = Guid.CreateVersion7(_time.GetUtcNow());
        var name = FileName.Clean(fileName);
        try
        {
            using var files = _files.BeginUpload(uploadId);
            var (size, hash, index) = await StoreAsync(files.Data, uploadId, mapping is null ? null : ImportDefinitionReader.ReadFormat(mapping).For(charset, mapping), content, cancellationToken).ConfigureAwait(false);
            FaultPoints.Reach(FaultStep.UploadStored, uploadId);
            if (await admitted.FindAnswerAsync(Encoding.UTF8.GetBytes(charset is null ? $"{hash}\n{name}" : $"{hash}\n{name}\n{charset}"), cancellationToken).ConfigureAwait(false) is { } earlier)
            {
                _files.ConfirmUpload(earlier);
                return await _catalog.FindUploadAsync(earlier, cancellationToken).ConfigureAwait(false);
            }

            var upload = new Upload
            {
                Id = uploadId,
                MappingId = mappingId,
                FileName = name,
                Charset = charset,
                Size = size,
                Sha256 = hash,
                SentBy = request.Caller.Id,
                Repairs = repaired?.Id,
                CreatedAt = _time.GetUtcNow(),
            };
            await SyncAsync(() => files.KeepAsync(index, cancellationToken), cancellationToken).ConfigureAwait(false);
            FaultPoints.Reach(FaultStep.UploadKept, uploadId);
            await AddAsync(admitted, upload, mapping?.EntitySystemName, cancellationToken).ConfigureAwait(false);
            FaultPoints.Reach(FaultStep.UploadAdded, uploadId);
            await SyncAsync(() => Confirm(uploadId), CancellationToken.None).ConfigureAwait(false);
            return upload;
        }
        catch (IOException exception) when (DiskFull.IsCauseOf(exception))
        {
            throw NoSpace();
        }
    }

    /// <summary>Binds an upload to the mapping that a document names.</summary>
    /// <param name="request">The request.</param>
    /// <param name="uploadId">The upload.</param>
    /// <param name="document">The JSON: <c>mappingId</c>.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <inheritdoc cref="BindAsync(Request, Guid, Guid, CancellationToken)"/>
    public Task<Upload?> BindAsync(Request request, Guid uploadId, JsonElement document, CancellationToken cancellationToken)
    {
        Admission.Check(request, Scope.Import);
        var faults = new RequestFaults();
        var reader = new JsonObjectReader(document, "", faults);
        var text = reader.String("mappingId", required: true);
        reader.End();
        var mappingId = Guid.Empty;
        if (text is not null && !Guid.TryParseExact(text, "D", out mappingId)) reader.Fault("mappingId", $"Expected an id, not '{ShownText.Cut(text)}'.");
        return faults.Count == 0 ? BindAsync(request, uploadId, mappingId, cancellationToken) : throw RequestException.Invalid(faults);
    }

    /// <summary>
    /// Binds an upload to a mapping, or to another one than before. Where the mapping finds records otherwise, the file is read once for its index, unless the caller goes; an index that does not fit is none.
    /// </summary>
    /// <returns>The upload as it is then; null where there is no such upload.</returns>
    /// <exception cref="RequestException">There is no such mapping; the upload is not complete, is being imported, or was, or its file has expired; or the caller may not import into one of the entities.</exception>
    public async Task<Upload?> BindAsync(Request request, Guid uploadId, Guid mappingId, CancellationToken cancellationToken)
    {
        using var admitted = _admission.Admit(request with { Key = null }, Scope.Import);
        if (await CheckBindingAsync(request, uploadId, mappingId, cancellationToken).ConfigureAwait(false) is not var (upload, mapping)) return null;
        // Before anybody has to wait for it.
        var index = await IndexAsync(upload, mapping, cancellationToken).ConfigureAwait(false);
        using var hold = await _scheduler.HoldDefinitionsAsync(cancellationToken).ConfigureAwait(false);
        if (await CheckBindingAsync(request, uploadId, mappingId, cancellationToken).ConfigureAwait(false) is not var (now, _)) return null;
        if (index is not null) await SyncAsync(() => _files.KeepIndexAsync(uploadId, index, cancellationToken), cancellationToken).ConfigureAwait(false);
        var bound = now with { MappingId = mappingId };
        if (bound != now) await admitted.CommitAsync(uploadId, new CatalogCommit { ChangedUpload = bound }, cancellationToken, mapping.EntitySystemName).ConfigureAwait(false);
        return bound;
    }

    private async Task<(Upload Upload, Mapping Mapping)?> CheckBindingAsync(Request request, Guid uploadId, Guid mappingId, CancellationToken cancellationToken)
    {
        if (await _catalog.FindUploadAsync(uploadId, cancellationToken).ConfigureAwait(false) is not { } upload) return null;
        var before = await FindMappingAsync(upload, cancellationToken).ConfigureAwait(false);
        if (!Admission.Sees(request, upload, before)) return null;
        if (before is not null) Admission.Check(request, Scope.Import, before.EntitySystemName);
        if (await _catalog.FindMappingAsync(mappingId, revision: null, cancellationToken).ConfigureAwait(false) is not { } mapping || !Admission.Sees(request, mapping.EntitySystemName))
            throw new RequestException(FaultKind.NotFound, "mapping-not-found", $"There is no mapping {mappingId:D}.");
        Admission.Check(request, Scope.Import, mapping.EntitySystemName);
        ThrowIfIncomplete(upload);
        ThrowIfOfRepair(upload);
        await ImportService.ThrowIfImportedAsync(_catalog, uploadId, cancellationToken).ConfigureAwait(false);
        if (upload.ExpiredAt is { } expired) throw Expired("file", expired);
        return (upload, mapping);
    }

    /// <summary>The index that an upload lacks under a mapping; null where it lacks none.</summary>
    private async Task<byte[]?> IndexAsync(Upload upload, Mapping mapping, CancellationToken cancellationToken)
    {
        using var place = await Hold.TakeAsync(_indexings, cancellationToken).ConfigureAwait(false);
        // On a thread of its own: it takes minutes for large files, and the pool's threads are for all requests.
        return await Task.Factory.StartNew(
            () => InputFormats.Index(_files, upload, ImportDefinitionReader.ReadFormat(mapping), cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
    }

    /// <summary>An upload; null where there is none that the caller sees.</summary>
    public async Task<Upload?> FindAsync(Request request, Guid uploadId, CancellationToken cancellationToken)
    {
        Admission.Check(request, Scope.Read | Scope.Import);
        return await _catalog.FindUploadAsync(uploadId, cancellationToken).ConfigureAwait(false) is { } upload && await SeesAsync(request, upload, cancellationToken).ConfigureAwait(false) ? Measure(upload) : null;
    }

    /// <summary>What has become of uploads that were found, in their order.</summary>
    public async Task<IReadOnlyList<UploadUse>> FindUsesAsync(Request request, IReadOnlyList<Upload> uploads, CancellationToken cancellationToken)
    {
        Admission.Check(request, Scope.Read | Scope.Import);
        var imports = (await _catalog.ListImportsOfUploadsAsync([.. uploads.Select(upload => upload.Id)], cancellationToken).ConfigureAwait(false)).ToLookup(import => import.UploadId);
        return [.. uploads.Select(Use)];

        UploadUse Use(Upload upload)
        {
            var keep = !upload.IsComplete ? _options.KeepUnfinishedUploads : upload.MappingId is null ? _options.KeepUnboundUploads : _options.KeepUploads;
            // An import that has not ended keeps its file.
            var from = imports[upload.Id].FirstOrDefault() is { } last ? last.StoppedAt : upload.CreatedAt;
            var seen = imports[upload.Id].Where(import => import.Undoes is null && Admission.Sees(request, import.EntitySystemName));
            return new UploadUse(upload, [.. seen], upload.ExpiredAt is null ? from + keep : null);
        }
    }

    /// <summary>Uploads that the caller sees, newest first.</summary>
    public async Task<IReadOnlyList<Upload>> ListAsync(Request request, UploadQuery query, CancellationToken cancellationToken)
    {
        Admission.Check(request, Scope.Read | Scope.Import);
        // Nobody's id is empty: whoever has none sees no uploads without a mapping, unless it sees all.
        var seen = query with { Entities = request.Caller.Scopes.VisibleEntities, Sender = Admission.SeesAllUnbound(request) ? null : request.Caller.Id ?? "" };
        return [.. (await _catalog.ListUploadsAsync(seen, cancellationToken).ConfigureAwait(false)).Select(Measure)];
    }

    /// <summary>How many bytes of files the caller has stored since a time.</summary>
    /// <param name="request">The request.</param>
    /// <param name="since">The time.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<long> CountBytesAsync(Request request, DateTimeOffset since, CancellationToken cancellationToken)
    {
        Admission.Check(request, Scope.Import);
        const int Page = 1_000;
        var bytes = 0L;
        for (var query = new UploadQuery(MappingId: null, Before: null, Page); ;)
        {
            var page = await _catalog.ListUploadsAsync(query, cancellationToken).ConfigureAwait(false);
            bytes += page.Where(upload => upload.SentBy == request.Caller.Id && upload.CreatedAt >= since).Sum(upload => upload.Size);
            if (page.Count < Page || page[^1].CreatedAt < since) return bytes;
            query = query with { Before = page[^1].Id };
        }
    }

    /// <summary>Opens an upload's file, byte for byte as it was sent, decompressed.</summary>
    /// <returns>The file; null where the caller does not see its upload.</returns>
    /// <exception cref="RequestException">It is not complete; or its time was over, and it was deleted.</exception>
    /// <exception cref="StoredFileException">It is lost, or has not the size that it had.</exception>
    public async Task<Stream?> OpenFileAsync(Request request, Upload upload, CancellationToken cancellationToken)
    {
        Admission.Check(request, Scope.Read | Scope.Import);
        ArgumentNullException.ThrowIfNull(upload);
        if (!await SeesAsync(request, upload, cancellationToken).ConfigureAwait(false)) return null;
        if (upload.ExpiredAt is { } expired) throw Expired("file", expired);
        ThrowIfIncomplete(upload);
        return new StoredFileStream(_files.OpenUpload(upload, cancellationToken));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _syncs.Dispose();
        _indexings.Dispose();
    }

    internal static RequestException Expired(string what, DateTimeOffset at) => new(
        FaultKind.NotFound, "file-expired", string.Create(CultureInfo.InvariantCulture, $"The {what} was kept as long as the service is set up to, and deleted on {at.UtcDateTime:yyyy-MM-dd}."));

    /// <summary>Refuses an upload whose file has not arrived as a whole.</summary>
    /// <exception cref="RequestException">It has not.</exception>
    internal static void ThrowIfIncomplete(Upload upload)
    {
        if (!upload.IsComplete) throw new RequestException(FaultKind.Conflict, "upload-incomplete", "The file has not arrived as a whole yet.");
    }

    /// <summary>Whether an upload exists for the caller.</summary>
    internal async ValueTask<bool> SeesAsync(Request request, Upload upload, CancellationToken cancellationToken) =>
        (upload.MappingId is not null && request.Caller.Scopes.SeesAll) || Admission.Sees(request, upload, await FindMappingAsync(upload, cancellationToken).ConfigureAwait(false));

    /// <summary>The newest revision of an upload's mapping; null where it has none.</summary>
    private async ValueTask<Mapping?> FindMappingAsync(Upload upload, CancellationToken cancellationToken) =>
        upload.MappingId is { } id ? await _catalog.FindMappingAsync(id, revision: null, cancellationToken).ConfigureAwait(false) : null;

    /// <summary>An upload with the bytes that have arrived, which change too often to be told to the catalog.</summary>
    private Upload Measure(Upload upload) => upload is { IsComplete: false, ExpiredAt: null } ? upload with { Size = _files.ReadOffset(upload.Id) } : upload;

    internal static RequestException NoSpace(string kept = "nothing of the file was kept") => new(
        FaultKind.OutOfSpace, "disk-full", $"The disk has no room for the file, or would have too little left for imports; {kept}.");

    /// <summary>Refuses a file that is larger than allowed.</summary>
    /// <exception cref="RequestException">It is.</exception>
    internal void ThrowIfTooLarge(long bytes)
    {
        if (bytes > _options.MaxUploadBytes) throw TooLarge();
    }

    private RequestException TooLarge() =>
        new(FaultKind.TooLarge, "file-too-large", string.Create(CultureInfo.InvariantCulture, $"The file is larger than {_options.MaxUploadBytes} bytes."));

    internal async Task AddAsync(Admission.AdmittedRequest admitted, Upload upload, string? entity, CancellationToken cancellationToken)
    {
        try
        {
            await admitted.CommitAsync(upload.Id, new CatalogCommit { NewUpload = upload }, cancellationToken, entity).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not StoreUnavailableException { IsDiskFull: false })
        {
            // Only where the store says that it does not know the upload, its files may go. Where it did not answer, or was not reached, the commit may still be under way: the files are looked at again at the next start.
            if (await _catalog.FindUploadAsync(upload.Id, CancellationToken.None).ConfigureAwait(false) is null) _files.DropUpload(upload.Id);
            throw;
        }
    }

    private async Task<(long Size, string Hash, byte[]? Index)> StoreAsync(
        Stream file, Guid uploadId, ImportDefinition? definition, Stream content, CancellationToken cancellationToken)
    {
        // Without a mapping nobody knows where records begin; that is found out when they are read.
        IInputIndexer? indexer = null;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[FirstBytes];
        var size = 0L;
        FaultPoints.Reach(FaultStep.UploadBegun, uploadId);
        while (true)
        {
            var read = await content.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            if (size == 0 && definition is not null) indexer = CreateIndexer(buffer.AsSpan(0, read), definition);
            if (read == 0) break;
            size += read;
            ThrowIfTooLarge(size);
            var bytes = buffer.AsMemory(0, read);
            hash.AppendData(bytes.Span);
            indexer?.Append(bytes.Span);
            await WriteAsync(file.WriteAsync, bytes, cancellationToken).ConfigureAwait(false);
            if (buffer.Length < BufferBytes) buffer = new byte[BufferBytes];
        }

        return (size, Convert.ToHexStringLower(hash.GetHashAndReset()), indexer?.Complete());
    }

    private static IInputIndexer CreateIndexer(ReadOnlySpan<byte> bytes, ImportDefinition definition)
    {
        var start = bytes[..Math.Min(bytes.Length, InputFormats.StartBytes)];
        return InputFormats.Of(start).CreateIndexer(start, definition);
    }

    /// <summary>Has the disk make something durable, which blocks the thread. A few do at a time: the disk takes no more, and other requests need the threads.</summary>
    internal async Task SyncAsync(Func<ValueTask> sync, CancellationToken cancellationToken)
    {
        using var place = await Hold.TakeAsync(_syncs, cancellationToken).ConfigureAwait(false);
        await sync().ConfigureAwait(false);
    }

    /// <summary>Notes that the catalog has an upload; for <see cref="SyncAsync"/>.</summary>
    internal ValueTask Confirm(Guid uploadId)
    {
        _files.ConfirmUpload(uploadId);
        return ValueTask.CompletedTask;
    }

    /// <summary>Writes bytes where that leaves room for imports, whatever other uploads write meanwhile.</summary>
    internal async Task WriteAsync(Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> write, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (!_space.TryClaim(bytes.Length)) throw NoSpace();
        try
        {
            await write(bytes, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _space.Release(bytes.Length);
        }
    }

    private sealed class Place(UploadService receiver) : IDisposable
    {
        private int _given;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _given, 1) == 0) Interlocked.Decrement(ref receiver._receiving);
        }
    }
}

/// <summary>What has become of an upload.</summary>
/// <param name="Upload">The upload.</param>
/// <param name="Imports">The imports of it into entities that the caller sees, newest first; no undos.</param>
/// <param name="ExpiresAt">When the file's time is over, if nothing more becomes of it: it is deleted some minutes later. Null where it stays, an import of it has not ended, or it was deleted.</param>
public sealed record UploadUse(Upload Upload, IReadOnlyList<Import> Imports, DateTimeOffset? ExpiresAt)
{
    /// <summary>How many records the last import that has ended found in the file; null where none has.</summary>
    public long? Records => Imports.FirstOrDefault(import => import.HasEnded)?.Ledger.Records;
}
