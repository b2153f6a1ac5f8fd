using EntityImport.Storage;

namespace EntityImport.Uploads;

/// <summary>Stores uploaded files: streamed to disk, hashed and indexed on the way, durable before the call returns. Thread-safe.</summary>
public sealed class UploadReceiver(ICatalog catalog)
{
    /// <summary>Stores a file.</summary>
    /// <param name="mappingId">The mapping that it is to be read by.</param>
    /// <param name="content">The bytes, already decompressed.</param>
    /// <param name="fileName">The client's name for it; folders are cut off.</param>
    /// <param name="cancellationToken">Ends the call; nothing is kept.</param>
    /// <returns>The upload; null where there is no such mapping.</returns>
    /// <exception cref="RequestException">The file is too large, or the disk is full.</exception>
    public Task<Upload?> ReceiveAsync(Guid mappingId, Stream content, string? fileName, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>An upload, or null.</summary>
    public Task<Upload?> FindAsync(Guid uploadId, CancellationToken cancellationToken) => catalog.FindUploadAsync(uploadId, cancellationToken);

    /// <summary>Opens an upload's file, byte for byte as it was sent, decompressed.</summary>
    public Stream OpenFile(Upload upload) => throw new NotImplementedException();
}
