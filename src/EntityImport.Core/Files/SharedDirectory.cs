namespace EntityImport.Files;

/// <summary>Files in a folder of a disk that several nodes share, NFS for instance.</summary>
public static class SharedDirectory
{
    /// <summary>Opens the folder, and makes it where it does not exist; the folder that it is in must.</summary>
    /// <param name="path">The folder.</param>
    /// <exception cref="IOException">It cannot be made or written.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be written.</exception>
    public static IFileStore Open(string path)
    {
        var root = Path.GetFullPath(path);
        // A disk that is not mounted must not be taken for an empty one on this machine.
        if (Path.GetDirectoryName(root) is { } parent && !Directory.Exists(parent)) throw new DirectoryNotFoundException($"There is no folder {parent}: is its disk mounted?");
        DurableFolder.Create(root);
        var incoming = Path.Combine(root, "incoming");
        Directory.CreateDirectory(incoming);
        return new LocalFiles(root, incoming, new RunningMark(root), isShared: true);
    }
}
