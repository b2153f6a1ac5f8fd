namespace EntityImport.Imports;

/// <summary>Writes the rejected rows of parts that are read side by side in file order: each part waits for its turn. Thread-safe.</summary>
internal sealed class RejectedRowsWriter(Stream target)
{
    private readonly object _turn = new();
    private int _nextPart;
    private bool _aborted;

    /// <summary>Writes some of a part's rows once it is the part's turn, and empties their stream.</summary>
    /// <param name="part">The part's index.</param>
    /// <param name="rows">The rows as <see cref="RejectedRowsFile"/> writes them.</param>
    public void Append(int part, MemoryStream rows) => Write(part, rows, isLast: false);

    /// <summary>Writes the last of a part's rows and gives the turn to the next part; each part is completed exactly once.</summary>
    /// <param name="part">The part's index.</param>
    /// <param name="rows">The rows; there may be none.</param>
    public void Complete(int part, MemoryStream rows) => Write(part, rows, isLast: true);

    /// <summary>Lets go of all who wait for their turn, because a part will not come.</summary>
    public void Abort()
    {
        lock (_turn)
        {
            _aborted = true;
            Monitor.PulseAll(_turn);
        }
    }

    private void Write(int part, MemoryStream rows, bool isLast)
    {
        lock (_turn)
        {
            while (_nextPart != part && !_aborted) Monitor.Wait(_turn);
            if (!_aborted) rows.WriteTo(target);
            rows.SetLength(0);
            if (!isLast || _aborted) return;
            _nextPart++;
            Monitor.PulseAll(_turn);
        }
    }
}
