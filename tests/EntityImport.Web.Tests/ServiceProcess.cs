using System.Collections.Frozen;
using System.Diagnostics;
using System.Globalization;

namespace EntityImport.Web.Tests;

/// <summary>The service as a process of its own, with a data directory of its own, which is killed and started again.</summary>
/// <param name="program">The program; the one that was built with the tests where none is named.</param>
internal sealed class ServiceProcess(string? program = null) : IDisposable
{
    private static readonly FrozenSet<string> Answering = [".NET TP Worker", ".NET TP Gate", ".NET Sockets", ".NET Timer", "Kestrel Timer", ".NET Tiered Com", "catalog", "queries"];

    private readonly string _directory = Directory.CreateTempSubdirectory("eis-service-").FullName;
    private Process? _process;

    /// <summary>Its address, which stays the same.</summary>
    public string Address { get; private set; } = "http://127.0.0.1:0";

    /// <summary>The processor time that it has taken.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process!.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>The part of it of the threads that answer requests and of those that compile; the rest is that of what reads, compares and writes rows. On Linux alone.</summary>
    /// <remarks>Threads are told by their names, of which the kernel keeps 15 characters; the answer has the time of each by its number. One that has ended is not found.</remarks>
    public IReadOnlyDictionary<string, TimeSpan> AnsweringTimes
    {
        get
        {
            var times = new Dictionary<string, TimeSpan>();
            foreach (var thread in Directory.EnumerateDirectories($"/proc/{_process!.Id}/task"))
            {
                string stat;
                try
                {
                    stat = File.ReadAllText(Path.Combine(thread, "stat"));
                }
                catch (IOException)
                {
                    // It has ended meanwhile.
                    continue;
                }

                var (name, rest) = (stat[(stat.IndexOf('(', StringComparison.Ordinal) + 1)..stat.LastIndexOf(')')], stat[(stat.LastIndexOf(')') + 2)..].Split(' '));
                // The kernel counts in hundredths of a second (proc_pid_stat(5)).
                if (Answering.Contains(name)) times[thread] = TimeSpan.FromMilliseconds(10 * (long.Parse(rest[11], CultureInfo.InvariantCulture) + long.Parse(rest[12], CultureInfo.InvariantCulture)));
            }

            return times;
        }
    }

    /// <summary>Starts it, and waits until it answers.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _process = Process.Start(new ProcessStartInfo("dotnet", [program ?? Path.Combine(AppContext.BaseDirectory, "eis.dll"), "serve", "--urls", Address, "--data", _directory]) { RedirectStandardOutput = true })!;
        string? line;
        do line = await _process.StandardOutput.ReadLineAsync(cancellationToken);
        while (line?.StartsWith("Listening on ", StringComparison.Ordinal) == false);
        Assert.NotNull(line);
        _ = _process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        Address = line.Split(' ')[2];
    }

    /// <summary>Kills it where it runs.</summary>
    public void Kill()
    {
        if (_process is null) return;
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    public void Dispose()
    {
        Kill();
        Directory.Delete(_directory, recursive: true);
    }
}
