using System.Globalization;
using System.Text;

namespace EntityImport.Files;

/// <summary>Files in a folder of this machine, or of a disk that several share.</summary>
/// <param name="root">The folder.</param>
/// <param name="incoming">A folder of the same disk for what is not kept yet.</param>
/// <param name="mark">Whose that is.</param>
/// <param name="isShared">Whether other processes may be at work in the folder.</param>
internal sealed class LocalFiles(string root, string incoming, RunningMark mark, bool isShared = false) : IFileStore
{
    /// <summary>Beside a file that comes piece by piece: how much of it is durable.</summary>
    private const string Offset = "offset";

    private const int BufferBytes = 64 << 10;
    private const int ProbeBytes = 4096;

    /// <inheritdoc/>
    public bool IsShared => isShared;

    /// <inheritdoc/>
    public (long Free, long Total)? Disk
    {
        get
        {
            // On Windows disks are asked for by letter, elsewhere by any path on them.
            var disk = new DriveInfo(OperatingSystem.IsWindows() ? Path.GetPathRoot(root)! : root);
            return (disk.AvailableFreeSpace, disk.TotalSize);
        }
    }

    /// <inheritdoc/>
    public INewFiles Begin(string folder) => new NewFiles(Path.Combine(incoming, mark.NewName()), Full(folder));

    /// <inheritdoc/>
    public IStoredFile? Open(string path, CancellationToken cancellationToken = default)
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
    public IGrowingFile Append(string path, long length)
    {
        var file = new FileStream(Full(path), FileMode.Open, FileAccess.Write, FileShare.Read | FileShare.Delete, BufferBytes);
        try
        {
            if (file.Length < length) throw new EndOfStreamException($"{path} has {file.Length} bytes, and had {length}.");
            file.SetLength(length);
            file.Seek(length, SeekOrigin.Begin);
            return new GrowingFile(this, file, path, length);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public long LengthOfGrowing(string path)
    {
        try
        {
            var mark = File.ReadAllText(Path.Combine(Path.GetDirectoryName(Full(path))!, Offset));
            return long.TryParse(mark, NumberStyles.None, CultureInfo.InvariantCulture, out var length) ? length : 0;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return 0;
        }
    }

    /// <inheritdoc/>
    public IEnumerable<string> List(string folder) =>
        Directory.Exists(Full(folder)) ? Directory.EnumerateFileSystemEntries(Full(folder)).Select(path => Path.GetFileName(path)) : [];

    /// <inheritdoc/>
    public IEnumerable<ListedFile> ListFiles(string folder)
    {
        var full = Full(folder);
        if (!Directory.Exists(full)) return [];
        return new DirectoryInfo(full).EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint })
            .Where(file => file.Exists).Select(file => new ListedFile(Path.GetRelativePath(root, file.FullName).Replace(Path.DirectorySeparatorChar, '/'), file.Length, file.LastWriteTimeUtc));
    }

    /// <inheritdoc/>
    public void Drop(string path)
    {
        var full = Full(path);
        if (File.Exists(full)) File.Delete(full);
        else if (Directory.Exists(full)) Directory.Delete(full, recursive: true);
        else return;
        DurableFolder.Sync(Path.GetDirectoryName(full)!);
    }

    /// <summary>Moves a folder to where nothing is, durably.</summary>
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

    /// <inheritdoc/>
    public int DropUnfinished(IReadOnlyList<string> folders, DateTimeOffset before)
    {
        // All that is begun is in a folder of its own.
        var count = 0;
        foreach (var left in new DirectoryInfo(incoming).EnumerateDirectories())
        {
            // A living process writes into its files, and makes others beside them.
            var files = left.EnumerateFiles().Select(file => file.LastWriteTimeUtc).Append(left.LastWriteTimeUtc);
            if (files.Max() >= before) continue;
            left.Delete(recursive: true);
            count++;
        }

        return count;
    }

    /// <inheritdoc/>
    public void Dispose() => mark.Dispose();

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

        public ValueTask KeepAsync(CancellationToken cancellationToken)
        {
            if (!_isKept) Keep();
            return ValueTask.CompletedTask;
        }

        private void Keep()
        {
            foreach (var (_, file) in _files)
            {
                // An empty file is durable with its folder.
                if (file.Length > 0) file.Flush(flushToDisk: true);
                file.Dispose();
            }

            DurableFolder.Sync(folder);
            if (!TryMoveWhole())
            {
                foreach (var (name, _) in _files) File.Move(Path.Combine(folder, name), Path.Combine(target, name), overwrite: true);
                DurableFolder.Sync(target);
                Directory.Delete(folder);
            }

            _isKept = true;
        }

        /// <summary>Moves the folder, durably, unless there is one in its place; others may make that at the same time.</summary>
        private bool TryMoveWhole()
        {
            if (Directory.Exists(target)) return false;
            DurableFolder.Create(Path.GetDirectoryName(target)!);
            try
            {
                Directory.Move(folder, target);
            }
            catch (IOException) when (Directory.Exists(folder) && Directory.Exists(target))
            {
                // Whoever made it may not have come to that yet.
                DurableFolder.Sync(Path.GetDirectoryName(target)!);
                return false;
            }

            DurableFolder.Sync(Path.GetDirectoryName(target)!);
            return true;
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

    /// <summary>A file that is written in its place. How much of it is durable is noted beside it once it is: what a crash leaves behind that is cut off when it is appended to next.</summary>
    private sealed class GrowingFile(LocalFiles files, FileStream file, string path, long length) : IGrowingFile
    {
        private long _kept = length;

        public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => file.WriteAsync(bytes, cancellationToken);

        public async ValueTask KeepAsync()
        {
            // Another node may have gone on with the file, whose note is moved by that one alone.
            if (files.LengthOfGrowing(path) != _kept) throw new RequestException(FaultKind.Conflict, "upload-taken-over", "Another request goes on with this file.");
            file.Flush(flushToDisk: true);
            using var mark = files.Begin(Path.GetDirectoryName(path)!);
            mark.Create(Offset).Write(Encoding.ASCII.GetBytes(file.Position.ToString(CultureInfo.InvariantCulture)));
            await mark.KeepAsync(CancellationToken.None).ConfigureAwait(false);
            _kept = file.Position;
        }

        public ValueTask DisposeAsync() => file.DisposeAsync();
    }
}
