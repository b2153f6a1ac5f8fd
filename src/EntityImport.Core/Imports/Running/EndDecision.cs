using EntityImport.Catalog;

namespace EntityImport.Imports.Running;

/// <summary>How an import ends, decided once: a client's wish to cancel it and the end of its work race for it. Thread-safe.</summary>
internal sealed class EndDecision : IDisposable
{
    private readonly CancellationTokenSource _cancelled = new();
    private readonly Lock _state = new();
    private bool _isCancelled;
    private bool _isDecided;
    private CatalogCommit? _cancelNotes;

    /// <summary>Signals that a client asked for the end.</summary>
    public CancellationToken Cancelled => _cancelled.Token;

    /// <summary>What is noted of the request that cancelled it; null where it was not.</summary>
    public CatalogCommit? CancelNotes
    {
        get
        {
            lock (_state) return _cancelNotes;
        }
    }

    /// <summary>Asks for the end; false where the import is being committed, or ended otherwise, and it is too late.</summary>
    /// <param name="notes">What is noted of the request, to be kept with the end.</param>
    public async Task<bool> TryCancelAsync(CatalogCommit notes)
    {
        lock (_state)
        {
            if (_isCancelled) return true;
            if (_isDecided) return false;
            _isCancelled = true;
            _cancelNotes = notes;
        }

        await _cancelled.CancelAsync().ConfigureAwait(false);
        return true;
    }

    /// <summary>Decides that the import ends as its file, and not as a client wants; false where it was cancelled before.</summary>
    public bool TryDecide()
    {
        lock (_state) return !_isCancelled && (_isDecided = true);
    }

    /// <summary>Notes that what was decided did not happen: the import can be cancelled again.</summary>
    public void Undecide()
    {
        lock (_state) _isDecided = false;
    }

    public void Dispose() => _cancelled.Dispose();
}
