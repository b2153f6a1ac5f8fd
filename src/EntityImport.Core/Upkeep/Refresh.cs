using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Notices;
using Microsoft.Extensions.Logging;

namespace EntityImport.Upkeep;

/// <summary>Where several nodes share a store: takes up what others have changed of what this one keeps in memory, API keys and webhooks.</summary>
internal sealed class Refresh : IAsyncDisposable
{
    /// <summary>How old what is kept in memory may be: a key that was revoked at another node lets nobody in after that.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _work;

    /// <summary>Begins.</summary>
    public Refresh(ICatalog catalog, ApiKeys keys, Webhooks webhooks, TimeProvider time, ILogger log) => _work = Task.Run(() => RunAsync(catalog, keys, webhooks, time, log));

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _work.ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task RunAsync(ICatalog catalog, ApiKeys keys, Webhooks webhooks, TimeProvider time, ILogger log)
    {
        while (!_stopping.IsCancellationRequested)
        {
            await Task.Delay(Interval, time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                await keys.ReloadAsync(_stopping.Token).ConfigureAwait(false);
                await webhooks.ReloadAsync(catalog, _stopping.Token).ConfigureAwait(false);
            }
            catch (Exception exception) when (!_stopping.IsCancellationRequested)
            {
                log.LogWarning(exception, "API keys and webhooks could not be read again; it is tried again in {Seconds} s", Interval.TotalSeconds);
            }
            catch (Exception)
            {
                // The service stops.
            }
        }
    }
}
