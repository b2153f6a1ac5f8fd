namespace EntityImport.Files;

/// <summary>A file of this machine, also one that is still written by whoever made it.</summary>
internal sealed class LocalFile(FileStream file) : IStoredFile
{
    /// <inheritdoc/>
    public long Length => file.Length;

    /// <inheritdoc/>
    public int Read(Span<byte> buffer, long offset) => RandomAccess.Read(file.SafeFileHandle, buffer, offset);

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();
}
