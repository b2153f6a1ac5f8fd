using EntityImport.Cli.Output;
using Xunit;

namespace EntityImport.Cli.Tests;

/// <summary>Runs <c>eis</c> in a folder of its own, which goes with it.</summary>
internal sealed class Eis : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("eis-tests-").FullName;

    /// <summary>The data directory.</summary>
    public string Data => Path.Combine(_folder, "data");

    /// <summary>A path in the folder.</summary>
    public string PathOf(string name) => Path.Combine(_folder, name);

    /// <summary>Writes a file into the folder.</summary>
    public string Write(string name, string text)
    {
        File.WriteAllText(PathOf(name), text);
        return PathOf(name);
    }

    /// <summary>Runs a command in this process, with output that is no terminal.</summary>
    public Task<Result> RunAsync(params string[] arguments) => RunAsync(TestContext.Current.CancellationToken, arguments);

    /// <summary>Runs a command that the token interrupts.</summary>
    public async Task<Result> RunAsync(CancellationToken interruption, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await CommandLine.RunAsync([.. arguments, "--data", Data], new Terminal(output, error, console: null), interruption);
        return new Result(code, output.ToString(), error.ToString());
    }

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

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(_folder, recursive: true);
}

/// <summary>What a command returned and wrote.</summary>
internal sealed record Result(int Code, string Output, string Error);
