using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Files;
using EntityImport.Inputs;
using EntityImport.Mappings;
using EntityImport.Options;
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

    private readonly ICatalog _catalog;
    private readonly ImportFiles _files;
    private readonly Admission _admission;
    private readonly FreeSpace _space;
    private readonly long _maxBytes;
    private readonly int _places;
    private readonly SemaphoreSlim _syncs = new(ConcurrentSyncs, ConcurrentSyncs);
    private int _receiving;
    private readonly TimeProvider _time;

    internal UploadService(ICatalog catalog, ImportFiles files, Admission admission, EngineOptions options, TimeProvider time)
    {
        _catalog = catalog;
        _files = files;
        _admission = admission;
        _space = new FreeSpace(Path.GetFullPath(options.DataDirectory), options.Limits.FreeDiskBytes);
        _maxBytes = options.MaxUploadBytes;
        _places = options.Limits.ConcurrentUploads;
        _time = time;
    }

    /// <summary>Takes a place among the files that are received at the same time, before anything of a file is read. Dispose it when that is done.</summary>
    /// <exception cref="RequestException">All places are taken.</exception>
    public IDisposable TakePlace(Request request)
    {
        Admission.Check(request, Scope.Import);
        if (Interlocked.Increment(ref _receiving) <= _places) return new Place(this);
        Interlocked.Decrement(ref _receiving);
        throw new RequestException(FaultKind.Busy, "too-many-uploads", string.Create(
            CultureInfo.InvariantCulture, $"{_places} files are being received, which is as many as the service takes at the same time. Try again when some are done."))
        {
            RetryAfter = TimeSpan.FromSeconds(5),
        };
    }

    /// <summary>Refuses a file that is known to be too large before any of it is read.</summary>
    /// <param name="bytes">How many bytes it has at least.</param>
    /// <exception cref="RequestException">It is larger than allowed, or than there is room for.</exception>
    public void CheckSize(long bytes)
    {
        if (bytes > _maxBytes) throw TooLarge();
        if (!_space.Has(bytes)) throw NoSpace();
    }

    /// <summary>Stores a file; the same upload is answered when the same request, with the same bytes and file name, comes again.</summary>
    /// <param name="request">The request.</param>
    /// <param name="mappingId">The mapping that it is to be read by.</param>
    /// <param name="content">The bytes, already decompressed.</param>
    /// <param name="fileName">The client's name for it; folders are cut off.</param>
    /// <param name="cancellationToken">Ends the call; nothing is kept.</param>
    /// <returns>The upload; null where there is no such mapping.</returns>
    /// <exception cref="RequestException">The file is too large, the disk is full, or the key is in use or was used for another request.</exception>
    public Task<Upload?> ReceiveAsync(Request request, Guid mappingId, Stream content, string? fileName, CancellationToken cancellationToken) =>
        ReceiveAsync(request, mappingId, content, fileName, charset: null, cancellationToken);

    /// <inheritdoc cref="ReceiveAsync(Request, Guid, Stream, string?, CancellationToken)"/>
    /// <param name="charset">The charset that the client stated, by its IANA name: the file's encoding where the mapping states none. Null where it stated none.</param>
#pragma warning disable CS1573 // The others are inherited.
    public async Task<Upload?> ReceiveAsync(Request request, Guid mappingId, Stream content, string? fileName, string? charset, CancellationToken cancellationToken)
#pragma warning restore CS1573
    {
        using var admitted = _admission.Admit(request, Scope.Import);
        ArgumentNullException.ThrowIfNull(content);
        var mapping = await _catalog.FindMappingAsync(mappingId, revision: null, cancellationToken).ConfigureAwait(false);
        if (mapping is null || !Admission.Sees(request, mapping.EntitySystemName)) return null;
        Admission.Check(request, Scope.Import, mapping.EntitySystemName);
        var uploadId = Guid.CreateVersion7(_time.GetUtcNow());
        var name = FileName.Clean(fileName);
        try
        {
            using var files = _files.BeginUpload(uploadId);
            var (size, hash, index) = await StoreAsync(files.Data, uploadId, ImportDefinitionReader.ReadFormat(mapping).For(charset, mapping), content, cancellationToken).ConfigureAwait(false);
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
                CreatedAt = _time.GetUtcNow(),
            };
            await SyncAsync(() => files.Keep(index), cancellationToken).ConfigureAwait(false);
            FaultPoints.Reach(FaultStep.UploadKept, uploadId);
            await AddAsync(admitted, upload, mapping.EntitySystemName, cancellationToken).ConfigureAwait(false);
            FaultPoints.Reach(FaultStep.UploadAdded, uploadId);
            await SyncAsync(() => _files.ConfirmUpload(uploadId), CancellationToken.None).ConfigureAwait(false);
            return upload;
        }
        catch (IOException exception) when (DiskFull.IsCauseOf(exception))
        {
            throw NoSpace();
        }
    }

    /// <summary>An upload; null where there is none that the caller sees.</summary>
    public async Task<Upload?> FindAsync(Request request, Guid uploadId, CancellationToken cancellationToken)
    {
        Admission.Check(request, Scope.Read | Scope.Import);
        return await _catalog.FindUploadAsync(uploadId, cancellationToken).ConfigureAwait(false) is { } upload && await SeesAsync(request, upload, cancellationToken).ConfigureAwait(false) ? upload : null;
    }

    /// <summary>Uploads that the caller sees, newest first.</summary>
    public Task<IReadOnlyList<Upload>> ListAsync(Request request, UploadQuery query, CancellationToken cancellationToken)
    {
        Admission.Check(request, Scope.Read | Scope.Import);
        return _catalog.ListUploadsAsync(query with { Entities = request.Caller.Scopes.VisibleEntities }, cancellationToken);
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
    /// <exception cref="RequestException">Its time was over, and it was deleted.</exception>
    /// <exception cref="StoredFileException">It is lost, or has not the size that it had.</exception>
    public async Task<Stream?> OpenFileAsync(Request request, Upload upload, CancellationToken cancellationToken)
    {
        Admission.Check(request, Scope.Read | Scope.Import);
        ArgumentNullException.ThrowIfNull(upload);
        if (!await SeesAsync(request, upload, cancellationToken).ConfigureAwait(false)) return null;
        if (upload.ExpiredAt is { } expired) throw Expired("file", expired);
        return new StoredFileStream(_files.OpenUpload(upload));
    }

    /// <inheritdoc/>
    public void Dispose() => _syncs.Dispose();

    internal static RequestException Expired(string what, DateTimeOffset at) => new(
        FaultKind.NotFound, "file-expired", string.Create(CultureInfo.InvariantCulture, $"The {what} was kept as long as the service is set up to, and deleted on {at.UtcDateTime:yyyy-MM-dd}."));

    /// <summary>Whether the caller sees the entity of an upload's mapping.</summary>
    private async ValueTask<bool> SeesAsync(Request request, Upload upload, CancellationToken cancellationToken) =>
        request.Caller.Scopes.SeesAll || (await _catalog.FindMappingAsync(upload.MappingId, revision: null, cancellationToken).ConfigureAwait(false) is { } mapping && Admission.Sees(request, mapping.EntitySystemName));

    private static RequestException NoSpace() => new(
        FaultKind.OutOfSpace, "disk-full", "The disk has no room for the file, or would have too little left for imports; nothing of the file was kept.");

    private RequestException TooLarge() =>
        new(FaultKind.TooLarge, "file-too-large", string.Create(CultureInfo.InvariantCulture, $"The file is larger than {_maxBytes} bytes."));

    private async Task AddAsync(Admission.AdmittedRequest admitted, Upload upload, string entity, CancellationToken cancellationToken)
    {
        try
        {
            await admitted.CommitAsync(upload.Id, new CatalogCommit { NewUpload = upload }, cancellationToken, entity).ConfigureAwait(false);
        }
        catch
        {
            // Only where the store says that it does not know the upload, its files may go; where it does not answer, they are looked at again at the next start.
            if (await _catalog.FindUploadAsync(upload.Id, CancellationToken.None).ConfigureAwait(false) is null) _files.DropUpload(upload.Id);
            throw;
        }
    }

    private async Task<(long Size, string Hash, byte[]? Index)> StoreAsync(
        Stream file, Guid uploadId, ImportDefinition definition, Stream content, CancellationToken cancellationToken)
    {
        IInputIndexer? indexer = null;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[FirstBytes];
        var size = 0L;
        FaultPoints.Reach(FaultStep.UploadBegun, uploadId);
        while (true)
        {
            var read = await content.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            if (size == 0) indexer = CreateIndexer(buffer.AsSpan(0, read), definition);
            if (read == 0) break;
            size += read;
            if (size > _maxBytes) throw TooLarge();
            var bytes = buffer.AsMemory(0, read);
            hash.AppendData(bytes.Span);
            indexer!.Append(bytes.Span);
            await WriteAsync(file, bytes, cancellationToken).ConfigureAwait(false);
            if (buffer.Length < BufferBytes) buffer = new byte[BufferBytes];
        }

        return (size, Convert.ToHexStringLower(hash.GetHashAndReset()), indexer!.Complete());
    }

    private static IInputIndexer CreateIndexer(ReadOnlySpan<byte> bytes, ImportDefinition definition)
    {
        var start = bytes[..Math.Min(bytes.Length, InputFormats.StartBytes)];
        return InputFormats.Of(start).CreateIndexer(start, definition);
    }

    /// <summary>Has the disk make something durable, which blocks the thread. A few do at a time: the disk takes no more, and other requests need the threads.</summary>
    private async Task SyncAsync(Action sync, CancellationToken cancellationToken)
    {
        await _syncs.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            sync();
        }
        finally
        {
            _syncs.Release();
        }
    }

    /// <summary>Writes bytes where that leaves room for imports, whatever other uploads write meanwhile.</summary>
    private async Task WriteAsync(Stream file, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (!_space.TryClaim(bytes.Length)) throw NoSpace();
        try
        {
            await file.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
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
