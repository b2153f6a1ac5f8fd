using EntityImport.Csv;

namespace EntityImport.Imports;

/// <summary>Reads the records of one part of a source after the other, batch by batch. Not thread-safe; each thread has its own.</summary>
internal sealed class PartReader
{
    private readonly ImportSource _source;
    private readonly CsvLimits _limits;
    private readonly CsvTokenizer _tokenizer;
    private byte[] _buffer = [];
    private FilePart _part;
    private int _bufferStart;
    private bool _done;

    public PartReader(ImportSource source) : this(source, CsvLimits.Standard)
    {
    }

    internal PartReader(ImportSource source, CsvLimits limits)
    {
        _source = source;
        _limits = limits;
        _tokenizer = new CsvTokenizer(source.Dialect, BlockScan.Best, limits) { BlankLinesAreRecords = source.BlankLinesAreRecords };
        Batch = new RecordBatch(source.Dialect);
    }

    /// <summary>The records read last.</summary>
    public RecordBatch Batch { get; }

    /// <summary>Offset in the part up to which records have been read.</summary>
    public int Position => _bufferStart + _tokenizer.Position;

    /// <inheritdoc cref="CsvTokenizer.BytesExamined"/>
    internal long BytesExamined => _tokenizer.BytesExamined;

    /// <summary>Begins a part.</summary>
    public void Open(FilePart part)
    {
        _part = part;
        _done = part.RecordCount == 0;
        _tokenizer.StartAt(part.RecordsBefore, part.LineNumber);
        Load(0, CsvTokenizer.Lookahead);
    }

    /// <summary>Reads the next records into <see cref="Batch"/>; false at the part's end.</summary>
    public bool Read()
    {
        while (!_done)
        {
            var stop = _tokenizer.Read(Batch);
            _done = stop == TokenizerStop.End;
            if (Batch.Count > 0) return true;
            // A quote is open at the part's end: what follows decides where it leads.
            if (stop == TokenizerStop.MoreInputNeeded) Load(Position, _limits.RecordBytes + CsvTokenizer.Lookahead);
        }

        return false;
    }

    private void Load(int start, int beyond)
    {
        _bufferStart = start;
        var offset = _part.Offset + start;
        var length = (int)Math.Min(_part.Length - start + beyond, _source.Index.Size - offset);
        // Parts differ by a record; the room to spare is for that.
        if (_buffer.Length < length) _buffer = GC.AllocateUninitializedArray<byte>(length + (length >> 4), pinned: true);
        var read = 0;
        while (read < length)
        {
            var count = RandomAccess.Read(_source.Handle, _buffer.AsSpan(read, length - read), offset + read);
            if (count == 0) throw new EndOfStreamException("The file is shorter than its index says.");
            read += count;
        }

        _tokenizer.SetBuffer(_buffer.AsMemory(0, length), offset, Math.Min(length, _part.Length - start), final: offset + length == _source.Index.Size);
    }
}
