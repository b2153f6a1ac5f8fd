using System.Buffers;
using EntityImport.Files;
using Microsoft.Extensions.Logging;

namespace EntityImport.ObjectStore.Objects;

/// <summary>
/// Files as objects. Nothing relies on conditions of writes: whoever may write at the same time as somebody else does so under a key of its own, and the catalog says which one counts.
/// </summary>
/// <param name="objects">The objects.</param>
/// <param name="prefix">What all keys begin with: empty, or a folder and its slash.</param>
/// <param name="log">Where it is noted what was left behind.</param>
internal sealed class ObjectFiles(IObjects objects, string prefix, ILogger log) : IFileStore
{
    /// <summary>Parts of all files that are under way at the same time, beside one for each file.</summary>
    private const int SpareParts = 8;

    private const int DropsAtOnce = 8;

    /// <summary>How long one that must not wait does.</summary>
    private static readonly TimeSpan ProbePatience = TimeSpan.FromSeconds(5);

    /// <summary>How long anything else may take that moves few bytes, all attempts included.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly IObjects _objects = objects;
    private readonly SemaphoreSlim _spare = new(SpareParts, SpareParts);

    /// <inheritdoc/>
    public bool IsShared => true;

    /// <inheritdoc/>
    public (long Free, long Total)? Disk => null;

    /// <inheritdoc/>
    public INewFiles Begin(string folder) => new NewFiles(this, folder);

    /// <inheritdoc/>
    public IStoredFile? Open(string path, CancellationToken cancellationToken = default)
    {
        var key = Key(path);
        var facts = Wait(limit => _objects.FindAsync(key, limit), cancellationToken);
        if (facts is { Length: > 0 }) return new ObjectFile(_objects, [new Stretch(key, facts.Tag, Start: 0, Skip: 0, facts.Length)], cancellationToken);
        // One that comes piece by piece is empty at first, and stays so.
        var pieces = ReadPieces(key, cancellationToken);
        return facts is null && pieces.Count == 0 ? null : new ObjectFile(_objects, pieces, cancellationToken);
    }

    /// <inheritdoc/>
    public IGrowingFile Append(string path, long length)
    {
        var has = LengthOfGrowing(path);
        if (has < length) throw new EndOfStreamException($"{PlaceOf(path)} has {has} bytes, and had {length}.");
        return new GrowingFile(_objects, Key(path), length);
    }

    /// <inheritdoc/>
    public long LengthOfGrowing(string path) => ReadPieces(Key(path), CancellationToken.None) is { Count: > 0 } pieces ? pieces[^1].Start + pieces[^1].Length : 0;

    /// <inheritdoc/>
    public IEnumerable<string> List(string folder) => Page(_objects.ListNamesAsync(FolderKey(folder), CancellationToken.None));

    /// <inheritdoc/>
    public IEnumerable<ListedFile> ListFiles(string folder) =>
        Page(_objects.ListAsync(FolderKey(folder), CancellationToken.None)).Select(file => new ListedFile(file.Key[prefix.Length..], file.Length, file.PutAt));

    /// <inheritdoc/>
    public void Drop(string path) => Wait(limit => DropAsync(path, limit));

    /// <inheritdoc/>
    public string PlaceOf(string path) => _objects.PlaceOf(Key(path));

    /// <inheritdoc/>
    public void Probe()
    {
        using var limit = new CancellationTokenSource(ProbePatience);
        try
        {
            ProbeAsync(limit.Token).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException exception)
        {
            throw Silent(exception, ProbePatience);
        }
    }

    /// <summary>Writes, reads and deletes an object, so that a right that is missing shows before somebody's file does.</summary>
    /// <exception cref="FilesUnavailableException">Something of that cannot be done.</exception>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        var key = Key($"probe/{Guid.NewGuid():N}");
        var written = new byte[] { 1 };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            await _objects.PutAsync(key, written, limit.Token).ConfigureAwait(false);
            var read = new byte[1];
            await _objects.ReadAsync(key, tag: null, offset: 0, read, limit.Token).ConfigureAwait(false);
            await ProbeAsync(limit.Token).ConfigureAwait(false);
            await _objects.DropAsync(key, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw Silent(exception, Patience);
        }
    }

    /// <inheritdoc/>
    public int DropUnfinished(IReadOnlyList<string> folders, DateTimeOffset before) => folders.Sum(folder => Wait(limit => _objects.DropUnfinishedAsync(Key(folder + "/"), before, limit)));

    /// <inheritdoc/>
    public void Dispose() => _objects.Dispose();

    private async Task ProbeAsync(CancellationToken cancellationToken)
    {
        await foreach (var name in _objects.ListNamesAsync(Key("probe/"), cancellationToken).ConfigureAwait(false)) break;
    }

    private async Task<bool> DropAsync(string path, CancellationToken cancellationToken)
    {
        var key = Key(path);
        await _objects.DropAsync(key, cancellationToken).ConfigureAwait(false);
        var found = new List<string>();
        await foreach (var file in _objects.ListAsync(key + "/", cancellationToken).ConfigureAwait(false)) found.Add(file.Key);
        await foreach (var piece in _objects.ListAsync(Pieces.PrefixOf(key), cancellationToken).ConfigureAwait(false)) found.Add(piece.Key);
        await Parallel.ForEachAsync(
            found, new ParallelOptions { MaxDegreeOfParallelism = DropsAtOnce, CancellationToken = cancellationToken }, async (one, token) => await _objects.DropAsync(one, token).ConfigureAwait(false)).ConfigureAwait(false);
        return true;
    }

    private IReadOnlyList<Stretch> ReadPieces(string key, CancellationToken cancellationToken) => Pieces.Join(Wait(
        async limit =>
        {
            var pieces = new List<ListedObject>();
            await foreach (var piece in _objects.ListAsync(Pieces.PrefixOf(key), limit).ConfigureAwait(false)) pieces.Add(piece);
            return pieces;
        },
        cancellationToken));

    private string Key(string path) => prefix + path;

    private string FolderKey(string folder) => folder.Length == 0 ? prefix : Key(folder) + "/";

    /// <summary>Waits for the store, which blocks the thread: the readers of a file are threads of the engine's store, and few of the others ask for more than a listing.</summary>
    private T Wait<T>(Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken = default)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            return ask(limit.Token).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw Silent(exception, Patience);
        }
    }

    private FilesUnavailableException Silent(Exception exception, TimeSpan patience) => new($"{_objects.PlaceOf(prefix)} does not answer within {patience.TotalSeconds:0} s.", exception);

    /// <summary>A list that is read while the next page of it is fetched only when it is asked for.</summary>
    private static IEnumerable<T> Page<T>(IAsyncEnumerable<T> list) => list.ToBlockingEnumerable();

    /// <summary>Files that are put one after the other when they are kept, each of them as it came.</summary>
    private sealed class NewFiles(ObjectFiles store, string folder) : INewFiles
    {
        private readonly List<ObjectWriter> _files = [];
        private bool _isKept;

        public Stream Create(string name)
        {
            var file = new ObjectWriter(store._objects, store.Key(folder.Length == 0 ? name : $"{folder}/{name}"), store._spare);
            _files.Add(file);
            return file;
        }

        public async ValueTask KeepAsync(CancellationToken cancellationToken)
        {
            if (_isKept) return;
            foreach (var file in _files) await file.KeepAsync(cancellationToken).ConfigureAwait(false);
            _isKept = true;
        }

        public void Dispose()
        {
            foreach (var file in _files)
            {
                try
                {
                    using var limit = new CancellationTokenSource(ProbePatience);
                    file.DropAsync(limit.Token).GetAwaiter().GetResult();
                }
                catch (Exception exception) when (exception is IOException or OperationCanceledException)
                {
                    store.Note(exception);
                }

                file.Dispose();
            }
        }
    }

    private void Note(Exception exception) => log.LogWarning(exception, "Parts of a file that was not kept could not be given up; they are in a day");

    /// <summary>What has come of a file since it was last kept, in memory.</summary>
    private sealed class GrowingFile(IObjects objects, string key, long start) : IGrowingFile
    {
        private readonly ArrayBufferWriter<byte> _piece = new();
        private long _start = start;

        public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
        {
            _piece.Write(bytes.Span);
            return ValueTask.CompletedTask;
        }

        public async ValueTask KeepAsync()
        {
            var end = _start + _piece.WrittenCount;
            if (end == _start) return;
            await objects.PutAsync(Pieces.NewKey(key, _start, end), _piece.WrittenMemory, CancellationToken.None).ConfigureAwait(false);
            _start = end;
            _piece.ResetWrittenCount();
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
