namespace EntityImport.Files;

/// <summary>
/// Where files are kept that more than one process may read, by paths whose parts are separated by <c>/</c>. A file that is kept does not change, unless it comes piece by piece and is appended to: it is put,
/// read in ranges, listed and dropped. Thread-safe.
/// </summary>
internal interface IFileStore
{
    /// <summary>Begins files of a folder, which nobody sees before they are kept.</summary>
    INewFiles Begin(string folder);

    /// <summary>Opens a file; null where there is none.</summary>
    IStoredFile? Open(string path);

    /// <summary>Opens a file that is there to append to it, by one at a time. What is flushed to disk is durable.</summary>
    /// <param name="path">The file.</param>
    /// <param name="length">How much of it counts; what is behind that is cut off.</param>
    /// <exception cref="IOException">It is not there, or is shorter; or it cannot be written.</exception>
    FileStream Append(string path, long length);

    /// <summary>The names of what is directly in a folder, files and folders alike; none where there is no such folder.</summary>
    IEnumerable<string> List(string folder);

    /// <summary>Deletes a file, or a folder with all that is in it, durably; nothing happens where there is none.</summary>
    void Drop(string path);

    /// <summary>Moves a folder to where nothing is, durably.</summary>
    void Move(string folder, string target);

    /// <summary>Where operators find a file or a folder.</summary>
    string PlaceOf(string path);

    /// <summary>Finds out whether files can be stored.</summary>
    /// <exception cref="IOException">They cannot, because the store is gone, or full, or for other reasons.</exception>
    /// <exception cref="UnauthorizedAccessException">They must not be written.</exception>
    void Probe();
}

/// <summary>Files on their way into a folder of a store. Who disposes of them before they are kept drops them. Not thread-safe.</summary>
internal interface INewFiles : IDisposable
{
    /// <summary>Begins a file. Until it is kept it can be written, read and cut; the stream is not for the caller to dispose of.</summary>
    /// <exception cref="IOException">It cannot be written; see <see cref="DiskFull"/>.</exception>
    Stream Create(string name);

    /// <summary>
    /// Makes all files durable and visible, and replaces those of the same names: at once where the store can do that and the folder is new, else one after the other, in
    /// the order in which they were begun. Nothing happens the second time.
    /// </summary>
    void Keep();
}

/// <summary>A file as it is read. Thread-safe but for disposal.</summary>
internal interface IStoredFile : IDisposable
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
