using EntityImport.Storage;

namespace EntityImport.Access;

/// <summary>What callers do at other nodes, for whoever holds them to limits that are meant for all nodes together. Not thread-safe.</summary>
public sealed class CallerUses
{
    /// <summary>After how long without an answer what was done meanwhile is no longer charged: a caller that kept to its limits would be shut out for it.</summary>
    private static readonly TimeSpan MostSilence = TimeSpan.FromSeconds(10);

    /// <summary>For how long it is known what a node has told of a caller. What it tells next is more than that, also where it was not to be read for a while: after a crash of the store's server, or while a lease was not renewed.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromHours(1);

    private readonly ICluster? _cluster;
    private readonly TimeProvider _time;
    private readonly Dictionary<(Guid NodeId, string CallerId), (long Requests, long Bytes, long At)> _seen = [];
    private long? _heard;
    private bool _hasTold;

    internal CallerUses(ICluster? cluster, TimeProvider time) => (_cluster, _time) = (cluster, time);

    /// <summary>Tells other nodes what callers do here, and hears what they do there.</summary>
    /// <param name="here">The callers that have done something a short while ago, with what they have done since then, and have open. With none of them nobody is asked, either.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>What they do at all other nodes.</returns>
    /// <exception cref="StoreUnavailableException">The store cannot be asked.</exception>
    public async Task<UsesElsewhere> ExchangeAsync(IReadOnlyList<CallerUse> here, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(here);
        var sums = new Dictionary<string, CallerUse>(StringComparer.Ordinal);
        if (_cluster is null || (here.Count == 0 && !_hasTold))
        {
            _heard = null;
            return UsesElsewhere.Nothing;
        }

        // What is told counts as told even where the answer is lost.
        _hasTold |= here.Count > 0;
        var told = await _cluster.ExchangeUsesAsync(here, cancellationToken).ConfigureAwait(false);
        _hasTold = here.Count > 0;
        var now = _time.GetTimestamp();
        var since = _heard is { } heard ? _time.GetElapsedTime(heard, now) : MostSilence;
        var isContinued = since < MostSilence;
        _heard = now;
        foreach (var (node, use) in told)
        {
            var last = _seen.GetValueOrDefault((node, use.CallerId));
            _seen[(node, use.CallerId)] = (use.Requests, use.Bytes, now);
            var sum = sums.GetValueOrDefault(use.CallerId) ?? new CallerUse(use.CallerId);
            sums[use.CallerId] = sum with
            {
                Requests = sum.Requests + (isContinued ? Since(use.Requests, last.Requests) : 0),
                Bytes = sum.Bytes + (isContinued ? Since(use.Bytes, last.Bytes) : 0),
                Uploads = sum.Uploads + use.Uploads,
                EventStreams = sum.EventStreams + use.EventStreams,
                Queries = sum.Queries + use.Queries,
                Inferences = sum.Inferences + use.Inferences,
            };
        }

        foreach (var (key, _) in _seen.Where(known => _time.GetElapsedTime(known.Value.At, now) > Remembered).ToList()) _seen.Remove(key);
        return new UsesElsewhere(isContinued, since, sums);
    }

    /// <summary>What has come to a count, which begins anew where it was forgotten meanwhile.</summary>
    private static long Since(long now, long before) => now >= before ? now - before : now;
}

/// <summary>What callers do at all other nodes.</summary>
/// <param name="IsContinued">Whether it was heard of a short while before, too. Else what was done meanwhile is not told: neither requests nor bytes.</param>
/// <param name="Since">How long ago it was heard of last.</param>
/// <param name="Uses">By the ids of callers what they have done since it was heard of last, and have open now.</param>
public sealed record UsesElsewhere(bool IsContinued, TimeSpan Since, IReadOnlyDictionary<string, CallerUse> Uses)
{
    /// <summary>Nothing.</summary>
    public static UsesElsewhere Nothing { get; } = new(IsContinued: true, TimeSpan.Zero, new Dictionary<string, CallerUse>());
}
