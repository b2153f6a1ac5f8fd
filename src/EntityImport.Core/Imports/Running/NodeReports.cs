using EntityImport.Catalog;
using EntityImport.Storage;
using Microsoft.Extensions.Logging;

namespace EntityImport.Imports.Running;

/// <summary>What a node and the others tell each other of what it is at: how far it is, and what has been ended elsewhere.</summary>
/// <param name="cluster">The store's side of it.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Where failures are told.</param>
internal sealed class NodeReports(ICluster cluster, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Reports once a second.</summary>
    /// <param name="running">What the node is at, by the number that others know it by.</param>
    /// <param name="stopping">Ends it.</param>
    public async Task RunAsync(Func<IEnumerable<ActiveImport>> running, CancellationToken stopping)
    {
        while (true)
        {
            await Task.Delay(Interval, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stopping.IsCancellationRequested) return;
            var active = running().ToDictionary(active => active.Import.Id);
            if (active.Count == 0) continue;
            try
            {
                await cluster.ReportAsync([.. active.Select(entry => (entry.Key, entry.Value.Progress))], stopping).ConfigureAwait(false);
                foreach (var (import, _) in await cluster.ReadAsync(active.Keys, stopping).ConfigureAwait(false))
                    if (import.HasEnded) await active[import.Id].End.TryCancelAsync(new CatalogCommit()).ConfigureAwait(false);
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                log.LogWarning(exception, "How far {Count} imports are could not be told to other nodes", active.Count);
            }
            catch (Exception)
            {
                // The service stops.
            }
        }
    }
}
