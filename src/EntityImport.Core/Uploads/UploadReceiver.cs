using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EntityImport.Csv;
using EntityImport.Mappings;
using EntityImport.Requests;
using EntityImport.Storage;
using EntityImport.Testing;

namespace EntityImport.Uploads;

/// <summary>Stores uploaded files: streamed to disk, hashed and indexed on the way, durable before the call returns. Thread-safe.</summary>
public sealed class UploadReceiver
{
    private const int BufferBytes = 128 << 10;
    private const int MaxFileNameLength = 255;

    private readonly ICatalog _catalog;
    private readonly FileStore _files;
    private readonly RequestRegistry _requests;
    private readonly long _maxBytes;
    private readonly TimeProvider _time;

    internal UploadReceiver(ICatalog catalog, FileStore files, RequestRegistry requests, EngineOptions options, TimeProvider time)
    {
        _catalog = catalog;
        _files = files;
        _requests = requests;
        _maxBytes = options.MaxUploadBytes;
        _time = time;
    }

    /// <summary>Stores a file.</summary>
    /// <inheritdoc cref="ReceiveAsync(Guid, Stream, string?, RequestKey?, CancellationToken)"/>
    public Task<Upload?> ReceiveAsync(Guid mappingId, Stream content, string? fileName, CancellationToken cancellationToken) =>
        ReceiveAsync(mappingId, content, fileName, key: null, cancellationToken);

    /// <summary>Stores a file; the same upload is answered when the same request, with the same bytes and file name, comes again.</summary>
    /// <param name="mappingId">The mapping that it is to be read by.</param>
    /// <param name="content">The bytes, already decompressed.</param>
    /// <param name="fileName">The client's name for it; folders are cut off.</param>
    /// <param name="key">The request's key; null where it has none.</param>
    /// <param name="cancellationToken">Ends the call; nothing is kept.</param>
    /// <returns>The upload; null where there is no such mapping.</returns>
    /// <exception cref="RequestException">The file is too large, the disk is full, or the key is in use or was used for another request.</exception>
    public async Task<Upload?> ReceiveAsync(Guid mappingId, Stream content, string? fileName, RequestKey? key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(content);
        using var request = _requests.Begin(key);
        var mapping = await _catalog.FindMappingAsync(mappingId, revision: null, cancellationToken).ConfigureAwait(false);
        if (mapping is null) return null;
        var uploadId = Guid.CreateVersion7(_time.GetUtcNow());
        var name = CleanFileName(fileName);
        try
        {
            var (size, hash, index) = await StoreAsync(uploadId, mapping, content, cancellationToken).ConfigureAwait(false);
            FaultPoints.Reach("upload.stored", uploadId);
            if (await request.FindAsync(Encoding.UTF8.GetBytes($"{hash}\n{name}"), cancellationToken).ConfigureAwait(false) is { } earlier)
                return await _catalog.FindUploadAsync(earlier, cancellationToken).ConfigureAwait(false);
            var upload = new Upload
            {
                Id = uploadId,
                MappingId = mappingId,
                FileName = name,
                Size = size,
                Sha256 = hash,
                CreatedAt = _time.GetUtcNow(),
            };
            _files.KeepUpload(uploadId, index);
            FaultPoints.Reach("upload.kept", uploadId);
            await AddAsync(upload, request.Done(uploadId), cancellationToken).ConfigureAwait(false);
            FaultPoints.Reach("upload.added", uploadId);
            return upload;
        }
        catch (IOException exception) when (DiskFull.IsCauseOf(exception))
        {
            throw new RequestException(FaultKind.OutOfSpace, "disk-full", "The disk is full; nothing of the file was kept.");
        }
        finally
        {
            _files.DropIncoming(uploadId);
        }
    }

    /// <summary>An upload, or null.</summary>
    public Task<Upload?> FindAsync(Guid uploadId, CancellationToken cancellationToken) => _catalog.FindUploadAsync(uploadId, cancellationToken);

    /// <summary>Opens an upload's file, byte for byte as it was sent, decompressed.</summary>
    /// <exception cref="RequestException">Its time was over, and it was deleted.</exception>
    public Stream OpenFile(Upload upload)
    {
        ArgumentNullException.ThrowIfNull(upload);
        if (upload.ExpiredAt is { } expired) throw Expired("file", expired);
        return _files.OpenUpload(upload.Id);
    }

    /// <summary>Deletes the files of uploads that the catalog does not know, because a crash came between the two. Only before uploads are received.</summary>
    internal async Task SweepAsync(CancellationToken cancellationToken)
    {
        var known = (await _catalog.ListUploadIdsAsync(cancellationToken).ConfigureAwait(false)).ToHashSet();
        foreach (var uploadId in _files.ListUploads())
            if (!known.Contains(uploadId)) _files.DropUpload(uploadId);
    }

    internal static RequestException Expired(string what, DateTimeOffset at) => new(
        FaultKind.NotFound, "file-expired", string.Create(CultureInfo.InvariantCulture, $"The {what} was kept as long as the service is set up to, and deleted on {at.UtcDateTime:yyyy-MM-dd}."));

    private async Task AddAsync(Upload upload, RequestReceipt? receipt, CancellationToken cancellationToken)
    {
        try
        {
            await _catalog.AddUploadAsync(upload, receipt, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            // Only where the store says that it does not know the upload, its files may go; where it does not answer, they are looked at again at the next start.
            if (await _catalog.FindUploadAsync(upload.Id, CancellationToken.None).ConfigureAwait(false) is null) _files.DropUpload(upload.Id);
            throw;
        }
    }

    private async Task<(long Size, string Hash, RecordIndex? Index)> StoreAsync(
        Guid uploadId, Mapping mapping, Stream content, CancellationToken cancellationToken)
    {
        var definition = ImportDefinitionReader.ReadFormat(mapping);
        var indexBuilder = new RecordIndexBuilder(definition.Layout);
        var isUtf8 = FileEncoding.Find(definition.Encoding) == FileEncoding.Utf8;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BufferBytes];
        var size = 0L;
        var file = _files.CreateIncoming(uploadId);
        FaultPoints.Reach("upload.begun", uploadId);
        await using (file.ConfigureAwait(false))
        {
            while (true)
            {
                var read = await content.ReadAtLeastAsync(buffer, BufferBytes, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
                if (read == 0) break;
                if (size == 0 && FileEncoding.DetectByteOrderMark(buffer.AsSpan(0, read)).Encoding is { } proved) isUtf8 = proved == FileEncoding.Utf8;
                size += read;
                if (size > _maxBytes)
                    throw new RequestException(FaultKind.TooLarge, "file-too-large", $"The file is larger than {_maxBytes} bytes.");
                var bytes = buffer.AsMemory(0, read);
                hash.AppendData(bytes.Span);
                if (isUtf8) indexBuilder.Append(bytes.Span);
                await file.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
            }

            file.Flush(flushToDisk: true);
        }

        return (size, Convert.ToHexStringLower(hash.GetHashAndReset()), isUtf8 ? indexBuilder.Complete() : null);
    }

    /// <summary>A file name that is safe to show and to send in a header: no folders, no control characters, not too long.</summary>
    private static string? CleanFileName(string? fileName)
    {
        if (fileName is null) return null;
        var name = new string([.. fileName[(fileName.LastIndexOfAny(['/', '\\']) + 1)..].Where(c => !char.IsControl(c))]);
        return name.Length == 0 ? null : name.Length <= MaxFileNameLength ? name : name[..MaxFileNameLength];
    }
}
