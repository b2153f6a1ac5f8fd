using System.Diagnostics;

namespace EntityImport.Web.Tests;

/// <summary>The service as a process of its own, with a data directory of its own, which is killed and started again.</summary>
/// <param name="program">The program; the one that was built with the tests where none is named.</param>
internal sealed class ServiceProcess(string? program = null) : IDisposable
{
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
