using EntityImport.Cli.Output;

namespace EntityImport.Cli.Tests;

/// <summary>The same <c>eis import</c> twice at the same time, on one server.</summary>
public sealed class EqualCommandTests : IDisposable
{
    private const string Keyless = "what,amount\nbolt,1\nbolt,1\nnut,2\n";
    private const string Waits = "An equal command is at work there, and is waited for, so that nothing is imported twice.\n";

    private readonly Eis _eis = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Steps => _eis.PathOf("steps");

    public void Dispose() => _eis.Dispose();

    [Fact]
    public async Task The_second_waits_for_the_first_and_reports_its_import()
    {
        using var server = await HoldUploadAsync();
        using var error = new AwaitedText();
        var (first, second) = await StartBothAsync(server, error, CancellationToken.None);
        File.Delete(Path.Combine(Steps, "pause"));

        var (one, two) = (await first, await second);

        Assert.Equal((0, ""), (one.Code, one.Error));
        Assert.Equal((0, Waits), (two.Code, two.Error));
        Assert.StartsWith("The same command was at work when this one was given. This is the report of its import ", two.Output, StringComparison.Ordinal);
        Assert.Matches("in the file +3\ninserted +3\n", two.Output);
        Assert.Single(await server.ImportsAsync());
        Assert.Equal(0, (await Eis.RunThereAsync("import", _eis.PathOf("parts.csv"), "--server", server.Address)).Code);
        Assert.Equal(2, (await server.ImportsAsync()).Count);
    }

    [Fact]
    public async Task The_second_imports_the_file_itself_where_the_first_imports_nothing()
    {
        using var server = await HoldUploadAsync();
        using var error = new AwaitedText();
        using var interruption = new CancellationTokenSource();
        var (first, second) = await StartBothAsync(server, error, interruption.Token);
        await interruption.CancelAsync();
        File.Delete(Path.Combine(Steps, "pause"));

        var (one, two) = (await first, await second);

        Assert.Equal(130, one.Code);
        Assert.Equal((0, Waits), (two.Code, two.Error));
        Assert.DoesNotContain("The same command", two.Output, StringComparison.Ordinal);
        Assert.Equal(("SUCCEEDED", 1, 3L), await server.StateAsync((await server.ImportsAsync()).Single()));
    }

    /// <summary>Starts a server that holds the first upload.</summary>
    private async Task<ServeProcess> HoldUploadAsync()
    {
        Directory.CreateDirectory(Steps);
        await File.WriteAllTextAsync(Path.Combine(Steps, "pause"), "upload.begun 1", Token);
        return await ServeProcess.StartAsync(_eis, steps: Steps);
    }

    /// <summary>Gives the command, and again while its upload is held, and waits until the second one has told that it waits.</summary>
    private async Task<(Task<Result> First, Task<Result> Second)> StartBothAsync(ServeProcess server, AwaitedText error, CancellationToken interruption)
    {
        string[] command = ["import", _eis.Write("parts.csv", Keyless), "--server", server.Address];
        var first = RunAsync(command, new AwaitedText(), interruption);
        while (!IsUploadHeld())
        {
            Assert.False(first.IsCompleted, "The first command has ended.");
            await Task.Delay(10, Token);
        }

        var second = RunAsync(command, error, Token);
        await Task.WhenAny(error.IsWritten, second).WaitAsync(TimeSpan.FromSeconds(60), Token);
        Assert.False(second.IsCompleted, "The second command does not wait.");
        return (first, second);
    }

    private bool IsUploadHeld()
    {
        var trace = Path.Combine(Steps, "trace");
        if (!File.Exists(trace)) return false;
        using var reader = new StreamReader(new FileStream(trace, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd().Contains("paused upload.begun ", StringComparison.Ordinal);
    }

    private static async Task<Result> RunAsync(string[] command, AwaitedText error, CancellationToken interruption)
    {
        using var output = new StringWriter();
        var code = await Task.Run(() => CommandLine.RunAsync(command, new Terminal(output, error, console: null), interruption), CancellationToken.None);
        return new Result(code, output.ToString(), error.ToString());
    }

    /// <summary>A text whose first line can be waited for.</summary>
    private sealed class AwaitedText : StringWriter
    {
        private readonly TaskCompletionSource _isWritten = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task IsWritten => _isWritten.Task;

        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            _isWritten.TrySetResult();
        }
    }
}
