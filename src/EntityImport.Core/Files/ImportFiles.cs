using System.Globalization;
using System.Text;
using EntityImport.Catalog;

namespace EntityImport.Files;

/// <summary>The files of uploads and imports, in folders that are named by their ids, and what running imports write besides. Thread-safe.</summary>
/// <remarks>
/// <code>
/// uploads/{uploadId}/unanswered   there until the catalog has the upload; nobody was told of it before
/// uploads/{uploadId}/data   the file, byte for byte
/// uploads/{uploadId}/index  what its format needs to read it by parts
/// uploads/{uploadId}/offset how much of a file that comes piece by piece is durable
/// imports/{importId}/rejected   also under the id of a plan
/// quarantine/               folders of uploads and imports that the catalog does not know; never deleted
/// clock                     when the service was last seen running
/// </code>
/// </remarks>
/// <param name="store">Where files are kept.</param>
/// <param name="scratch">Where running imports write for themselves.</param>
internal sealed class ImportFiles(IFileStore store, Scratch scratch)
{
    private const string Uploads = "uploads";
    private const string Imports = "imports";
    private const string Quarantined = "quarantine";
    private const string Data = "data";
    private const string Index = "index";
    private const string Offset = "offset";
    private const string Rejected = "rejected";
    private const string UnansweredMark = "unanswered";
    private const string Clock = "clock";

    /// <summary>The folders that are there from the beginning.</summary>
    public static IReadOnlyList<string> Folders { get; } = [Uploads, Imports];

    /// <summary>What running imports write for themselves.</summary>
    public Scratch Scratch => scratch;

    /// <summary>Where folders go that the catalog does not know.</summary>
    public string QuarantineFolder => store.PlaceOf(Quarantined);

    /// <summary>Begins an upload, which is there once it is kept, and then is not confirmed yet. Dispose of it in any case.</summary>
    public NewUpload BeginUpload(Guid uploadId) => new(store.Begin(Folder(Uploads, uploadId)));

    /// <summary>Notes that the catalog has an upload, durably; to be called before anybody is told of it.</summary>
    public void ConfirmUpload(Guid uploadId) => store.Drop($"{Folder(Uploads, uploadId)}/{UnansweredMark}");

    /// <summary>Whether an upload was never confirmed, so that nobody was told of it.</summary>
    public bool IsUnanswered(Guid uploadId) => store.List(Folder(Uploads, uploadId)).Contains(UnansweredMark);

    /// <summary>The uploads that have files.</summary>
    public IEnumerable<Guid> ListUploads() => List(Uploads);

    /// <summary>Deletes an upload's files; nothing happens where there are none.</summary>
    public void DropUpload(Guid uploadId) => store.Drop(Folder(Uploads, uploadId));

    /// <summary>Opens an upload's file for reading.</summary>
    /// <exception cref="StoredFileException">It is lost, or has not the size that it had.</exception>
    public IStoredFile OpenUpload(Upload upload)
    {
        var file = store.Open($"{Folder(Uploads, upload.Id)}/{Data}") ?? throw StoredFileException.Lost(upload.Id);
        var length = file.Length;
        if (length == upload.Size) return file;
        file.Dispose();
        throw StoredFileException.Resized(upload, length);
    }

    /// <summary>What the upload's format noted of the file when it came, as it was kept; null where there is nothing.</summary>
    public byte[]? ReadIndex(Upload upload) => ReadWhole($"{Folder(Uploads, upload.Id)}/{Index}");

    /// <summary>How many bytes of an upload that comes piece by piece have arrived and are durable.</summary>
    public long ReadOffset(Guid uploadId) =>
        ReadWhole($"{Folder(Uploads, uploadId)}/{Offset}") is { } text && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var offset) ? offset : 0;

    /// <summary>Opens such an upload's file where the next piece belongs.</summary>
    public FileStream AppendUpload(Guid uploadId, long offset) => store.Append($"{Folder(Uploads, uploadId)}/{Data}", offset);

    /// <summary>Notes, durably, how many bytes of it are durable.</summary>
    public void KeepOffset(Guid uploadId, long offset) => KeepBeside(uploadId, Offset, Encoding.ASCII.GetBytes(offset.ToString(CultureInfo.InvariantCulture)));

    /// <summary>Keeps another index of an upload, durably.</summary>
    public void KeepIndex(Guid uploadId, byte[] index) => KeepBeside(uploadId, Index, index);

    /// <summary>Moves an upload's files out of the service's way, durably.</summary>
    /// <returns>Where they are, and how many bytes.</returns>
    public (string Folder, long Bytes) QuarantineUpload(Guid uploadId) => Quarantine(Uploads, uploadId);

    /// <summary>Moves what an import wrote out of the service's way, durably.</summary>
    /// <returns>Where it is, and how many bytes.</returns>
    public (string Folder, long Bytes) QuarantineRejected(Guid importId) => Quarantine(Imports, importId);

    /// <summary>How many folders are in quarantine.</summary>
    public int CountQuarantined() => store.List(Quarantined).Sum(kind => store.List($"{Quarantined}/{kind}").Count());

    /// <summary>Begins an import's file of rejected rows: it takes the place of one that an earlier attempt left once it is kept.</summary>
    public (INewFiles Files, Stream Rejected) BeginRejected(Guid importId)
    {
        var files = store.Begin(Folder(Imports, importId));
        try
        {
            return (files, files.Create(Rejected));
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    /// <summary>Opens an import's file of rejected rows; null where there is none.</summary>
    public Stream? OpenRejected(Guid importId) => store.Open($"{Folder(Imports, importId)}/{Rejected}") is { } file ? new StoredFileStream(file) : null;

    /// <summary>The size of an import's file of rejected rows in bytes; null where there is none.</summary>
    public long? SizeOfRejected(Guid importId)
    {
        using var file = store.Open($"{Folder(Imports, importId)}/{Rejected}");
        return file?.Length;
    }

    /// <summary>Copies the file of rejected rows of an import or plan to another one, durably; false where there is none.</summary>
    public bool CopyRejected(Guid fromId, Guid toId)
    {
        using var source = OpenRejected(fromId);
        if (source is null) return false;
        var (files, target) = BeginRejected(toId);
        using (files)
        {
            source.CopyTo(target);
            files.Keep();
        }

        return true;
    }

    /// <summary>The imports and plans that have files.</summary>
    public IEnumerable<Guid> ListRejected() => List(Imports);

    /// <summary>Deletes what an import wrote; nothing happens where there is nothing.</summary>
    public void DropRejected(Guid importId) => store.Drop(Folder(Imports, importId));

    /// <summary>When the service was last seen running; null where that is not known.</summary>
    public DateTimeOffset? ReadClock() =>
        ReadWhole(Clock) is { } text && DateTimeOffset.TryParseExact(Encoding.UTF8.GetString(text), "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out var seen) ? seen : null;

    /// <summary>Notes when the service was seen running.</summary>
    public void WriteClock(DateTimeOffset seen)
    {
        using var files = store.Begin("");
        files.Create(Clock).Write(Encoding.UTF8.GetBytes(seen.ToString("O", CultureInfo.InvariantCulture)));
        files.Keep();
    }

    private (string Folder, long Bytes) Quarantine(string kind, Guid id)
    {
        var bytes = store.List(Folder(kind, id)).Sum(name =>
        {
            using var file = store.Open($"{Folder(kind, id)}/{name}");
            return file?.Length ?? 0;
        });
        // Somebody may have put back what was here before.
        var taken = store.List($"{Quarantined}/{kind}").ToHashSet();
        var name = $"{id:D}";
        for (var number = 2; taken.Contains(name); number++) name = string.Create(CultureInfo.InvariantCulture, $"{id:D}.{number}");
        var target = $"{Quarantined}/{kind}/{name}";
        store.Move(Folder(kind, id), target);
        return (store.PlaceOf(target), bytes);
    }

    private void KeepBeside(Guid uploadId, string name, byte[] content)
    {
        using var files = store.Begin(Folder(Uploads, uploadId));
        files.Create(name).Write(content);
        files.Keep();
    }

    private byte[]? ReadWhole(string path)
    {
        using var file = store.Open(path);
        if (file is null) return null;
        using var stream = new StoredFileStream(file);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private IEnumerable<Guid> List(string kind) => store.List(kind).Select(name => Guid.TryParseExact(name, "D", out var id) ? id : (Guid?)null).OfType<Guid>();

    private static string Folder(string kind, Guid id) => $"{kind}/{id:D}";

    /// <summary>An upload on its way.</summary>
    public sealed class NewUpload : IDisposable
    {
        private readonly INewFiles _files;

        internal NewUpload(INewFiles files)
        {
            _files = files;
            try
            {
                // First, so that there never is a file without it that nobody was told of.
                files.Create(UnansweredMark);
                Data = files.Create(ImportFiles.Data);
            }
            catch
            {
                files.Dispose();
                throw;
            }
        }

        /// <summary>Where the file's bytes go.</summary>
        public Stream Data { get; }

        /// <summary>Makes it an upload that is not confirmed yet: durable when the call returns.</summary>
        /// <param name="index">What the upload's format noted of the file; null where it noted nothing.</param>
        public void Keep(byte[]? index)
        {
            if (index is not null) _files.Create(Index).Write(index);
            _files.Keep();
        }

        /// <inheritdoc/>
        public void Dispose() => _files.Dispose();
    }
}
