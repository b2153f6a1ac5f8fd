using Microsoft.Extensions.Logging;

namespace EntityImport.Imports.Running;

/// <summary>Imports, or plans, that were added to the catalog without an answer: whether it has them is asked until it says so, because what it has must run. Thread-safe.</summary>
/// <param name="what">What they are, in the singular, for the log.</param>
/// <param name="find">Asks for one; null where there is none.</param>
/// <param name="takeUp">Has one run, given the size of its file.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Where failures are told.</param>
internal sealed class UnansweredAdds<T>(string what, Func<Guid, CancellationToken, Task<T?>> find, Action<T, long> takeUp, TimeProvider time, ILogger log)
    where T : class
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);

    private readonly Dictionary<Guid, (long Bytes, Task Asking)> _adds = [];

    /// <summary>Begins to ask for one.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="bytes">Size of its file.</param>
    /// <param name="stopping">Ends that; the next start finds it.</param>
    public void Add(Guid id, long bytes, CancellationToken stopping)
    {
        lock (_adds) _adds[id] = (bytes, Task.Run(() => AskAsync(id, stopping), CancellationToken.None));
    }

    /// <summary>Asks for all of them at once, so that what comes later comes behind them.</summary>
    public async Task SettleAsync(CancellationToken cancellationToken)
    {
        List<Guid> ids;
        lock (_adds) ids = [.. _adds.Keys];
        foreach (var id in ids) Settle(id, await find(id, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Waits until nothing is asked any more, once that was stopped.</summary>
    public Task EndAsync()
    {
        lock (_adds) return Task.WhenAll(_adds.Values.Select(add => add.Asking));
    }

    private async Task AskAsync(Guid id, CancellationToken stopping)
    {
        for (var pause = FirstPause; IsOpen(id) && !stopping.IsCancellationRequested; pause = Worker.Longer(pause))
        {
            try
            {
                Settle(id, await find(id, stopping).ConfigureAwait(false));
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                log.LogError(exception, "Whether the {What} {Id} was added cannot be read; that is tried again in {Seconds} s", what, id, pause.TotalSeconds);
                await Task.Delay(pause, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private bool IsOpen(Guid id)
    {
        lock (_adds) return _adds.ContainsKey(id);
    }

    /// <summary>Has it run where it is there, once, whoever has asked.</summary>
    private void Settle(Guid id, T? found)
    {
        lock (_adds)
        {
            if (_adds.Remove(id, out var add) && found is not null) takeUp(found, add.Bytes);
        }
    }
}
