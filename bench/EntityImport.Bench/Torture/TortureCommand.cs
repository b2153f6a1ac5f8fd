using System.CommandLine;
using System.Diagnostics;
using EntityImport.Bench.Torture.Large;
using EntityImport.Testing;
using EntityImport.Testing.Breaking;

namespace EntityImport.Bench.Torture;

/// <summary><c>bench torture</c>: whether a kill at any instant loses, doubles, halves or hangs an import.</summary>
internal static class TortureCommand
{
    /// <summary>The command.</summary>
    public static Command Build()
    {
        var defaults = new TortureOptions();
        var kills = new Option<int>("--kills") { Description = "How often the service is killed.", DefaultValueFactory = _ => defaults.Kills };
        kills.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1) result.AddError("--kills must be at least 1.");
        });
        var seed = new Option<int?>("--seed") { Description = "What imports and moments are drawn from; any number where it is not given." };
        var steps = new Option<bool>("--steps") { Description = "Kill it at each named step in turn, instead of at random moments." };
        var at = new Option<string[]>("--at") { Description = "Kill it at each of these steps in turn: names of FaultStep.", AllowMultipleArgumentsPerToken = true };
        at.AcceptOnlyFromAmong([.. FaultStep.OfService]);
        var broken = new Option<string>("--break") { Description = "Break the service on purpose, to see that it is found: one of EIS_TEST_BREAK's ways." };
        broken.AcceptOnlyFromAmong([.. BrokenStore.Ways]);
        var work = new Option<string>("--work") { Description = "An empty folder for data, log and steps, which stays; a temporary one where it is not given." };
        var postgres = new Option<string>("--postgres") { Description = "The PostgreSQL database, with nothing in it, that the service's store is in; without it the store is the embedded one." };
        var large = new Option<bool>("--large") { Description = "Kill it while it checkpoints or replays large write-ahead logs; goes with --kills, --seed, --size and --work." };
        var size = new Option<int?>("--size") { Description = "With --large: the size of the largest files in megabytes." };
        size.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() is < 1 or > 4000) result.AddError("--size must be 1 to 4,000 megabytes.");
        });
        var command = new Command("torture", "Kills the service again and again, and compares what it holds with a model. The exit code is 0 where every promise was kept.")
        {
            kills, seed, steps, at, broken, work, postgres, large, size,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(large) && (result.GetValue(steps) || result.GetValue(at) is { Length: > 0 } || result.GetValue(broken) is not null || result.GetValue(postgres) is not null)) result.AddError("--large goes without --steps, --at, --break and --postgres.");
            if (!result.GetValue(large) && result.GetValue(size) is not null) result.AddError("--size goes with --large.");
        });
        command.SetAction((arguments, cancellationToken) => arguments.GetValue(large) ? LargeCommand.RunAsync(
            new LargeOptions
            {
                Kills = arguments.GetResult(kills) is { Implicit: false } ? arguments.GetValue(kills) : new LargeOptions().Kills,
                Seed = arguments.GetValue(seed) ?? defaults.Seed,
                Size = arguments.GetValue(size) ?? new LargeOptions().Size,
                Work = arguments.GetValue(work),
            },
            Console.Out,
            cancellationToken) : RunAsync(
            new TortureOptions
            {
                Kills = arguments.GetValue(kills),
                Seed = arguments.GetValue(seed) ?? defaults.Seed,
                Steps = arguments.GetValue(steps),
                At = arguments.GetValue(at) ?? [],
                Break = arguments.GetValue(broken),
                Work = arguments.GetValue(work),
                Postgres = arguments.GetValue(postgres),
            },
            Console.Out,
            cancellationToken));
        return command;
    }

    /// <summary>Runs it; answers 0 where every promise was kept.</summary>
    public static async Task<int> RunAsync(TortureOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        var work = options.Work ?? Directory.CreateTempSubdirectory("eis-torture-").FullName;
        Directory.CreateDirectory(work);
        if (Directory.EnumerateFileSystemEntries(work).Any())
        {
            output.WriteLine($"The folder {work} is not empty.");
            return 2;
        }

        output.WriteLine($"{options.Kills} kills, seed {options.Seed}, in {work}.");
        var begun = Stopwatch.GetTimestamp();
        var tally = new Tally();
        FindingException? found = null;
        try
        {
            await new TortureRun(options, work, tally, output).RunAsync(cancellationToken);
        }
        catch (FindingException finding)
        {
            found = finding;
        }

        output.WriteLine(tally.Describe(found, options, Stopwatch.GetElapsedTime(begun)));
        if (found is not null)
        {
            output.WriteLine($"{found.Kind}, found after kill {tally.Kills}: {found.Message}");
            output.WriteLine($"Data and log are in {work}.");
            return 1;
        }

        output.WriteLine("Nothing was lost, doubled, halved, stuck, wrong or left over.");
        if (options.Work is null) Directory.Delete(work, recursive: true);
        return 0;
    }
}
