using System.Globalization;
using System.Runtime.InteropServices;
using EntityImport.Bench.Compare.Data;
using EntityImport.Bench.Compare.Results;
using EntityImport.Bench.Compare.Scenarios;

namespace EntityImport.Bench.Compare;

/// <summary>Runs scenarios in turn.</summary>
/// <param name="rows">How many rows.</param>
/// <param name="rounds">How many rounds.</param>
/// <param name="directory">The folder of the files.</param>
internal sealed class Comparison(long rows, int rounds, string directory)
{
    private readonly string _runs = Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"runs-{Environment.ProcessId}"));
    private readonly Agreement _agreement = new();

    /// <summary>Runs those of the scenarios that can run here, and says which cannot.</summary>
    /// <exception cref="DisagreementException">Two that must load the same rows did not, or one did not do all.</exception>
    public async Task<Report> RunAsync(IReadOnlyList<Scenario> selected, CancellationToken cancellationToken)
    {
        var isOnPostgres = selected.Any(scenario => scenario.IsOnPostgres);
        if (isOnPostgres) await PostgresServer.Named.CheckAsync(Console.Out);
        var scenarios = new List<Scenario>();
        foreach (var scenario in selected)
        {
            if (scenario.FindObstacle(DataOf(scenario)) is { } obstacle) Console.WriteLine($"skipped {scenario.Name}: {obstacle}");
            else scenarios.Add(scenario);
        }

        Directory.CreateDirectory(_runs);
        try
        {
            foreach (var scenario in scenarios) await PrepareAsync(scenario, cancellationToken);
            var measured = scenarios.ToDictionary(scenario => scenario, _ => new List<Measurement>());
            for (var round = 1; round <= rounds; round++)
            {
                // There and back, so that of two that are compared neither always comes after the other.
                var left = new Queue<Scenario>(round % 2 == 1 ? scenarios : scenarios.AsEnumerable().Reverse());
                while (left.TryDequeue(out var scenario))
                    measured[scenario].Add(await MeasureAsync(scenario, round, isLast: round == rounds && left.All(other => PreparedFor(other) != PreparedFor(scenario)), cancellationToken));
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{_agreement.Compared} measurements agree with another scenario's rows."));
            return new Report([.. scenarios.Select(scenario => new Result(scenario, measured[scenario]))], isOnPostgres ? await PostgresServer.Named.DescribeAsync() : []);
        }
        finally
        {
            Directory.Delete(_runs, recursive: true);
            if (isOnPostgres) await PostgresServer.Named.DropAsync(PostgresDatabase.PrefixOf(_runs));
        }
    }

    private DataSet DataOf(Scenario scenario) => new(directory, rows * scenario.Scale);

    private async Task PrepareAsync(Scenario scenario, CancellationToken cancellationToken)
    {
        var data = DataOf(scenario);
        foreach (var variant in scenario.Files) data.Ensure(variant);
        if (Directory.Exists(PreparedFor(scenario))) return;
        var prepared = Directory.CreateDirectory(PreparedFor(scenario)).FullName;
        if (!scenario.IsPrepared) return;
        Console.WriteLine($"preparing {scenario.Name}");
        if (scenario.IsOnPostgres) await PostgresDatabase.Of(prepared).CreateAsync();
        await Worker.PrepareAsync(scenario, data, prepared, cancellationToken);
        // As autovacuum leaves it sooner or later.
        if (scenario.IsOnPostgres) await PostgresDatabase.Of(prepared).RunAsync("VACUUM ANALYZE");
    }

    private async Task<Measurement> MeasureAsync(Scenario scenario, int round, bool isLast, CancellationToken cancellationToken)
    {
        var run = Path.Combine(_runs, "run");
        if (scenario.IsOnPostgres) await PostgresDatabase.Of(run).CopyAsync(PostgresDatabase.Of(PreparedFor(scenario)));
        if (isLast) Directory.Move(PreparedFor(scenario), run);
        else Copy(PreparedFor(scenario), run);
        // What was copied is on its way to the disk while the next one writes.
        Synchronize();
        var data = DataOf(scenario);
        var measured = await Worker.MeasureAsync(scenario, data, run, cancellationToken);
        Directory.Delete(run, recursive: true);
        if (scenario.IsOnPostgres) await PostgresDatabase.Of(run).DropAsync();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"round {round} {scenario.Name}: {measured.Seconds:0.000} s"));
        _agreement.Check(scenario, data, measured);
        return measured;
    }

    private string PreparedFor(Scenario scenario) => Path.Combine(_runs, $"{scenario.Prepared}-{scenario.Scale}x");

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var folder in Directory.EnumerateDirectories(from)) Copy(folder, Path.Combine(to, Path.GetFileName(folder)));
        foreach (var file in Directory.EnumerateFiles(from)) File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }

    [DllImport("libc", EntryPoint = "sync")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern void Synchronize();
}
