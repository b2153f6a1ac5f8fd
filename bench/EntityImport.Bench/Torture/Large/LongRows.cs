using System.Globalization;
using System.Text;

namespace EntityImport.Bench.Torture.Large;

/// <summary>A file of rows with an id, a version and a long text, made while it is read.</summary>
/// <param name="first">The id of the first row; those of the others follow.</param>
/// <param name="count">How many rows.</param>
/// <param name="version">The version of all of them.</param>
/// <param name="length">The length of their texts.</param>
/// <param name="header">The names of the columns.</param>
internal sealed class LongRows(long first, long count, int version, int length, string header = "id,version,text") : Stream
{
    private readonly byte[] _row = new byte[length + 64];
    private long _next = -1;
    private int _length;
    private int _read;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        var copied = 0;
        while (copied < buffer.Length && (_read < _length || WriteRow()))
        {
            var part = _row.AsSpan(_read, Math.Min(_length - _read, buffer.Length - copied));
            part.CopyTo(buffer[copied..]);
            copied += part.Length;
            _read += part.Length;
        }

        return copied;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private bool WriteRow()
    {
        if (_next == count) return false;
        _read = 0;
        _length = _next < 0
            ? Encoding.ASCII.GetBytes(header + "\n", _row)
            : Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{first + _next},{version},"), _row);
        if (_next++ < 0) return true;
        LongText.Write(_row.AsSpan(_length, length), first + _next - 1, version);
        _length += length;
        _row[_length++] = (byte)'\n';
        return true;
    }
}
