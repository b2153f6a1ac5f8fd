namespace EntityImport.Files;

/// <summary>How much of the disk uploads may take, all of them together: what is free, but for what imports and the store need. Thread-safe.</summary>
/// <param name="files">Where they go; what no disk bounds has room for all of them.</param>
/// <param name="kept">Bytes to leave free, but never more than a twentieth of the disk.</param>
internal sealed class FreeSpace(IFileStore files, long kept)
{
    private const int LargestShare = 20;

    private readonly Lock _lock = new();
    private long _claimed;

    /// <summary>Whether there is room for so many bytes now.</summary>
    public bool Has(long bytes)
    {
        lock (_lock) return bytes <= Room() - _claimed;
    }

    /// <summary>Claims room for bytes that are about to be written; false where there is none. Once they are on disk, or are not to be, the claim is to be given back.</summary>
    public bool TryClaim(long bytes)
    {
        lock (_lock)
        {
            if (bytes > Room() - _claimed) return false;
            _claimed += bytes;
            return true;
        }
    }

    /// <summary>Gives a claim back.</summary>
    public void Release(long bytes)
    {
        lock (_lock) _claimed -= bytes;
    }

    private long Room() => files.Disk is var (free, total) ? free - Math.Min(kept, total / LargestShare) : long.MaxValue;
}
