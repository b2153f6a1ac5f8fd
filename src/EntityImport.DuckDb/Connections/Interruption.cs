using DuckDB.NET.Data;

namespace EntityImport.DuckDb.Connections;

/// <summary>Interrupts a statement when a token is cancelled; disposing it ends that.</summary>
/// <remarks>DuckDB forgets an interruption when a statement begins, so one that comes a moment too early would be lost: it is repeated until the statement has ended.</remarks>
internal sealed class Interruption : IDisposable
{
    private static readonly TimeSpan Repetition = TimeSpan.FromMilliseconds(20);

    private readonly Lock _state = new();
    private readonly DuckDBCommand _command;
    private readonly CancellationTokenRegistration _registration;
    private Timer? _timer;
    private bool _isOver;

    public Interruption(DuckDBCommand command, CancellationToken cancellationToken)
    {
        _command = command;
        _registration = cancellationToken.Register(Begin);
    }

    public void Dispose()
    {
        _registration.Dispose();
        lock (_state)
        {
            _isOver = true;
            _timer?.Dispose();
        }
    }

    private void Begin()
    {
        lock (_state)
        {
            if (!_isOver) _timer = new Timer(_ => Interrupt(), null, TimeSpan.Zero, Repetition);
        }
    }

    private void Interrupt()
    {
        lock (_state)
        {
            if (!_isOver) _command.Cancel();
        }
    }
}
