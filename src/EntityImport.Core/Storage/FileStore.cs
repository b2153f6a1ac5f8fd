using System.Runtime.InteropServices;
using System.Text.Json;
using EntityImport.Csv;

namespace EntityImport.Storage;

/// <summary>The files of uploads and imports, in folders of the data directory that are named by their ids. Thread-safe.</summary>
/// <remarks>
/// <code>
/// incoming/{uploadId}/      an upload that is not complete; swept at start
/// uploads/{uploadId}/data   the file, byte for byte
/// uploads/{uploadId}/index  where its records are, as JSON
/// imports/{importId}/rejected
/// scratch/                  what running imports need besides; swept at start
/// </code>
/// </remarks>
public sealed partial class FileStore
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private readonly string _incoming;
    private readonly string _uploads;
    private readonly string _imports;
    private readonly string _scratch;

    /// <summary>Opens the folders in a data directory, makes them where they do not exist, and sweeps what a crash left behind.</summary>
    public FileStore(string dataDirectory)
    {
        var root = Path.GetFullPath(dataDirectory);
        _incoming = Path.Combine(root, "incoming");
        _uploads = Path.Combine(root, "uploads");
        _imports = Path.Combine(root, "imports");
        _scratch = Path.Combine(root, "scratch");
        foreach (var swept in (string[])[_incoming, _scratch])
            if (Directory.Exists(swept)) Directory.Delete(swept, recursive: true);
        foreach (var folder in (string[])[_incoming, _uploads, _imports, _scratch]) Directory.CreateDirectory(folder);
        Sync(root);
    }

    /// <summary>Begins a file that is not an upload before <see cref="KeepUpload"/>.</summary>
    public FileStream CreateIncoming(Guid uploadId) => Create(Path.Combine(_incoming, Name(uploadId), "data"));

    /// <summary>Drops a file that did not become an upload.</summary>
    public void DropIncoming(Guid uploadId)
    {
        var folder = Path.Combine(_incoming, Name(uploadId));
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }

    /// <summary>Makes an incoming file, which the caller has synced, an upload: durable when the call returns.</summary>
    public void KeepUpload(Guid uploadId, RecordIndex? index)
    {
        var folder = Path.Combine(_incoming, Name(uploadId));
        if (index is not null)
        {
            using var file = Create(Path.Combine(folder, "index"));
            JsonSerializer.Serialize(file, index, Json);
            file.Flush(flushToDisk: true);
        }

        Sync(folder);
        Directory.Move(folder, Path.Combine(_uploads, Name(uploadId)));
        Sync(_uploads);
    }

    /// <summary>The uploads that have files.</summary>
    public IEnumerable<Guid> ListUploads() =>
        Directory.EnumerateDirectories(_uploads).Select(path => Guid.TryParseExact(Path.GetFileName(path), "D", out var id) ? id : (Guid?)null).OfType<Guid>();

    /// <summary>Deletes an upload's files; nothing happens where there are none.</summary>
    public void DropUpload(Guid uploadId)
    {
        var folder = Path.Combine(_uploads, Name(uploadId));
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }

    /// <summary>Opens an upload's file for reading.</summary>
    public FileStream OpenUpload(Guid uploadId) => Open(Path.Combine(_uploads, Name(uploadId), "data"));

    /// <summary>The index made when the file was uploaded; null where there was none, because the file's encoding is not UTF-8.</summary>
    public RecordIndex? ReadIndex(Guid uploadId)
    {
        var path = Path.Combine(_uploads, Name(uploadId), "index");
        if (!File.Exists(path)) return null;
        using var file = Open(path);
        return JsonSerializer.Deserialize<RecordIndex>(file, Json);
    }

    /// <summary>Begins an import's file of rejected rows, over one that an earlier attempt left.</summary>
    public FileStream CreateRejected(Guid importId) => Create(Path.Combine(_imports, Name(importId), "rejected"));

    /// <summary>Makes an import's file of rejected rows, which the caller has synced, durable.</summary>
    public void KeepRejected(Guid importId)
    {
        Sync(Path.Combine(_imports, Name(importId)));
        Sync(_imports);
    }

    /// <summary>Opens an import's file of rejected rows; null where there is none.</summary>
    public FileStream? OpenRejected(Guid importId)
    {
        var path = Path.Combine(_imports, Name(importId), "rejected");
        return File.Exists(path) ? Open(path) : null;
    }

    /// <summary>Deletes what an import wrote.</summary>
    public void DropRejected(Guid importId)
    {
        var folder = Path.Combine(_imports, Name(importId));
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }

    /// <summary>Makes an empty file for a running import; it vanishes when the stream is closed, unless it is moved before.</summary>
    public FileStream CreateScratch() => new(Path.Combine(_scratch, Guid.NewGuid().ToString("D")), new FileStreamOptions
    {
        Mode = FileMode.CreateNew,
        Access = FileAccess.ReadWrite,
        Share = FileShare.Read | FileShare.Delete,
        Options = FileOptions.DeleteOnClose,
    });

    private static string Name(Guid id) => id.ToString("D");

    private static FileStream Create(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return new FileStream(path, FileMode.Create, FileAccess.ReadWrite, FileShare.Read, bufferSize: 1 << 16);
    }

    private static FileStream Open(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 1 << 16, FileOptions.Asynchronous);

    /// <summary>Makes a folder's entries durable. Windows does that by itself.</summary>
    private static void Sync(string folder)
    {
        if (OperatingSystem.IsWindows()) return;
        var descriptor = OpenDescriptor(folder, flags: 0);
        if (descriptor < 0) throw new IOException($"Cannot open the folder {folder} (error {Marshal.GetLastPInvokeError()}).");
        try
        {
            if (SyncDescriptor(descriptor) < 0) throw new IOException($"Cannot sync the folder {folder} (error {Marshal.GetLastPInvokeError()}).");
        }
        finally
        {
            _ = CloseDescriptor(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenDescriptor(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int SyncDescriptor(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int CloseDescriptor(int descriptor);
}
