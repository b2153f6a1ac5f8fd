using System.Threading.RateLimiting;
using EntityImport.Storage;

namespace EntityImport.Server.Access;

/// <summary>What one caller does here, which other nodes are told, and does there, which takes from its limits here. Thread-safe.</summary>
/// <param name="today">The bytes of today, of which those that were sent before are not told.</param>
internal sealed class CallerShare(CallerQuotas.Day? today) : IDisposable
{
    private readonly Lock _changing = new();
    private readonly int[] _here = new int[Enum.GetValues<Place>().Length];
    private readonly Dictionary<Place, RateLimitLease> _elsewhere = [];
    private CallerQuotas.Day? _begun = today;
    private long _bytesBefore = today?.SentHere ?? 0;
    private long _requests;
    private long _lastRequest;
    private long _owed;

    /// <summary>When the last request came, as a timestamp of the clock.</summary>
    public long LastRequest => Interlocked.Read(ref _lastRequest);

    /// <summary>Whether nothing that it does at other nodes counts here.</summary>
    public bool IsIdleElsewhere
    {
        get
        {
            lock (_changing) return _owed == 0 && _elsewhere.Count == 0;
        }
    }

    public void Note(TimeProvider time) => Interlocked.Exchange(ref _lastRequest, time.GetTimestamp());

    public void CountRequest() => Interlocked.Increment(ref _requests);

    /// <summary>What other nodes are told.</summary>
    public CallerUse Tell(string id, CallerQuotas.Day? today)
    {
        lock (_changing)
        {
            return new CallerUse(id)
            {
                Requests = Interlocked.Read(ref _requests),
                Bytes = today is null ? 0 : today.SentHere - (today == _begun ? _bytesBefore : 0),
                Uploads = PlacesHere(Place.Uploads),
                EventStreams = PlacesHere(Place.EventStreams),
                Queries = PlacesHere(Place.Queries),
                Inferences = PlacesHere(Place.Inferences),
            };
        }
    }

    /// <summary>Counts from now on, since others are not told of it any longer, and forget what they were told.</summary>
    public void BeginAnew(CallerQuotas.Day? today)
    {
        lock (_changing)
        {
            Interlocked.Exchange(ref _requests, 0);
            _begun = today;
            _bytesBefore = today?.SentHere ?? 0;
        }
    }

    /// <summary>Counts a place here until the result is disposed, which gives the place back.</summary>
    public IDisposable Hold(Place place, RateLimitLease lease)
    {
        Interlocked.Increment(ref _here[(int)place]);
        return new HeldPlace(this, place, lease);
    }

    /// <summary>Takes as many places here as the caller has elsewhere, in place of those that were taken for that before, as far as they are free.</summary>
    public void HoldElsewhere(Place place, string id, int count, PartitionedRateLimiter<string> limiter, int most)
    {
        lock (_changing)
        {
            if (_elsewhere.Remove(place, out var before)) before.Dispose();
            count = Math.Min(count, most - PlacesHere(place));
            if (count <= 0) return;
            var lease = limiter.AttemptAcquire(id, count);
            if (lease.IsAcquired) _elsewhere[place] = lease;
            else lease.Dispose();
        }
    }

    /// <summary>Adds to the requests that are owed, and pays as many of them as there are.</summary>
    /// <param name="requests">Where they are taken from.</param>
    /// <param name="id">The caller.</param>
    /// <param name="more">What comes to it.</param>
    /// <param name="mostPaid">What can be paid at once.</param>
    /// <param name="mostOwed">What can still be owed then.</param>
    /// <returns>What is still owed.</returns>
    public long Pay(PartitionedRateLimiter<string> requests, string id, long more, int mostPaid, long mostOwed)
    {
        if (more == 0 && Interlocked.Read(ref _owed) == 0) return 0;
        lock (_changing)
        {
            var owed = _owed + more;
            // How many there are is not told: half of what is refused is tried next.
            for (var paid = (int)Math.Min(owed, mostPaid); paid > 0; paid = (int)Math.Min(owed, paid / 2))
            {
                using var lease = requests.AttemptAcquire(id, paid);
                if (lease.IsAcquired) owed -= paid;
            }

            owed = Math.Min(mostOwed, owed);
            Interlocked.Exchange(ref _owed, owed);
            return owed;
        }
    }

    public void Dispose()
    {
        lock (_changing)
        {
            foreach (var lease in _elsewhere.Values) lease.Dispose();
            _elsewhere.Clear();
        }
    }

    private int PlacesHere(Place place) => Volatile.Read(ref _here[(int)place]);

    private sealed class HeldPlace(CallerShare share, Place place, RateLimitLease lease) : IDisposable
    {
        public void Dispose()
        {
            lease.Dispose();
            Interlocked.Decrement(ref share._here[(int)place]);
        }
    }
}
