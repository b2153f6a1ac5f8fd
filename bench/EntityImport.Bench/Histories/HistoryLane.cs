using System.Globalization;

namespace EntityImport.Bench.Histories;

/// <summary>Runs histories one after the other, several on one engine, since to open it takes longer than an import.</summary>
/// <param name="directory">The folder of its engines.</param>
/// <param name="postgres">The PostgreSQL server on which their stores get databases; null means the embedded store.</param>
internal sealed class HistoryLane(string directory, string? postgres) : IDisposable
{
    private const int HistoriesOfAnEngine = 20;

    private CrashingEngine? _engine;
    private int _histories;
    private int _engines;

    /// <summary>A history to be run next.</summary>
    /// <param name="history">The history.</param>
    /// <param name="isAlone">Whether it is run on an engine that has run no other one.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public HistoryRun Begin(History history, bool isAlone, CancellationToken cancellationToken)
    {
        if (isAlone || _histories == HistoriesOfAnEngine) Dispose();
        _engine ??= CrashingEngine.Open(Path.Combine(directory, (++_engines).ToString(CultureInfo.InvariantCulture)), postgres, cancellationToken);
        return new HistoryRun(history, _engine, isAlone ? "" : string.Create(CultureInfo.InvariantCulture, $"_{++_histories}"));
    }

    public void Dispose()
    {
        _engine?.DisposeAsync().AsTask().GetAwaiter().GetResult();
        (_engine, _histories) = (null, 0);
    }
}
