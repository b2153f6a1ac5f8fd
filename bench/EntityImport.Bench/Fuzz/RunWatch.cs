using System.Diagnostics;
using System.IO.MemoryMappedFiles;

namespace EntityImport.Bench.Fuzz;

/// <summary>
/// Keeps the input of each run in a file as long as it runs, for when the process does not survive it, and ends the process where a run does not end.
/// </summary>
internal sealed class RunWatch : IDisposable
{
    /// <summary>The exit code where a run did not end.</summary>
    public const int EndlessCode = 97;

    /// <summary>How long a run may take.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    private const int MostBytes = 1 << 20;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly Timer _timer;
    private long _begun;

    /// <summary>Begins to watch.</summary>
    /// <param name="path">The file for inputs.</param>
    public RunWatch(string path)
    {
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.Create, mapName: null, MostBytes);
        _view = _file.CreateViewAccessor();
        _timer = new Timer(_ => EndWhereEndless(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    /// <summary>The input that a process ran when it ended; empty where it ran none.</summary>
    public static byte[] InputOf(string path)
    {
        if (!File.Exists(path)) return [];
        var bytes = File.ReadAllBytes(path);
        return bytes.Length < sizeof(int) ? [] : bytes[sizeof(int)..(sizeof(int) + BitConverter.ToInt32(bytes))];
    }

    /// <summary>Says that a run begins.</summary>
    public void Begin(byte[] input)
    {
        _view.Write(0, input.Length);
        _view.WriteArray(sizeof(int), input, 0, input.Length);
        Volatile.Write(ref _begun, Stopwatch.GetTimestamp());
    }

    /// <summary>Says that the run has ended.</summary>
    public void End() => Volatile.Write(ref _begun, 0);

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer.Dispose();
        _view.Dispose();
        _file.Dispose();
    }

    private void EndWhereEndless()
    {
        if (Volatile.Read(ref _begun) is not 0 and var begun && Stopwatch.GetElapsedTime(begun) > Longest) Environment.Exit(EndlessCode);
    }
}
