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
    private readonly ConcurrentDictionary<string, CallerShare>? _shares;

    public CallerQuotas(ServerOptions options, EngineHost host, TimeProvider time)
    {
        _options = options.Access.Limits;
        _host = host;
        _time = time;
        if (options.Store.Node is not null) _shares = new ConcurrentDictionary<string, CallerShare>(StringComparer.Ordinal);
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
        var share = ShareOf(id);
        share?.Note(_time);
        if (_requests is null) return;
        var pause = TimeSpan.FromSeconds(1);
        if (share is null || Pay(id, share, 0) is not (> 0 and var owed))
        {
            using var lease = _requests.AttemptAcquire(id);
            if (lease.IsAcquired)
            {
                share?.CountRequest();
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
        if (lease.IsAcquired) return ShareOf(id)?.Hold(place, lease) ?? lease;
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
        foreach (var (id, share) in _shares!)
        {
            var today = Today(id);
            var use = share.Tell(id, today);
            if (_time.GetElapsedTime(share.LastRequest) < Told || use.Uploads + use.EventStreams + use.Queries + use.Inferences > 0) uses.Add(use);
            else if (share.IsIdleElsewhere) _shares.TryRemove(id, out _);
            else share.BeginAnew(today);
        }

        return uses;
    }

    /// <summary>Counts what callers do at other nodes as if they did it here.</summary>
    public void CountElsewhere(UsesElsewhere elsewhere)
    {
        // What was sent meanwhile the store knows.
        if (!elsewhere.IsContinued) _days.Clear();
        // What came to the caller in a long while beyond what it can have at once is not there to pay with, and was there for what it did elsewhere.
        var rate = _options.RequestsPerSecond ?? 0;
        var forgone = (long)Math.Max(0, (rate * elsewhere.Since.TotalSeconds) - Math.Max(rate, _options.RequestBurst));
        foreach (var id in _shares!.Keys.Union(elsewhere.Uses.Keys, StringComparer.Ordinal))
        {
            var share = ShareOf(id)!;
            var use = elsewhere.Uses.GetValueOrDefault(id) ?? new CallerUse(id);
            if (_requests is not null) Pay(id, share, Math.Max(0, use.Requests - forgone));
            Today(id)?.AddElsewhere(use.Bytes);
            Hold(Place.Uploads, use.Uploads);
            Hold(Place.EventStreams, use.EventStreams);
            Hold(Place.Queries, use.Queries);
            Hold(Place.Inferences, use.Inferences);

            void Hold(Place place, int count) => share.HoldElsewhere(place, id, count, _places[place].Limiter, _places[place].Most);
        }
    }

    public void Dispose()
    {
        foreach (var share in _shares?.Values ?? []) share.Dispose();
        _requests?.Dispose();
        foreach (var (limiter, _) in _places.Values) limiter.Dispose();
    }

    /// <summary>What is shared with other nodes of a caller; null where there are none, and where no text of the store can hold its id: it is counted here alone.</summary>
    private CallerShare? ShareOf(string id) => _shares is { } shares && !id.Contains('\0', StringComparison.Ordinal) ? shares.GetOrAdd(id, _ => new CallerShare(Today(id))) : null;

    /// <summary>The bytes of a caller that are counted; null where it has sent none to this process.</summary>
    private Day? Today(string id) => _days.TryGetValue(id, out var day) && day is { IsValueCreated: true, Value.IsCompletedSuccessfully: true } ? day.Value.Result : null;

    /// <summary>Takes what a caller owes for requests at other nodes from those that it may send here, as far as there are any.</summary>
    /// <returns>What it still owes.</returns>
    private long Pay(string id, CallerShare share, long more) =>
        share.Pay(_requests!, id, more, Math.Max(_options.RequestsPerSecond!.Value, _options.RequestBurst), MostOwedSeconds * (long)_options.RequestsPerSecond!.Value);

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
}
