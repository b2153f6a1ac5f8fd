namespace EntityImport.Imports.Rejections;

/// <summary>
/// Writes the rejected rows of parts that are read side by side in file order. Nobody waits: what comes before its turn is kept, in memory while it is
/// little, else in a scratch file. Thread-safe.
/// </summary>
/// <param name="target">Where the rows go.</param>
/// <param name="createScratch">Makes a file that vanishes when it is closed.</param>
/// <param name="cap">How many bytes may be kept.</param>
internal sealed class RejectedRowsWriter(Stream target, Func<Stream> createScratch, RejectionCap cap) : IDisposable
{
    /// <summary>What all parts that wait may keep in memory: 16 MiB.</summary>
    private const long MaxWaitingBytes = 16 << 20;

    private readonly Lock _turn = new();
    private readonly SortedDictionary<int, Waiting> _waiting = [];
    private int _nextPart;
    private long _waitingBytes;
    private long _bytes;

    /// <summary>Takes some of a part's rows, as <see cref="RejectedRowsBuffer"/> writes them, and empties their stream.</summary>
    /// <exception cref="ImportRefusedException">There are more than are kept; these are not.</exception>
    public void Append(int part, MemoryStream rows) => Write(part, rows, isLast: false);

    /// <summary>Takes the last of a part's rows; there may be none. Each part is completed exactly once.</summary>
    /// <inheritdoc cref="Append"/>
    public void Complete(int part, MemoryStream rows) => Write(part, rows, isLast: true);

    /// <summary>Writes what still waits, in file order: all there is where a part will not come.</summary>
    public void Drain()
    {
        lock (_turn)
        {
            foreach (var part in _waiting.Keys.ToList()) Release(part);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var waiting in _waiting.Values) waiting.Rows.Dispose();
    }

    private void Write(int part, MemoryStream rows, bool isLast)
    {
        lock (_turn)
        {
            cap.CheckBytes(_bytes += rows.Length);
            if (part == _nextPart)
            {
                Release(part);
                rows.WriteTo(target);
                if (isLast) EndTurn();
            }
            else
            {
                Keep(part, rows, isLast);
            }
        }

        rows.SetLength(0);
    }

    private void EndTurn()
    {
        _nextPart++;
        while (_waiting.TryGetValue(_nextPart, out var waiting) && waiting.IsComplete)
        {
            Release(_nextPart);
            _nextPart++;
        }
    }

    private void Keep(int part, MemoryStream rows, bool isLast)
    {
        if (!_waiting.TryGetValue(part, out var waiting)) _waiting[part] = waiting = new Waiting();
        waiting.IsComplete = isLast;
        if (waiting.Rows is MemoryStream && _waitingBytes + rows.Length > MaxWaitingBytes)
        {
            var scratch = createScratch();
            waiting.Rows.Position = 0;
            waiting.Rows.CopyTo(scratch);
            _waitingBytes -= waiting.Rows.Length;
            waiting.Rows.Dispose();
            waiting.Rows = scratch;
        }

        if (waiting.Rows is MemoryStream) _waitingBytes += rows.Length;
        rows.WriteTo(waiting.Rows);
    }

    private void Release(int part)
    {
        if (!_waiting.Remove(part, out var waiting)) return;
        if (waiting.Rows is MemoryStream) _waitingBytes -= waiting.Rows.Length;
        waiting.Rows.Position = 0;
        waiting.Rows.CopyTo(target);
        waiting.Rows.Dispose();
    }

    private sealed class Waiting
    {
        public Stream Rows { get; set; } = new MemoryStream();

        public bool IsComplete { get; set; }
    }
}
