using EntityImport.Access;
using EntityImport.Server.Hosting;

namespace EntityImport.Server.Access;

/// <summary>Tells other nodes once a second what callers do here, and counts here what they do there: <see cref="CallerQuotas"/> are for all nodes together.</summary>
internal sealed class QuotaSharing(EngineHost host, CallerQuotas quotas, TimeProvider time, ILogger<QuotaSharing> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>How long an answer is waited for.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var failures = 0;
        while (true)
        {
            await Task.Delay(Interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stoppingToken.IsCancellationRequested) return;
            try
            {
                // What was heard last is not so for ever.
                if (failures > 1) quotas.CountElsewhere(UsesElsewhere.Nothing);
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                patience.CancelAfter(Patience);
                quotas.CountElsewhere(await host.Engine.CallerUses.ExchangeAsync(quotas.TellUses(), patience.Token));
                failures = 0;
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                if (failures++ == 0) log.LogWarning(exception, "What callers do at other nodes could not be heard of; until it is again, they are held to their limits at each node for itself");
            }
            catch (Exception)
            {
                // The service stops.
                return;
            }
        }
    }
}
