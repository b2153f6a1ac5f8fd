using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Text.Json;

namespace EntityImport.Bench.Fuzz;

/// <summary><c>bench fuzz-worker</c>, hidden: fuzzes one target for <c>bench fuzz</c>, in a process that may die of it.</summary>
internal static class FuzzWorker
{
    /// <summary>The name of the command.</summary>
    public const string Verb = "fuzz-worker";

    // Less than a server's threads have, so that what fits here fits there.
    private const int StackBytes = 1 << 20;

    // As a hexadecimal number: 1 GiB.
    private const string HeapLimit = "40000000";

    /// <summary>How long a process may take besides its time: to start, to make a find smaller, and to end.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(120);

    /// <summary>The command.</summary>
    public static Command Build()
    {
        var target = new Argument<string>("TARGET");
        var current = new Argument<string>("CURRENT");
        var seed = new Option<int>("--seed");
        var seconds = new Option<double>("--seconds");
        var executions = new Option<long>("--executions");
        var input = new Option<string?>("--input");
        var command = new Command(Verb, "Fuzzes one target.") { target, current, seed, seconds, executions, input };
        command.Hidden = true;
        command.SetAction(arguments =>
        {
            FuzzReport? report = null;
            var thread = new Thread(
                () =>
                {
                    using var watch = new RunWatch(arguments.GetValue(current)!);
                    var loop = new FuzzLoop(FuzzTargets.Find(arguments.GetValue(target)!), watch);
                    report = arguments.GetValue(input) is { } file
                        ? loop.RunOne(File.ReadAllBytes(file))
                        : loop.Run(arguments.GetValue(seed), TimeSpan.FromSeconds(arguments.GetValue(seconds)), arguments.GetValue(executions));
                },
                StackBytes);
            thread.Start();
            thread.Join();
            Console.WriteLine(JsonSerializer.Serialize(report));
        });
        return command;
    }

    /// <summary>Fuzzes a target in a process of its own.</summary>
    /// <param name="program">The instrumented program.</param>
    /// <param name="target">The target.</param>
    /// <param name="run">What it is to do.</param>
    /// <param name="current">A file for the input that is run.</param>
    /// <param name="cancellationToken">Ends the call and the process.</param>
    public static Task<FuzzReport> RunAsync(string program, FuzzTarget target, FuzzRun run, string current, CancellationToken cancellationToken) => StartAsync(
        program,
        [
            Verb, target.Name, current,
            "--seed", run.Seed.ToString(CultureInfo.InvariantCulture),
            "--seconds", run.Time.TotalSeconds.ToString(CultureInfo.InvariantCulture),
            "--executions", run.Executions.ToString(CultureInfo.InvariantCulture),
        ],
        current, run.Time, cancellationToken);

    /// <summary>Runs one input in a process of its own.</summary>
    /// <param name="program">The program, instrumented or not.</param>
    /// <param name="target">The target.</param>
    /// <param name="input">The file of the input.</param>
    /// <param name="current">A file for the input that is run.</param>
    /// <param name="cancellationToken">Ends the call and the process.</param>
    public static Task<FuzzReport> RunInputAsync(string program, FuzzTarget target, string input, string current, CancellationToken cancellationToken) =>
        StartAsync(program, [Verb, target.Name, current, "--input", input], current, TimeSpan.Zero, cancellationToken);

    private static async Task<FuzzReport> StartAsync(string program, string[] arguments, string current, TimeSpan time, CancellationToken cancellationToken)
    {
        File.Delete(current);
        var begun = Stopwatch.GetTimestamp();
        var start = new ProcessStartInfo("dotnet", arguments.Prepend(program)) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_GCHeapHardLimit"] = HeapLimit;
        using var process = Process.Start(start)!;
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        late.CancelAfter(time * FuzzLoop.LongestDelay + Grace);
        try
        {
            var error = process.StandardError.ReadToEndAsync(late.Token);
            var output = await process.StandardOutput.ReadToEndAsync(late.Token);
            await process.WaitForExitAsync(late.Token);
            if (process.ExitCode == 0) return JsonSerializer.Deserialize<FuzzReport>(output)!;
            var died = process.ExitCode == RunWatch.EndlessCode
                ? $"It does not end within {RunWatch.Longest.TotalSeconds} s."
                : $"The process dies of it, with exit code {process.ExitCode}: {string.Join(Environment.NewLine, (await error).Split('\n').Take(12))}";
            return new FuzzReport(0, Stopwatch.GetElapsedTime(begun).TotalSeconds, 0, 0, died, RunWatch.InputOf(current));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            if (cancellationToken.IsCancellationRequested) throw;
            return new FuzzReport(0, Stopwatch.GetElapsedTime(begun).TotalSeconds, 0, 0, "The process did not end.", RunWatch.InputOf(current));
        }
    }

    /// <summary>This program, as it was built.</summary>
    public static string OwnProgram => Assembly.GetExecutingAssembly().Location;
}
