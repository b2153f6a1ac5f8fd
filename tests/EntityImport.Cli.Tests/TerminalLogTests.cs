using EntityImport.Cli.Output;
using Microsoft.Extensions.Logging;

namespace EntityImport.Cli.Tests;

public sealed class TerminalLogTests
{
    [Fact]
    public void Warnings_and_errors_of_the_engine_are_a_short_line_each_and_the_rest_is_not_shown()
    {
        using var error = new StringWriter { NewLine = "\n" };
        using var logs = LoggerFactory.Create(logging => logging.AddProvider(new TerminalLog(new Terminal(TextWriter.Null, error, console: null))));
        var log = logs.CreateLogger("any");

        log.LogInformation("Nobody asked");
        log.LogWarning("The upload {Id} is unknown", 7);
        log.LogError(new InvalidOperationException("the disk is\nfull\u001b[31m"), "Import {Id} failed", 8);
        log.LogError("{Text}", new string('x', 10_000));

        var lines = error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["Warning: The upload 7 is unknown.", "Error: Import 8 failed: the disk is full [31m"], lines[..2]);
        Assert.InRange(Assert.Single(lines[2..]).Length, 500, 520);
    }
}
