using System.Globalization;
using System.Text;
using EntityImport.Catalog;

namespace EntityImport.Files;

/// <summary>The files of uploads and imports, in folders that are named by their ids, and what running imports write besides. Thread-safe.</summary>
/// <remarks>
/// <code>
/// uploads/{uploadId}/unanswered   there until the catalog has the upload; nobody was told of it before
/// unanswered/{uploadId}     the same where the store is shared, so that they are found without listing all uploads
/// uploads/{uploadId}/data   the file, byte for byte
/// uploads/{uploadId}/index  what its format needs to read it by parts
/// imports/{importId}/rejected   also under the id of a plan; where the store is shared, each attempt's has a name of its own, which the catalog has of the one that counts
/// clock                     when the service was last seen running
/// </code>
/// </remarks>
/// <param name="store">Where files are kept.</param>
/// <param name="scratch">Where running imports write for themselves.</param>
internal sealed class ImportFiles(IFileStore store, Scratch scratch)
{
    private const string Uploads = "uploads";
    private const string Imports = "imports";
    private const string Data = "data";
    private const string Index = "index";
    private const string Rejected = "rejected";
    private const string UnansweredMark = "unanswered";
    private const string Clock = "clock";

    /// <summary>The folders that are there from the beginning.</summary>
    public static IReadOnlyList<string> Folders { get; } = [Uploads, Imports];

    /// <summary>Where files are kept.</summary>
    public IFileStore Store => store;

    /// <summary>What running imports write for themselves.</summary>
    public Scratch Scratch => scratch;

    /// <summary>Whether other processes may be at work with the files.</summary>
    public bool IsShared => store.IsShared;

    /// <summary>Begins an upload, which is there once it is kept, and then is not confirmed yet. Dispose of it in any case.</summary>
    public NewUpload BeginUpload(Guid uploadId) => new(store, uploadId);

    /// <summary>Notes that the catalog has an upload, durably; to be called before anybody is told of it.</summary>
    public void ConfirmUpload(Guid uploadId) => store.Drop(MarkOf(uploadId));

    /// <summary>Of a shared store, the uploads that were never confirmed, and since when they are there.</summary>
    public IEnumerable<(Guid UploadId, DateTimeOffset KeptAt)> ListUnanswered() =>
        store.ListFiles(UnansweredMark).Select(mark => (Id: IdIn(mark.Path), mark.KeptAt)).Where(mark => mark.Id is not null).Select(mark => (mark.Id!.Value, mark.KeptAt));

    /// <summary>Whether an upload was never confirmed, so that nobody was told of it; only where the store is not shared.</summary>
    public bool IsUnanswered(Guid uploadId) => store.List(Folder(Uploads, uploadId)).Contains(UnansweredMark);

    /// <summary>The uploads that have files.</summary>
    public IEnumerable<Guid> ListUploads() => List(Uploads);

    /// <summary>Deletes an upload's files; nothing happens where there are none.</summary>
    public void DropUpload(Guid uploadId) => store.Drop(Folder(Uploads, uploadId));

    /// <summary>Opens an upload's file for reading.</summary>
    /// <exception cref="StoredFileException">It is lost, or has not the size that it had.</exception>
    public IStoredFile OpenUpload(Upload upload, CancellationToken cancellationToken = default)
    {
        var path = $"{Folder(Uploads, upload.Id)}/{Data}";
        var file = store.Open(path, cancellationToken) ?? throw StoredFileException.Lost(store.IsShared ? store.PlaceOf(path) : path, store.IsShared);
        var length = file.Length;
        if (length == upload.Size) return file;
        file.Dispose();
        throw StoredFileException.Resized(upload, length);
    }

    /// <summary>What the upload's format noted of the file when it came, as it was kept; null where there is nothing.</summary>
    public byte[]? ReadIndex(Upload upload) => ReadWhole($"{Folder(Uploads, upload.Id)}/{Index}");

    /// <summary>How many bytes of an upload that comes piece by piece have arrived and are durable.</summary>
    public long ReadOffset(Guid uploadId) => store.LengthOfGrowing($"{Folder(Uploads, uploadId)}/{Data}");

    /// <summary>Opens such an upload's file where the next piece belongs.</summary>
    public IGrowingFile AppendUpload(Guid uploadId, long offset) => store.Append($"{Folder(Uploads, uploadId)}/{Data}", offset);

    /// <summary>Keeps another index of an upload, durably.</summary>
    public async ValueTask KeepIndexAsync(Guid uploadId, byte[] index, CancellationToken cancellationToken)
    {
        using var files = store.Begin(Folder(Uploads, uploadId));
        files.Create(Index).Write(index);
        await files.KeepAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>An import at the beginning of an attempt, with the name that its rejected rows get.</summary>
    public Import NameRejected(Import import) => import with { RejectedName = store.IsShared ? $"{Rejected}.{Guid.NewGuid():N}" : null };

    /// <summary>Begins an import's file of rejected rows. One that an earlier attempt left is replaced when it is kept, where the store is not shared.</summary>
    public NewRejected BeginRejected(Import import) => new(store, scratch, Folder(Imports, import.Id), NameOf(import));

    /// <summary>Opens an import's file of rejected rows; null where there is none.</summary>
    public Stream? OpenRejected(Import import) => store.Open($"{Folder(Imports, import.Id)}/{NameOf(import)}") is { } file ? new StoredFileStream(file) : null;

    /// <summary>Copies the file of rejected rows of an import or plan to another one, durably; false where there is none.</summary>
    public async ValueTask<bool> CopyRejectedAsync(Import from, Import to, CancellationToken cancellationToken)
    {
        var source = OpenRejected(from);
        if (source is null) return false;
        await using (source.ConfigureAwait(false))
        {
            using var files = store.Begin(Folder(Imports, to.Id));
            await source.CopyToAsync(files.Create(NameOf(to)), cancellationToken).ConfigureAwait(false);
            await files.KeepAsync(cancellationToken).ConfigureAwait(false);
        }

        return true;
    }

    /// <summary>The files of rejected rows, with those of attempts that came to nothing.</summary>
    public IEnumerable<(Guid ImportId, long Bytes)> MeasureRejected() =>
        store.ListFiles(Imports).Select(file => (Id: IdIn(file.Path), file.Length)).Where(file => file.Id is not null).Select(file => (file.Id!.Value, file.Length));

    /// <summary>The imports and plans that have files.</summary>
    public IEnumerable<Guid> ListRejected() => List(Imports);

    /// <summary>Deletes what an import wrote, in all of its attempts; nothing happens where there is nothing.</summary>
    public void DropRejected(Guid importId) => store.Drop(Folder(Imports, importId));

    /// <summary>When the service was last seen running; null where that is not known.</summary>
    public DateTimeOffset? ReadClock() =>
        ReadWhole(Clock) is { } text && DateTimeOffset.TryParseExact(Encoding.UTF8.GetString(text), "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out var seen) ? seen : null;

    /// <summary>Notes when the service was seen running.</summary>
    public async ValueTask WriteClockAsync(DateTimeOffset seen, CancellationToken cancellationToken)
    {
        using var files = store.Begin("");
        files.Create(Clock).Write(Encoding.UTF8.GetBytes(seen.ToString("O", CultureInfo.InvariantCulture)));
        await files.KeepAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc cref="IFileStore.DropUnfinished"/>
    public int DropUnfinished(DateTimeOffset before) => store.DropUnfinished([Uploads, Imports], before);

    private string MarkOf(Guid uploadId) => store.IsShared ? $"{UnansweredMark}/{uploadId:D}" : $"{Folder(Uploads, uploadId)}/{UnansweredMark}";

    private static string NameOf(Import import) => import.RejectedName ?? Rejected;

    /// <summary>The id that is the second part of a path.</summary>
    private static Guid? IdIn(string path) => path.Split('/') is [_, var name, ..] && Guid.TryParseExact(name, "D", out var id) ? id : null;

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
        private readonly IFileStore _store;
        private readonly Guid _uploadId;
        private readonly INewFiles _files;

        internal NewUpload(IFileStore store, Guid uploadId)
        {
            (_store, _uploadId) = (store, uploadId);
            _files = store.Begin(Folder(Uploads, uploadId));
            try
            {
                // First, so that there never is a file without it that nobody was told of.
                if (!store.IsShared) _files.Create(UnansweredMark);
                Data = _files.Create(ImportFiles.Data);
            }
            catch
            {
                _files.Dispose();
                throw;
            }
        }

        /// <summary>Where the file's bytes go.</summary>
        public Stream Data { get; }

        /// <summary>Makes it an upload that is not confirmed yet: durable when the call returns.</summary>
        /// <param name="index">What the upload's format noted of the file; null where it noted nothing.</param>
        /// <param name="cancellationToken">Ends the call.</param>
        public async ValueTask KeepAsync(byte[]? index, CancellationToken cancellationToken)
        {
            if (_store.IsShared)
            {
                // Its age tells how long nobody was told, so it comes when all has arrived.
                using var mark = _store.Begin(UnansweredMark);
                mark.Create($"{_uploadId:D}");
                await mark.KeepAsync(cancellationToken).ConfigureAwait(false);
            }

            if (index is not null) _files.Create(Index).Write(index);
            await _files.KeepAsync(cancellationToken).ConfigureAwait(false);
        }

        /// <inheritdoc/>
        public void Dispose() => _files.Dispose();
    }

    /// <summary>
    /// A file of rejected rows on its way. It is read and cut while it is written, so that it is a scratch file first where the store is shared: a remote one can do neither.
    /// </summary>
    public sealed class NewRejected : IDisposable
    {
        private readonly INewFiles _files;
        private readonly string _name;
        private readonly bool _isDraft;

        internal NewRejected(IFileStore store, Scratch scratch, string folder, string name)
        {
            (_files, _name, _isDraft) = (store.Begin(folder), name, store.IsShared);
            try
            {
                Content = _isDraft ? scratch.Create() : _files.Create(name);
            }
            catch
            {
                _files.Dispose();
                throw;
            }
        }

        /// <summary>What is in it, to be written, read and cut.</summary>
        public Stream Content { get; }

        /// <summary>Makes it durable and visible. Nothing happens the second time.</summary>
        public async ValueTask KeepAsync(CancellationToken cancellationToken)
        {
            if (_isDraft && Content.CanRead)
            {
                Content.Position = 0;
                await Content.CopyToAsync(_files.Create(_name), cancellationToken).ConfigureAwait(false);
                await Content.DisposeAsync().ConfigureAwait(false);
            }

            await _files.KeepAsync(cancellationToken).ConfigureAwait(false);
        }

        /// <inheritdoc/>
        public void Dispose()
        {
            if (_isDraft) Content.Dispose();
            _files.Dispose();
        }
    }
}
