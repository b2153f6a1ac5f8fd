using System.Diagnostics;

namespace EntityImport.Bench.Torture.Large;

/// <summary>Watches the store's write-ahead log from outside, to know when a commit has written it and a checkpoint is at work.</summary>
internal sealed class LogWatch(string data)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(2);

    /// <summary>The most bytes that the log was seen to have.</summary>
    public long Peak { get; private set; }

    /// <summary>Bytes of the log now, whatever files it is in.</summary>
    public long Measure()
    {
        var size = Directory.EnumerateFiles(data, "store.duckdb.wal*").Sum(LengthOf);
        Peak = Math.Max(Peak, size);
        return size;
    }

    /// <summary>Waits until the log is of a size and has not grown for a moment; false where the work ended before.</summary>
    /// <param name="least">How many bytes it must have.</param>
    /// <param name="still">How long it must not have grown.</param>
    /// <param name="work">What it grows by.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<bool> WaitForCheckpointAsync(long least, TimeSpan still, Task work, CancellationToken cancellationToken)
    {
        var (last, since) = (0L, Stopwatch.GetTimestamp());
        while (!work.IsCompleted)
        {
            var size = Measure();
            if (size != last) (last, since) = (size, Stopwatch.GetTimestamp());
            if (size >= least && Stopwatch.GetElapsedTime(since) >= still) return true;
            await Task.WhenAny(work, Task.Delay(Poll, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
        }

        return false;
    }

    private static long LengthOf(string file)
    {
        try
        {
            return new FileInfo(file).Length;
        }
        catch (FileNotFoundException)
        {
            return 0;
        }
    }
}
