using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Files;
using EntityImport.Imports.Scheduling;
using EntityImport.Options;

namespace EntityImport.Engine;

/// <summary>
/// Takes in files piece by piece, so that a broken connection, or the end of the process, costs no more than what was not durable yet. Each piece says where in the file it belongs. Thread-safe.
/// </summary>
/// <remarks>
/// The catalog has the upload from its beginning on, and is told again when it is complete. In between the file grows in its place, and a small file beside it says how much of it is durable: what a crash leaves behind that is
/// cut off before the next piece is written.
/// </remarks>
public sealed class PartialUploadService
{
    private const int BufferBytes = 128 << 10;

    /// <summary>How many bytes a crash may cost at most: 16 MiB.</summary>
    private const int UnsyncedBytes = 16 << 20;

    /// <summary>How much time of whoever sends slowly it may cost, as long as something arrives.</summary>
    private static readonly TimeSpan UnsyncedTime = TimeSpan.FromSeconds(10);

    /// <summary>How long one piece may take, whatever a file may: timers wait for no more than 49 days.</summary>
    private static readonly TimeSpan LongestPiece = TimeSpan.FromDays(30);

    private readonly ICatalog _catalog;
    private readonly IScheduler _scheduler;
    private readonly ImportFiles _files;
    private readonly UploadService _uploads;
    private readonly Admission _admission;
    private readonly EngineOptions _options;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<Guid, Sender> _senders = new();

    internal PartialUploadService(ICatalog catalog, IScheduler scheduler, ImportFiles files, UploadService uploads, Admission admission, EngineOptions options, TimeProvider time)
    {
        _catalog = catalog;
        _scheduler = scheduler;
        _files = files;
        _uploads = uploads;
        _admission = admission;
        _options = options;
        _time = time;
    }

    /// <summary>Begins a file of which nothing has arrived; the same upload is answered when the same request comes again.</summary>
    /// <param name="request">The request.</param>
    /// <param name="fileName">The client's name for it; folders are cut off.</param>
    /// <param name="cancellationToken">Ends the call; nothing is kept.</param>
    /// <returns>The upload, bound to no mapping.</returns>
    /// <exception cref="RequestException">Too many files are unfinished; the disk is full; or the key is in use or was used for another request.</exception>
    public async Task<Upload> BeginAsync(Request request, string? fileName, CancellationToken cancellationToken)
    {
        using var admitted = _admission.Admit(request, Scope.Import);
        var name = FileName.Clean(fileName);
        if (await admitted.FindAnswerAsync(Encoding.UTF8.GetBytes($"{name}"), cancellationToken).ConfigureAwait(false) is { } earlier)
        {
            _files.ConfirmUpload(earlier);
            return (await _uploads.FindAsync(request, earlier, cancellationToken).ConfigureAwait(false))!;
        }

        await ThrowIfTooManyAsync(request, cancellationToken).ConfigureAwait(false);
        _uploads.CheckSize(0);
        var now = _time.GetUtcNow();
        var upload = new Upload { Id = Guid.CreateVersion7(now), FileName = name, Size = 0, SentBy = request.Caller.Id, CreatedAt = now };
        try
        {
            using var files = _files.BeginUpload(upload.Id);
            await _uploads.SyncAsync(() => files.KeepAsync(index: null, cancellationToken), cancellationToken).ConfigureAwait(false);
            await _uploads.AddAsync(admitted, upload, entity: null, cancellationToken).ConfigureAwait(false);
            await _uploads.SyncAsync(() => _uploads.Confirm(upload.Id), CancellationToken.None).ConfigureAwait(false);
        }
        catch (IOException exception) when (DiskFull.IsCauseOf(exception))
        {
            throw UploadService.NoSpace();
        }

        return upload;
    }

    /// <summary>Finds out how much of a file has arrived. Whoever is sending it at that moment is cut off, so that the answer stays true until somebody goes on.</summary>
    /// <returns>The upload; null where there is none that the caller sees.</returns>
    public async Task<Upload?> StopAsync(Request request, Guid uploadId, CancellationToken cancellationToken)
    {
        Admission.Check(request, Scope.Read | Scope.Import);
        var upload = await _uploads.FindAsync(request, uploadId, cancellationToken).ConfigureAwait(false);
        if (upload is not { IsComplete: false, ExpiredAt: null }) return upload;
        using var turn = await TakeOverAsync(upload, cancellationToken).ConfigureAwait(false);
        return await _uploads.FindAsync(request, uploadId, CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Appends a piece to a file. What of it arrives is kept, also where the rest does not; whoever is sending another piece at that moment is cut off.</summary>
    /// <param name="request">The request.</param>
    /// <param name="uploadId">The upload.</param>
    /// <param name="offset">Where in the file the piece belongs: how many bytes have arrived before.</param>
    /// <param name="isLast">Whether the file is complete with it.</param>
    /// <param name="content">The piece; it may be empty.</param>
    /// <param name="cancellationToken">Ends the call; what has arrived is kept.</param>
    /// <returns>The upload as it is then; null where there is none that the caller sees.</returns>
    /// <exception cref="RequestException">The piece belongs elsewhere, which the refusal tells; the file is complete already, or its time is over; it is too large, or the disk is full.</exception>
    public async Task<Upload?> AppendAsync(Request request, Guid uploadId, long offset, bool isLast, Stream content, CancellationToken cancellationToken)
    {
        using var admitted = _admission.Admit(request with { Key = null }, Scope.Import);
        ArgumentNullException.ThrowIfNull(content);
        if (await _uploads.FindAsync(request, uploadId, cancellationToken).ConfigureAwait(false) is not { } upload) return null;
        ThrowIfOver(upload);
        using var turn = await TakeOverAsync(upload, cancellationToken).ConfigureAwait(false);
        // The one before may have made it complete.
        upload = (await _uploads.FindAsync(request, uploadId, cancellationToken).ConfigureAwait(false))!;
        ThrowIfOver(upload);
        if (offset != upload.Size)
        {
            throw new RequestException(FaultKind.Conflict, "upload-offset-mismatch", string.Create(CultureInfo.InvariantCulture, $"{upload.Size} bytes of the file have arrived: what comes next begins there, not at {offset}."))
            {
                UploadOffset = upload.Size,
            };
        }

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, turn.TakenOver);
        try
        {
            upload = upload with { Size = await StoreAsync(upload, content, ended.Token).ConfigureAwait(false) };
            return isLast ? await CompleteAsync(admitted, upload, ended.Token).ConfigureAwait(false) : upload;
        }
        catch (Exception exception) when (exception is RequestException { Kind: FaultKind.OutOfSpace } || (exception is IOException failure && DiskFull.IsCauseOf(failure)))
        {
            throw UploadService.NoSpace("what had arrived of it is kept");
        }
        catch (OperationCanceledException) when (turn.TakenOver.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new RequestException(FaultKind.Conflict, "upload-taken-over", "Another request goes on with this file, or its time is over; what had arrived of this one is kept.");
        }
    }

    private static void ThrowIfOver(Upload upload)
    {
        if (upload.ExpiredAt is { } expired) throw UploadService.Expired("file", expired);
        if (upload.IsComplete) throw new RequestException(FaultKind.Conflict, "upload-complete", "The file is complete; nothing can be appended to it.") { UploadOffset = upload.Size };
    }

    /// <summary>Appends what arrives, and makes it durable in stretches, whatever ends it.</summary>
    /// <returns>The size of the file then.</returns>
    private async Task<long> StoreAsync(Upload upload, Stream content, CancellationToken cancellationToken)
    {
        var (size, durable, synced) = (upload.Size, upload.Size, _time.GetTimestamp());
        var file = _files.AppendUpload(upload.Id, size);
        await using var closing = file.ConfigureAwait(false);
        var buffer = new byte[BufferBytes];
        try
        {
            while (await content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and var read)
            {
                _uploads.ThrowIfTooLarge(size + read);
                await _uploads.WriteAsync(file.WriteAsync, buffer.AsMemory(0, read), CancellationToken.None).ConfigureAwait(false);
                size += read;
                if (size - durable >= UnsyncedBytes || _time.GetElapsedTime(synced) >= UnsyncedTime) await KeepAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            if (size > durable) await KeepAsync().ConfigureAwait(false);
        }

        return size;

        async Task KeepAsync()
        {
            await _uploads.SyncAsync(file.KeepAsync, CancellationToken.None).ConfigureAwait(false);
            (durable, synced) = (size, _time.GetTimestamp());
        }
    }

    private async Task<Upload> CompleteAsync(Admission.AdmittedRequest admitted, Upload upload, CancellationToken cancellationToken)
    {
        // On a thread of its own: it takes minutes for large files, and the pool's threads are for all requests.
        var hash = await Task.Factory.StartNew(() => Hash(upload, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
        using var hold = await _scheduler.HoldDefinitionsAsync(cancellationToken).ConfigureAwait(false);
        if (await _catalog.FindUploadAsync(upload.Id, cancellationToken).ConfigureAwait(false) is { ExpiredAt: { } expired }) throw UploadService.Expired("file", expired);
        var complete = upload with { Sha256 = hash, CreatedAt = _time.GetUtcNow() };
        await admitted.CommitAsync(upload.Id, new CatalogCommit { ChangedUpload = complete }, cancellationToken).ConfigureAwait(false);
        return complete;
    }

    private string Hash(Upload upload, CancellationToken cancellationToken)
    {
        using var file = _files.OpenUpload(upload, cancellationToken);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BufferBytes];
        for (var offset = 0L; file.Read(buffer, offset) is > 0 and var read; offset += read)
        {
            cancellationToken.ThrowIfCancellationRequested();
            hash.AppendData(buffer, 0, read);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private async Task ThrowIfTooManyAsync(Request request, CancellationToken cancellationToken)
    {
        var unfinished = (await _catalog.ListUploadsAsync(new UploadQuery(MappingId: null, Before: null, int.MaxValue) { Unbound = true }, cancellationToken).ConfigureAwait(false)).Where(upload => !upload.IsComplete).ToList();
        var (most, mostOfCaller) = (_options.Limits.UnfinishedUploads, _options.Limits.UnfinishedUploadsOfCaller);
        if (request.Caller.Id is { } id && unfinished.Count(upload => upload.SentBy == id) >= mostOfCaller)
        {
            throw new RequestException(FaultKind.TooMany, "caller-unfinished-uploads", string.Create(
                CultureInfo.InvariantCulture, $"The caller has {mostOfCaller} files unfinished, which is as many as it may have. Go on with one of them."))
            {
                RetryAfter = TimeSpan.FromSeconds(60),
            };
        }

        if (unfinished.Count >= most)
        {
            throw new RequestException(FaultKind.Busy, "too-many-unfinished-uploads", string.Create(
                CultureInfo.InvariantCulture, $"{most} files are unfinished, which is as many as the service takes. Try again when some are complete."))
            {
                RetryAfter = TimeSpan.FromSeconds(60),
            };
        }
    }

    /// <summary>Cuts off whoever sends a file, waits until what it sent is kept, and is the one who sends it until the result is disposed of, or the file's time is over.</summary>
    private async Task<Sender> TakeOverAsync(Upload upload, CancellationToken cancellationToken)
    {
        var left = upload.CreatedAt + _options.KeepUnfinishedUploads - _time.GetUtcNow();
        if (left <= TimeSpan.Zero) throw UploadService.Expired("file", upload.CreatedAt + _options.KeepUnfinishedUploads);
        var sender = new Sender(_senders, upload.Id, left < LongestPiece ? left : LongestPiece, _time);
        while (true)
        {
            var other = _senders.GetOrAdd(upload.Id, sender);
            if (other == sender) return sender;
            await other.EndAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The one who sends a file at the moment.</summary>
    private sealed class Sender(ConcurrentDictionary<Guid, Sender> senders, Guid uploadId, TimeSpan left, TimeProvider time) : IDisposable
    {
        private readonly CancellationTokenSource _takenOver = new(left, time);
        private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Cancelled when somebody else is to send it, or nobody any more.</summary>
        public CancellationToken TakenOver => _takenOver.Token;

        /// <summary>Cuts it off, and waits until it has let go of the file.</summary>
        public async Task EndAsync(CancellationToken cancellationToken)
        {
            // It is never disposed of: those who wait may cancel it at any time.
            await _takenOver.CancelAsync().ConfigureAwait(false);
            await _gone.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        public void Dispose()
        {
            _takenOver.CancelAfter(Timeout.InfiniteTimeSpan);
            senders.TryRemove(KeyValuePair.Create(uploadId, this));
            _gone.TrySetResult();
        }
    }
}
