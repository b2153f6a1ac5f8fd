using System.Diagnostics;
using EntityImport.Bench.Compare.Data;
using EntityImport.Bench.Compare.Results;

namespace EntityImport.Bench.Compare.Scenarios;

/// <summary>Finding records and fields alone, on one core, no values converted. Passes over the file before the clock starts warm up whoever needs it.</summary>
internal abstract class Tokenizing(string name, string title) : Scenario(name, "tokenize", title, DataVariant.Iso)
{
    private static readonly TimeSpan LeastTime = TimeSpan.FromSeconds(0.5);

    public override string? Content => null;

    public override string? FindObstacle(DataSet data) => data.Rows <= 20_000_000 ? null : "the file must fit into one array: at most 20,000,000 rows";

    public override async Task<Measurement> MeasureAsync(DataSet data, string directory)
    {
        if (!OperatingSystem.IsLinux()) throw new PlatformNotSupportedException("Scenarios are measured on Linux.");
        // Children inherit the core.
        using (var process = Process.GetCurrentProcess()) process.ProcessorAffinity = 1;
        var path = data.PathOf(Input);
        Load(path);
        await RepeatAsync(path);
        var meter = Meter.Start();
        var (times, pass) = await RepeatAsync(path);
        meter.Stop();
        times.Sort();
        var measured = meter.Measured(pass.Records);
        return measured with
        {
            Seconds = times[times.Count / 2],
            CpuSeconds = measured.CpuSeconds / times.Count,
            Fields = pass.Fields,
            TextBytes = pass.TextBytes,
            FileBytes = new FileInfo(path).Length,
        };
    }

    /// <summary>Takes the file into memory, for readers that read from there.</summary>
    protected virtual void Load(string path)
    {
    }

    /// <summary>One pass.</summary>
    protected abstract Task<TokenizingPass> PassAsync(string path);

    private async Task<(List<double> Times, TokenizingPass Pass)> RepeatAsync(string path)
    {
        var times = new List<double>();
        TokenizingPass pass;
        var begun = Stopwatch.GetTimestamp();
        do
        {
            var passBegun = Stopwatch.GetTimestamp();
            pass = await PassAsync(path);
            times.Add(Stopwatch.GetElapsedTime(passBegun).TotalSeconds);
        }
        while (Stopwatch.GetElapsedTime(begun) < LeastTime);

        return (times, pass);
    }
}

/// <summary>What one pass found.</summary>
/// <param name="Records">Records, the header included.</param>
/// <param name="Fields">Their fields.</param>
/// <param name="TextBytes">Bytes of all fields' texts in UTF-8, quotes not included and escapes resolved; null where they were not asked for.</param>
internal readonly record struct TokenizingPass(long Records, long Fields, long? TextBytes = null);
