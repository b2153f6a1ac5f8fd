using System.Globalization;
using System.IO.Hashing;
using System.Text.Json;
using System.Text.Json.Serialization;
using EntityImport.Catalog;
using EntityImport.Csv;
using EntityImport.Imports.Rejections;

namespace EntityImport.Files;

/// <summary>The files of uploads and imports, in folders of the data directory that are named by their ids. Thread-safe.</summary>
/// <remarks>
/// <code>
/// incoming/{uploadId}/      an upload that is not complete; swept at start
/// uploads/{uploadId}/data   the file, byte for byte
/// uploads/{uploadId}/index  where its records are, as JSON
/// uploads/{uploadId}/unanswered   there until the catalog has the upload; nobody was told of it before
/// imports/{importId}/rejected
/// quarantine/               folders of uploads and imports that the catalog does not know; never deleted
/// scratch/                  what running imports need besides; swept at start
/// instance                  a name for this opening of the directory, to tell it from another one in its place
/// clock                     when the service was last seen running
/// </code>
/// </remarks>
public sealed class FileStore
{
    private const string UnansweredMark = "unanswered";
    private const int ProbeBytes = 4096;

    private readonly string _root;
    private readonly string _instance;
    private readonly string _incoming;
    private readonly string _uploads;
    private readonly string _imports;
    private readonly string _scratch;

    /// <summary>Opens the folders in a data directory, and makes them where they do not exist.</summary>
    public FileStore(string dataDirectory)
    {
        _root = Path.GetFullPath(dataDirectory);
        _incoming = Path.Combine(_root, "incoming");
        _uploads = Path.Combine(_root, "uploads");
        _imports = Path.Combine(_root, "imports");
        _scratch = Path.Combine(_root, "scratch");
        DurableFolder.Create(_root);
        foreach (var folder in (string[])[_incoming, _uploads, _imports, _scratch]) Directory.CreateDirectory(folder);
        DurableFolder.Sync(_root);
        _instance = BeginInstance(Path.Combine(_root, "instance"));
    }

    /// <summary>Where folders go that the catalog does not know.</summary>
    public string QuarantineFolder => Path.Combine(_root, "quarantine");

    /// <summary>Deletes what a crash left of work that never came to an end. Only before there is new work.</summary>
    /// <returns>For each folder its name, how many files there were, and their bytes.</returns>
    public IReadOnlyList<(string Folder, int Files, long Bytes)> Sweep() => [Sweep(_incoming), Sweep(_scratch)];

    /// <summary>Begins a file that is not an upload before <see cref="KeepUpload"/>.</summary>
    public FileStream CreateIncoming(Guid uploadId) => Create(Path.Combine(_incoming, Name(uploadId), "data"));

    /// <summary>Drops a file that did not become an upload.</summary>
    public void DropIncoming(Guid uploadId) => Drop(_incoming, uploadId);

    /// <summary>Makes an incoming file, which the caller has synced, an upload that is not confirmed yet: durable when the call returns.</summary>
    public void KeepUpload(Guid uploadId, RecordIndex? index)
    {
        var folder = Path.Combine(_incoming, Name(uploadId));
        if (index is not null)
        {
            using var file = Create(Path.Combine(folder, "index"));
            JsonSerializer.Serialize(file, new StoredIndex(index, Checksum(index)), FileJson.Default.StoredIndex);
            file.Flush(flushToDisk: true);
        }

        File.Create(Path.Combine(folder, UnansweredMark)).Dispose();
        DurableFolder.Sync(folder);
        Directory.Move(folder, Path.Combine(_uploads, Name(uploadId)));
        DurableFolder.Sync(_uploads);
    }

    /// <summary>Notes that the catalog has an upload, durably; to be called before anybody is told of it.</summary>
    public void ConfirmUpload(Guid uploadId)
    {
        var folder = Path.Combine(_uploads, Name(uploadId));
        var mark = Path.Combine(folder, UnansweredMark);
        if (!File.Exists(mark)) return;
        File.Delete(mark);
        DurableFolder.Sync(folder);
    }

    /// <summary>Whether an upload was never confirmed, so that nobody was told of it.</summary>
    public bool IsUnanswered(Guid uploadId) => File.Exists(Path.Combine(_uploads, Name(uploadId), UnansweredMark));

    /// <summary>The uploads that have files.</summary>
    public IEnumerable<Guid> ListUploads() => List(_uploads);

    /// <summary>Deletes an upload's files; nothing happens where there are none.</summary>
    public void DropUpload(Guid uploadId) => Drop(_uploads, uploadId);

    /// <summary>Opens an upload's file for reading.</summary>
    /// <exception cref="StoredFileException">It is lost, or has not the size that it had.</exception>
    public FileStream OpenUpload(Upload upload)
    {
        ArgumentNullException.ThrowIfNull(upload);
        FileStream file;
        try
        {
            file = Open(Path.Combine(_uploads, Name(upload.Id), "data"));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw StoredFileException.Lost(upload.Id, exception);
        }

        var length = file.Length;
        if (length == upload.Size) return file;
        file.Dispose();
        throw StoredFileException.Resized(upload, length);
    }

    /// <summary>
    /// The index made when the file was uploaded; null where there is none, because the file's encoding is not UTF-8, or none that can be trusted: one that is damaged,
    /// or that an earlier version wrote, is as good as none, since it can be made again from the file.
    /// </summary>
    public RecordIndex? ReadIndex(Upload upload)
    {
        ArgumentNullException.ThrowIfNull(upload);
        var path = Path.Combine(_uploads, Name(upload.Id), "index");
        if (!File.Exists(path)) return null;
        using var file = Open(path);
        try
        {
            return JsonSerializer.Deserialize(file, FileJson.Default.StoredIndex) is { Index: { } index, Checksum: var checksum } && checksum == Checksum(index) && index.Size == upload.Size
                ? index
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Moves an upload's files out of the service's way, durably.</summary>
    /// <returns>Where they are, and how many bytes.</returns>
    public (string Folder, long Bytes) QuarantineUpload(Guid uploadId) => Quarantine(_uploads, uploadId);

    /// <summary>Moves what an import wrote out of the service's way, durably.</summary>
    /// <returns>Where it is, and how many bytes.</returns>
    public (string Folder, long Bytes) QuarantineRejected(Guid importId) => Quarantine(_imports, importId);

    /// <summary>How many folders are in quarantine.</summary>
    public int CountQuarantined() => Directory.Exists(QuarantineFolder) ? Directory.EnumerateDirectories(QuarantineFolder).Sum(kind => Directory.EnumerateDirectories(kind).Count()) : 0;

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

    /// <summary>Finds out whether files can be stored.</summary>
    /// <exception cref="IOException">The data directory is gone, or another one is in its place; or it cannot be written, because the disk is full or for other reasons.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be written.</exception>
    public void Probe()
    {
        var path = Path.Combine(_root, "instance");
        if (!File.Exists(path) || File.ReadAllText(path) != _instance) throw new IOException($"The data directory {_root} is gone, or another one is in its place.");
        using var probe = CreateScratch();
        probe.Write(new byte[ProbeBytes]);
        probe.Flush();
    }

    /// <summary>When the service was last seen running; null where that is not known.</summary>
    public DateTimeOffset? ReadClock()
    {
        var path = Path.Combine(_root, "clock");
        return File.Exists(path) && DateTimeOffset.TryParseExact(File.ReadAllText(path), "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out var seen) ? seen : null;
    }

    /// <summary>Notes when the service was seen running.</summary>
    public void WriteClock(DateTimeOffset seen) => File.WriteAllText(Path.Combine(_root, "clock"), seen.ToString("O", CultureInfo.InvariantCulture));

    /// <summary>Gives this opening a name. On a full disk, which must not keep the service from starting, the name is what is there.</summary>
    private static string BeginInstance(string path)
    {
        var name = Guid.NewGuid().ToString("D");
        try
        {
            File.WriteAllText(path, name);
            return name;
        }
        catch (IOException exception) when (DiskFull.IsCauseOf(exception))
        {
            return File.Exists(path) ? File.ReadAllText(path) : "";
        }
    }

    private static (string Folder, int Files, long Bytes) Sweep(string folder)
    {
        // Where somebody put a link, it goes, and what it leads to stays.
        var isLink = new DirectoryInfo(folder).LinkTarget is not null;
        var files = isLink ? [] : Files(folder).ToList();
        var swept = (Path.GetFileName(folder), files.Count, files.Sum(file => file.Length));
        Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
        return swept;
    }

    private (string Folder, long Bytes) Quarantine(string parent, Guid id)
    {
        var source = Path.Combine(parent, Name(id));
        var bytes = Files(source).Sum(file => file.Length);
        var folder = Path.Combine(QuarantineFolder, Path.GetFileName(parent));
        DurableFolder.Create(folder);
        var target = Path.Combine(folder, Name(id));
        // Somebody may have put back what was here before.
        for (var number = 2; Directory.Exists(target); number++) target = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{Name(id)}.{number}"));
        Directory.Move(source, target);
        DurableFolder.Sync(folder);
        DurableFolder.Sync(parent);
        return (target, bytes);
    }

    private static IEnumerable<FileInfo> Files(string folder) =>
        new DirectoryInfo(folder).EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint });

    private static ulong Checksum(RecordIndex index) => XxHash3.HashToUInt64(JsonSerializer.SerializeToUtf8Bytes(index, FileJson.Default.RecordIndex));

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

/// <summary>An index as it is kept.</summary>
/// <param name="Index">The index.</param>
/// <param name="Checksum">XxHash3 (64 bits) of its JSON: what is not as it was written is not used.</param>
internal sealed record StoredIndex(RecordIndex? Index, ulong Checksum);

/// <summary>How the documents beside the files are written.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(StoredIndex))]
[JsonSerializable(typeof(RecordIndex))]
[JsonSerializable(typeof(RejectedRowsFormat))]
[JsonSerializable(typeof(ReasonKind))]
[JsonSerializable(typeof(StoredRejectedRow))]
internal sealed partial class FileJson : JsonSerializerContext;
