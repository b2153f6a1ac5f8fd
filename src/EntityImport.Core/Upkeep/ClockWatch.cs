using EntityImport.Files;
using Microsoft.Extensions.Logging;

namespace EntityImport.Upkeep;

/// <summary>
/// Tells time that has passed from a clock that was set. A clock that is more than a day ahead of when the service was last seen running, and of the time that it has run since, is
/// not believed before a day of running has confirmed it. Not thread-safe.
/// </summary>
internal sealed class ClockWatch(ImportFiles files, TimeProvider time, ILogger log)
{
    /// <summary>How far the clock may be ahead, and how long it is doubted then. Who stops the service for longer waits for deletions a day longer.</summary>
    private static readonly TimeSpan Doubt = TimeSpan.FromDays(1);

    private DateTimeOffset _seen;
    private long _seenAt;
    private (DateTimeOffset Now, long Stamp) _checked;
    private long? _doubtedAt;
    private bool _begun;

    /// <summary>Whether the clock is to be believed now.</summary>
    public async ValueTask<bool> IsTrustedAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var stamp = time.GetTimestamp();
        if (!_begun) await BeginAsync(now, stamp, cancellationToken).ConfigureAwait(false);
        _checked = (now, stamp);
        if (now - _seen <= time.GetElapsedTime(_seenAt, stamp) + Doubt) _doubtedAt = null;
        else if (_doubtedAt is null)
        {
            _doubtedAt = stamp;
            log.LogWarning("The clock says {Now}, but the service was last seen running at {Seen}; nothing is deleted as expired for a day, so that a wrong clock can be corrected", now, _seen);
        }

        return _doubtedAt is not { } doubted || time.GetElapsedTime(doubted, stamp) >= Doubt;
    }

    /// <summary>Notes that the service was running when the clock was found to be trusted.</summary>
    public ValueTask NoteAsync(CancellationToken cancellationToken)
    {
        (_seen, _seenAt, _doubtedAt) = (_checked.Now, _checked.Stamp, null);
        return files.WriteClockAsync(_seen, cancellationToken);
    }

    private async ValueTask BeginAsync(DateTimeOffset now, long stamp, CancellationToken cancellationToken)
    {
        // Earlier versions left no note, but the ids of files tell, too, when the service ran.
        var seen = files.ReadClock();
        if (seen is null && files.ListUploads().Concat(files.ListRejected()).Select(IdTime.Of).DefaultIfEmpty(now).Max() is var newest)
        {
            seen = newest < now ? newest : now;
            await files.WriteClockAsync(seen.Value, cancellationToken).ConfigureAwait(false);
        }

        (_seen, _seenAt, _begun) = (seen!.Value, stamp, true);
    }
}
