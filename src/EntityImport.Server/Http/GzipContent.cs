using System.Buffers.Binary;
using System.IO.Compression;

namespace EntityImport.Server.Http;

/// <summary>Content in gzip (RFC 1952), read forwards, that is one member and nothing else.</summary>
/// <remarks>
/// <see cref="GZipStream"/> ignores what follows the last member, so that rows could be missing silently. A member ends with the length of
/// its content, which here must be the last that was sent; several members are refused, because their lengths are not known one by one.
/// </remarks>
internal sealed class GzipContent : ForwardStream
{
    private const int LengthBytes = 4;

    private readonly Tail _sent;
    private readonly GZipStream _decoder;
    private uint _length;

    public GzipContent(Stream content)
    {
        _sent = new Tail(content);
        _decoder = new GZipStream(_sent, CompressionMode.Decompress);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await _decoder.ReadAsync(buffer, cancellationToken);
        _length = unchecked(_length + (uint)read);
        if (read > 0 || buffer.IsEmpty) return read;
        await _sent.CopyToAsync(Null, cancellationToken);
        if (BinaryPrimitives.ReadUInt32LittleEndian(_sent.Last) != _length) throw new InvalidDataException("Something follows the gzip member.");
        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _decoder.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Passes content on and remembers its last bytes.</summary>
    private sealed class Tail(Stream content) : ForwardStream
    {
        private readonly byte[] _last = new byte[LengthBytes];

        public ReadOnlySpan<byte> Last => _last;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await content.ReadAsync(buffer, cancellationToken);
            Remember(buffer.Span[..read]);
            return read;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) content.Dispose();
            base.Dispose(disposing);
        }

        private void Remember(ReadOnlySpan<byte> bytes)
        {
            if (bytes.Length < LengthBytes) _last.AsSpan(bytes.Length).CopyTo(_last);
            var kept = bytes[Math.Max(0, bytes.Length - LengthBytes)..];
            kept.CopyTo(_last.AsSpan(LengthBytes - kept.Length));
        }
    }
}
