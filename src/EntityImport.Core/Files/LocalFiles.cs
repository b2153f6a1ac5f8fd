namespace EntityImport.Files;

/// <summary>Files in a folder of this machine, or of a disk that several share.</summary>
/// <param name="root">The folder.</param>
/// <param name="incoming">A folder of the same disk for what is not kept yet.</param>
/// <param name="mark">Whose that is.</param>
internal sealed class LocalFiles(string root, string incoming, RunningMark mark) : IFileStore
{
    private const int BufferBytes = 64 << 10;
    private const int ProbeBytes = 4096;

    /// <inheritdoc/>
    public INewFiles Begin(string folder) => new NewFiles(Path.Combine(incoming, mark.NewName()), Full(folder));

    /// <inheritdoc/>
    public IStoredFile? Open(string path)
    {
        try
        {
            return new LocalFile(new FileStream(Full(path), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public FileStream Append(string path, long length)
    {
        var file = new FileStream(Full(path), FileMode.Open, FileAccess.Write, FileShare.Read | FileShare.Delete, BufferBytes);
        try
        {
            if (file.Length < length) throw new EndOfStreamException($"{path} has {file.Length} bytes, and had {length}.");
            file.SetLength(length);
            file.Seek(length, SeekOrigin.Begin);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public IEnumerable<string> List(string folder) =>
        Directory.Exists(Full(folder)) ? Directory.EnumerateFileSystemEntries(Full(folder)).Select(path => Path.GetFileName(path)) : [];

    /// <inheritdoc/>
    public void Drop(string path)
    {
        var full = Full(path);
        if (File.Exists(full)) File.Delete(full);
        else if (Directory.Exists(full)) Directory.Delete(full, recursive: true);
        else return;
        DurableFolder.Sync(Path.GetDirectoryName(full)!);
    }

    /// <inheritdoc/>
    public void Move(string folder, string target)
    {
        var (from, to) = (Full(folder), Full(target));
        DurableFolder.Create(Path.GetDirectoryName(to)!);
        Directory.Move(from, to);
        DurableFolder.Sync(Path.GetDirectoryName(to)!);
        DurableFolder.Sync(Path.GetDirectoryName(from)!);
    }

    /// <inheritdoc/>
    public string PlaceOf(string path) => Full(path);

    /// <inheritdoc/>
    public void Probe()
    {
        mark.Check();
        using var probe = Begin("");
        var file = probe.Create("probe");
        file.Write(new byte[ProbeBytes]);
        file.Flush();
    }

    private string Full(string path) => Path.GetFullPath(Path.Combine(root, path));

    /// <summary>Files in a folder of their own, which is moved as a whole where nothing is in its place.</summary>
    private sealed class NewFiles(string folder, string target) : INewFiles
    {
        private readonly List<(string Name, FileStream File)> _files = [];
        private bool _isKept;

        public Stream Create(string name)
        {
            Directory.CreateDirectory(folder);
            var file = new FileStream(Path.Combine(folder, name), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, BufferBytes);
            _files.Add((name, file));
            return file;
        }

        public void Keep()
        {
            if (_isKept) return;
            foreach (var (_, file) in _files)
            {
                // An empty file is durable with its folder.
                if (file.Length > 0) file.Flush(flushToDisk: true);
                file.Dispose();
            }

            DurableFolder.Sync(folder);
            if (Directory.Exists(target))
            {
                foreach (var (name, _) in _files) File.Move(Path.Combine(folder, name), Path.Combine(target, name), overwrite: true);
                DurableFolder.Sync(target);
                Directory.Delete(folder);
            }
            else
            {
                DurableFolder.Create(Path.GetDirectoryName(target)!);
                Directory.Move(folder, target);
                DurableFolder.Sync(Path.GetDirectoryName(target)!);
            }

            _isKept = true;
        }

        public void Dispose()
        {
            foreach (var (_, file) in _files)
            {
                try
                {
                    file.Dispose();
                }
                catch (IOException)
                {
                    // What could not be written is dropped anyway.
                }
            }

            if (!_isKept && Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
    }
}
