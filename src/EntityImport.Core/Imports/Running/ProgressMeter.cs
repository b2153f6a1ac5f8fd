using EntityImport.Catalog;

namespace EntityImport.Imports.Running;

/// <summary>How far an import is, and when it will end. Thread-safe.</summary>
internal sealed class ProgressMeter(long bytesTotal, TimeProvider time)
{
    /// <summary>What is estimated from less of a file than this share is not worth telling.</summary>
    private const double LeastShare = 0.01;

    private readonly Lock _state = new();
    private readonly Timeline _timeline = new(time);
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ImportPhase _phase = ImportPhase.Queued;
    private long _loadingSince;
    private long _mergingSince;
    private double _mergeShare;
    private long _sourceBytes;
    private long _records;
    private long _rejected;
    private long _skipped;
    private long _bytes;

    /// <summary>Records read so far.</summary>
    public long Records => Interlocked.Read(ref _records);

    /// <summary>Rows rejected so far.</summary>
    public long Rejected => Interlocked.Read(ref _rejected);

    /// <summary>Rows skipped so far.</summary>
    public long Skipped => Interlocked.Read(ref _skipped);

    /// <summary>How far the attempt was over time, oldest first.</summary>
    public IReadOnlyList<TimelinePoint> Timeline
    {
        get
        {
            lock (_state) return _timeline.Points;
        }
    }

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
                var records = Records;
                var bytes = BytesRead();
                var loading = LoadingTime();
                return new ImportProgress
                {
                    Phase = _phase,
                    Ledger = new Ledger { Records = records, Rejected = Rejected, Skipped = Skipped },
                    RecordsRead = records,
                    BytesRead = bytes,
                    BytesTotal = bytesTotal,
                    RecordsPerSecond = loading > 0 ? records / loading : 0,
                    EstimatedSecondsLeft = EstimateLeft(bytes, loading),
                };
            }
        }
    }

    /// <summary>Notes that work begins, from the file's beginning.</summary>
    /// <param name="mergeShare">How long the merge is expected to take, as a multiple of the time that loading takes.</param>
    public void Begin(double mergeShare)
    {
        lock (_state)
        {
            _mergeShare = mergeShare;
            _loadingSince = _mergingSince = _sourceBytes = 0;
            Interlocked.Exchange(ref _records, 0);
            Interlocked.Exchange(ref _rejected, 0);
            Interlocked.Exchange(ref _skipped, 0);
            Interlocked.Exchange(ref _bytes, 0);
            _timeline.Begin();
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
        lock (_state)
        {
            _phase = phase;
            NotePoint();
        }

        SignalChange();
    }

    /// <summary>Notes records that were read.</summary>
    public void AddRead(long records, long rejected, long skipped, long bytes)
    {
        Interlocked.Add(ref _records, records);
        Interlocked.Add(ref _rejected, rejected);
        Interlocked.Add(ref _skipped, skipped);
        Interlocked.Add(ref _bytes, bytes);
        if (_timeline.IsDue)
        {
            lock (_state)
                if (_timeline.IsDue) NotePoint();
        }

        SignalChange();
    }

    /// <summary>Notes rows that the merge rejected.</summary>
    public void AddRejected(long rows) => Interlocked.Add(ref _rejected, rows);

    private void NotePoint() => _timeline.Add(_phase, Records, BytesRead(), Rejected);

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
