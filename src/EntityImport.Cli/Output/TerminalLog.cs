using Microsoft.Extensions.Logging;

namespace EntityImport.Cli.Output;

/// <summary>Shows the engine's warnings and errors to who runs a command: a line each, with the cause where there is one.</summary>
internal sealed class TerminalLog(Terminal terminal) : ILoggerProvider, ILogger
{
    private const int MaxLength = 500;

    private readonly Lock _writing = new();

    public ILogger CreateLogger(string categoryName) => this;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel)) return;
        var line = formatter(state, exception).TrimEnd('.') + (exception is null ? "." : $": {exception.Message}");
        line = new string([.. line.Select(c => char.IsControl(c) ? ' ' : c)]);
        lock (_writing) terminal.WriteError($"{(logLevel == LogLevel.Warning ? "Warning" : "Error")}: {(line.Length <= MaxLength ? line : line[..MaxLength] + "…")}");
    }

    public void Dispose()
    {
        // There is nothing to let go.
    }
}
