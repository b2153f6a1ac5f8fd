using System.CommandLine;
using System.Diagnostics;
using EntityImport.Bench.Torture.Large;
using EntityImport.Client;
using EntityImport.Storage.Tests;
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
        var kills = new Option<int>("--kills") { Description = "How often the service is killed; not at all where --stops or --pauses is given, and this is not.", DefaultValueFactory = _ => defaults.Kills };
        var stops = new Option<int>("--stops") { Description = "How often the server of --postgres-binaries is stopped as by a crash, and started again, while the service lives on." };
        var pauses = new Option<int>("--pauses") { Description = "How often the service is held up (SIGSTOP) until another one has taken its place, and then goes on; on PostgreSQL." };
        foreach (var count in (Option<int>[])[kills, stops, pauses])
        {
            count.Validators.Add(result =>
            {
                if (result.GetValueOrDefault<int>() < 0) result.AddError($"{count.Name} must be at least 0.");
            });
        }

        var seed = new Option<int?>("--seed") { Description = "What imports and moments are drawn from; any number where it is not given." };
        var steps = new Option<bool>("--steps") { Description = "Kill it at each named step in turn, instead of at random moments." };
        var at = new Option<string[]>("--at") { Description = "Kill it at each of these steps in turn: names of FaultStep.", AllowMultipleArgumentsPerToken = true };
        at.AcceptOnlyFromAmong([.. FaultStep.OfService, .. FaultStep.OfPostgres]);
        var broken = new Option<string>("--break") { Description = "Break the service on purpose, to see that it is found: one of EIS_TEST_BREAK's ways." };
        broken.AcceptOnlyFromAmong([.. BrokenStore.Ways]);
        var work = new Option<string>("--work") { Description = "An empty folder for data, log and steps, which stays; a temporary one where it is not given." };
        var postgres = new Option<string>("--postgres") { Description = "The PostgreSQL database, with nothing in it, that the service's store is in; without it the store is the embedded one." };
        var binaries = new Option<string>("--postgres-binaries") { Description = "The folder with initdb and pg_ctl of a PostgreSQL server: one is made for the service's store, and deleted." };
        var large = new Option<bool>("--large") { Description = "Kill it while it checkpoints or replays large write-ahead logs; goes with --kills, --seed, --size and --work." };
        var size = new Option<int?>("--size") { Description = "With --large: the size of the largest files in megabytes." };
        size.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() is < 1 or > 4000) result.AddError("--size must be 1 to 4,000 megabytes.");
        });
        var command = new Command("torture", "Kills the service again and again, and compares what it holds with a model. The exit code is 0 where every promise was kept.")
        {
            kills, stops, pauses, seed, steps, at, broken, work, postgres, binaries, large, size,
        };
        command.Validators.Add(result =>
        {
            var isOnPostgres = result.GetValue(postgres) is not null || result.GetValue(binaries) is not null;
            if (result.GetValue(large) && (result.GetValue(steps) || result.GetValue(at) is { Length: > 0 } || result.GetValue(broken) is not null || isOnPostgres || result.GetValue(stops) + result.GetValue(pauses) > 0)) result.AddError("--large goes with --kills, --seed, --size and --work alone.");
            if (result.GetValue(postgres) is not null && result.GetValue(binaries) is not null) result.AddError("--postgres and --postgres-binaries do not go together.");
            if (result.GetValue(stops) > 0 && result.GetValue(binaries) is null) result.AddError("--stops goes with --postgres-binaries: a server that is somebody's is not stopped.");
            if (!isOnPostgres && (result.GetValue(pauses) > 0 || result.GetValue(broken) == "no-fence" || result.GetValue(at) is { } named && named.Intersect(FaultStep.OfPostgres).Any())) result.AddError($"--pauses, --break no-fence and the steps {string.Join(" and ", FaultStep.OfPostgres)} go with --postgres or --postgres-binaries.");
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
                Kills = arguments.GetResult(kills) is { Implicit: true } && arguments.GetValue(stops) + arguments.GetValue(pauses) > 0 ? 0 : arguments.GetValue(kills),
                Stops = arguments.GetValue(stops),
                Pauses = arguments.GetValue(pauses),
                Seed = arguments.GetValue(seed) ?? defaults.Seed,
                Steps = arguments.GetValue(steps),
                At = arguments.GetValue(at) ?? [],
                Break = arguments.GetValue(broken),
                Work = arguments.GetValue(work),
                Postgres = arguments.GetValue(postgres),
                PostgresBinaries = arguments.GetValue(binaries),
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

        output.WriteLine($"{options.Blows}, seed {options.Seed}, in {work}.");
        var begun = Stopwatch.GetTimestamp();
        var tally = new Tally();
        FindingException? found = null;
        // Not in the folder with the rest: the server is somebody else's process, who may not reach that.
        var database = options.PostgresBinaries is null ? null : Directory.CreateTempSubdirectory("eis-torture-postgres-").FullName;
        var server = database is null ? null : PostgresServer.Make(options.PostgresBinaries!, database);
        try
        {
            await new TortureRun(options, work, tally, output, server).RunAsync(cancellationToken);
        }
        catch (FindingException finding)
        {
            found = finding;
        }
        catch (EntityImportProblemException problem)
        {
            // What is compared is there, and can be asked for.
            found = new FindingException(FindingKind.Wrong, $"The service answers {problem.StatusCode:D}: {problem.Message}");
        }
        finally
        {
            server?.Stop();
        }

        output.WriteLine(tally.Describe(found, options, Stopwatch.GetElapsedTime(begun)));
        if (found is not null)
        {
            output.WriteLine($"{found.Kind}, found after {tally.LastBlow}: {found.Message}");
            output.WriteLine($"Data and log are in {work}{(database is null ? "" : $", those of the database's server, which is stopped, in {database}")}.");
            return 1;
        }

        if (database is not null) Directory.Delete(database, recursive: true);

        output.WriteLine("Nothing was lost, doubled, halved, stuck, wrong or left over.");
        if (options.Work is null) Directory.Delete(work, recursive: true);
        return 0;
    }
}
