using System.Diagnostics;
using System.Globalization;

namespace EntityImport.Bench.Fuzz;

/// <summary>
/// Runs inputs of a target, keeps those that take a new way through the code, and makes the next ones of these, until one fails. What it does follows from the seed
/// alone; the time only says how much of it is done.
/// </summary>
internal sealed class FuzzLoop(FuzzTarget target, RunWatch watch)
{
    /// <summary>How many times as long as its processor time a run may take, on a machine that has much else to do.</summary>
    internal const int LongestDelay = 10;

    private static readonly TimeSpan ShrinkingTime = TimeSpan.FromSeconds(10);

    /// <summary>What fails: its kind, and its words.</summary>
    private sealed record Failure(string Kind, string Text);

    /// <summary>Runs inputs.</summary>
    /// <param name="seed">What they are drawn from.</param>
    /// <param name="time">For how long, in processor time.</param>
    /// <param name="most">The most inputs.</param>
    public FuzzReport Run(int seed, TimeSpan time, long most)
    {
        var begun = Stopwatch.GetTimestamp();
        var spent = Environment.CpuUsage.TotalTime;
        var map = new EdgeMap();
        var mutator = new Mutator(new Random(seed), target);
        var kept = new List<byte[]>();
        var seeds = Seeds.Of(target).Select(seed => seed.Input).ToList();
        // What only happens once, with whichever input comes first, is to count for none.
        foreach (var input in seeds) Try(input);
        for (var executions = 0L; ; executions++)
        {
            var elapsed = Environment.CpuUsage.TotalTime - spent;
            if (elapsed >= time || executions >= most || Stopwatch.GetElapsedTime(begun) > LongestDelay * time)
                return new FuzzReport(executions, elapsed.TotalSeconds, map.Edges, kept.Count);
            var isSeed = executions < seeds.Count;
            var input = isSeed ? seeds[(int)executions] : mutator.Next(kept);
            EdgeMap.Begin();
            var failure = Try(input);
            var isNew = map.Add();
            if (isNew || isSeed) kept.Add(input);
            if (failure is null) continue;
            var shrunk = Minimizer.Shrink(input, other => Try(other)?.Kind == failure.Kind, ShrinkingTime);
            return new FuzzReport(executions + 1, elapsed.TotalSeconds, map.Edges, kept.Count, (Try(shrunk) ?? failure).Text, shrunk);
        }
    }

    /// <summary>Runs one input.</summary>
    public FuzzReport RunOne(byte[] input)
    {
        var begun = Stopwatch.GetTimestamp();
        var failure = Try(input);
        return new FuzzReport(1, Stopwatch.GetElapsedTime(begun).TotalSeconds, 0, 0, failure?.Text, input);
    }

    private Failure? Try(byte[] input)
    {
        var most = target.AllocatedBytes + target.AllocatedBytesPerByte * input.Length;
        var (failure, allocated) = TryOnce(input);
        // What is made once and kept is not the input's.
        if (failure is null && allocated > most) (failure, allocated) = TryOnce(input);
        if (failure is not null || allocated <= most) return failure;
        return new Failure("memory", string.Create(CultureInfo.InvariantCulture, $"{input.Length} bytes made it allocate {allocated:N0} bytes; at most {most:N0} are allowed."));
    }

    private (Failure? Failure, long Allocated) TryOnce(byte[] input)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        watch.Begin(input);
        try
        {
            target.Run(input);
            return (null, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        catch (Exception exception)
        {
            return (new Failure(exception.GetType().Name, exception is DisagreementException ? exception.Message : exception.ToString()), 0);
        }
        finally
        {
            watch.End();
        }
    }
}
