using System.Diagnostics;
using EntityImport.Client;

namespace EntityImport.Bench.Torture;

/// <summary>A service in a process of its own, until it is killed.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan RequestLimit = TimeSpan.FromSeconds(60);
    private readonly Process _process;
    private readonly StreamWriter _log;
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private HttpClient? _http;
    private volatile bool _killed;

    private ServerProcess(Process process, StreamWriter log)
    {
        _process = process;
        _log = log;
        Memory = new ProcessMemory(process.Id);
        process.OutputDataReceived += (_, line) => Note(line.Data);
        process.ErrorDataReceived += (_, line) => Note(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Whether it was killed, or is about to be: requests may fail then.</summary>
    public bool IsKilled => _killed;

    /// <summary>Whether it has ended, whoever did that.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>What it ended with.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>Whether it has said that it takes requests.</summary>
    public bool IsReady => _listening.Task.IsCompletedSuccessfully;

    /// <summary>What it uses of the machine.</summary>
    public ProcessMemory Memory { get; }

    /// <summary>Starts the built <c>eis serve</c> on a free port of the loopback, so that it tells its steps.</summary>
    /// <param name="data">Its data directory.</param>
    /// <param name="log">The file that its output is appended to.</param>
    /// <param name="steps">Where it tells them.</param>
    /// <param name="options">How it is broken on purpose, and where its store is.</param>
    /// <param name="letsExpire">Whether plans, and what is kept for undos, hardly have any time.</param>
    public static ServerProcess Start(string data, string log, StepTrace steps, TortureOptions options, bool letsExpire)
    {
        steps.Clear();
        var environment = new Dictionary<string, string> { ["EIS_TEST_STEPS"] = steps.Folder };
        if (options.Break is { } broken) environment["EIS_TEST_BREAK"] = broken;
        if (options.Postgres is { } postgres) environment["EIS__STORE__POSTGRES"] = postgres;
        return Start(data, log, environment, letsExpire ? ["--set", "keepPlansDays=0.00000001", "--set", "keepBeforeDays=0.00000001"] : []);
    }

    /// <summary>Starts the built <c>eis serve</c> on a free port of the loopback.</summary>
    /// <param name="data">Its data directory.</param>
    /// <param name="log">The file that its output is appended to.</param>
    /// <param name="environment">Variables that it has besides those of this process.</param>
    /// <param name="arguments">Further arguments.</param>
    public static ServerProcess Start(string data, string log, IReadOnlyDictionary<string, string> environment, params IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "eis.dll"), "serve", "--urls", "http://127.0.0.1:0", "--data", data, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return new ServerProcess(Process.Start(start)!, new StreamWriter(log, append: true));
    }

    /// <summary>Waits until it takes requests.</summary>
    public Task<EntityImportClient> ConnectAsync(CancellationToken cancellationToken) => ConnectAsync(StartLimit, RequestLimit, cancellationToken);

    /// <summary>Waits until it takes requests.</summary>
    /// <param name="startLimit">How long it may take to start.</param>
    /// <param name="requestLimit">How long each of the client's requests may take.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<EntityImportClient> ConnectAsync(TimeSpan startLimit, TimeSpan requestLimit, CancellationToken cancellationToken)
    {
        var address = await WaitForAddressAsync(startLimit, cancellationToken);
        _http ??= new HttpClient { BaseAddress = address, Timeout = requestLimit };
        return new EntityImportClient(_http);
    }

    /// <summary>Waits until it takes requests; answers where.</summary>
    public async Task<Uri> WaitForAddressAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        var exited = _process.WaitForExitAsync(cancellationToken);
        if (await Task.WhenAny(_listening.Task, exited, Task.Delay(limit, cancellationToken)) != _listening.Task)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new FindingException(FindingKind.Stuck, exited.IsCompleted ? "The service does not start: it ended by itself." : $"The service does not start within {limit}.");
        }

        return await _listening.Task;
    }

    /// <summary>Kills it (SIGKILL) and waits until it is gone.</summary>
    public async Task KillAsync()
    {
        if (!_killed && _process.HasExited) throw new FindingException(FindingKind.Wrong, $"The service ended by itself with code {_process.ExitCode}.");
        _killed = true;
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _killed = true;
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _http?.Dispose();
        await _log.DisposeAsync();
    }

    private void Note(string? line)
    {
        if (line is null) return;
        lock (_log)
        {
            _log.WriteLine(line);
            _log.Flush();
        }

        if (line.StartsWith("Listening on ", StringComparison.Ordinal)) _listening.TrySetResult(new Uri(line.Split(' ')[2]));
    }
}
