using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace EntityImport.Cli.Tests;

/// <summary><c>eis</c> as a process with <c>eis serve</c> as another one.</summary>
public sealed partial class RemoteProcessTests : IDisposable
{
    private const string Told = "An earlier run of this command did not come to its end.";
    private const string Keyless = "what,amount\nbolt,1\nbolt,1\nnut,2\n";

    private static readonly Dictionary<string, string> Nothing = [];

    private readonly Eis _eis = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _eis.Dispose();

    [Fact]
    public async Task A_server_and_a_data_directory_are_worked_with_by_the_same_commands_with_the_same_output()
    {
        string[][] commands =
        [
            ["entities"],
            ["import", Samples.PathOf("products.csv"), "--dry-run"],
            ["import", Samples.PathOf("products.csv")],
            ["import", Samples.PathOf("products.csv")],
            ["plan", Samples.PathOf("products.csv"), "--mode", "replace"],
            ["import", Samples.PathOf("customers-bad-rows.csv"), "--schema", Samples.PathOf("customers.json")],
            ["plan", Samples.PathOf("customers-bad-rows.csv")],
            ["import", Samples.PathOf("prices-de.csv"), "--mapping", Samples.PathOf("prices-de.json"), "--mode", "replace"],
            ["import", _eis.Write("bad.csv", "id\nx\n"), "--schema", _eis.Write("bad.json", """{"systemName":"bad","fields":[{"systemName":"id","dataType":"INTEGER"}]}""")],
            ["entities"],
            ["records", "products", "--filter", "unitPrice gt 50", "--top", "3"],
            ["records", "customers"],
            ["records", "nobody"],
        ];
        // Both have begun with an import by hand, as there is no data directory before.
        await _eis.ImportAsync(_eis.Write("first.csv", "id\n1\n"));
        using var other = new Eis();
        await other.ImportAsync(_eis.PathOf("first.csv"));
        using var server = await ServeProcess.StartAsync(other);
        foreach (var command in commands)
        {
            var local = await _eis.RunProcessAsync(Nothing, [.. command, "--data", _eis.Data]);
            var errors = TakeErrors();
            var remote = await _eis.RunProcessAsync(new Dictionary<string, string> { ["EIS_SERVER"] = server.Address }, command);

            Assert.Equal((local.Code, Timeless(local.Output), Timeless(local.Error)), (remote.Code, Timeless(remote.Output), Timeless(remote.Error)));
            Assert.Equal(errors, TakeErrors());
        }
    }

    [Theory]
    [InlineData("command.noted", false)]
    [InlineData("command.reported", true)]
    public async Task A_command_that_is_killed_and_given_again_takes_the_file_in_once(string step, bool isTaken)
    {
        using var server = await ServeProcess.StartAsync(_eis);
        var file = _eis.Write("parts.csv", Keyless);
        var steps = HoldAt(step);
        using (var killed = _eis.Start(new Dictionary<string, string> { ["EIS_TEST_STEPS"] = steps }, "import", file, "--server", server.Address))
        {
            await UntilAsync(() => Trace(steps).Contains($"paused {step} ", StringComparison.Ordinal), killed);
            killed.Kill(entireProcessTree: true);
            await killed.WaitForExitAsync(Token);
        }

        var again = await _eis.RunProcessAsync(Nothing, "import", file, "--server", server.Address);
        var records = await _eis.RunProcessAsync(Nothing, "records", "parts", "--server", server.Address);
        var onPurpose = await _eis.RunProcessAsync(Nothing, "import", file, "--server", server.Address);

        Assert.Equal((0, ""), (again.Code, again.Error));
        Assert.Equal(isTaken, again.Output.Contains(Told, StringComparison.Ordinal));
        Assert.Equal(["bolt,1", "bolt,1", "nut,2"], records.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[1..].Order(StringComparer.Ordinal));
        Assert.DoesNotContain(Told, onPurpose.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_killed_and_started_again_is_waited_for()
    {
        var steps = HoldAt("import.planned");
        string address;
        Process command;
        using (var killed = await ServeProcess.StartAsync(_eis, steps: steps))
        {
            address = killed.Address;
            command = _eis.Start(Nothing, "import", _eis.Write("parts.csv", Keyless), "--server", address);
            await UntilAsync(() => Trace(steps).Contains("paused import.planned ", StringComparison.Ordinal), command);
        }

        using (command)
        {
            using var server = await ServeProcess.StartAsync(_eis, address);
            var result = await Eis.EndOfAsync(command);

            Assert.Equal((0, ""), (result.Code, result.Error));
            Assert.Matches("in the file +3\ninserted +3\n", result.Output);
            Assert.Equal(("SUCCEEDED", 2, 3L), await server.StateAsync((await server.ImportsAsync()).Single()));
        }
    }

    [Fact]
    public async Task Interrupted_it_cancels_the_import_on_the_server()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Interruptions are sent with kill.");
        Assert.SkipWhen(AreInterruptionsIgnored(), "Interruptions are ignored by whatever started the tests, as a shell does in the background, and so by all that they start.");
        var steps = HoldAt("import.added");
        File.Delete(Path.Combine(steps, "pause"));
        using var server = await ServeProcess.StartAsync(_eis, steps: steps);
        var mapping = await server.MapAsync("parts");
        using var form = new MultipartFormDataContent { { new StringContent("id,name\n1,a\n"), "file", "first.csv" } };
        var upload = await server.PostAsync($"/v1/EntityImport/{mapping}/upload", form, "uploadId");
        // The first import is held, so that the next one into its entity waits.
        await File.WriteAllTextAsync(Path.Combine(steps, "pause"), "import.planned 1", Token);
        await server.PostAsync($"/v1/EntityImport/{upload}/import", null, "importId");
        using var command = _eis.Start(Nothing, "import", _eis.Write("more.csv", "id,name\n2,b\n"), "--entity", "parts", "--server", server.Address);
        await UntilAsync(() => Regex.Count(Trace(steps), "(?m)^import.added ") == 2, command);
        using (var kill = Process.Start("kill", ["-INT", command.Id.ToString(CultureInfo.InvariantCulture)])) await kill.WaitForExitAsync(Token);

        var result = await Eis.EndOfAsync(command);

        Assert.Equal((130, "Interrupted; nothing was written.\n"), (result.Code, result.Error));
        Assert.Equal("CANCELLED", (await server.StateAsync((await server.ImportsAsync())[0])).State);
        Assert.Empty(Directory.EnumerateFiles(_eis.PathOf("XDG_STATE_HOME"), "*.json", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Where_the_service_listens_is_told_only_while_it_holds_the_directory()
    {
        var server = await ServeProcess.StartAsync(_eis);
        var told = $"eis serve runs there: --server {server.Address} in place of --data works with it.";
        foreach (var command in (string[][])[["entities"], ["records", "t"], ["import", _eis.Write("t.csv", "id\n1\n")]])
        {
            var held = await _eis.RunAsync(command);
            Assert.Equal((1, ""), (held.Code, held.Output));
            Assert.Contains(told, held.Error, StringComparison.Ordinal);
        }

        // What is left of a killed one is nobody's address any more.
        server.Dispose();
        Assert.Equal(0, (await _eis.RunAsync("entities")).Code);
        Assert.False(File.Exists(Path.Combine(_eis.Data, "served")));
    }

    [Theory]
    [InlineData("javascript:alert(1)")]
    [InlineData("http://127.0.0.1:1/\u001b[2J?x")]
    [InlineData("")]
    public async Task A_note_of_where_it_listens_is_shown_as_an_address_or_not_at_all(string note)
    {
        using var server = await ServeProcess.StartAsync(_eis);
        await File.WriteAllTextAsync(Path.Combine(_eis.Data, "served"), note, Token);

        var held = await _eis.RunAsync("entities");

        Assert.Equal(1, held.Code);
        Assert.DoesNotContain(held.Error, c => char.IsControl(c) && c is not '\n' and not '\r');
        Assert.DoesNotContain("javascript", held.Error, StringComparison.Ordinal);
    }

    private static async Task UntilAsync(Func<bool> isSo, Process process)
    {
        var begun = Stopwatch.GetTimestamp();
        while (!isSo())
        {
            Assert.False(process.HasExited, "It ended before.");
            Assert.True(Stopwatch.GetElapsedTime(begun) < TimeSpan.FromSeconds(90), "It does not come to that.");
            await Task.Delay(10, Token);
        }
    }

    private static string Trace(string steps)
    {
        var trace = Path.Combine(steps, "trace");
        if (!File.Exists(trace)) return "";
        using var reader = new StreamReader(new FileStream(trace, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd();
    }

    /// <summary>The output without ids, times and the lines of progress that a slow machine shows, which differ each time.</summary>
    private static string Timeless(string output) => IdOrTime().Replace(output, "");

    [GeneratedRegex("(?m)^(Importing|Storing the file): .*\n|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9]+\\.[0-9] s")]
    private static partial Regex IdOrTime();

    private string HoldAt(string step)
    {
        var steps = Directory.CreateDirectory(_eis.PathOf("steps")).FullName;
        File.WriteAllText(Path.Combine(steps, "pause"), $"{step} 1");
        return steps;
    }

    private string TakeErrors()
    {
        var errors = "";
        foreach (var path in Directory.EnumerateFiles(_eis.PathOf("."), "*.errors.csv").Order(StringComparer.Ordinal))
        {
            errors += File.ReadAllText(path);
            File.Delete(path);
        }

        return errors;
    }

    private static bool AreInterruptionsIgnored()
    {
        const int sigint = 2;
        var ignored = File.ReadLines("/proc/self/status").First(line => line.StartsWith("SigIgn:", StringComparison.Ordinal))["SigIgn:".Length..].Trim();
        return (ulong.Parse(ignored, NumberStyles.HexNumber, CultureInfo.InvariantCulture) >> (sigint - 1) & 1) == 1;
    }
}
