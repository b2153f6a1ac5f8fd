using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using EntityImport.Bench.Compare.Results;

namespace EntityImport.Bench.Compare.Scenarios;

/// <summary>Measures this process and the children that it has waited for. Linux only.</summary>
/// <remarks>Linux counts what this process had when it started a child as the child's memory, so that of small children is at least some 40 MiB.</remarks>
internal sealed class Meter
{
    private const int Children = -1;
    private const int UserSeconds = 0;
    private const int SystemSeconds = 2;
    private const int PeakKibibytes = 4;

    private readonly long _begun;
    private readonly double _cpuBefore = CpuSeconds();
    private readonly ServerProcesses? _server;
    private readonly double? _serverCpuBefore;
    private double _seconds;
    private double _cpuSeconds;
    private double? _serverCpuSeconds;
    private double? _closedSeconds;
    private long _peakBytes;

    private Meter(ServerProcesses? server)
    {
        _server = server;
        _serverCpuBefore = server?.CpuSeconds();
        _begun = Stopwatch.GetTimestamp();
    }

    /// <summary>Starts the clocks.</summary>
    /// <param name="server">The processes of the server that works, too; null where there is none, or on another machine.</param>
    public static Meter Start(ServerProcesses? server = null)
    {
        GC.Collect();
        return new Meter(server);
    }

    /// <summary>The work is done: rows are committed.</summary>
    public void Stop()
    {
        _seconds = Stopwatch.GetElapsedTime(_begun).TotalSeconds;
        _cpuSeconds = CpuSeconds() - _cpuBefore;
        _serverCpuSeconds = _server?.CpuSeconds() - _serverCpuBefore;
        _peakBytes = PeakBytes();
    }

    /// <summary>The database is checkpointed and closed, too.</summary>
    public void StopClosed()
    {
        _closedSeconds = Stopwatch.GetElapsedTime(_begun).TotalSeconds;
        _peakBytes = PeakBytes();
    }

    /// <summary>What was measured, with what the caller knows of the result.</summary>
    /// <param name="rows">Rows in the table, or records read.</param>
    public Measurement Measured(long rows) => new()
    {
        Seconds = _seconds,
        ClosedSeconds = _closedSeconds,
        CpuSeconds = _cpuSeconds,
        ServerCpuSeconds = _serverCpuSeconds,
        PeakBytes = _peakBytes,
        Rows = rows,
    };

    private static double CpuSeconds()
    {
        using var process = Process.GetCurrentProcess();
        var usage = UsageOfChildren();
        return process.TotalProcessorTime.TotalSeconds
            + usage[UserSeconds] + usage[UserSeconds + 1] / 1e6
            + usage[SystemSeconds] + usage[SystemSeconds + 1] / 1e6;
    }

    /// <summary>The high-water mark of the child that does the work, where there is one, else of this process.</summary>
    private static long PeakBytes()
    {
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        var kibibytes = long.Parse(line.AsSpan("VmHWM:".Length).Trim().TrimEnd(" kB"), NumberStyles.None, CultureInfo.InvariantCulture);
        var child = UsageOfChildren()[PeakKibibytes];
        return (child > 0 ? child : kibibytes) << 10;
    }

    private static long[] UsageOfChildren()
    {
        var usage = new long[18];
        return GetResourceUsage(Children, usage) == 0 ? usage : throw new InvalidOperationException("getrusage failed.");
    }

    /// <summary><c>struct rusage</c> is 18 words of 64 bits: two times of two words each, then the largest resident set in KiB.</summary>
    [DllImport("libc", EntryPoint = "getrusage")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int GetResourceUsage(int who, [In, Out] long[] usage);
}
