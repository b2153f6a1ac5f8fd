using System.Buffers.Binary;
using System.Text.Json;
using EntityImport.Catalog;
using EntityImport.Files;
using EntityImport.Inputs;

namespace EntityImport.Imports.Rejections;

/// <summary>
/// The file of an import's rejected rows while it is written; the error file and the API's listing are made from it by <see cref="RejectedRowsReader"/>.
/// </summary>
/// <remarks>
/// All numbers are little-endian.
/// <code>
/// marker, version          4 bytes each
/// end of rows, of file     8 bytes each; 0 while the file is not complete
/// format                   a JSON object: <see cref="ErrorFileFormat"/>
/// rows                     in file order, as <see cref="RejectedRowsBuffer"/> writes them
/// kinds                    JSON objects, the kinds of reasons by their numbers: <see cref="ReasonKind"/>
/// </code>
/// Each object and each row has its length in front, 4 bytes. Version 1 had no marker: the format, and then rows as JSON objects with all their reasons.
/// </remarks>
internal sealed class RejectedRowsFile : IDisposable
{
    /// <summary>What a file begins with. As a length it would be negative, as none is that files of version 1 begin with.</summary>
    public const int Marker = unchecked((int)0xFF_52_49_45);

    /// <summary>The version that is written.</summary>
    public const int Version = 2;

    /// <summary>Bytes in front of the format.</summary>
    public const int HeadBytes = 24;

    /// <summary>Bytes of the length in front of objects and rows.</summary>
    public const int LengthBytes = 4;

    private static long s_generations;

    private readonly ImportFiles.NewRejected _rejected;
    private readonly Stream _file;
    private readonly Lock _access = new();
    private ErrorFileFormat? _format;
    private long _rowsBegin;
    private long _generation = NextGeneration();
    private bool _isComplete;
    private volatile Task? _keeping;

    /// <summary>Begins the file of an import.</summary>
    public RejectedRowsFile(ImportFiles files, Import import)
    {
        _rejected = files.BeginRejected(import);
        _file = _rejected.Content;
        Rows = new View(this);
    }

    /// <summary>Completes when the file is kept, or cannot be; null before that has begun.</summary>
    public Task? Keeping => _keeping;

    /// <summary>The kinds of the rows' reasons.</summary>
    public ReasonKinds Kinds { get; } = new();

    /// <summary>Where rows are appended.</summary>
    public Stream Rows { get; }

    /// <summary>Says what the rows are written in; once, before the first row.</summary>
    public void Begin(ErrorFileFormat format)
    {
        lock (_access)
        {
            WriteHead(endOfRows: 0, end: 0);
            WriteObject(format);
            _rowsBegin = _file.Position;
            _format = format;
        }
    }

    /// <summary>Reads the rows that were appended from their beginning.</summary>
    public Stream ReadRows() => new View(this) { Position = _rowsBegin };

    /// <summary>The rows that there are so far, for whoever looks on; null before the first one can come, and once the file is kept and can be opened.</summary>
    /// <returns>The reader, and a number that is another one where these are not those of before with others behind them.</returns>
    public (RejectedRowsReader Rows, long Generation)? ReadSoFar()
    {
        lock (_access)
        {
            if (_format is null || _isComplete) return null;
            // What is appended may end in a row; the kinds of rows are there before them.
            var end = _file.Length;
            return (RejectedRowsReader.OfRows(new View(this, _generation, end), _format, Kinds.List(), _rowsBegin, end), _generation);
        }
    }

    /// <summary>Replaces all rows.</summary>
    public void ReplaceRows(Stream rows, CancellationToken cancellationToken)
    {
        rows.Position = 0;
        lock (_access)
        {
            _generation = NextGeneration();
            _file.SetLength(_rowsBegin);
            _file.Position = _rowsBegin;
            var buffer = new byte[64 << 10];
            for (int read; (read = rows.Read(buffer)) > 0;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                _file.Write(buffer, 0, read);
            }
        }
    }

    /// <summary>
    /// Writes what readers need besides, once no rows are added any more, and keeps the file durably, in place of one that an earlier attempt kept. Nothing happens the
    /// second time.
    /// </summary>
    public async ValueTask KeepAsync(CancellationToken cancellationToken)
    {
        if (_isComplete) return;
        var kept = new TaskCompletionSource();
        _keeping = kept.Task;
        try
        {
            lock (_access)
            {
                _file.Position = _file.Length;
                var endOfRows = _file.Position;
                foreach (var kind in Kinds.All) WriteObject(kind);
                var end = _file.Position;
                _file.Position = 0;
                WriteHead(endOfRows, end);
                _isComplete = true;
            }

            await _rejected.KeepAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            kept.SetResult();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_access)
        {
            _isComplete = true;
            _rejected.Dispose();
        }
    }

    private static long NextGeneration() => Interlocked.Increment(ref s_generations);

    private void WriteHead(long endOfRows, long end)
    {
        Span<byte> head = stackalloc byte[HeadBytes];
        BinaryPrimitives.WriteInt32LittleEndian(head, Marker);
        BinaryPrimitives.WriteInt32LittleEndian(head[4..], Version);
        BinaryPrimitives.WriteInt64LittleEndian(head[8..], endOfRows);
        BinaryPrimitives.WriteInt64LittleEndian(head[16..], end);
        _file.Write(head);
    }

    private void WriteObject<T>(T value)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(value, RejectedRowsJson.Default.Options);
        Span<byte> length = stackalloc byte[LengthBytes];
        BinaryPrimitives.WriteInt32LittleEndian(length, json.Length);
        _file.Write(length);
        _file.Write(json);
    }

    /// <summary>The file with a place of one's own: what is written goes to its end, and what is read is read while nobody writes.</summary>
    private sealed class View(RejectedRowsFile owner, long? generation = null, long? end = null) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => true;

        public override long Length
        {
            get
            {
                if (end is { } fixedEnd) return fixedEnd;
                lock (owner._access) return owner._file.Length;
            }
        }

        public override long Position { get; set; }

        public override int Read(Span<byte> buffer)
        {
            lock (owner._access)
            {
                if (generation is { } read && (read != owner._generation || owner._isComplete)) throw new RowsReplacedException();
                owner._file.Position = Position;
                var count = owner._file.Read(end is null ? buffer : buffer[..(int)Math.Min(buffer.Length, Math.Max(0, end.Value - Position))]);
                Position += count;
                return count;
            }
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            lock (owner._access)
            {
                owner._file.Seek(0, SeekOrigin.End);
                owner._file.Write(buffer);
            }
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => Position + offset,
            _ => Length + offset,
        };

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Flush()
        {
            lock (owner._access) owner._file.Flush();
        }
    }
}

/// <summary>The rows that somebody reads, who looks on, are others by now: read them again.</summary>
internal sealed class RowsReplacedException() : Exception("The rejected rows were replaced while they were read.");
