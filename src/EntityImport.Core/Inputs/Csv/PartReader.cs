using EntityImport.Csv;
using EntityImport.Rows;

namespace EntityImport.Inputs.Csv;

/// <summary>Reads the records of one part of a CSV file after the other, batch by batch. Not thread-safe; each thread has its own.</summary>
/// <remarks>
/// A part is read through a window that moves along it and is just large enough for a full batch, so that what is read from the file is still in the
/// processor's cache when it is tokenized, and again when each column is converted.
/// </remarks>
internal sealed class PartReader : IInputReader
{
    private readonly CsvInput _input;
    private readonly CsvLimits _limits;
    private readonly CsvTokenizer _tokenizer;
    private readonly StretchCheck _check;
    private byte[] _buffer = [];
    private FilePart _part;

    /// <summary>How many bytes of the part the buffer is to hold, where in the part it begins, and how many it holds.</summary>
    private int _window;
    private int _start;
    private int _length;

    /// <summary>Bytes behind the part that are needed to decide its last record.</summary>
    private int _beyond;

    private int _lastBatch;
    private bool _done;
    private bool _checked;

    public PartReader(CsvInput input) : this(input, input.Limits)
    {
    }

    internal PartReader(CsvInput input, CsvLimits limits)
    {
        _input = input;
        _limits = limits;
        _window = limits.BufferBytes;
        _tokenizer = new CsvTokenizer(input.Dialect, BlockScan.Best, limits) { BlankLinesAreRecords = input.BlankLinesAreRecords };
        _check = new StretchCheck(input.File);
        Batch = new RecordBatch(input.Dialect);
    }

    /// <inheritdoc/>
    public RecordBatch Batch { get; }

    /// <inheritdoc/>
    public int Position => _start + _tokenizer.Position;

    /// <inheritdoc cref="CsvTokenizer.BytesExamined"/>
    internal long BytesExamined => _tokenizer.BytesExamined;

    /// <inheritdoc/>
    public void Open(int part) => Open(_input.FileParts[part]);

    /// <summary>Begins a part.</summary>
    public void Open(FilePart part)
    {
        _part = part;
        _done = part.RecordCount == 0;
        _beyond = CsvTokenizer.Lookahead;
        _tokenizer.StartAt(part.RecordsBefore, part.LineNumber);
        _start = 0;
        _length = 0;
        _checked = false;
        _check.Begin(_input.StretchAt(part.Offset), part.Offset);
        Load();
    }

    /// <inheritdoc/>
    public bool Read()
    {
        while (!_done)
        {
            // Only now: the last batch pointed into the buffer until this call.
            if (!IsAtEnd && _length - _tokenizer.Position < _lastBatch + (_lastBatch >> 3)) MoveWindow();
            var from = _tokenizer.Position;
            var stop = _tokenizer.Read(Batch);
            _done = stop == TokenizerStop.End && IsAtEnd;
            _lastBatch = _tokenizer.Position - from;
            if (stop != TokenizerStop.BatchFull && !_done) Widen(from);
            if (Batch.Count > 0) return true;
            if (!_done) MoveWindow();
        }

        Check();
        return false;
    }

    /// <inheritdoc/>
    public void Check()
    {
        if (_checked) return;
        _check.End();
        _checked = true;
    }

    /// <summary>Whether the window holds the rest of the part and what is needed behind it.</summary>
    private bool IsAtEnd => _start + _length == End;

    /// <summary>Where in the part the last window ends, the bytes behind the part included.</summary>
    private int End => (int)Math.Min(_part.Length + _beyond, _input.End - _part.Offset);

    /// <summary>Makes room for more, where all of the window was not enough for a batch or its last record.</summary>
    private void Widen(int from)
    {
        // A quote is open at the part's end: what follows decides where it leads.
        if (IsAtEnd) _beyond = _limits.RecordBytes + CsvTokenizer.Lookahead;
        else if (from == 0) _window *= 2;
    }

    /// <summary>Moves the window to the next record.</summary>
    private void MoveWindow()
    {
        var read = _tokenizer.Position;
        _length -= read;
        _start += read;
        _buffer.AsSpan(read, _length).CopyTo(_buffer);
        Load();
    }

    /// <summary>Fills the window from the file.</summary>
    private void Load()
    {
        var length = Math.Min(Math.Max(_window, _length), End - _start);
        if (_buffer.Length < length) Grow(length);
        var offset = _part.Offset + _start;
        var loaded = _length;
        if (_length < length)
        {
            _length += _input.File.Fill(_buffer.AsSpan(_length, length - _length), offset + _length);
            if (_length < length) throw new EndOfStreamException("The file is shorter than its index says.");
        }

        _check.Append(_buffer.AsSpan(loaded, _length - loaded));
        _tokenizer.SetBuffer(_buffer.AsMemory(0, _length), offset, Math.Min(_length, Math.Max(0, _part.Length - _start)), final: offset + _length == _input.End);
    }

    private void Grow(int length)
    {
        var grown = GC.AllocateUninitializedArray<byte>(length + (length >> 3), pinned: true);
        _buffer.AsSpan(0, _length).CopyTo(grown);
        _buffer = grown;
    }
}
