using System.Globalization;
using EntityImport.Bench.RandomEntities;
using EntityImport.DuckDb;
using EntityImport.Engine;
using EntityImport.Options;
using EntityImport.Testing;

namespace EntityImport.Bench.Histories;

/// <summary>The engine on its store, which crashes where it is told to: what is on disk in that moment is copied, and the engine goes on from there. A database goes on as it is, without what was not committed.</summary>
/// <remarks>Steps are told to the process. Whose they are is known by the flow of the call that has led to them.</remarks>
internal sealed class CrashingEngine : IAsyncDisposable
{
    private static readonly AsyncLocal<CrashingEngine?> Current = new();

    private const int MaxCopies = 20;

    private readonly string _root;
    private readonly LastError _error = new();
    private readonly Lock _looking = new();
    private readonly CrashingDatabase? _database;
    private CancellationTokenSource _crashed = new();
    private int _copies;
    private string _directory;
    private string? _step;
    private string? _left;

    private CrashingEngine(string root, CrashingDatabase? database)
    {
        _root = root;
        _database = database;
        _directory = Path.Combine(root, "0");
    }

    /// <summary>The engine. After a crash or a restart it is another one.</summary>
    public ImportEngine Engine { get; private set; } = null!;

    /// <summary>What it logged last, as a sentence; empty where that was nothing.</summary>
    public string Error => _error.Text;

    /// <summary>Cancelled when the engine has crashed and does nothing more. On the embedded store it goes on, in the folder that is left behind.</summary>
    public CancellationToken Crashed => _crashed.Token;

    /// <summary>Opens one in a new folder.</summary>
    /// <param name="root">The folder.</param>
    /// <param name="postgres">The PostgreSQL server on which its store gets a database; null means the embedded store.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static CrashingEngine Open(string root, string? postgres, CancellationToken cancellationToken)
    {
        var engine = new CrashingEngine(root, postgres is null ? null : CrashingDatabase.CreateAsync(postgres, cancellationToken).GetAwaiter().GetResult());
        Current.Value = engine;
        FaultPoints.Watch((step, _) => Current.Value?.Look(step));
        engine.OpenAsync(cancellationToken).GetAwaiter().GetResult();
        return engine;
    }

    /// <summary>Has it crash the next time that it comes to a step; null has it not.</summary>
    public void CrashAt(string? step) => _step = step;

    /// <summary>Starts it again where it has crashed; else it will not any more. Answers whether it had.</summary>
    public async Task<bool> RecoverAsync(CancellationToken cancellationToken)
    {
        _step = null;
        if (_left is not { } left) return false;
        _left = null;
        await Engine.DisposeAsync();
        _crashed.Dispose();
        _crashed = new CancellationTokenSource();
        Directory.Delete(_directory, recursive: true);
        _directory = left;
        await OpenAsync(cancellationToken);
        return true;
    }

    /// <summary>Stops it cleanly, and starts it again.</summary>
    public async Task RestartAsync(CancellationToken cancellationToken)
    {
        await Engine.DisposeAsync();
        await OpenAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        if (_database is not null) await _database.DisposeAsync();
        _crashed.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        var options = new EngineOptions { DataDirectory = _directory, RetryPause = TimeSpan.FromMilliseconds(1), ThreadsPerImport = 1 };
        Engine = await ImportEngine.OpenAsync(_database is null ? DuckDbStore.Open(options) : await _database.OpenAsync(options, cancellationToken), options, TimeProvider.System, _error, cancellationToken);
    }

    private void Look(string step)
    {
        // Several threads may come to it.
        lock (_looking)
        {
            if (step != _step) return;
            _step = null;
            _database?.Kill();
            var left = Path.Combine(_root, (++_copies).ToString(CultureInfo.InvariantCulture));
            CopyWhole(_directory, left);
            _left = left;
            if (_database is not null) _crashed.Cancel();
        }
    }

    /// <summary>Copies what a killed process would leave. The engine's other threads go on meanwhile: where one has taken away what was about to be copied, all is copied again.</summary>
    private static void CopyWhole(string from, string to)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                Copy(from, to);
                return;
            }
            catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException && attempt < MaxCopies)
            {
                Directory.Delete(to, recursive: true);
            }
        }
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var folder in Directory.EnumerateDirectories(from)) Copy(folder, Path.Combine(to, Path.GetFileName(folder)));
        foreach (var file in Directory.EnumerateFiles(from))
        {
            var copy = Path.Combine(to, Path.GetFileName(file));
            try
            {
                File.Copy(file, copy);
            }
            catch (IOException) when (File.Exists(file))
            {
                // Marks that the engine lives: it has them locked, and nothing is in them.
                File.Create(copy).Dispose();
            }
        }
    }
}
