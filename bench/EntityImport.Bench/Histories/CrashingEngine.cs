using System.Globalization;
using EntityImport.Bench.RandomEntities;
using EntityImport.DuckDb;
using EntityImport.Engine;
using EntityImport.Options;
using EntityImport.Testing;

namespace EntityImport.Bench.Histories;

/// <summary>The engine on its store, which crashes where it is told to: what is on disk in that moment is copied, and the engine goes on from there.</summary>
/// <remarks>Steps are told to the process. Whose they are is known by the flow of the call that has led to them.</remarks>
internal sealed class CrashingEngine : IAsyncDisposable
{
    private static readonly AsyncLocal<CrashingEngine?> Current = new();

    private readonly string _root;
    private readonly LastError _error = new();
    private readonly Lock _looking = new();
    private int _copies;
    private string _directory;
    private string? _step;
    private string? _left;

    private CrashingEngine(string root)
    {
        _root = root;
        _directory = Path.Combine(root, "0");
    }

    /// <summary>The engine. After a crash or a restart it is another one.</summary>
    public ImportEngine Engine { get; private set; } = null!;

    /// <summary>What it logged last, as a sentence; empty where that was nothing.</summary>
    public string Error => _error.Text;

    /// <summary>Opens one in a new folder.</summary>
    public static CrashingEngine Open(string root, CancellationToken cancellationToken)
    {
        var engine = new CrashingEngine(root);
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
        Directory.Delete(_root, recursive: true);
    }

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        var options = new EngineOptions { DataDirectory = _directory, RetryPause = TimeSpan.FromMilliseconds(1), ThreadsPerImport = 1 };
        Engine = await ImportEngine.OpenAsync(DuckDbStore.Open(options), options, TimeProvider.System, _error, cancellationToken);
    }

    private void Look(string step)
    {
        // Several threads may come to it.
        lock (_looking)
        {
            if (step != _step) return;
            _step = null;
            var left = Path.Combine(_root, (++_copies).ToString(CultureInfo.InvariantCulture));
            Copy(_directory, left);
            _left = left;
        }
    }

    /// <summary>Copies what a killed process would leave.</summary>
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
