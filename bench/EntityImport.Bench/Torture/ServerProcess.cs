using System.Diagnostics;
using System.Net;
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
    private readonly CancellationTokenSource _left = new();
    private readonly string? _key;
    private HttpClient? _http;
    private volatile bool _killed;
    private bool _isDisposed;

    private ServerProcess(Process process, StreamWriter log, string? key)
    {
        _process = process;
        _log = log;
        _key = key;
        Memory = new ProcessMemory(process.Id);
        process.OutputDataReceived += (_, line) => Note(line.Data);
        process.ErrorDataReceived += (_, line) => Note(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Whether it was killed, or is about to be: requests may fail then.</summary>
    public bool IsKilled => _killed;

    /// <summary>Whether the server of its database has been stopped since it began: it may have answered 503 then.</summary>
    public bool WasWithoutStore { get; set; }

    /// <summary>Signals that its answers are no longer waited for.</summary>
    public CancellationToken Left => _left.Token;

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
    /// <param name="broken">How it is broken on purpose; null means not at all.</param>
    /// <param name="database">The PostgreSQL database that its store is in; null means that the store is the embedded one.</param>
    /// <param name="settings">Settings of its own, each as <c>name=value</c>.</param>
    public static ServerProcess Start(string data, string log, StepTrace steps, string? broken, string? database, params IEnumerable<string> settings)
    {
        steps.Clear();
        var environment = new Dictionary<string, string> { ["EIS_TEST_STEPS"] = steps.Folder };
        if (broken is not null) environment["EIS_TEST_BREAK"] = broken;
        if (database is not null) environment["EIS__STORE__POSTGRES"] = database;
        return Start(data, log, environment, [.. settings.SelectMany(setting => (string[])["--set", setting])]);
    }

    /// <summary>Starts the built <c>eis serve</c> on a free port of the loopback.</summary>
    /// <param name="data">Its data directory.</param>
    /// <param name="log">The file that its output is appended to.</param>
    /// <param name="environment">Variables that it has besides those of this process.</param>
    /// <param name="arguments">Further arguments.</param>
    public static ServerProcess Start(string data, string log, IReadOnlyDictionary<string, string> environment, params IReadOnlyList<string> arguments) =>
        Start([], Built, "127.0.0.1", data, log, environment, arguments);

    /// <summary>Starts an <c>eis serve</c> on a free port of an address.</summary>
    /// <param name="launcher">The command that runs another one where the address is; empty means that it is run here.</param>
    /// <param name="program">Its <c>eis.dll</c>.</param>
    /// <param name="host">The address.</param>
    /// <param name="data">Its data directory.</param>
    /// <param name="log">The file that its output is appended to.</param>
    /// <param name="environment">Variables that it has besides those of this process. The administrator's key in them is what its clients send.</param>
    /// <param name="arguments">Further arguments.</param>
    public static ServerProcess Start(IReadOnlyList<string> launcher, string program, string host, string data, string log, IReadOnlyDictionary<string, string> environment, IReadOnlyList<string> arguments)
    {
        string[] command = [.. launcher, "dotnet", program, "serve", "--urls", $"http://{host}:0", "--data", data, .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return new ServerProcess(Process.Start(start)!, new StreamWriter(log, append: true), environment.GetValueOrDefault("EIS__ACCESS__ADMINKEY"));
    }

    /// <summary>The program that was built with this one.</summary>
    public static string Built => Path.Combine(AppContext.BaseDirectory, "eis.dll");

    /// <summary>Waits until it takes requests.</summary>
    public Task<EntityImportClient> ConnectAsync(CancellationToken cancellationToken) => ConnectAsync(StartLimit, RequestLimit, cancellationToken);

    /// <summary>Waits until it takes requests.</summary>
    /// <param name="startLimit">How long it may take to start.</param>
    /// <param name="requestLimit">How long each of the client's requests may take.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<EntityImportClient> ConnectAsync(TimeSpan startLimit, TimeSpan requestLimit, CancellationToken cancellationToken)
    {
        var address = await WaitForAddressAsync(startLimit, cancellationToken);
        if (_http is null)
        {
            _http = new HttpClient { BaseAddress = address, Timeout = requestLimit };
            if (_key is not null) _http.DefaultRequestHeaders.Add("X-Api-Key", _key);
        }

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
        await KillWhereRunningAsync();
    }

    /// <summary>Kills it, unless it has ended by itself, and waits until it is gone.</summary>
    public async Task KillWhereRunningAsync()
    {
        _killed = true;
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Holds it up (SIGSTOP), and waits until it stands still. Whoever waits for an answer is told that there will be none.</summary>
    public async Task SuspendAsync(CancellationToken cancellationToken)
    {
        await SignalAsync("STOP", cancellationToken);
        // The state stands behind the program's name, which is in brackets.
        while (!_process.HasExited && File.ReadAllText($"/proc/{_process.Id}/stat").Split(") ")[^1][0] != 'T') await Task.Delay(1, cancellationToken);
        _killed = true;
        await _left.CancelAsync();
    }

    /// <summary>Tells it to stop (SIGTERM).</summary>
    public async Task TerminateAsync(CancellationToken cancellationToken)
    {
        _killed = true;
        await SignalAsync("TERM", cancellationToken);
    }

    /// <summary>Waits until it has ended.</summary>
    public async Task WaitForExitAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        if (await Task.WhenAny(_process.WaitForExitAsync(cancellationToken), Task.Delay(limit, cancellationToken)) is { IsCompletedSuccessfully: true } && _process.HasExited) return;
        throw new FindingException(FindingKind.Stuck, $"The service has not ended within {limit}.");
    }

    /// <summary>Has it go on (SIGCONT).</summary>
    public Task ResumeAsync(CancellationToken cancellationToken) => SignalAsync("CONT", cancellationToken);

    /// <summary>What a resource is answered with.</summary>
    public async Task<HttpStatusCode> GetAsync(string path, CancellationToken cancellationToken)
    {
        using var answer = await _http!.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
        return answer.StatusCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        _killed = true;
        _left.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _http?.Dispose();
        await _log.DisposeAsync();
    }

    private async Task SignalAsync(string signal, CancellationToken cancellationToken)
    {
        using var kill = Process.Start("/bin/sh", ["-c", FormattableString.Invariant($"kill -{signal} {_process.Id}")]);
        await kill.WaitForExitAsync(cancellationToken);
        if (kill.ExitCode != 0 && !_process.HasExited) throw new InvalidOperationException($"The signal {signal} cannot be sent.");
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
