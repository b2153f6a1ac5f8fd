using EntityImport.Server.Hosting;
using EntityImport.Storage;

namespace EntityImport.Server.Access;

/// <summary>Tells other nodes once a second what callers do here, and counts here what they do there: <see cref="CallerQuotas"/> are for all nodes together.</summary>
internal sealed class QuotaSharing(EngineHost host, CallerQuotas quotas, TimeProvider time, ILogger<QuotaSharing> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var isTold = true;
        while (true)
        {
            await Task.Delay(Interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stoppingToken.IsCancellationRequested) return;
            try
            {
                quotas.CountElsewhere(await host.Engine.CallerUses.ExchangeAsync(quotas.TellUses(), stoppingToken));
                isTold = true;
            }
            catch (StoreUnavailableException exception)
            {
                if (isTold) log.LogWarning(exception, "What callers do at other nodes cannot be heard of: until it can be, what they do here is all that counts anew");
                isTold = false;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
    }
}
