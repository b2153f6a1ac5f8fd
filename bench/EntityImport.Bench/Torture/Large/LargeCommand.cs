using System.Diagnostics;
using System.Globalization;
using EntityImport.Client;

namespace EntityImport.Bench.Torture.Large;

/// <summary><c>bench torture --large</c>: whether the store opens again, with everything in it, after kills during checkpoints and replays of large logs.</summary>
internal static class LargeCommand
{
    /// <summary>Runs it; answers 0 where every promise was kept.</summary>
    public static async Task<int> RunAsync(LargeOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        var work = options.Work ?? Directory.CreateTempSubdirectory("eis-torture-").FullName;
        Directory.CreateDirectory(work);
        if (Directory.EnumerateFileSystemEntries(work).Any())
        {
            output.WriteLine($"The folder {work} is not empty.");
            return 2;
        }

        output.WriteLine($"{options.Kills} kills, files up to {options.Size} MB, seed {options.Seed}, in {work}.");
        var begun = Stopwatch.GetTimestamp();
        var run = new LargeRun(options, work, output);
        try
        {
            await run.RunAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is FindingException or EntityImportProblemException or HttpRequestException)
        {
            var kind = exception is FindingException found ? found.Kind : FindingKind.Wrong;
            output.WriteLine($"{kind}, found after kill {run.Kills}: {(exception is FindingException ? "" : "a request was refused: ")}{exception.Message}");
            output.WriteLine($"Data and log are in {work}. The same files again: bench torture --large --kills {options.Kills} --size {options.Size} --seed {options.Seed}");
            return 1;
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"It opened after each of {run.Kills} kills, and nothing was lost. {Stopwatch.GetElapsedTime(begun).TotalSeconds:F0} s."));
        if (options.Work is null) Directory.Delete(work, recursive: true);
        if (run.Excesses == 0) return 0;
        output.WriteLine($"It took more memory than is allowed {run.Excesses} times.");
        return 1;
    }
}
