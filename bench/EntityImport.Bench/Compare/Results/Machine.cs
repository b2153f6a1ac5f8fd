using System.Globalization;
using System.Runtime.InteropServices;
using EntityImport.Bench.Compare.Peers;

namespace EntityImport.Bench.Compare.Results;

/// <summary>What the figures depend on.</summary>
internal static class Machine
{
    /// <summary>Processor, memory, system and versions, a line each.</summary>
    public static IEnumerable<string> Describe()
    {
        using var duckDb = new DuckDbFile(":memory:", threads: 1);
        yield return string.Create(CultureInfo.InvariantCulture, $"Processor: {Processor()}, {Environment.ProcessorCount} cores");
        yield return string.Create(CultureInfo.InvariantCulture, $"Memory: {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1 << 30):0.0} GiB");
        yield return $"System: {RuntimeInformation.OSDescription}, {RuntimeInformation.OSArchitecture}";
        yield return $"{RuntimeInformation.FrameworkDescription}, DuckDB {duckDb.Version}";
    }

    private static string Processor() =>
        File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? "unknown";
}
