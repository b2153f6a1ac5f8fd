using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using EntityImport.Bench.Compare.Data;
using EntityImport.Bench.Compare.Results;

namespace EntityImport.Bench.Compare.Scenarios;

/// <summary>Runs scenarios in a process of their own, so that its peak memory is that of the one thing.</summary>
internal static class Worker
{
    /// <summary>The hidden verb that a process is started with.</summary>
    public const string Verb = "run";

    private const int WarmUpRows = 1000;

    public static Task PrepareAsync(Scenario scenario, DataSet data, string directory, CancellationToken cancellationToken) =>
        StartAsync(scenario, [Verb, scenario.Name, Rows(data), data.Directory, directory, "--prepare"], cancellationToken);

    public static async Task<Measurement> MeasureAsync(Scenario scenario, DataSet data, string directory, CancellationToken cancellationToken)
    {
        var output = await StartAsync(scenario, [Verb, scenario.Name, Rows(data), data.Directory, directory], cancellationToken);
        return JsonSerializer.Deserialize<Measurement>(output)!;
    }

    /// <summary>What the process does.</summary>
    public static async Task RunAsync(string name, long rows, string files, string directory, bool prepare)
    {
        var scenario = AllScenarios.Find(name);
        var data = new DataSet(files, rows);
        if (prepare)
        {
            await scenario.PrepareAsync(data, directory);
            return;
        }

        if (scenario.IsWarm) await WarmUpAsync(scenario, files, directory + "-warm");
        // Whoever reads a file first would pay for the disk.
        foreach (var file in Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).Append(data.PathOf(scenario.Input))) Warm(file);
        var measured = await scenario.MeasureAsync(data, directory);
        Console.WriteLine(JsonSerializer.Serialize(measured));
    }

    private static async Task WarmUpAsync(Scenario scenario, string files, string directory)
    {
        var few = new DataSet(files, WarmUpRows);
        foreach (var variant in scenario.Files) few.Ensure(variant);
        Directory.CreateDirectory(directory);
        try
        {
            if (scenario.IsOnPostgres) await PostgresDatabase.Of(directory).CreateAsync();
            await scenario.PrepareAsync(few, directory);
            await scenario.MeasureAsync(few, directory);
        }
        finally
        {
            if (scenario.IsOnPostgres) await PostgresDatabase.Of(directory).DropAsync();
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<string> StartAsync(Scenario scenario, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var program = Environment.ProcessPath!;
        if (Path.GetFileNameWithoutExtension(program) == "dotnet") arguments = arguments.Prepend(Assembly.GetExecutingAssembly().Location);
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true };
        // As the project file of eis says.
        if (scenario.RunsAsEis) start.Environment["DOTNET_TieredPGO"] = "0";
        using var process = Process.Start(start)!;
        try
        {
            var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == 0 ? output : throw new InvalidOperationException($"'{string.Join(' ', arguments)}' failed.");
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static void Warm(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        var buffer = new byte[1 << 20];
        while (file.Read(buffer) > 0)
        {
        }
    }

    private static string Rows(DataSet data) => data.Rows.ToString(CultureInfo.InvariantCulture);
}
