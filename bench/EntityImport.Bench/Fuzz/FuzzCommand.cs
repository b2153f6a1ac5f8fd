using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;

namespace EntityImport.Bench.Fuzz;

/// <summary><c>bench fuzz</c>: whether any bytes make what reads them crash, hang, take memory without bound, or read something else than a second, plain reading.</summary>
internal static class FuzzCommand
{
    /// <summary>How long an input that ends its process is made smaller; each step starts a process.</summary>
    private static readonly TimeSpan ShrinkingTime = TimeSpan.FromSeconds(30);

    /// <summary>The command.</summary>
    public static Command Build()
    {
        var minutes = new Option<double>("--minutes") { Description = "For how much processor time each target is fuzzed.", DefaultValueFactory = _ => 5 };
        var seconds = new Option<double?>("--seconds") { Description = "The same in seconds, in place of --minutes." };
        var executions = new Option<long>("--executions") { Description = "The most inputs of each target; with the same seed, they are the same ones.", DefaultValueFactory = _ => long.MaxValue };
        foreach (var amount in (Option[])[minutes, seconds, executions])
        {
            amount.Validators.Add(result =>
            {
                if (result.Tokens is [var token] && !(double.TryParse(token.Value, CultureInfo.InvariantCulture, out var value) && value > 0))
                    result.AddError($"{amount.Name} must be more than 0.");
            });
        }

        var only = new Option<string[]>("--only") { Description = "Only the target of this name; may be given more than once.", AllowMultipleArgumentsPerToken = true };
        only.AcceptOnlyFromAmong([.. FuzzTargets.All.Concat(FuzzTargets.Broken).Select(target => target.Name)]);
        var seed = new Option<int?>("--seed") { Description = "What inputs are drawn from; any number where it is not given." };
        var finds = new Option<string>("--finds") { Description = "The folder where inputs that fail are kept.", DefaultValueFactory = _ => Path.Combine("artifacts", "fuzz") };
        var input = new Option<string?>("--input") { Description = "Runs this file alone, through the target that --only names." };
        var command = new Command(
            "fuzz", "Feeds what reads bytes from outside with inputs that are drawn by the ways they take through the code. The exit code is 0 where none of them fails.")
        {
            minutes, seconds, executions, only, seed, finds, input,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(input) is not null && result.GetValue(only) is not [_]) result.AddError("--input needs one target, which --only names.");
        });
        command.SetAction((arguments, cancellationToken) =>
        {
            var targets = FuzzTargets.All.Concat(FuzzTargets.Broken).Where(target => arguments.GetValue(only)?.Contains(target.Name) == true).ToList();
            if (arguments.GetValue(input) is { } file) return RunInputAsync(targets[0], file, Console.Out, cancellationToken);
            var run = new FuzzRun(
                arguments.GetValue(seed) ?? Random.Shared.Next(),
                arguments.GetValue(seconds) is { } time ? TimeSpan.FromSeconds(time) : TimeSpan.FromMinutes(arguments.GetValue(minutes)),
                arguments.GetValue(executions),
                arguments.GetValue(finds)!);
            return RunAsync(targets.Count > 0 ? targets : FuzzTargets.All, run, Console.Out, cancellationToken);
        });
        return command;
    }

    /// <summary>Fuzzes targets, as many at a time as there are processors; answers 0 where nothing was found.</summary>
    /// <param name="targets">The targets.</param>
    /// <param name="run">How they are fuzzed.</param>
    /// <param name="output">Where the table and what was found go.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static async Task<int> RunAsync(IReadOnlyList<FuzzTarget> targets, FuzzRun run, TextWriter output, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("eis-fuzz-").FullName;
        var found = 0;
        try
        {
            var program = Instrumentation.CopyProgram(folder);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Seed {run.Seed}"));
            output.WriteLine("target           inputs   a second    edges     kept");
            using var written = new SemaphoreSlim(1);
            await Parallel.ForEachAsync(
                targets,
                new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken },
                async (target, cancel) =>
                {
                    var current = Path.Combine(folder, target.Name + ".current");
                    var report = await FuzzWorker.RunAsync(program, target, run, current, cancel);
                    // A process that died left its input as it was.
                    if (report is { Failure: not null, Executions: 0 }) report = await ShrinkAsync(target, report, folder, cancel);
                    await written.WaitAsync(cancel);
                    output.WriteLine(Row(target, report));
                    if (report.Failure is not null)
                    {
                        found++;
                        output.WriteLine(Describe(target, report, Keep(target, report, run)));
                    }

                    written.Release();
                });
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        output.WriteLine(found == 0 ? "Nothing was found." : $"{found} of {targets.Count} targets failed.");
        return found == 0 ? 0 : 1;
    }

    /// <summary>Runs one input through a target, as it was built; answers 0 where it does not fail.</summary>
    /// <param name="target">The target.</param>
    /// <param name="input">The file of the input.</param>
    /// <param name="output">Where it is told what comes of it.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static async Task<int> RunInputAsync(FuzzTarget target, string input, TextWriter output, CancellationToken cancellationToken)
    {
        var current = Path.GetTempFileName();
        try
        {
            var report = await FuzzWorker.RunInputAsync(FuzzWorker.OwnProgram, target, input, current, cancellationToken);
            output.WriteLine(report.Failure ?? "It does not fail.");
            return report.Failure is null ? 0 : 1;
        }
        finally
        {
            File.Delete(current);
        }
    }

    private static async Task<FuzzReport> ShrinkAsync(FuzzTarget target, FuzzReport report, string folder, CancellationToken cancellationToken)
    {
        var (file, current) = (Path.Combine(folder, target.Name + ".input"), Path.Combine(folder, target.Name + ".shrinking"));
        var kind = KindOf(report);
        var shrunk = await Task.Run(() => Minimizer.Shrink(report.Input!, Dies, ShrinkingTime), cancellationToken);
        return report with { Input = shrunk };

        bool Dies(byte[] input)
        {
            File.WriteAllBytes(file, input);
            return KindOf(FuzzWorker.RunInputAsync(FuzzWorker.OwnProgram, target, file, current, cancellationToken).GetAwaiter().GetResult()) == kind;
        }

        static string? KindOf(FuzzReport died) => died.Failure?.Split(':')[0];
    }

    private static string Keep(FuzzTarget target, FuzzReport report, FuzzRun run)
    {
        Directory.CreateDirectory(run.Finds);
        var name = $"{target.Name}-{Convert.ToHexStringLower(SHA256.HashData(report.Input!))[..8]}";
        var path = Path.Combine(run.Finds, name);
        File.WriteAllBytes(path, report.Input!);
        return path;
    }

    private static string Row(FuzzTarget target, FuzzReport report) => string.Create(
        CultureInfo.InvariantCulture,
        $"{target.Name,-13}{report.Executions,10:N0}{report.Executions / Math.Max(report.Seconds, 0.001),11:N0}{report.Edges,9:N0}{report.Kept,9:N0}");

    private static string Describe(FuzzTarget target, FuzzReport report, string path)
    {
        var shown = string.Concat(report.Input!.Select(value => value is >= 32 and < 127 and not (byte)'\\' ? ((char)value).ToString() : $"\\x{value:X2}"));
        return $"""
            {target.Name} failed: {report.Failure}
              input: {ShownText.Fit(shown, 1000)}
              again: bench fuzz --only {target.Name} --input {path}
            """;
    }
}
