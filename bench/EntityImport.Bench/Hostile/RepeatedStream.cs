using System.Text;

namespace EntityImport.Bench.Hostile;

/// <summary>A head, and then the same bytes again and again, made while they are read.</summary>
internal sealed class RepeatedStream : Stream
{
    private const int BlockBytes = 1 << 16;

    private readonly byte[] _head;
    private readonly byte[] _block;
    private readonly long _length;
    private long _position;

    /// <summary>Makes one.</summary>
    /// <param name="head">What comes first.</param>
    /// <param name="unit">What is repeated.</param>
    /// <param name="count">How often.</param>
    public RepeatedStream(string head, string unit, long count)
    {
        _head = Encoding.UTF8.GetBytes(head);
        var bytes = Encoding.UTF8.GetBytes(unit);
        _block = new byte[bytes.Length * Math.Max(1, BlockBytes / bytes.Length)];
        for (var i = 0; i < _block.Length; i += bytes.Length) bytes.CopyTo(_block, i);
        _length = _head.Length + (bytes.Length * count);
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        var source = _position < _head.Length ? _head.AsSpan((int)_position) : _block.AsSpan((int)((_position - _head.Length) % _block.Length));
        source = source[..(int)Math.Min(Math.Min(source.Length, buffer.Length), _length - _position)];
        source.CopyTo(buffer);
        _position += source.Length;
        return source.Length;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
