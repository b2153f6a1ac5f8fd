using System.Collections.Concurrent;
using System.Globalization;

namespace EntityImport.DuckDb.Connections;

/// <summary>
/// Threads that wait for DuckDB, whose calls block: on the threads that requests are answered by, a few long queries would keep all others from being answered. As many calls are carried out
/// at a time as there are threads; the rest wait for their turn. Thread-safe.
/// </summary>
internal sealed class StoreThreads : IDisposable
{
    private readonly BlockingCollection<Action> _calls = [];
    private readonly Thread[] _threads;
    private readonly int _most;
    private int _unfinished;

    /// <summary>Starts the threads.</summary>
    /// <param name="name">What they are for.</param>
    /// <param name="threads">How many there are.</param>
    /// <param name="waiting">How many calls may wait for one; null means any number.</param>
    public StoreThreads(string name, int threads, int? waiting = null)
    {
        _most = waiting is { } most ? threads + most : int.MaxValue;
        _threads = [.. Enumerable.Range(0, threads).Select(_ => new Thread(Work) { Name = name, IsBackground = true })];
        foreach (var thread in _threads) thread.Start();
    }

    /// <summary>Carries out a call in its turn; one that is cancelled before is not.</summary>
    /// <exception cref="RequestException">Too many wait already.</exception>
    public Task<T> RunAsync<T>(Func<T> call, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _unfinished) > _most)
        {
            Interlocked.Decrement(ref _unfinished);
            throw new RequestException(FaultKind.Busy, "store-busy", string.Create(CultureInfo.InvariantCulture, $"{_most} queries are being worked on or wait for that, which is as many as the service takes."))
            {
                RetryAfter = TimeSpan.FromSeconds(1),
            };
        }

        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _calls.Add(() => Carry(call, done, cancellationToken), CancellationToken.None);
        return done.Task;
    }

    /// <summary>Takes no more calls, and waits for the end of those that were made.</summary>
    public void Dispose()
    {
        _calls.CompleteAdding();
        foreach (var thread in _threads) thread.Join();
        _calls.Dispose();
    }

    private void Carry<T>(Func<T> call, TaskCompletionSource<T> done, CancellationToken cancellationToken)
    {
        try
        {
            if (cancellationToken.IsCancellationRequested) done.SetCanceled(cancellationToken);
            else done.SetResult(call());
        }
        catch (OperationCanceledException exception)
        {
            done.SetCanceled(exception.CancellationToken);
        }
        catch (Exception exception)
        {
            done.SetException(exception);
        }
        finally
        {
            Interlocked.Decrement(ref _unfinished);
        }
    }

    private void Work()
    {
        foreach (var call in _calls.GetConsumingEnumerable()) call();
    }
}
