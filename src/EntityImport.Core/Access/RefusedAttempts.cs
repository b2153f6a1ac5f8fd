using EntityImport.Catalog;
using Microsoft.Extensions.Logging;

namespace EntityImport.Access;

/// <summary>
/// Refused attempts, for the audit trail. Those of one kind within a minute become one entry with their number, and no more than <see cref="KindsPerMinute"/> entries are made in a
/// minute, so that a flood neither fills the disk nor keeps the store busy. Thread-safe.
/// </summary>
public sealed class RefusedAttempts : IAsyncDisposable
{
    /// <summary>The most kinds of attempts that are told apart in a minute; the rest are counted together.</summary>
    public const int KindsPerMinute = 100;

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly Lock _state = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ICatalog _catalog;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Task _work;
    private Dictionary<Kind, AuditEntry> _attempts = [];

    internal RefusedAttempts(ICatalog catalog, TimeProvider time, ILogger log)
    {
        _catalog = catalog;
        _time = time;
        _log = log;
        _work = Task.Run(WriteAsync);
    }

    /// <summary>Notes an attempt. It is in the audit trail within a minute, and at the latest when the engine closes.</summary>
    /// <param name="request">What was attempted; its caller is <see cref="Caller.Anonymous"/> where nobody could be believed.</param>
    /// <param name="problem">The stable name of the problem that it was refused with.</param>
    public void Note(Request request, string problem)
    {
        ArgumentNullException.ThrowIfNull(request);
        var kind = new Kind(request.Caller.Id, request.Address, request.Call, problem);
        lock (_state)
        {
            if (!_attempts.ContainsKey(kind) && _attempts.Count >= KindsPerMinute) kind = new Kind(null, null, null, "further-attempts");
            _attempts[kind] = _attempts.TryGetValue(kind, out var earlier)
                ? earlier with { Count = earlier.Count + 1 }
                : kind.Call is null ? new AuditEntry { Id = Guid.CreateVersion7(_time.GetUtcNow()), At = _time.GetUtcNow(), Result = kind.Problem } : AuditNotes.Of(request, _time.GetUtcNow(), problem);
        }
    }

    /// <summary>Writes down what was noted.</summary>
    internal async Task FlushAsync(CancellationToken cancellationToken)
    {
        Dictionary<Kind, AuditEntry> attempts;
        lock (_state) (attempts, _attempts) = (_attempts, []);
        foreach (var entry in attempts.Values) await _catalog.CommitAsync(new CatalogCommit { Audit = entry }, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _work.ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task WriteAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            await Task.Delay(Interval, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                await FlushAsync(CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                _log.LogError(exception, "Refused attempts could not be written into the audit trail");
            }
        }
    }

    private sealed record Kind(string? Caller, string? Address, string? Call, string Problem);
}
