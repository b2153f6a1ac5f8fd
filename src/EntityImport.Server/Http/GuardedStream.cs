namespace EntityImport.Server.Http;

/// <summary>A stream of a request's content that is read once, forwards; faults of the content become refusals of the request.</summary>
/// <param name="inner">The content; disposed with this stream.</param>
/// <param name="translate">The refusal that a fault of reading stands for, or null where the fault is not the content's.</param>
/// <param name="head">What was read of the content before, to be read again.</param>
/// <param name="atEnd">Checks what comes after the content, before the reader learns that it has ended.</param>
internal sealed class GuardedStream(
    Stream inner, Func<Exception, RequestException?> translate, ReadOnlyMemory<byte> head = default, Func<CancellationToken, Task>? atEnd = null) : ForwardStream
{
    private ReadOnlyMemory<byte> _head = head;
    private bool _ended;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_head.IsEmpty)
        {
            var length = Math.Min(buffer.Length, _head.Length);
            _head[..length].CopyTo(buffer);
            _head = _head[length..];
            return length;
        }

        if (_ended || buffer.IsEmpty) return 0;
        try
        {
            var read = await inner.ReadAsync(buffer, cancellationToken);
            if (read > 0) return read;
            _ended = true;
            if (atEnd is not null) await atEnd(cancellationToken);
            return 0;
        }
        catch (Exception fault) when (translate(fault) is { } refusal)
        {
            throw refusal;
        }
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
