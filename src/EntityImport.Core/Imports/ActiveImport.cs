namespace EntityImport.Imports;

/// <summary>An import that has not ended: its progress, and the means to cancel it and to wait for it. Thread-safe.</summary>
internal sealed class ActiveImport(Import import, long bytesTotal, TimeProvider time) : IDisposable
{
    private readonly CancellationTokenSource _cancelled = new();
    private readonly TaskCompletionSource<Import> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _state = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Import _import = import;
    private ImportPhase _phase = ImportPhase.Queued;
    private long _begun;
    private long _records;
    private long _rejected;
    private long _bytes;

    /// <summary>The import as it is now.</summary>
    public Import Import
    {
        get
        {
            lock (_state) return _import;
        }
    }

    /// <summary>Rows rejected so far.</summary>
    public long Rejected => Interlocked.Read(ref _rejected);

    /// <summary>Signals that a client asked for the end.</summary>
    public CancellationToken Cancelled => _cancelled.Token;

    /// <summary>The import at its end.</summary>
    public Task<Import> Ended => _ended.Task;

    /// <summary>Completes when something has changed after the call.</summary>
    public Task Changed
    {
        get
        {
            lock (_state) return _changed.Task;
        }
    }

    /// <summary>How far the import is.</summary>
    public ImportProgress Progress
    {
        get
        {
            lock (_state)
            {
                var records = Interlocked.Read(ref _records);
                var seconds = _begun == 0 ? 0 : time.GetElapsedTime(_begun).TotalSeconds;
                return new ImportProgress
                {
                    Phase = _phase,
                    Ledger = _import.HasEnded ? _import.Ledger : new Ledger { Records = records, Rejected = Rejected },
                    RecordsRead = records,
                    BytesRead = Interlocked.Read(ref _bytes),
                    BytesTotal = bytesTotal,
                    RecordsPerSecond = seconds > 0 ? records / seconds : 0,
                };
            }
        }
    }

    /// <summary>Asks for the end.</summary>
    public void Cancel() => _cancelled.Cancel();

    /// <summary>Notes that work begins, from the file's beginning.</summary>
    public void Begin(Import begun)
    {
        lock (_state)
        {
            _import = begun;
            _begun = time.GetTimestamp();
            _records = _rejected = _bytes = 0;
        }

        Enter(ImportPhase.Planning);
    }

    /// <summary>Notes what the import is doing now.</summary>
    public void Enter(ImportPhase phase)
    {
        lock (_state) _phase = phase;
        SignalChange();
    }

    /// <summary>Notes records that were read.</summary>
    public void AddRead(long records, long rejected, long bytes)
    {
        Interlocked.Add(ref _records, records);
        Interlocked.Add(ref _rejected, rejected);
        Interlocked.Add(ref _bytes, bytes);
        SignalChange();
    }

    /// <summary>Notes rows that the merge rejected.</summary>
    public void AddRejected(long rows) => Interlocked.Add(ref _rejected, rows);

    /// <summary>Ends it.</summary>
    public void End(Import ended)
    {
        lock (_state)
        {
            _import = ended;
            _phase = ImportPhase.Ended;
        }

        SignalChange();
        _ended.TrySetResult(ended);
    }

    /// <summary>Lets go of all who wait, because the service stops before the import has ended.</summary>
    public void Abandon() => _ended.TrySetCanceled();

    /// <inheritdoc/>
    public void Dispose() => _cancelled.Dispose();

    private void SignalChange()
    {
        TaskCompletionSource changed;
        lock (_state)
        {
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.TrySetResult();
    }
}
