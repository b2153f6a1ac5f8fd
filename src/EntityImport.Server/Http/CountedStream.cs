namespace EntityImport.Server.Http;

/// <summary>Content whose bytes are counted as they are read.</summary>
/// <param name="inner">The content; disposed with this stream.</param>
/// <param name="check">Told of the count whenever it has grown, and may refuse it; null where nobody needs to know.</param>
internal sealed class CountedStream(Stream inner, Action<long>? check = null) : ForwardStream
{
    /// <summary>Bytes read so far.</summary>
    public long Count { get; private set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken);
        Count += read;
        check?.Invoke(Count);
        return read;
    }

    public override async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }
}
