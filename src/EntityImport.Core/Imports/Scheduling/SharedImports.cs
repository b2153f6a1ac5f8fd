using EntityImport.Catalog;
using EntityImport.Storage;

namespace EntityImport.Imports.Scheduling;

/// <summary>
/// Imports and plans that other nodes run, as the store has them. Whoever asks gets what is a quarter of a second old at most; all that is asked for in that time comes with one look, so that polls hardly reach the store. Thread-safe.
/// </summary>
internal sealed class SharedImports(ICluster cluster, TimeProvider time) : IAsyncDisposable
{
    /// <summary>How old an answer may be.</summary>
    private static readonly TimeSpan Age = TimeSpan.FromMilliseconds(250);

    /// <summary>How often it is looked for those whose changes somebody waits for.</summary>
    private static readonly TimeSpan WatchInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>How long one that nobody asks for any more is remembered.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(10);

    private readonly Dictionary<Guid, SharedState> _known = [];
    private readonly CancellationTokenSource _stopping = new();
    private Task<bool> _look = Task.FromResult(true);
    private Task _watching = Task.CompletedTask;

    /// <summary>One that is there; null where there is none.</summary>
    /// <exception cref="StoreUnavailableException">The store cannot be asked.</exception>
    public async ValueTask<IUnfinishedImport?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        // The look that is under way may have begun before this was asked for.
        for (var looks = 0; looks < 3; looks++)
        {
            Task<bool> look;
            lock (_known)
            {
                var now = time.GetTimestamp();
                if (!_known.TryGetValue(id, out var state)) state = _known[id] = new SharedState(this);
                state.AskedAt = now;
                if (state.SeenAt is { } seen && time.GetElapsedTime(seen, now) <= Age) return state.IsThere ? state : null;
                look = _look.IsCompleted ? _look = Task.Run(LookAsync, CancellationToken.None) : _look;
            }

            await look.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        lock (_known) return _known.TryGetValue(id, out var state) && state.IsThere ? state : null;
    }

    /// <summary>Has the store asked again when one is asked for next.</summary>
    public void Forget(Guid id)
    {
        lock (_known)
        {
            if (_known.TryGetValue(id, out var state)) state.SeenAt = null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(false);
        await _look.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).ConfigureAwait(false);
        lock (_known)
        {
            foreach (var state in _known.Values) state.Abandon();
        }

        _stopping.Dispose();
    }

    /// <summary>Looks for all that was asked for a short while ago, or is waited for.</summary>
    private async Task<bool> LookAsync()
    {
        List<Guid> ids;
        var begun = time.GetTimestamp();
        lock (_known)
        {
            foreach (var (id, _) in _known.Where(known => !known.Value.IsWatched && time.GetElapsedTime(known.Value.AskedAt, begun) > Remembered).ToList()) _known.Remove(id);
            ids = [.. _known.Where(known => known.Value.IsWatched || time.GetElapsedTime(known.Value.AskedAt, begun) <= Age).Select(known => known.Key)];
        }

        var found = (await cluster.ReadAsync(ids, _stopping.Token).ConfigureAwait(false)).ToDictionary(shared => shared.Import.Id);
        lock (_known)
        {
            foreach (var id in ids)
                if (_known.TryGetValue(id, out var state)) state.Set(found.GetValueOrDefault(id), begun);
        }

        return true;
    }

    /// <summary>Looks again and again as long as somebody waits for changes.</summary>
    private void Watch()
    {
        lock (_known)
        {
            if (_watching.IsCompleted) _watching = Task.Run(WatchAsync, CancellationToken.None);
        }
    }

    private async Task WatchAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            await Task.Delay(WatchInterval, time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Task<bool> look;
            lock (_known)
            {
                if (!_known.Values.Any(state => state.IsWatched))
                {
                    _watching = Task.CompletedTask;
                    return;
                }

                look = _look.IsCompleted ? _look = Task.Run(LookAsync, CancellationToken.None) : _look;
            }

            // What cannot be seen now is looked for again.
            await ((Task)look).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>An import as it was seen last.</summary>
    private sealed class SharedState(SharedImports owner) : IUnfinishedImport
    {
        private readonly TaskCompletionSource<Import> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private TaskCompletionSource? _changed;
        private SharedImport? _seen;
        private bool _isEndWaitedFor;

        public long? SeenAt { get; set; }

        public long AskedAt { get; set; }

        public bool IsThere => Volatile.Read(ref _seen) is not null;

        public bool IsWatched => (_changed is { Task.IsCompleted: false } || _isEndWaitedFor) && !_ended.Task.IsCompleted;

        public Import Import => Volatile.Read(ref _seen)!.Import;

        public IReadOnlyList<TimelinePoint> Timeline => Import.Timeline ?? [];

        public ImportProgress Progress => Volatile.Read(ref _seen) is { Progress: { } told, Import.HasEnded: false } ? told : new ImportProgress
        {
            Phase = Import.HasEnded ? ImportPhase.Ended : ImportPhase.Queued,
            Ledger = Import.Ledger,
            RecordsRead = Import.Ledger.Records,
            BytesRead = 0,
            BytesTotal = 0,
            RecordsPerSecond = 0,
            EstimatedSecondsLeft = null,
        };

        public Task Changed
        {
            get
            {
                Task changed;
                lock (owner._known)
                {
                    if (_changed is null or { Task.IsCompleted: true }) _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                    if (Import.HasEnded) _changed.TrySetResult();
                    changed = _changed.Task;
                }

                owner.Watch();
                return changed;
            }
        }

        public Task<Import> Ended
        {
            get
            {
                lock (owner._known) _isEndWaitedFor = true;
                owner.Watch();
                return _ended.Task;
            }
        }

        /// <summary>Takes in what was seen; under the lock.</summary>
        public void Set(SharedImport? seen, long at)
        {
            // Not as a whole: what the store keeps of it is read anew each time.
            var changed = (_seen?.Import.State, _seen?.Import.Attempts, _seen?.Progress) != (seen?.Import.State, seen?.Import.Attempts, seen?.Progress);
            Volatile.Write(ref _seen, seen);
            SeenAt = at;
            if (seen is { Import.HasEnded: true }) _ended.TrySetResult(seen.Import);
            if (changed) _changed?.TrySetResult();
        }

        public void Abandon()
        {
            _ended.TrySetCanceled();
            _changed?.TrySetResult();
        }
    }
}
