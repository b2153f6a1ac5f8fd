using System.Text.RegularExpressions;
using EntityImport.Server.Tests.Access;
using Microsoft.Extensions.Logging;

[assembly: AssemblyFixture(typeof(SuiteLog))]

namespace EntityImport.Server.Tests.Access;

/// <summary>
/// All that the servers of all of these tests have logged, in as much detail as they can, in a file. At the end of the suite it is searched for what no log may have: keys, tokens and secrets that the tests have used, and what stood in bodies.
/// </summary>
public sealed partial class SuiteLog : IDisposable
{
    /// <summary>What tests put into bodies and credentials to see where it goes.</summary>
    public const string Canary = "canary-5f1d";

    private static readonly string Place = Path.Combine(Path.GetTempPath(), $"eis-server-tests-{Environment.ProcessId}.log");
    private static readonly StreamWriter Lines = new(Place);
    private static bool _isUsed;

    /// <summary>Has a server's log written down here, too.</summary>
    public static void AddTo(ILoggingBuilder logging)
    {
        _isUsed = true;
        logging.AddProvider(new Provider());
        // What ASP.NET Core makes for each request where somebody listens to this category would be another server than the one that is tested.
        logging.AddFilter<Provider>((category, level) => level >= LogLevel.Debug && category?.StartsWith("Microsoft.AspNetCore.Hosting.Diagnostics", StringComparison.Ordinal) != true);
    }

    public void Dispose()
    {
        lock (Lines) Lines.Dispose();
        var lines = 0;
        foreach (var line in File.ReadLines(Place))
        {
            lines++;
            Assert.False(Secret().IsMatch(line), $"A log line has a secret or part of a body: {line}");
        }

        Assert.True(lines > 0 || !_isUsed, "Nothing was logged, so that nothing was looked at.");
        File.Delete(Place);
    }

    [GeneratedRegex("eis_[0-9A-Za-z]{40}|eislink_[0-9A-Za-z]{40}|CfDJ8[0-9A-Za-z_-]{16}|eyJ[0-9A-Za-z_-]{16}|00D[0-9A-Za-z]{12}!AQ|" + FakeSalesforce.Secret + "|" + Canary)]
    private static partial Regex Secret();

    private sealed class Provider : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var line = $"{formatter(state, exception)} {exception}".ReplaceLineEndings(" ");
            lock (Lines)
            {
                if (Lines.BaseStream is { CanWrite: true }) Lines.WriteLine(line);
            }
        }

        public void Dispose()
        {
            // The file is the suite's.
        }
    }
}
