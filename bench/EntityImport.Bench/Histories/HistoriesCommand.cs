using System.Collections.Concurrent;
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using EntityImport.Bench.RandomEntities;
using FsCheck;
using FsCheck.Fluent;

namespace EntityImport.Bench.Histories;

/// <summary><c>bench histories</c>: whether imports, plans, guards and undos, with crashes in between, do what a plain model says, record by record.</summary>
internal static class HistoriesCommand
{
    /// <summary>How long a history that fails is made smaller.</summary>
    private static readonly TimeSpan ShrinkTime = TimeSpan.FromMinutes(2);

    /// <summary>The command.</summary>
    public static Command Build()
    {
        var count = new Option<int>("--count") { Description = "How many histories are drawn.", DefaultValueFactory = _ => 1000 };
        count.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1) result.AddError("--count must be at least 1.");
        });
        var seed = new Option<int?>("--seed") { Description = "What they are drawn from; any number where it is not given." };
        var only = new Option<int?>("--only") { Description = "Only the history of this number, from 1." };
        var postgres = new Option<string?>("--postgres") { Description = "The PostgreSQL server on which stores get databases of their own, as 'Host=…;Username=…', for somebody who may make them; without it the store is the embedded one." };
        var command = new Command("histories", "Runs drawn histories of imports, plans, guards, undos and crashes, and compares all that is told with a model. The exit code is 0 where nothing differs.") { count, seed, only, postgres };
        command.SetAction((arguments, cancellationToken) =>
            Task.Run(() => Run(arguments.GetValue(count), arguments.GetValue(seed) ?? Random.Shared.Next(), arguments.GetValue(only), arguments.GetValue(postgres), Console.Out, cancellationToken), cancellationToken));
        return command;
    }

    /// <summary>Runs it, as many histories at a time as there are processors; answers 0 where nothing differs.</summary>
    /// <param name="count">How many histories.</param>
    /// <param name="seed">What they are drawn from.</param>
    /// <param name="only">The number of the only one; null means all.</param>
    /// <param name="postgres">The PostgreSQL server on which stores get databases; null means the embedded store.</param>
    /// <param name="output">Where the first difference is told.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static int Run(int count, int seed, int? only, string? postgres, TextWriter output, CancellationToken cancellationToken)
    {
        var begun = Stopwatch.GetTimestamp();
        var directory = Directory.CreateTempSubdirectory("eis-histories-").FullName;
        var (histories, commands) = (0, 0);
        var tally = new SortedDictionary<string, int>(StringComparer.Ordinal);
        string? told = null;
        var numbers = only is { } one ? [one] : Enumerable.Range(1, count);
        try
        {
            Parallel.ForEach(
                Partitioner.Create(numbers, EnumerablePartitionerOptions.NoBuffering),
                new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken },
                () => new HistoryLane(Path.Combine(directory, Guid.NewGuid().ToString("N")), postgres),
                (number, state, lane) =>
                {
                    var (difference, run) = Run(seed, number, lane, cancellationToken);
                    lock (tally)
                    {
                        histories++;
                        commands += run.Commands;
                        foreach (var outcome in run.Outcomes) tally[outcome] = tally.GetValueOrDefault(outcome) + 1;
                        if (difference is null) return lane;
                        told ??= $"History {number} of seed {seed}, made as small as it could be:\n{difference}\nIt again: bench histories --seed {seed} --only {number}{(postgres is null ? "" : " --postgres …")}";
                    }

                    state.Stop();
                    return lane;
                },
                lane => lane.Dispose());
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }

        // Where something differs, that is all that counts.
        if (told is null)
            foreach (var (outcome, times) in tally) output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{times,8:N0}  {outcome}"));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"Seed {seed}: {histories:N0} histories of {commands:N0} commands, {(told is null ? "no difference" : "a difference")}, {Stopwatch.GetElapsedTime(begun).TotalSeconds:F0} s."));
        if (told is null) return 0;
        output.WriteLine(told);
        return 1;
    }

    /// <summary>Runs one history; answers what differs, as a history that is as small as it could be made, and the run of the first.</summary>
    private static (string? Difference, HistoryRun Run) Run(int seed, int number, HistoryLane lane, CancellationToken cancellationToken)
    {
        var begun = Stopwatch.GetTimestamp();
        HistoryRun? first = null;
        string? difference = null;
        // What is drawn depends on nothing that depends on the histories before.
        var config = Config.Default.WithMaxTest(1).WithStartSize(100).WithEndSize(100).WithQuietOnSuccess(true).WithRunner(new Quiet()).WithReplay((ulong)seed, ((ulong)number * 2) + 1);
        Check.One(config, Prop.ForAll(History.Arbitrary, history =>
        {
            if (difference is not null && Stopwatch.GetElapsedTime(begun) > ShrinkTime) return true;
            var run = lane.Begin(history, isAlone: difference is not null, cancellationToken);
            first ??= run;
            try
            {
                run.RunAsync(cancellationToken).GetAwaiter().GetResult();
                return true;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                // Whatever else is thrown is a difference, too.
                difference = $"{string.Join("\n", run.Lines.Select(line => "  " + line))}\n  differs: {(exception is DifferenceException ? exception.Message : exception.ToString())}";
                return false;
            }
        }));
        return (difference, first!);
    }

    /// <summary>Tells nothing: what failed is told once it is as small as it can be.</summary>
    private sealed class Quiet : IRunner
    {
        public void OnStartFixture(Type t)
        {
        }

        public void OnArguments(int ntest, Microsoft.FSharp.Collections.FSharpList<object> args, Microsoft.FSharp.Core.FSharpFunc<int, Microsoft.FSharp.Core.FSharpFunc<Microsoft.FSharp.Collections.FSharpList<object>, string>> every)
        {
        }

        public void OnShrink(Microsoft.FSharp.Collections.FSharpList<object> args, Microsoft.FSharp.Core.FSharpFunc<Microsoft.FSharp.Collections.FSharpList<object>, string> everyShrink)
        {
        }

        public void OnFinished(string name, TestResult testResult)
        {
        }
    }
}
