using System.Diagnostics;

namespace EntityImport.Cli.Tests;

/// <summary>Options come from a file, then the environment, then the command line; what cannot be is refused before anything is opened.</summary>
public sealed class ServeOptionsTests : IDisposable
{
    private readonly Eis _eis = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _eis.Dispose();

    [Fact]
    public async Task All_options_are_shown_with_their_defaults_and_nothing_is_opened()
    {
        var shown = await _eis.RunAsync("serve", "--show-config");

        Assert.Equal(0, shown.Code);
        Assert.Matches("(?m)^storeMemoryBytes +1073741824 +default +bytes, 268435456 to 4611686018427387904: ", shown.Output);
        Assert.Matches("(?m)^keepUploadsDays +default +days, 0.00000001 to 36500: .*no value keeps it for ever", shown.Output);
        Assert.Matches("(?m)^urls +http://127.0.0.1:5080 +default ", shown.Output);
        Assert.False(Directory.Exists(_eis.Data));
    }

    [Fact]
    public async Task The_command_line_wins_over_the_environment_and_that_over_the_file()
    {
        Directory.CreateDirectory(_eis.Data);
        await File.WriteAllTextAsync(Path.Combine(_eis.Data, "eis.json"), """{"maxAttempts": 4, "concurrentImports": 5, "limits": {"words": 6}, "keepUploadsDays": 0.5, "metricsCollector": "http://name:secret@127.0.0.1:4317"}""", Token);

        var (code, output) = await RunAsync(new() { ["EIS__CONCURRENTIMPORTS"] = "7", ["EIS__LIMITS__WORDS"] = "8" }, "--set", "limits.words=9");

        Assert.Equal(0, code);
        Assert.Matches("(?m)^maxAttempts +4 +eis.json ", output);
        Assert.Matches("(?m)^concurrentImports +7 +environment ", output);
        Assert.Matches("(?m)^limits.words +9 +command line ", output);
        Assert.Matches("(?m)^keepUploadsDays +0.5 +eis.json ", output);
        Assert.DoesNotContain("secret", output, StringComparison.Ordinal);
        Assert.Contains("http://…@127.0.0.1:4317", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_named_is_read_instead_and_one_in_the_working_directory_never()
    {
        _eis.Write("eis.json", """{"maxAttempts": 9}""");

        var (_, unnamed) = await RunAsync([]);
        var (_, named) = await RunAsync([], "--config", _eis.Write("other.json", """{"maxAttempts": 5}"""), "--keep-uploads", "3");

        Assert.Matches("(?m)^maxAttempts +3 +default ", unnamed);
        Assert.Matches("(?m)^maxAttempts +5 +other.json ", named);
        Assert.Matches("(?m)^keepUploadsDays +3 +command line ", named);
    }

    [Fact]
    public async Task Everything_that_cannot_be_is_named_at_once_with_where_it_comes_from()
    {
        var file = _eis.Write("bad.json", """{"maxAttempts": 0, "limits": {"word": 6, "faults": 1.5}, "storeMemoryBytes": "much"}""");

        var refused = await _eis.RunAsync("serve", "--config", file, "--set", "threadsPerImport=257");

        Assert.NotEqual(0, refused.Code);
        Assert.Contains("limits.word (bad.json) is no option of the service.", refused.Error, StringComparison.Ordinal);
        Assert.Contains("maxAttempts cannot be 0; expected is a whole number of attempts from 1 to 100 (bad.json).", refused.Error, StringComparison.Ordinal);
        Assert.Contains("limits.faults cannot be 1.5;", refused.Error, StringComparison.Ordinal);
        Assert.Contains("storeMemoryBytes cannot be 'much';", refused.Error, StringComparison.Ordinal);
        Assert.Contains("threadsPerImport cannot be 257; expected is a whole number of threads from 1 to 256 (command line).", refused.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_eis.Data));
    }

    [Fact]
    public async Task A_value_that_is_empty_is_refused_unless_it_means_something()
    {
        var file = _eis.Write("full.json", """{"keepUploadsDays": 3, "limits": {}}""");

        var refused = await _eis.RunAsync("serve", "--config", file, "--set", "maxAttempts=", "--set", "urls=", "--set", "unknown=", "--set", "limits=5");
        var forEver = await _eis.RunAsync("serve", "--config", file, "--set", "keepUploadsDays=", "--show-config");

        Assert.NotEqual(0, refused.Code);
        Assert.Contains("maxAttempts has no value; expected is a whole number of attempts from 1 to 100 (command line).", refused.Error, StringComparison.Ordinal);
        Assert.Contains("urls has no value (command line).", refused.Error, StringComparison.Ordinal);
        Assert.Contains("limits (command line) is no option of the service.", refused.Error, StringComparison.Ordinal);
        Assert.Contains("unknown (command line) is no option of the service.", refused.Error, StringComparison.Ordinal);
        Assert.Equal(0, forEver.Code);
        Assert.Matches("(?m)^keepUploadsDays +command line ", forEver.Output);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("""{"maxAttempts": 1, "maxAttempts": 2}""")]
    public async Task A_file_that_is_no_JSON_is_refused(string text)
    {
        var refused = await _eis.RunAsync("serve", "--config", _eis.Write("bad.json", text));

        Assert.NotEqual(0, refused.Code);
        Assert.Contains("bad.json cannot be read: ", refused.Error, StringComparison.Ordinal);
    }

    private async Task<(int Code, string Output)> RunAsync(Dictionary<string, string> environment, params string[] options)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "eis.dll"), "serve", "--show-config", "--data", _eis.Data, .. options])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = _eis.PathOf("."),
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token).WaitAsync(TimeSpan.FromMinutes(1), Token);
        return (process.ExitCode, await output);
    }
}
