using EntityImport.Access;
using EntityImport.Catalog;

namespace EntityImport.Imports.Running;

/// <summary>An import that has not ended: its progress, and the means to cancel it and to wait for it. Thread-safe.</summary>
internal sealed class ActiveImport(Import import, long bytesTotal, TimeProvider time) : IDisposable
{
    /// <summary>What is estimated from less of a file than this share is not worth telling.</summary>
    private const double LeastShare = 0.01;

    private readonly CancellationTokenSource _cancelled = new();
    private readonly TaskCompletionSource<Import> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _state = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Import _import = import;
    private ImportPhase _phase = ImportPhase.Queued;
    private bool _isCancelled;
    private bool _isDecided;
    private RequestReceipt? _cancelReceipt;
    private long _loadingSince;
    private long _mergingSince;
    private double _mergeShare;
    private long _sourceBytes;
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

    /// <summary>The receipt of the request that cancelled it; null where it was not, or carried no key.</summary>
    public RequestReceipt? CancelReceipt
    {
        get
        {
            lock (_state) return _cancelReceipt;
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
                var bytes = BytesRead();
                var loading = LoadingTime();
                return new ImportProgress
                {
                    Phase = _phase,
                    Ledger = _import.HasEnded ? _import.Ledger : new Ledger { Records = records, Rejected = Rejected },
                    RecordsRead = records,
                    BytesRead = bytes,
                    BytesTotal = bytesTotal,
                    RecordsPerSecond = loading > 0 ? records / loading : 0,
                    EstimatedSecondsLeft = EstimateLeft(bytes, loading),
                };
            }
        }
    }

    /// <summary>Asks for the end; false where the import is being committed, or ended otherwise, and it is too late.</summary>
    /// <param name="receipt">The receipt of the request, to be kept with the end.</param>
    public async Task<bool> TryCancelAsync(RequestReceipt? receipt)
    {
        lock (_state)
        {
            if (_isCancelled) return true;
            if (_isDecided) return false;
            _isCancelled = true;
            _cancelReceipt = receipt;
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

    /// <summary>Notes that work begins, from the file's beginning.</summary>
    /// <param name="begun">The import.</param>
    /// <param name="mergeShare">How long the merge is expected to take, as a multiple of the time that loading takes.</param>
    public void Begin(Import begun, double mergeShare)
    {
        lock (_state)
        {
            _import = begun;
            _mergeShare = mergeShare;
            _loadingSince = _mergingSince = _sourceBytes = 0;
            Interlocked.Exchange(ref _records, 0);
            Interlocked.Exchange(ref _rejected, 0);
            Interlocked.Exchange(ref _bytes, 0);
        }

        Enter(ImportPhase.Planning);
    }

    /// <summary>Notes that reading begins.</summary>
    /// <param name="sourceBytes">Bytes that are read: those of the file, in UTF-8.</param>
    public void BeginLoading(long sourceBytes)
    {
        lock (_state)
        {
            _sourceBytes = sourceBytes;
            _loadingSince = time.GetTimestamp();
        }

        Enter(ImportPhase.Loading);
    }

    /// <summary>Notes that everything was read.</summary>
    public void BeginMerging()
    {
        lock (_state) _mergingSince = time.GetTimestamp();
        Enter(ImportPhase.Merging);
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

    /// <summary>Bytes of the upload that the bytes read stand for: all of them once everything is read, whatever it is encoded in.</summary>
    private long BytesRead() => _mergingSince != 0 ? bytesTotal
        : _sourceBytes == 0 ? 0
        : (long)Math.Min(bytesTotal, (double)Interlocked.Read(ref _bytes) * bytesTotal / _sourceBytes);

    /// <summary>Seconds spent with reading.</summary>
    private double LoadingTime() => _loadingSince == 0 ? 0
        : _mergingSince == 0 ? time.GetElapsedTime(_loadingSince).TotalSeconds
        : time.GetElapsedTime(_loadingSince, _mergingSince).TotalSeconds;

    private double? EstimateLeft(long bytes, double loading)
    {
        double left;
        if (_phase == ImportPhase.Merging)
        {
            left = loading * _mergeShare - time.GetElapsedTime(_mergingSince).TotalSeconds;
        }
        else
        {
            var share = _phase == ImportPhase.Loading && bytesTotal > 0 ? (double)bytes / bytesTotal : 0;
            if (share < LeastShare) return null;
            left = loading / share * (1 + _mergeShare) - loading;
        }

        // What takes longer than it usually does has no known end.
        return left > 0 ? left : null;
    }

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
