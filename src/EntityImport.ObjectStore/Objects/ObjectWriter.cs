namespace EntityImport.ObjectStore.Objects;

/// <summary>
/// A file on its way into a store, in parts of 16 MiB of which up to two are under way while the next one fills; a small one goes at once when it is kept. Memory grows with what has come, up to a part, and by
/// what is under way, which is bounded for all files of a process together. Not thread-safe.
/// </summary>
/// <param name="objects">The store.</param>
/// <param name="key">Where the object goes.</param>
/// <param name="spare">As many parts of all files may be under way beside the one that each of them fills.</param>
internal sealed class ObjectWriter(IObjects objects, string key, SemaphoreSlim spare) : Stream
{
    /// <summary>How large a part is: S3 wants at least 5 MiB, and takes 10,000.</summary>
    public const int PartBytes = 16 << 20;

    private const int MaxParts = 10_000;
    private const int FirstBytes = 64 << 10;
    private const int MostUnderWay = 2;

    private readonly Queue<Task> _underWay = [];
    private readonly CancellationTokenSource _dropped = new();
    private byte[] _buffer = [];
    private int _length;
    private long _position;
    private int _parts;
    private IPartedObject? _parted;
    private bool _isKept;

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => _position;

    /// <inheritdoc/>
    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            if (_length == PartBytes) await PutPartAsync(cancellationToken).ConfigureAwait(false);
            var taken = Math.Min(buffer.Length, PartBytes - _length);
            if (_buffer.Length < _length + taken) Array.Resize(ref _buffer, (int)Math.Min(PartBytes, Math.Max(FirstBytes, 2L * (_length + taken))));
            buffer.Span[..taken].CopyTo(_buffer.AsSpan(_length));
            _length += taken;
            _position += taken;
            buffer = buffer[taken..];
        }
    }

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => WriteAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    /// <summary>Makes it an object.</summary>
    public async ValueTask KeepAsync(CancellationToken cancellationToken)
    {
        if (_isKept) return;
        if (_parted is null)
        {
            await objects.PutAsync(key, _buffer.AsMemory(0, _length), cancellationToken).ConfigureAwait(false);
        }
        else
        {
            if (_length > 0) await PutAsync(_buffer.AsMemory(0, _length), cancellationToken).ConfigureAwait(false);
            while (_underWay.TryDequeue(out var part)) await part.ConfigureAwait(false);
            await _parted.CompleteAsync(cancellationToken).ConfigureAwait(false);
        }

        _isKept = true;
        _buffer = [];
    }

    /// <summary>Gives up what was not kept.</summary>
    public async Task DropAsync(CancellationToken cancellationToken)
    {
        if (_isKept) return;
        await _dropped.CancelAsync().ConfigureAwait(false);
        // Where they are is not known before they have ended; how does not matter any more.
        foreach (var part in _underWay) await part.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _underWay.Clear();
        if (_parted is not null) await _parted.DropAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) _dropped.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Puts the part that is full, and goes on meanwhile where there is memory for another one.</summary>
    private async ValueTask PutPartAsync(CancellationToken cancellationToken)
    {
        _parted ??= await objects.BeginAsync(key, cancellationToken).ConfigureAwait(false);
        // A part that failed is told at the next one.
        while (_underWay.Count >= MostUnderWay || (_underWay.TryPeek(out var first) && first.IsCompleted)) await _underWay.Dequeue().ConfigureAwait(false);
        if (await spare.WaitAsync(TimeSpan.Zero, cancellationToken).ConfigureAwait(false))
        {
            var full = _buffer;
            _buffer = [];
            _underWay.Enqueue(PutAndGiveBackAsync(full));
        }
        else
        {
            await PutAsync(_buffer, cancellationToken).ConfigureAwait(false);
        }

        _length = 0;
    }

    private async Task PutAndGiveBackAsync(byte[] part)
    {
        try
        {
            await PutAsync(part, _dropped.Token).ConfigureAwait(false);
        }
        finally
        {
            spare.Release();
        }
    }

    private Task PutAsync(ReadOnlyMemory<byte> part, CancellationToken cancellationToken) => ++_parts <= MaxParts
        ? _parted!.PutAsync(_parts, part, cancellationToken)
        : throw new IOException($"The file is larger than {MaxParts} parts of {PartBytes >> 20} MiB, which is as much as the store takes.");
}
