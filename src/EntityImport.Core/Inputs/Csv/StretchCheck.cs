using System.IO.Hashing;
using EntityImport.Csv;
using EntityImport.Files;

namespace EntityImport.Inputs.Csv;

/// <summary>Compares the bytes that an import reads with those that were uploaded, stretch by stretch, while they are in the processor's cache. Not thread-safe.</summary>
internal sealed class StretchCheck(IStoredFile file)
{
    private const int BufferBytes = 64 << 10;

    private readonly XxHash3 _hash = new();
    private HashedStretch _stretch;
    private long _next;
    private byte[]? _buffer;

    /// <summary>Begins a stretch of which the caller reads what comes from an offset on.</summary>
    public void Begin(HashedStretch stretch, long from)
    {
        _hash.Reset();
        _stretch = stretch;
        _next = stretch.Start;
        ReadTo(from);
    }

    /// <summary>Takes in the next bytes of the file; those behind the stretch do not count.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        var length = (int)Math.Min(bytes.Length, _stretch.End - _next);
        _hash.Append(bytes[..length]);
        _next += length;
    }

    /// <summary>Reads what the caller has not read of the stretch, and ends it.</summary>
    /// <exception cref="StoredFileException">Its bytes are not those that were uploaded.</exception>
    public void End()
    {
        ReadTo(_stretch.End);
        if (_hash.GetCurrentHashAsUInt64() != _stretch.Hash) throw StoredFileException.Changed();
    }

    private void ReadTo(long offset)
    {
        while (_next < offset)
        {
            _buffer ??= new byte[BufferBytes];
            var read = file.Read(_buffer.AsSpan(0, (int)Math.Min(BufferBytes, offset - _next)), _next);
            if (read == 0) throw StoredFileException.Changed();
            Append(_buffer.AsSpan(0, read));
        }
    }
}
