using System.Buffers;
using System.IO.Compression;

namespace EntityImport.Server.Http;

/// <summary>Content in Brotli (RFC 7932), read forwards, with nothing behind it: <see cref="BrotliStream"/> would ignore that.</summary>
internal sealed class BrotliContent(Stream content) : ForwardStream
{
    private const int BufferBytes = 64 << 10;

    private readonly byte[] _buffer = new byte[BufferBytes];
    private BrotliDecoder _decoder;
    private Memory<byte> _pending;
    private bool _done;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!_done && !buffer.IsEmpty)
        {
            var status = _decoder.Decompress(_pending.Span, buffer.Span, out var consumed, out var written);
            _pending = _pending[consumed..];
            if (status == OperationStatus.InvalidData) throw new InvalidDataException("This is no Brotli data.");
            _done = status == OperationStatus.Done;
            if (written > 0) return written;
            if (_done) break;
            if (!await FillAsync(cancellationToken)) throw new EndOfStreamException("The Brotli data is cut off.");
        }

        if (_done && (_pending.Length > 0 || await FillAsync(cancellationToken))) throw new InvalidDataException("Something follows the Brotli data.");
        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _decoder.Dispose();
            content.Dispose();
        }

        base.Dispose(disposing);
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        // What the decoder has not taken comes before what is read now.
        _pending.CopyTo(_buffer);
        var read = await content.ReadAsync(_buffer.AsMemory(_pending.Length), cancellationToken);
        _pending = _buffer.AsMemory(0, _pending.Length + read);
        return read > 0;
    }
}
