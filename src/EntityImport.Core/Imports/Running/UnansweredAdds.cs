using Microsoft.Extensions.Logging;

namespace EntityImport.Imports.Running;

/// <summary>
/// Imports, or plans, that were added to the catalog without an answer: whether it has them is asked until it says so, because what it has must run. Thread-safe.
/// That it has one not is no answer yet: a commit whose connection was cut may still be under way in the database, as one is that waits for a standby. It is asked again for an hour.
/// </summary>
/// <param name="what">What they are, in the singular, for the log.</param>
/// <param name="find">Asks for one; null where there is none.</param>
/// <param name="takeUp">Has one run, given the size of its file.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Where failures are told.</param>
internal sealed class UnansweredAdds<T>(string what, Func<Guid, CancellationToken, Task<T?>> find, Action<T, long> takeUp, TimeProvider time, ILogger log)
    where T : class
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);

    /// <summary>How long a commit is waited for that the catalog does not have. Longer than anybody leaves a database standing.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    /// <summary>How many are asked for that the catalog does not have, so that an hour in which all adds fail is not followed by one of questions. One more is forgotten.</summary>
    private const int MostMissing = 1000;

    private readonly Dictionary<Guid, (long Bytes, bool IsMissing, Task Asking)> _adds = [];

    /// <summary>Begins to ask for one.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="bytes">Size of its file.</param>
    /// <param name="stopping">Ends that; the next start finds it.</param>
    public void Add(Guid id, long bytes, CancellationToken stopping)
    {
        lock (_adds) _adds[id] = (bytes, false, Task.Run(() => AskAsync(id, stopping), CancellationToken.None));
    }

    /// <summary>Asks for those at once that the catalog has said nothing of, so that what comes later comes behind them.</summary>
    public async Task SettleAsync(CancellationToken cancellationToken)
    {
        List<Guid> ids;
        lock (_adds) ids = [.. _adds.Where(add => !add.Value.IsMissing).Select(add => add.Key)];
        foreach (var id in ids) Settle(id, await find(id, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Waits until nothing is asked any more, once that was stopped.</summary>
    public Task EndAsync()
    {
        lock (_adds) return Task.WhenAll(_adds.Values.Select(add => add.Asking));
    }

    private async Task AskAsync(Guid id, CancellationToken stopping)
    {
        var begun = time.GetTimestamp();
        for (var pause = FirstPause; IsOpen(id); pause = Worker.Longer(pause))
        {
            try
            {
                if (!Settle(id, await find(id, stopping).ConfigureAwait(false)) && time.GetElapsedTime(begun) > LongestWait) Forget(id);
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                log.LogError(exception, "Whether the {What} {Id} was added cannot be read; that is tried again in {Seconds} s", what, id, pause.TotalSeconds);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            if (IsOpen(id)) await Task.Delay(pause, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stopping.IsCancellationRequested) return;
        }
    }

    private bool IsOpen(Guid id)
    {
        lock (_adds) return _adds.ContainsKey(id);
    }

    private void Forget(Guid id)
    {
        lock (_adds) _adds.Remove(id);
        TellForgotten(id);
    }

    private void TellForgotten(Guid id) => log.LogInformation("The {What} {Id} was not added, as its caller was told; the catalog is not asked for it any more", what, id);

    /// <summary>Has it run where it is there, once, whoever has asked.</summary>
    private bool Settle(Guid id, T? found)
    {
        lock (_adds)
        {
            if (!_adds.TryGetValue(id, out var add)) return true;
            if (found is null && (add.IsMissing || _adds.Values.Count(other => other.IsMissing) < MostMissing))
            {
                _adds[id] = add with { IsMissing = true };
                return false;
            }

            _adds.Remove(id);
            if (found is null) TellForgotten(id);
            else takeUp(found, add.Bytes);
            return true;
        }
    }
}
