using System.Diagnostics;
using System.Globalization;

namespace EntityImport.Cli.Tests;

/// <summary><c>eis import</c>, killed at a step and given again: what has no key must not go in twice, nor be lost.</summary>
public sealed class InterruptedImportTests : IDisposable
{
    private const string Keyless = "what,amount\nbolt,1\nbolt,1\nnut,2\n";
    private const string Told = "An earlier run of this command did not come to its end.";

    private readonly Eis _eis = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _eis.Dispose();

    [Theory]
    [InlineData("upload.begun", false)]
    [InlineData("upload.stored", false)]
    [InlineData("upload.kept", false)]
    [InlineData("upload.added", false)]
    [InlineData("command.noted", false)]
    [InlineData("import.added", true)]
    [InlineData("import.running", true)]
    [InlineData("import.planned", true)]
    [InlineData("import.merged", true)]
    [InlineData("import.committed", true)]
    [InlineData("command.reported", true)]
    public async Task Killed_at_any_step_and_given_again_it_takes_the_file_in_once(string step, bool isTaken)
    {
        var file = _eis.Write("parts.csv", Keyless);
        await KillAtAsync(step, file);

        var again = await _eis.ImportAsync(file);

        Assert.Equal((0, ""), (again.Code, again.Error));
        Assert.Equal(isTaken, again.Output.Contains(Told, StringComparison.Ordinal));
        Assert.Matches("in the file +3\ninserted +3\n", again.Output);
        Assert.Equal(["bolt,1", "bolt,1", "nut,2"], await RecordsAsync("parts"));

        var onPurpose = await _eis.ImportAsync(file);

        Assert.Equal(0, onPurpose.Code);
        Assert.DoesNotContain(Told, onPurpose.Output, StringComparison.Ordinal);
        Assert.Equal(6, (await RecordsAsync("parts")).Length);
    }

    [Fact]
    public async Task An_interrupted_import_is_told_and_finished_before_another_file_and_reported_when_its_command_comes_again()
    {
        var file = _eis.Write("parts.csv", Keyless);
        await KillAtAsync("import.planned", file);

        var other = await _eis.ImportAsync(_eis.Write("other.csv", "id,name\n1,a\n"));

        Assert.Equal((0, ""), (other.Code, other.Error));
        Assert.StartsWith(
            "An interrupted import of parts.csv into parts is finished first.\nIt has succeeded: 3 rows, 3 inserted, 0 updated, 0 unchanged, 0 superseded, 0 rejected.\nother.csv: ", other.Output, StringComparison.Ordinal);
        Assert.Equal(["1,a"], await RecordsAsync("other"));

        var again = await _eis.ImportAsync(file);

        Assert.Contains(Told, again.Output, StringComparison.Ordinal);
        Assert.Equal(3, (await RecordsAsync("parts")).Length);
    }

    [Fact]
    public async Task The_outcome_of_the_interrupted_import_is_the_command_s()
    {
        var schema = _eis.Write("n.json", """{"systemName":"n","fields":[{"systemName":"id","dataType":"INTEGER"}]}""");
        var file = _eis.Write("n.csv", "id\n1\nx\n1\n");
        await KillAtAsync("rejected.kept", file, "--schema", schema);

        var again = await _eis.ImportAsync(file, "--schema", schema);

        Assert.Equal((2, ""), (again.Code, again.Error));
        Assert.Contains(Told, again.Output, StringComparison.Ordinal);
        Assert.Matches("rejected +1\n", again.Output);
        Assert.Contains("x,2,3,", await File.ReadAllTextAsync(_eis.PathOf("errors.csv"), Token), StringComparison.Ordinal);
        Assert.Equal(["1", "1"], await RecordsAsync("n"));
    }

    [Fact]
    public async Task A_report_whose_error_file_could_not_be_written_is_given_by_the_next_run()
    {
        var schema = _eis.Write("n.json", """{"systemName":"n","fields":[{"systemName":"id","dataType":"INTEGER"}]}""");
        var file = _eis.Write("n.csv", "id\n1\nx\n");
        Directory.CreateDirectory(_eis.PathOf("errors.csv"));
        var first = await _eis.ImportAsync(file, "--schema", schema);
        Assert.Equal(2, first.Code);
        Assert.Matches("^The error file .*errors.csv cannot be written: .* The other rows were imported.\n$", first.Error);
        Assert.Matches("rejected +1\n(.*\n)+To undo it: eis undo ", first.Output);
        Directory.Delete(_eis.PathOf("errors.csv"));

        var again = await _eis.ImportAsync(file, "--schema", schema);

        Assert.Equal((2, ""), (again.Code, again.Error));
        Assert.Contains(Told, again.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(_eis.PathOf("errors.csv")));
        Assert.Equal(["1"], await RecordsAsync("n"));
    }

    [Fact]
    public async Task An_interrupted_import_that_fails_is_told_and_leaves_no_entity_behind()
    {
        var schema = _eis.Write("n.json", """{"systemName":"n","fields":[{"systemName":"id","dataType":"INTEGER"}]}""");
        var file = _eis.Write("n.csv", "id\nx\n");
        await KillAtAsync("import.planned", file, "--schema", schema);

        var again = await _eis.ImportAsync(file, "--schema", schema);

        Assert.Equal(1, again.Code);
        Assert.Contains("It has failed, and nothing was written.", again.Output, StringComparison.Ordinal);
        Assert.Contains("no entities yet", (await _eis.RunAsync("entities")).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bolt,1\nbolt,1\nnut,3\n", null)]
    [InlineData("bolt,1\nbolt,1\nnut,2\n", "--no-header")]
    public async Task Another_file_of_the_same_name_or_other_options_are_another_command(string rows, string? option)
    {
        var file = _eis.Write("parts.csv", Keyless);
        await KillAtAsync("import.committed", file);
        _eis.Write("parts.csv", option is null ? "what,amount\n" + rows : Keyless);

        var other = option is null ? await _eis.ImportAsync(file) : await _eis.ImportAsync(file, option, "--entity", "more");

        Assert.Equal((0, ""), (other.Code, other.Error));
        Assert.DoesNotContain(Told, other.Output, StringComparison.Ordinal);
        Assert.Equal(option is null ? 6 : 3, (await RecordsAsync("parts")).Length);
        if (option is not null) Assert.Equal(4, (await RecordsAsync("more")).Length);
    }

    [Fact]
    public async Task An_import_that_the_service_finished_meanwhile_is_reported_too()
    {
        var file = _eis.Write("parts.csv", Keyless);
        await KillAtAsync("import.planned", file);
        using (var server = await ServeProcess.StartAsync(_eis))
        {
            var import = (await server.ImportsAsync()).Single();
            Assert.Equal(("SUCCEEDED", 2, 3L), await server.EndOfAsync(import));
        }

        var again = await _eis.ImportAsync(file);

        Assert.Contains(Told, again.Output, StringComparison.Ordinal);
        Assert.Equal(3, (await RecordsAsync("parts")).Length);
    }

    [Fact]
    public async Task The_same_file_twice_on_purpose_is_told_and_for_an_entity_without_a_key_as_a_warning()
    {
        await _eis.ImportAsync(_eis.Write("parts.csv", Keyless), "--mapping", _eis.Write("m.json", "{}"));
        var first = await _eis.ImportAsync(_eis.PathOf("parts.csv"), "--mapping", _eis.Write("m.json", """{"definition":{}}"""));
        var second = await _eis.ImportAsync(_eis.PathOf("parts.csv"), "--mapping", _eis.PathOf("m.json"));
        var replaced = await _eis.ImportAsync(_eis.PathOf("parts.csv"), "--mapping", _eis.PathOf("m.json"), "--mode", "replace");
        var replacedAgain = await _eis.ImportAsync(_eis.PathOf("parts.csv"), "--mapping", _eis.PathOf("m.json"), "--mode", "replace");

        Assert.Equal(0, first.Code);
        Assert.Contains("Warning: The same file was imported before, by import ", second.Output, StringComparison.Ordinal);
        Assert.Contains("parts has no key, so its rows are now there once more.", second.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("imported before", replaced.Output, StringComparison.Ordinal);
        Assert.Contains("\nThe same file was imported before, by import ", replacedAgain.Output, StringComparison.Ordinal);
        Assert.Equal(3, (await RecordsAsync("parts")).Length);
    }

    private async Task<string[]> RecordsAsync(string entity) => [.. (await _eis.RecordsAsync(entity))[1..].Order(StringComparer.Ordinal)];

    /// <summary>Runs the command as a process that stays at a step, and kills it there.</summary>
    private async Task KillAtAsync(string step, string file, params string[] options)
    {
        var steps = Directory.CreateDirectory(_eis.PathOf("steps-" + step)).FullName;
        await File.WriteAllTextAsync(Path.Combine(steps, "pause"), string.Create(CultureInfo.InvariantCulture, $"{step} 1"), Token);
        using var process = Process.Start(new ProcessStartInfo(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, "eis.dll"), "import", file, "--errors", _eis.PathOf("errors.csv"), "--data", _eis.Data, .. options])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["EIS_TEST_STEPS"] = steps },
        })!;
        try
        {
            var begun = Stopwatch.GetTimestamp();
            while (!IsPaused(Path.Combine(steps, "trace"), step))
            {
                Assert.False(process.HasExited, $"It ended before it came to {step}.");
                Assert.True(Stopwatch.GetElapsedTime(begun) < TimeSpan.FromSeconds(60), $"It does not come to {step}.");
                await Task.Delay(10, Token);
            }
        }
        finally
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    private static bool IsPaused(string trace, string step)
    {
        if (!File.Exists(trace)) return false;
        using var reader = new StreamReader(new FileStream(trace, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd().Contains($"paused {step} ", StringComparison.Ordinal);
    }
}
