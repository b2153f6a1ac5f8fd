using System.Diagnostics;
using System.Text.RegularExpressions;
using EntityImport.Core.Tests.Docs;

namespace EntityImport.Cli.Tests;

/// <summary>What is in <c>deploy/</c> names options as the program has them.</summary>
public sealed partial class DeployTests : IDisposable
{
    /// <summary>What stands for values that a deployment keeps elsewhere.</summary>
    private static readonly Dictionary<string, string> Secrets = new()
    {
        ["EIS__ACCESS__ADMINKEY"] = "",
        ["EIS__ACCESS__SIGNIN__ADDRESS"] = "https://eis.example.com",
        ["EIS__STORE__POSTGRES"] = "Host=db;Database=eis;Username=eis",
        ["EIS__STORE__FILES"] = "s3://bucket/eis?region=eu-central-1",
        ["EIS__STORE__NODE"] = "eis-0",
        ["EIS__URLS"] = "http://127.0.0.1:8080",
    };

    private readonly Eis _eis = new();

    public static TheoryData<string> Files => [.. Directory.EnumerateFiles(Repository.File("deploy"), "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Repository.File("deploy"), file).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Options_in_a_file_are_the_programs_and_have_values_that_it_takes(string file)
    {
        var text = await File.ReadAllTextAsync(Repository.File("deploy", file), TestContext.Current.CancellationToken);
        var options = new Dictionary<string, string>();
        foreach (Match match in Named().Matches(text))
        {
            var (name, value) = (match.Groups["name"].Value, match.Groups["value"].Value.Trim('"', '\''));
            if (value.Length == 0 || value.Contains('$', StringComparison.Ordinal) || value.Contains('…', StringComparison.Ordinal)) value = Secrets.GetValueOrDefault(name, "");
            if (value.Length > 0) options[name] = value;
        }

        foreach (var name in Names().Matches(text).Select(match => match.Value).Where(name => !options.ContainsKey(name))) options[name] = Secrets[name];
        // What is said of it elsewhere.
        foreach (var name in (string[])["EIS__STORE__POSTGRES", "EIS__STORE__FILES"])
            if (options.ContainsKey("EIS__STORE__NODE")) options.TryAdd(name, Secrets[name]);
        string[] given = [.. options.Where(option => option.Value.Length > 0).SelectMany(option => (string[])["--set", $"{option.Key[5..].Replace("__", ".", StringComparison.Ordinal)}={option.Value}"])];

        var shown = await _eis.RunAsync(["serve", .. given, "--show-config"]);

        Assert.Equal((0, ""), (shown.Code, shown.Error));
        foreach (var command in Served().Matches(text).Select(match => match.Groups["options"].Value))
        {
            var help = (await Eis.RunThereAsync("serve", "--help")).Output;
            Assert.All(Options().Matches(command), option => Assert.Contains($" {option.Value} ", help, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_node_without_what_nodes_share_is_refused_and_each_fault_is_told_once()
    {
        var refused = await _eis.RunAsync("serve", "--node", "../x", "--show-config");

        Assert.Equal(
            (1, "store.node needs store.postgres: the embedded store is one process's. store.node needs store.files: all nodes read the same files. store.node cannot be '../x'; expected are 1 to 64 letters, digits, '-', '_' or '.'.\n"),
            (refused.Code, refused.Error));
    }

    [Theory]
    [InlineData("eis.service")]
    [InlineData("eis@.service")]
    public async Task A_unit_is_one_that_systemd_understands(string unit)
    {
        var analyze = Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(folder => Path.Combine(folder, "systemd-analyze")).FirstOrDefault(File.Exists);
        Assert.SkipWhen(analyze is null, "There is no systemd-analyze.");
        // The program is where the tests run, not where it will be installed.
        var text = (await File.ReadAllTextAsync(Repository.File("deploy", "systemd", unit), TestContext.Current.CancellationToken)).Replace("/opt/eis/eis ", "/bin/true ", StringComparison.Ordinal);
        var start = new ProcessStartInfo(analyze!, ["verify", "--man=no", _eis.Write(unit.Replace("@.", "@x.", StringComparison.Ordinal), text)]) { RedirectStandardError = true, RedirectStandardOutput = true };

        using var process = Process.Start(start)!;
        var said = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal((0, ""), (process.ExitCode, said));
    }

    public void Dispose() => _eis.Dispose();

    /// <summary>An option with its value, as units, compose files and manifests write it.</summary>
    [GeneratedRegex(@"(?<name>EIS__[A-Z_]+)(=|:\s+|\s+value:\s+|\r?\n\s+value:\s+)(?<value>'[^']*'|""[^""]*""|[^\s,}`]+)")]
    private static partial Regex Named();

    [GeneratedRegex("EIS__[A-Z_]+")]
    private static partial Regex Names();

    /// <summary>How the program is called.</summary>
    [GeneratedRegex(@"(\beis serve|\[serve,)(?<options>[^\r\n]*)")]
    private static partial Regex Served();

    [GeneratedRegex("--[a-z-]+")]
    private static partial Regex Options();
}
