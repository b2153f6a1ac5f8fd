namespace EntityImport.Files;

/// <summary>
/// Where files are kept that more than one process may read, by paths whose parts are separated by <c>/</c>. A file that is kept does not change, unless it comes piece by piece: it is put,
/// read in ranges, listed and dropped. Whatever fails for reasons of the store is an <see cref="IOException"/>, <see cref="FilesUnavailableException"/> where it is not on this machine. Thread-safe.
/// </summary>
public interface IFileStore : IDisposable
{
    /// <summary>
    /// Whether other processes may be at work here at the same time: then nothing is replaced that somebody else may have written, and nothing is deleted that is younger than a day and not this process's own.
    /// </summary>
    bool IsShared { get; }

    /// <summary>The disk that files go to: how many bytes are free, and how many it has; null where nothing bounds them.</summary>
    (long Free, long Total)? Disk { get; }

    /// <summary>Begins files of a folder, which nobody sees before they are kept.</summary>
    INewFiles Begin(string folder);

    /// <summary>Opens a file, also one of which only pieces have come; null where there is none.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cancellationToken">Ends the call, and all reading of the file.</param>
    IStoredFile? Open(string path, CancellationToken cancellationToken = default);

    /// <summary>Goes on with a file that comes piece by piece, and of which nothing, or more, was kept before. By one at a time.</summary>
    /// <param name="path">The file.</param>
    /// <param name="length">How much of it counts; what was written behind that is not of the file.</param>
    /// <exception cref="IOException">It is not there, or is shorter; or it cannot be written.</exception>
    IGrowingFile Append(string path, long length);

    /// <summary>How many bytes of a file that comes piece by piece are durable.</summary>
    long LengthOfGrowing(string path);

    /// <summary>The names of what is directly in a folder, files and folders alike; none where there is no such folder.</summary>
    IEnumerable<string> List(string folder);

    /// <summary>All files in a folder and in those below it.</summary>
    IEnumerable<ListedFile> ListFiles(string folder);

    /// <summary>Deletes a file, or a folder with all that is in it, durably; nothing happens where there is none.</summary>
    void Drop(string path);

    /// <summary>Where operators find a file or a folder.</summary>
    string PlaceOf(string path);

    /// <summary>Finds out whether files can be stored, within seconds.</summary>
    /// <exception cref="IOException">They cannot, because the store is gone, or full, or for other reasons.</exception>
    /// <exception cref="UnauthorizedAccessException">They must not be written.</exception>
    void Probe();

    /// <summary>Deletes what was begun in some folders before a time, by whichever process, and never kept. What else is in the place may be somebody else's.</summary>
    /// <returns>How many there were.</returns>
    int DropUnfinished(IReadOnlyList<string> folders, DateTimeOffset before);
}

/// <summary>A file in a list.</summary>
/// <param name="Path">Its path in the store.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="KeptAt">When it was kept, by the store's clock.</param>
public readonly record struct ListedFile(string Path, long Length, DateTimeOffset KeptAt);

/// <summary>Files on their way into a folder of a store. Who disposes of them before they are kept drops them. Not thread-safe.</summary>
public interface INewFiles : IDisposable
{
    /// <summary>
    /// Begins a file, which is written from its beginning to its end; where the store is not shared it can also be read and cut until it is kept. The stream is not for the caller to dispose of.
    /// </summary>
    /// <exception cref="IOException">It cannot be written; see <see cref="DiskFull"/>.</exception>
    Stream Create(string name);

    /// <summary>
    /// Makes all files durable and visible, and replaces those of the same names: at once where the store can do that and the folder is new, else one after the other, in
    /// the order in which they were begun. Nothing happens the second time.
    /// </summary>
    ValueTask KeepAsync(CancellationToken cancellationToken);
}

/// <summary>A file to which something is appended. Who disposes of it loses what was not kept. Not thread-safe.</summary>
public interface IGrowingFile : IAsyncDisposable
{
    /// <summary>Appends bytes.</summary>
    ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>Makes what was appended durable.</summary>
    /// <exception cref="RequestException">Somebody else has appended to the file since.</exception>
    ValueTask KeepAsync();
}

/// <summary>A file as it is read. Thread-safe but for disposal.</summary>
public interface IStoredFile : IDisposable
{
    /// <summary>Its length in bytes.</summary>
    long Length { get; }

    /// <summary>Reads bytes from an offset on; answers how many, at least one before the file's end, and 0 there.</summary>
    int Read(Span<byte> buffer, long offset);

    /// <summary>Fills a buffer from an offset on; answers how many bytes, fewer than it has only where the file ends.</summary>
    int Fill(Span<byte> buffer, long offset)
    {
        var filled = 0;
        while (filled < buffer.Length && Read(buffer[filled..], offset + filled) is > 0 and var read) filled += read;
        return filled;
    }
}
