using System.Diagnostics;
using EntityImport.Cli.Output;

namespace EntityImport.Cli.Tests;

/// <summary>Runs <c>eis</c> in a folder of its own, which goes with it: on a data directory in it, or on a server that has been started on that.</summary>
internal sealed class Eis : IDisposable
{
    private static readonly string[] Variables = ["EIS_SERVER", "EIS_PROFILE", "EIS_API_KEY"];

    private readonly string _folder = Directory.CreateTempSubdirectory("eis-tests-").FullName;

    static Eis()
    {
        // Whoever runs the tests keeps what is theirs.
        foreach (var variable in Variables) Environment.SetEnvironmentVariable(variable, null);
        Environment.SetEnvironmentVariable("XDG_STATE_HOME", Directory.CreateTempSubdirectory("eis-tests-state-").FullName);
    }

    /// <summary>The data directory.</summary>
    public string Data => Path.Combine(_folder, "data");

    /// <summary>The server that commands work with; null means the data directory.</summary>
    public ServeProcess? Server { get; private set; }

    private string[] Where => Server is { } server ? ["--server", server.Address] : ["--data", Data];

    /// <summary>Starts a server on the data directory, which commands work with from now on.</summary>
    public async Task ServeAsync() => Server = await ServeProcess.StartAsync(this);

    /// <summary>A path in the folder.</summary>
    public string PathOf(string name) => Path.Combine(_folder, name);

    /// <summary>Writes a file into the folder.</summary>
    public string Write(string name, string text)
    {
        File.WriteAllText(PathOf(name), text);
        return PathOf(name);
    }

    /// <summary>Writes a file that nobody else may read.</summary>
    public string WriteSecret(string name, string text)
    {
        var path = Write(name, text);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }

    /// <summary>Runs a command in this process, with output that is no terminal.</summary>
    public Task<Result> RunAsync(params string[] arguments) => RunAsync(TestContext.Current.CancellationToken, arguments);

    /// <summary>Runs a command that the token interrupts.</summary>
    public Task<Result> RunAsync(CancellationToken interruption, params string[] arguments) =>
        RunThereAsync([.. arguments, .. Where], answers: null, interruption);

    /// <summary>Imports a file for somebody who types answers, a line each.</summary>
    public Task<Result> ImportAnsweringAsync(string answers, string file, params string[] options) =>
        RunThereAsync(["import", file, "--errors", PathOf("errors.csv"), .. options, .. Where], new StringReader(answers), TestContext.Current.CancellationToken);

    /// <summary>Runs a command that is told by its arguments what it works with.</summary>
    public static Task<Result> RunThereAsync(params string[] arguments) => RunThereAsync(arguments, answers: null, TestContext.Current.CancellationToken);

    /// <summary>Imports a file; rejected rows go to errors.csv in the folder.</summary>
    public Task<Result> ImportAsync(string file, params string[] options) =>
        RunAsync(["import", file, "--errors", PathOf("errors.csv"), .. options]);

    /// <summary>All records of an entity as CSV lines, the header first.</summary>
    public async Task<string[]> RecordsAsync(string entity)
    {
        var result = await RunAsync("records", entity, "--top", "2000");
        Assert.Equal((0, ""), (result.Code, result.Error));
        return result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Starts a command as a process of its own, in the folder, whose user has nothing but what is in it.</summary>
    public Process Start(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "eis.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder,
        };
        foreach (var folder in (string[])["XDG_STATE_HOME", "XDG_CONFIG_HOME"]) start.Environment[folder] = PathOf(folder);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <summary>Runs a command as a process.</summary>
    public async Task<Result> RunProcessAsync(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        using var process = Start(environment, arguments);
        return await EndOfAsync(process);
    }

    /// <summary>What a process has returned and written, once it has ended; it is killed where it does not.</summary>
    public static async Task<Result> EndOfAsync(Process process)
    {
        var token = TestContext.Current.CancellationToken;
        try
        {
            var (output, error) = (process.StandardOutput.ReadToEndAsync(token), process.StandardError.ReadToEndAsync(token));
            await process.WaitForExitAsync(token).WaitAsync(TimeSpan.FromSeconds(120), token);
            return new Result(process.ExitCode, await output, await error);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Server?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task<Result> RunThereAsync(string[] arguments, TextReader? answers, CancellationToken interruption)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await CommandLine.RunAsync(arguments, new Terminal(output, error, console: null, answers), interruption);
        return new Result(code, output.ToString(), error.ToString());
    }
}

/// <summary>What a command returned and wrote.</summary>
internal sealed record Result(int Code, string Output, string Error);
