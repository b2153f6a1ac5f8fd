namespace EntityImport.Files;

/// <summary>
/// Tells what a living process is writing in a data directory from what a dead one has left there. Each process holds a file in <c>running/</c> locked as long as it lives, and
/// the names of what it writes begin with that file's name: who gets the lock of another one's file knows that its owner is dead. Thread-safe.
/// </summary>
/// <remarks>File systems that do not lock, as some network mounts, are for one process at a time.</remarks>
internal sealed class RunningMark : IDisposable
{
    private const int MaxAttempts = 100;

    private readonly string _folder;
    private readonly Lock _taking = new();
    private FileStream? _lock;
    private bool _isDisposed;

    /// <summary>Marks this process as living in a data directory, which must exist.</summary>
    public RunningMark(string root)
    {
        _folder = Path.Combine(root, "running");
        Directory.CreateDirectory(_folder);
        try
        {
            Take();
        }
        catch (IOException exception) when (DiskFull.IsCauseOf(exception))
        {
            // That must not keep the service from starting. The mark is made before anything else is written.
        }
    }

    /// <summary>The name of the mark.</summary>
    public string Name { get; } = Guid.NewGuid().ToString("N");

    /// <summary>A new name for something that this process is about to write.</summary>
    /// <exception cref="IOException">The data directory is gone, or another one is in its place; or the disk is full.</exception>
    public string NewName()
    {
        Take();
        return $"{Name}.{Guid.NewGuid():N}";
    }

    /// <summary>Finds out whether this is still the data directory that was opened.</summary>
    /// <exception cref="IOException">It is gone, or another one is in its place.</exception>
    public void Check()
    {
        Take();
        if (!File.Exists(Path.Combine(_folder, Name))) throw new IOException($"The data directory {Path.GetDirectoryName(_folder)} is gone, or another one is in its place.");
    }

    /// <summary>Deletes what dead processes have left in some folders, and their marks.</summary>
    /// <returns>For each folder its name, how many files there were, and their bytes.</returns>
    public IReadOnlyList<(string Folder, int Files, long Bytes)> Sweep(params IReadOnlyList<string> folders)
    {
        var living = new HashSet<string>(StringComparer.Ordinal) { Name };
        var dead = new List<FileStream>();
        try
        {
            foreach (var path in Directory.EnumerateFiles(_folder).Where(path => Path.GetFileName(path) != Name).ToList())
            {
                if (TryLock(path) is { } taken) dead.Add(taken);
                else living.Add(Path.GetFileName(path));
            }

            return [.. folders.Select(folder => Sweep(folder, living))];
        }
        finally
        {
            foreach (var mark in dead) mark.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_taking)
        {
            _isDisposed = true;
            _lock?.Dispose();
        }
    }

    private void Take()
    {
        lock (_taking)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            var path = Path.Combine(_folder, Name);
            for (var attempt = 1; _lock is null; attempt++)
            {
                try
                {
                    var taken = OpenLocked(path, FileMode.OpenOrCreate);
                    // Between its making and its locking another process may have taken it for a dead one's.
                    if (File.Exists(path)) _lock = taken;
                    else taken.Dispose();
                }
                catch (IOException exception) when (attempt < MaxAttempts && !DiskFull.IsCauseOf(exception))
                {
                    // The other process has it still.
                }
            }
        }
    }

    /// <summary>Locks another process's mark; null where it is locked, or gone, because that process lives or has just ended in peace.</summary>
    private static FileStream? TryLock(string path)
    {
        try
        {
            return OpenLocked(path, FileMode.Open);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Opens a mark as the only one who has it; it vanishes when it is closed.</summary>
    private static FileStream OpenLocked(string path, FileMode mode) => new(path, mode, FileAccess.ReadWrite, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);

    private static (string Folder, int Files, long Bytes) Sweep(string folder, HashSet<string> living)
    {
        var name = Path.GetFileName(folder);
        // Where somebody put a link, it goes, and what it leads to stays.
        if (new DirectoryInfo(folder).LinkTarget is not null)
        {
            Directory.Delete(folder);
            Directory.CreateDirectory(folder);
            return (name, 0, 0);
        }

        var (files, bytes) = (0, 0L);
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos())
        {
            if (living.Contains(entry.Name.Split('.')[0])) continue;
            if (entry is DirectoryInfo { LinkTarget: null } left)
            {
                foreach (var file in left.EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }))
                    (files, bytes) = (files + 1, bytes + file.Length);
                left.Delete(recursive: true);
                continue;
            }

            if (entry is FileInfo { LinkTarget: null } single) (files, bytes) = (files + 1, bytes + single.Length);
            entry.Delete();
        }

        return (name, files, bytes);
    }
}
