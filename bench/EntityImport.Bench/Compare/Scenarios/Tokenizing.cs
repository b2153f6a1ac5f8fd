using System.Diagnostics;
using EntityImport.Bench.Compare.Data;
using EntityImport.Bench.Compare.Results;

namespace EntityImport.Bench.Compare.Scenarios;

/// <summary>Finding records and fields alone, on one core, no values converted. Passes over the file before the clock starts warm up whoever needs it.</summary>
internal abstract class Tokenizing(string name, string title) : Scenario(name, "tokenize", title, DataVariant.Iso)
{
    private static readonly TimeSpan LeastTime = TimeSpan.FromSeconds(1);

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
        var (times, records, fields) = await RepeatAsync(path);
        meter.Stop();
        times.Sort();
        var measured = meter.Measured(records);
        return measured with
        {
            Seconds = times[times.Count / 2],
            CpuSeconds = measured.CpuSeconds / times.Count,
            Fields = fields,
            FileBytes = new FileInfo(path).Length,
        };
    }

    /// <summary>Takes the file into memory, for readers that read from there.</summary>
    protected virtual void Load(string path)
    {
    }

    /// <summary>One pass.</summary>
    /// <returns>Records, the header included, and their fields.</returns>
    protected abstract Task<(long Records, long Fields)> PassAsync(string path);

    private async Task<(List<double> Times, long Records, long Fields)> RepeatAsync(string path)
    {
        var times = new List<double>();
        var (records, fields) = (0L, 0L);
        var begun = Stopwatch.GetTimestamp();
        do
        {
            var passBegun = Stopwatch.GetTimestamp();
            (records, fields) = await PassAsync(path);
            times.Add(Stopwatch.GetElapsedTime(passBegun).TotalSeconds);
        }
        while (Stopwatch.GetElapsedTime(begun) < LeastTime);

        return (times, records, fields);
    }
}
