namespace EntityImport.Imports;

/// <summary>Writes the rejected rows of parts that are read side by side in file order. Thread-safe.</summary>
internal sealed class RejectedRowsWriter(Stream target) : IDisposable
{
    private readonly object _turn = new();
    private int _nextPart;
    private bool _aborted;

    /// <summary>Number of rows written.</summary>
    public long Count { get; private set; }

    /// <summary>Writes a part's rows once it is the part's turn; each part is added exactly once.</summary>
    /// <param name="part">The part's index.</param>
    /// <param name="rows">Its rows as <see cref="RejectedRowsFile"/> writes them.</param>
    /// <param name="count">How many rows these are.</param>
    public void Add(int part, MemoryStream rows, long count)
    {
        lock (_turn)
        {
            while (_nextPart != part && !_aborted) Monitor.Wait(_turn);
            if (_aborted) return;
            rows.WriteTo(target);
            Count += count;
            _nextPart++;
            Monitor.PulseAll(_turn);
        }
    }

    /// <summary>Lets go of all who wait for their turn, because a part will not come.</summary>
    public void Abort()
    {
        lock (_turn)
        {
            _aborted = true;
            Monitor.PulseAll(_turn);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => target.Dispose();
}
