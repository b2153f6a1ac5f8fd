using System.IO.Hashing;
using EntityImport.Rows;

namespace EntityImport.Csv;

/// <summary>Builds a <see cref="RecordIndex"/> from the bytes of a file in UTF-8 as they stream by. Not thread-safe.</summary>
/// <remarks>Memory is bounded by <see cref="FileLayout.MaxRecordBytes"/>, and stays at a fraction of that for files of ordinary records.</remarks>
public sealed class RecordIndexBuilder
{
    private readonly FileLayout _layout;
    private readonly CsvLimits _limits;
    private readonly long _end;
    private readonly CsvTokenizer _tokenizer;
    private readonly RecordBatch _batch;
    private readonly List<FilePart> _parts = [];
    private readonly List<ulong> _hashes = [];
    private readonly XxHash3 _hash = new();
    private long _hashed;
    private byte[] _buffer;
    private int _length;
    private long _bufferOffset;
    private int _byteOrderMarkLength = -1;
    private int _linesToSkip;
    private bool _headerPending;
    private RecordPlace? _header;
    private FilePart _part;
    private bool _inPart;
    private long _lastRecordEnd;
    private long _bytesHandled;
    private long _behindEnd;

    /// <summary>Begins an index.</summary>
    /// <param name="layout">How the file is laid out.</param>
    /// <param name="end">Offset at which its records end, as <see cref="RecordsEnd"/> found it; by default the file's end.</param>
    public RecordIndexBuilder(FileLayout layout, long end = long.MaxValue) : this(layout, end, CsvLimits.Of(Checked(layout)))
    {
    }

    internal RecordIndexBuilder(FileLayout layout, long end, CsvLimits limits)
    {
        _end = end;
        _layout = layout;
        _limits = limits;
        _buffer = new byte[limits.BufferBytes];
        var dialect = layout.CreateDialect();
        _tokenizer = new CsvTokenizer(dialect, BlockScan.Best, limits) { BlankLinesAreRecords = !layout.HasHeader && layout.ColumnCount == 1 };
        _batch = new RecordBatch(dialect);
        _linesToSkip = layout.SkipLines;
        _headerPending = layout.HasHeader;
    }

    /// <summary>Bytes appended so far.</summary>
    public long Size => _bufferOffset + _length + _behindEnd;

    /// <summary>Records found so far, the header not included.</summary>
    public long RecordCount { get; private set; }

    /// <summary>Bytes looked at or moved so far, each time counted: the work done, which is to be linear in the size of the file.</summary>
    internal long BytesHandled => _bytesHandled + _tokenizer.BytesExamined;

    /// <summary>Reads the next bytes of the file.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        var behind = (int)Math.Clamp(Size + bytes.Length - _end, 0, bytes.Length);
        AppendRecords(bytes[..^behind]);
        if (behind == 0) return;
        if (_behindEnd == 0) Index(final: true);
        _hash.Append(bytes[^behind..]);
        _behindEnd += behind;
    }

    private void AppendRecords(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_length == _buffer.Length) Array.Resize(ref _buffer, _buffer.Length * 2);
            var taken = Math.Min(bytes.Length, _buffer.Length - _length);
            bytes[..taken].CopyTo(_buffer.AsSpan(_length));
            _length += taken;
            bytes = bytes[taken..];
            if (_length == _buffer.Length) Index(final: false);
        }
    }

    /// <summary>Ends the file.</summary>
    public RecordIndex Complete()
    {
        if (_behindEnd == 0) Index(final: true);
        EndPart(_bufferOffset);
        EndStretch();
        var marks = _tokenizer.InnerByteOrderMarks;
        return new RecordIndex
        {
            Layout = _layout,
            Size = Size,
            End = _bufferOffset,
            // The tokenizer counts the header as a record.
            InnerByteOrderMarks = marks.Count > 0 && _layout.HasHeader ? marks with { FirstRow = marks.FirstRow - 1 } : marks,
            ByteOrderMarkLength = Math.Max(0, _byteOrderMarkLength),
            Header = _header,
            RecordCount = RecordCount,
            Parts = _parts,
            Hashes = _hashes,
        };
    }

    private void Index(bool final)
    {
        var position = 0;
        if (_byteOrderMarkLength < 0)
            position = _byteOrderMarkLength = _buffer.AsSpan(0, _length).StartsWith(CsvTokenizer.ByteOrderMark) ? CsvTokenizer.ByteOrderMark.Length : 0;
        while (_linesToSkip > 0 && SkipLine(ref position, final)) { }
        if (_linesToSkip == 0) position = IndexRecords(position, final);
        else if (final) position = _length;

        HashTo(_bufferOffset + position);
        _buffer.AsSpan(position, _length - position).CopyTo(_buffer);
        _length -= position;
        _bytesHandled += _length;
        _bufferOffset += position;
    }

    private bool SkipLine(ref int position, bool final)
    {
        var rest = _buffer.AsSpan(position, _length - position);
        var end = rest.IndexOfAny((byte)'\n', (byte)'\r');
        _bytesHandled += end < 0 ? rest.Length : end;
        if (end < 0)
        {
            // A line need not fit the buffer to be skipped.
            position = _length;
            return false;
        }

        if (rest[end] == '\r' && end + 1 == rest.Length && !final)
        {
            position += end;
            return false;
        }

        position += end + (rest[end..].StartsWith("\r\n"u8) ? 2 : 1);
        _linesToSkip--;
        if (_linesToSkip == 0) _tokenizer.StartAt(0, _layout.SkipLines + 1);
        return true;
    }

    private int IndexRecords(int position, bool final)
    {
        while (true)
        {
            var buffer = _buffer.AsMemory(position, _length - position);
            _tokenizer.SetBuffer(buffer, _bufferOffset + position, _headerPending ? Math.Min(1, buffer.Length) : buffer.Length, final);
            TokenizerStop stop;
            do
            {
                stop = _tokenizer.Read(_batch);
                AddRecords(_bufferOffset + position);
            }
            while (stop == TokenizerStop.BatchFull);

            position += _tokenizer.Position;
            // The header is read alone, because it tells whether blank lines count.
            if (stop == TokenizerStop.MoreInputNeeded || position >= _length) return position;
        }
    }

    private void AddRecords(long offset)
    {
        var first = 0;
        if (_headerPending && _batch.Count > 0)
        {
            var header = _batch[first++];
            _headerPending = false;
            _header = new RecordPlace(offset + header.Start, header.End - header.Start, header.LineNumber, header.Fault);
            _tokenizer.BlankLinesAreRecords = header.FieldCount == 1;
        }

        for (var i = first; i < _batch.Count; i++)
        {
            var start = offset + _batch.StartOf(i);
            if (_inPart && start - _part.Offset < _limits.PartBytes) continue;
            RecordCount += i - first;
            if (i > first) _lastRecordEnd = offset + _batch[i - 1].End;
            first = i;
            EndPart(start);
            HashTo(start);
            EndStretch();
            _inPart = true;
            _part = new FilePart(start, 0, RecordCount, 0, _batch[i].LineNumber);
        }

        if (first == _batch.Count) return;
        RecordCount += _batch.Count - first;
        _lastRecordEnd = offset + _batch[_batch.Count - 1].End;
    }

    private void HashTo(long offset)
    {
        _hash.Append(_buffer.AsSpan((int)(_hashed - _bufferOffset), (int)(offset - _hashed)));
        _hashed = offset;
    }

    private void EndStretch()
    {
        _hashes.Add(_hash.GetCurrentHashAsUInt64());
        _hash.Reset();
    }

    private static FileLayout Checked(FileLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        return layout;
    }

    private void EndPart(long next)
    {
        if (!_inPart) return;
        // What comes behind the last record, be it blank lines or what its line has beyond the record limit, belongs to no part: so parts are
        // bounded whatever the file holds.
        var end = Math.Min(next, _lastRecordEnd + CsvTokenizer.Lookahead);
        _parts.Add(_part with { Length = (int)(end - _part.Offset), RecordCount = RecordCount - _part.RecordsBefore });
        _inPart = false;
    }
}
