using EntityImport.Storage;

namespace EntityImport.Access;

/// <summary>What callers do at other nodes, for whoever holds them to limits that are meant for all nodes together: as they were told of at most as long ago as it is exchanged. Not thread-safe.</summary>
public sealed class CallerUses
{
    private readonly ICluster? _cluster;
    private Dictionary<(Guid NodeId, string CallerId), (long Requests, long Bytes)>? _seen;
    private bool _hasTold;

    internal CallerUses(ICluster? cluster) => _cluster = cluster;

    /// <summary>Tells other nodes what callers do here, and hears what they do there.</summary>
    /// <param name="here">The callers that have done something a short while ago, with what they have done since they were named first, and have open. With none of them nobody is asked, either.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>By their ids: what they have done at all other nodes since the last call, and have open there. The first call, and the first one after nobody was asked, has only what is open.</returns>
    /// <exception cref="StoreUnavailableException">The store cannot be asked.</exception>
    public async Task<IReadOnlyDictionary<string, CallerUse>> ExchangeAsync(IReadOnlyList<CallerUse> here, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(here);
        var elsewhere = new Dictionary<string, CallerUse>(StringComparer.Ordinal);
        if (_cluster is null || (here.Count == 0 && !_hasTold))
        {
            _seen = null;
            return elsewhere;
        }

        var told = await _cluster.ExchangeUsesAsync(here, cancellationToken).ConfigureAwait(false);
        _hasTold = here.Count > 0;
        var seen = new Dictionary<(Guid, string), (long, long)>();
        foreach (var (node, use) in told)
        {
            seen[(node, use.CallerId)] = (use.Requests, use.Bytes);
            // Who was not told of the last time has begun since.
            var last = _seen is null ? (use.Requests, use.Bytes) : _seen.GetValueOrDefault((node, use.CallerId));
            var sum = elsewhere.GetValueOrDefault(use.CallerId) ?? new CallerUse(use.CallerId);
            elsewhere[use.CallerId] = sum with
            {
                Requests = sum.Requests + Since(use.Requests, last.Requests),
                Bytes = sum.Bytes + Since(use.Bytes, last.Bytes),
                Uploads = sum.Uploads + use.Uploads,
                EventStreams = sum.EventStreams + use.EventStreams,
                Queries = sum.Queries + use.Queries,
                Inferences = sum.Inferences + use.Inferences,
            };
        }

        _seen = seen;
        return elsewhere;
    }

    /// <summary>What has come to a count, which begins anew where it was forgotten meanwhile.</summary>
    private static long Since(long now, long before) => now >= before ? now - before : now;
}
