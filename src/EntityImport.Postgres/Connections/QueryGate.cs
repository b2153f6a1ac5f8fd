using System.Globalization;

namespace EntityImport.Postgres.Connections;

/// <summary>Lets some queries of records be worked on at a time, so that they leave connections to the rest; others wait for their turn, and not without end. Thread-safe.</summary>
/// <param name="concurrent">How many are worked on.</param>
/// <param name="waiting">How many may wait.</param>
internal sealed class QueryGate(int concurrent, int waiting) : IDisposable
{
    private readonly SemaphoreSlim _places = new(concurrent);
    private int _unfinished;

    /// <summary>Carries out a query in its turn.</summary>
    /// <exception cref="RequestException">Too many wait already.</exception>
    public async Task<T> RunAsync<T>(Func<Task<T>> query, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _unfinished) > concurrent + waiting)
        {
            Interlocked.Decrement(ref _unfinished);
            throw new RequestException(
                FaultKind.Busy, "store-busy", string.Create(CultureInfo.InvariantCulture, $"{concurrent + waiting} queries are being worked on or wait for that, which is as many as the service takes."))
            {
                RetryAfter = TimeSpan.FromSeconds(1),
            };
        }

        try
        {
            await _places.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                return await query().ConfigureAwait(false);
            }
            finally
            {
                _places.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _unfinished);
        }
    }

    public void Dispose() => _places.Dispose();
}
