using System.Collections.Concurrent;
using System.Globalization;
using System.Threading.RateLimiting;
using EntityImport.Access;
using EntityImport.Server.Hosting;
using EntityImport.Server.Options;
using EntityImport.Storage;

namespace EntityImport.Server.Access;

/// <summary>What calls of a caller occupy as long as they last.</summary>
internal enum Place
{
    /// <summary>Files that are sent.</summary>
    Uploads,

    /// <summary>Event streams that are open.</summary>
    EventStreams,

    /// <summary>Queries for records that run or wait.</summary>
    Queries,

    /// <summary>Inferences that run or wait.</summary>
    Inferences,
}

/// <summary>
/// How much each caller does, held to what it may do: so that one of them cannot take everything that all of them may do together. Where there are several nodes, what it does at the others counts as soon as <see cref="QuotaSharing"/>
/// has heard of it. Thread-safe.
/// </summary>
internal sealed class CallerQuotas : IDisposable
{
    /// <summary>For how long after its last request other nodes are told of a caller.</summary>
    private static readonly TimeSpan Told = TimeSpan.FromSeconds(10);

    /// <summary>What a caller may still owe for requests at other nodes when there is nothing left to pay with: as many as it may send in a minute.</summary>
    private const int MostOwedSeconds = 60;

    private readonly CallerLimitOptions _options;
    private readonly PartitionedRateLimiter<string>? _requests;
    private readonly Dictionary<Place, (PartitionedRateLimiter<string> Limiter, int Most)> _places;
    private readonly ConcurrentDictionary<string, Lazy<Task<Day>>> _days = new(StringComparer.Ordinal);
    private readonly EngineHost _host;
    private readonly TimeProvider _time;

    /// <summary>What is told to other nodes; null where there are none.</summary>
    private readonly ConcurrentDictionary<string, Shared>? _shared;

    public CallerQuotas(ServerOptions options, EngineHost host, TimeProvider time)
    {
        _options = options.Access.Limits;
        _host = host;
        _time = time;
        if (options.Store.Node is not null) _shared = new ConcurrentDictionary<string, Shared>(StringComparer.Ordinal);
        if (_options.RequestsPerSecond is { } rate) _requests = PerCaller(new TokenBucketRateLimiterOptions
        {
            TokenLimit = Math.Max(rate, _options.RequestBurst),
            TokensPerPeriod = rate,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1),
            QueueLimit = 0,
            // The limiter of all callers does it for each.
            AutoReplenishment = false,
        });
        _places = new Dictionary<Place, (PartitionedRateLimiter<string>, int)>
        {
            [Place.Uploads] = Places(_options.Uploads),
            [Place.EventStreams] = Places(_options.EventStreams),
            [Place.Queries] = Places(_options.Queries),
            [Place.Inferences] = Places(_options.Inferences),
        };
    }

    /// <summary>Counts a request. A caller without an id has no limits of its own.</summary>
    /// <exception cref="RequestException">The caller has sent too many; the answer's headers tell how many it may send.</exception>
    public void CountRequest(Caller caller, HttpResponse response)
    {
        if (caller.Id is not { } id) return;
        var shared = ShareOf(id);
        shared?.Note(_time);
        if (_requests is null) return;
        var pause = TimeSpan.FromSeconds(1);
        if (shared is null || Pay(id, shared, 0) is not (> 0 and var owed))
        {
            using var lease = _requests.AttemptAcquire(id);
            if (lease.IsAcquired)
            {
                shared?.CountRequest();
                return;
            }

            if (lease.TryGetMetadata(MetadataName.RetryAfter, out var after) && after > pause) pause = after;
        }
        else
        {
            pause += TimeSpan.FromSeconds(owed / _options.RequestsPerSecond!.Value);
        }

        // draft-ietf-httpapi-ratelimit-headers. The answer to what was refused is made elsewhere, from a response without headers.
        response.OnStarting(() =>
        {
            var seconds = Math.Ceiling(pause.TotalSeconds);
            var window = Math.Max(1, _options.RequestBurst / _options.RequestsPerSecond!.Value);
            response.Headers["RateLimit-Policy"] = string.Create(CultureInfo.InvariantCulture, $"\"requests\";q={_options.RequestBurst};w={window}");
            response.Headers["RateLimit"] = string.Create(CultureInfo.InvariantCulture, $"\"requests\";r=0;t={seconds}");
            return Task.CompletedTask;
        });
        throw TooMany("caller-requests", string.Create(CultureInfo.InvariantCulture, $"The caller sends more than {_options.RequestsPerSecond} requests a second."), pause);
    }

    /// <summary>Takes a place for a call; disposing the result gives it back. Null where the caller has no limits of its own.</summary>
    /// <exception cref="RequestException">The caller has taken all of its places.</exception>
    public IDisposable? Take(Caller caller, Place place)
    {
        if (caller.Id is not { } id) return null;
        var (limiter, most) = _places[place];
        var lease = limiter.AttemptAcquire(id);
        if (lease.IsAcquired) return lease;
        lease.Dispose();
        var (type, what) = place switch
        {
            Place.Uploads => ("caller-uploads", "files that it is sending"),
            Place.EventStreams => ("caller-event-streams", "event streams open"),
            Place.Queries => ("caller-queries", "queries for records running or waiting"),
            _ => ("caller-inferences", "inferences running or waiting"),
        };
        throw TooMany(type, string.Create(CultureInfo.InvariantCulture, $"The caller has {most} {what}, which is as many as it may have at the same time."), TimeSpan.FromSeconds(1));
    }

    /// <summary>The caller's bytes of today, which what it sends is added to; null where it may send any number.</summary>
    public async Task<Day?> TodayAsync(Request request)
    {
        if (_options.BytesPerDay is not { } most || request.Caller.Id is not { } id) return null;
        var today = DateOnly.FromDateTime(_time.GetUtcNow().UtcDateTime);
        while (true)
        {
            var lazy = _days.GetOrAdd(id, _ => new Lazy<Task<Day>>(() => LoadAsync(request, today, most)));
            try
            {
                var day = await lazy.Value;
                if (day.Date == today) return day;
            }
            catch
            {
                _days.TryRemove(KeyValuePair.Create(id, lazy));
                throw;
            }

            _days.TryRemove(KeyValuePair.Create(id, lazy));
        }
    }

    /// <summary>What callers do here that have done something a short while ago.</summary>
    public IReadOnlyList<CallerUse> TellUses()
    {
        var uses = new List<CallerUse>();
        foreach (var (id, shared) in _shared!)
        {
            var use = new CallerUse(id)
            {
                Requests = shared.Requests,
                Bytes = Today(id) is { } day ? day.SentHere - shared.BytesBefore(day) : 0,
                Uploads = PlacesHere(Place.Uploads),
                EventStreams = PlacesHere(Place.EventStreams),
                Queries = PlacesHere(Place.Queries),
                Inferences = PlacesHere(Place.Inferences),
            };
            if (_time.GetElapsedTime(shared.LastRequest) < Told || use.Uploads + use.EventStreams + use.Queries + use.Inferences > 0) uses.Add(use);
            else if (shared.IsIdleElsewhere) _shared.TryRemove(id, out _);

            int PlacesHere(Place place) => shared.PlacesHere(place, _places[place], id);
        }

        return uses;
    }

    /// <summary>Counts what callers do at other nodes as if they did it here.</summary>
    /// <param name="elsewhere">What they have done since the last time, and have open now, by their ids.</param>
    public void CountElsewhere(IReadOnlyDictionary<string, CallerUse> elsewhere)
    {
        foreach (var id in _shared!.Keys.Union(elsewhere.Keys, StringComparer.Ordinal))
        {
            var shared = ShareOf(id)!;
            var use = elsewhere.GetValueOrDefault(id) ?? new CallerUse(id);
            if (_requests is not null) Pay(id, shared, use.Requests);
            Today(id)?.AddElsewhere(use.Bytes);
            shared.TakeElsewhere(Place.Uploads, _places[Place.Uploads], id, use.Uploads);
            shared.TakeElsewhere(Place.EventStreams, _places[Place.EventStreams], id, use.EventStreams);
            shared.TakeElsewhere(Place.Queries, _places[Place.Queries], id, use.Queries);
            shared.TakeElsewhere(Place.Inferences, _places[Place.Inferences], id, use.Inferences);
        }
    }

    public void Dispose()
    {
        foreach (var shared in _shared?.Values ?? []) shared.Dispose();
        _requests?.Dispose();
        foreach (var (limiter, _) in _places.Values) limiter.Dispose();
    }

    private Shared? ShareOf(string id) => _shared?.GetOrAdd(id, _ => new Shared(Today(id)));

    /// <summary>The bytes of a caller that are counted; null where it has sent none to this process.</summary>
    private Day? Today(string id) => _days.TryGetValue(id, out var day) && day is { IsValueCreated: true, Value.IsCompletedSuccessfully: true } ? day.Value.Result : null;

    /// <summary>Takes what a caller owes for requests at other nodes from those that it may send here, as far as there are any.</summary>
    /// <returns>What it still owes.</returns>
    private long Pay(string id, Shared shared, long more) => shared.Pay(_requests!, id, more, MostOwedSeconds * (long)_options.RequestsPerSecond!.Value);

    /// <summary>What the caller has stored today, which the store knows also after a restart.</summary>
    private async Task<Day> LoadAsync(Request request, DateOnly today, long most)
    {
        var bytes = await _host.Engine.Uploads.CountBytesAsync(request, new DateTimeOffset(today.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero), CancellationToken.None);
        return new Day(today, most, bytes, _time);
    }

    private static PartitionedRateLimiter<string> PerCaller(TokenBucketRateLimiterOptions options) => PerCaller(_ => new TokenBucketRateLimiter(options));

    private static (PartitionedRateLimiter<string> Limiter, int Most) Places(int most) => (PerCaller(_ => new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = most, QueueLimit = 0 })), most);

    /// <summary>The framework's own short forms make the factory anew, and three other objects, for each request.</summary>
    private static PartitionedRateLimiter<string> PerCaller(Func<string, RateLimiter> create) => PartitionedRateLimiter.Create<string, string>(id => RateLimitPartition.Get(id, create));

    private static RequestException TooMany(string type, string message, TimeSpan pause) => new(FaultKind.TooMany, type, message) { RetryAfter = pause };

    /// <summary>The bytes that one caller has sent on one day. Thread-safe.</summary>
    internal sealed class Day(DateOnly date, long most, long sent, TimeProvider time)
    {
        private long _sent = sent;
        private long _sentHere;

        public DateOnly Date => date;

        /// <summary>Those of them that came to this process.</summary>
        public long SentHere => Interlocked.Read(ref _sentHere);

        /// <summary>Adds bytes that were sent to another node.</summary>
        public void AddElsewhere(long bytes) => Interlocked.Add(ref _sent, bytes);

        /// <summary>Adds bytes that were sent, whether or not they will be kept.</summary>
        /// <exception cref="RequestException">These are more than the caller may send in a day.</exception>
        public void Add(long bytes)
        {
            Interlocked.Add(ref _sentHere, bytes);
            if (Interlocked.Add(ref _sent, bytes) <= most) return;
            var now = time.GetUtcNow();
            throw TooMany(
                "caller-bytes", string.Create(CultureInfo.InvariantCulture, $"The caller may send {most} bytes of files a day (UTC), and this is more."), new DateTimeOffset(now.UtcDateTime.Date.AddDays(1), TimeSpan.Zero) - now);
        }
    }

    /// <summary>What one caller does here, for other nodes, and what it does there, which takes from its limits here. Thread-safe.</summary>
    private sealed class Shared(Day? begun) : IDisposable
    {
        private readonly long _bytesBefore = begun?.SentHere ?? 0;
        private readonly Lock _elsewhere = new();
        private readonly Dictionary<Place, (RateLimitLease Lease, int Count)> _taken = [];
        private long _requests;
        private long _lastRequest;
        private long _owed;

        /// <summary>How many requests were let through here.</summary>
        public long Requests => Interlocked.Read(ref _requests);

        /// <summary>When the last one came, as a timestamp of the clock.</summary>
        public long LastRequest => Interlocked.Read(ref _lastRequest);

        /// <summary>Whether nothing that it does at other nodes counts here.</summary>
        public bool IsIdleElsewhere
        {
            get
            {
                lock (_elsewhere) return _owed == 0 && _taken.Count == 0;
            }
        }

        /// <summary>How many of a day's bytes were sent here before other nodes are told of them.</summary>
        public long BytesBefore(Day day) => day == begun ? _bytesBefore : 0;

        public void Note(TimeProvider time) => Interlocked.Exchange(ref _lastRequest, time.GetTimestamp());

        public void CountRequest() => Interlocked.Increment(ref _requests);

        /// <summary>Adds to what is owed, and pays as much of it as there is.</summary>
        public long Pay(PartitionedRateLimiter<string> requests, string id, long more, long most)
        {
            if (more == 0 && Interlocked.Read(ref _owed) == 0) return 0;
            lock (_elsewhere)
            {
                var owed = _owed + more;
                var paid = Math.Min(owed, requests.GetStatistics(id)?.CurrentAvailablePermits ?? 0);
                if (paid > 0)
                {
                    using var lease = requests.AttemptAcquire(id, (int)paid);
                    if (lease.IsAcquired) owed -= paid;
                }

                owed = Math.Min(most, owed);
                Interlocked.Exchange(ref _owed, owed);
                return owed;
            }
        }

        /// <summary>How many places the caller has here.</summary>
        public int PlacesHere(Place place, (PartitionedRateLimiter<string> Limiter, int Most) places, string id)
        {
            lock (_elsewhere)
            {
                var free = places.Limiter.GetStatistics(id)?.CurrentAvailablePermits ?? places.Most;
                return Math.Max(0, places.Most - (int)free - (_taken.TryGetValue(place, out var taken) ? taken.Count : 0));
            }
        }

        /// <summary>Takes as many places here as the caller has elsewhere, in place of those that were taken for that before, as far as they are free.</summary>
        public void TakeElsewhere(Place place, (PartitionedRateLimiter<string> Limiter, int Most) places, string id, int count)
        {
            lock (_elsewhere)
            {
                if (_taken.Remove(place, out var before)) before.Lease.Dispose();
                if (count == 0) return;
                count = Math.Min(count, (int)(places.Limiter.GetStatistics(id)?.CurrentAvailablePermits ?? places.Most));
                if (count == 0) return;
                var lease = places.Limiter.AttemptAcquire(id, count);
                if (lease.IsAcquired) _taken[place] = (lease, count);
                else lease.Dispose();
            }
        }

        public void Dispose()
        {
            lock (_elsewhere)
            {
                foreach (var (lease, _) in _taken.Values) lease.Dispose();
                _taken.Clear();
            }
        }
    }
}
