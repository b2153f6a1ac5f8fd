using EntityImport.Server.Tests.Access;
using Microsoft.Extensions.Logging;

[assembly: AssemblyFixture(typeof(SuiteLog))]

namespace EntityImport.Server.Tests.Access;

/// <summary>All that the servers of these tests log, in as much detail as they can: no line has the keys of the stores.</summary>
public sealed class SuiteLog : IDisposable
{
    private static readonly string[] Secrets = [.. new[] { "AZURE_STORAGE_KEY", "AWS_SECRET_ACCESS_KEY" }.Select(Environment.GetEnvironmentVariable).OfType<string>()];
    private static readonly Lock Lines = new();
    private static string? _found;
    private static int _lines;
    private static bool _isUsed;

    /// <summary>Has a server's log looked at, too.</summary>
    public static void AddTo(ILoggingBuilder logging)
    {
        _isUsed = true;
        logging.AddProvider(new Provider());
        logging.AddFilter<Provider>((_, level) => level >= LogLevel.Debug);
    }

    public void Dispose()
    {
        Assert.Null(_found);
        Assert.True(_lines > 0 || !_isUsed, "Nothing was logged, so that nothing was looked at.");
    }

    private sealed class Provider : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var line = $"{formatter(state, exception)} {exception}";
            lock (Lines)
            {
                _lines++;
                if (Secrets.Any(secret => line.Contains(secret, StringComparison.Ordinal))) _found = line;
            }
        }

        public void Dispose()
        {
        }
    }
}
