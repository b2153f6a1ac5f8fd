using System.Text.Json;
using System.Text.Json.Serialization;
using EntityImport.Csv;
using EntityImport.Imports;

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
public sealed class FileStore
{
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
        DurableFolder.Create(root);
        foreach (var folder in (string[])[_incoming, _uploads, _imports, _scratch]) Directory.CreateDirectory(folder);
        DurableFolder.Sync(root);
    }

    /// <summary>Begins a file that is not an upload before <see cref="KeepUpload"/>.</summary>
    public FileStream CreateIncoming(Guid uploadId) => Create(Path.Combine(_incoming, Name(uploadId), "data"));

    /// <summary>Drops a file that did not become an upload.</summary>
    public void DropIncoming(Guid uploadId) => Drop(_incoming, uploadId);

    /// <summary>Makes an incoming file, which the caller has synced, an upload: durable when the call returns.</summary>
    public void KeepUpload(Guid uploadId, RecordIndex? index)
    {
        var folder = Path.Combine(_incoming, Name(uploadId));
        if (index is not null)
        {
            using var file = Create(Path.Combine(folder, "index"));
            JsonSerializer.Serialize(file, index, FileJson.Default.RecordIndex);
            file.Flush(flushToDisk: true);
        }

        DurableFolder.Sync(folder);
        Directory.Move(folder, Path.Combine(_uploads, Name(uploadId)));
        DurableFolder.Sync(_uploads);
    }

    /// <summary>The uploads that have files.</summary>
    public IEnumerable<Guid> ListUploads() => List(_uploads);

    /// <summary>Deletes an upload's files; nothing happens where there are none.</summary>
    public void DropUpload(Guid uploadId) => Drop(_uploads, uploadId);

    /// <summary>Opens an upload's file for reading.</summary>
    public FileStream OpenUpload(Guid uploadId) => Open(Path.Combine(_uploads, Name(uploadId), "data"));

    /// <summary>The index made when the file was uploaded; null where there was none, because the file's encoding is not UTF-8.</summary>
    public RecordIndex? ReadIndex(Guid uploadId)
    {
        var path = Path.Combine(_uploads, Name(uploadId), "index");
        if (!File.Exists(path)) return null;
        using var file = Open(path);
        return JsonSerializer.Deserialize(file, FileJson.Default.RecordIndex);
    }

    /// <summary>Begins an import's file of rejected rows, over one that an earlier attempt left.</summary>
    public FileStream CreateRejected(Guid importId) => Create(Path.Combine(_imports, Name(importId), "rejected"));

    /// <summary>Makes an import's file of rejected rows, which must be closed or flushed, durable; nothing happens where there is none.</summary>
    public void KeepRejected(Guid importId)
    {
        var path = Path.Combine(_imports, Name(importId), "rejected");
        if (!File.Exists(path)) return;
        // Only a stream that may write syncs.
        using (var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0)) file.Flush(flushToDisk: true);
        DurableFolder.Sync(Path.Combine(_imports, Name(importId)));
        DurableFolder.Sync(_imports);
    }

    /// <summary>Opens an import's file of rejected rows; null where there is none.</summary>
    public FileStream? OpenRejected(Guid importId)
    {
        var path = Path.Combine(_imports, Name(importId), "rejected");
        return File.Exists(path) ? Open(path) : null;
    }

    /// <summary>The imports that have files.</summary>
    public IEnumerable<Guid> ListRejected() => List(_imports);

    /// <summary>Deletes what an import wrote; nothing happens where there is nothing.</summary>
    public void DropRejected(Guid importId) => Drop(_imports, importId);

    /// <summary>Makes an empty file for a running import; it vanishes when the stream is closed, unless it is moved before.</summary>
    public FileStream CreateScratch() => new(Path.Combine(_scratch, Guid.NewGuid().ToString("D")), new FileStreamOptions
    {
        Mode = FileMode.CreateNew,
        Access = FileAccess.ReadWrite,
        Share = FileShare.Read | FileShare.Delete,
        Options = FileOptions.DeleteOnClose,
    });

    private static string Name(Guid id) => id.ToString("D");

    private static IEnumerable<Guid> List(string folder) =>
        Directory.EnumerateDirectories(folder).Select(path => Guid.TryParseExact(Path.GetFileName(path), "D", out var id) ? id : (Guid?)null).OfType<Guid>();

    private static void Drop(string parent, Guid id)
    {
        var folder = Path.Combine(parent, Name(id));
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }

    private static FileStream Create(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return new FileStream(path, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 1 << 16);
    }

    private static FileStream Open(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 1 << 16, FileOptions.Asynchronous);
}

/// <summary>How the documents beside the files are written.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(RecordIndex))]
[JsonSerializable(typeof(RejectedRowsFormat))]
[JsonSerializable(typeof(ReasonKind))]
[JsonSerializable(typeof(StoredRejectedRow))]
internal sealed partial class FileJson : JsonSerializerContext;
