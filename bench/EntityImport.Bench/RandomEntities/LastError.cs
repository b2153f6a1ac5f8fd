using Microsoft.Extensions.Logging;

namespace EntityImport.Bench.RandomEntities;

/// <summary>Keeps the last exception that the engine logged.</summary>
internal sealed class LastError : ILoggerFactory, ILogger
{
    private volatile Exception? _exception;

    /// <summary>What it was, as one line; empty where there was none.</summary>
    public string Text => _exception is { } exception ? $" The log says: {string.Join(" < ", Chain(exception).Select(one => $"{one.GetType().Name}: {one.Message.ReplaceLineEndings(" ")}"))}" : "";

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (exception is not null) _exception = exception;
    }

    /// <summary>It, and what led to it.</summary>
    private static IEnumerable<Exception> Chain(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException) yield return exception;
    }

    public void Dispose()
    {
    }
}
