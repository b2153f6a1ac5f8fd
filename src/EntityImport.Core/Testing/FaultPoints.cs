using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;

namespace EntityImport.Testing;

/// <summary>
/// Named steps at which a test can watch a process or hold it to kill it. Inert unless the process was started with environment variables that no
/// operator sets; then it says so loudly. Off, a step costs the reading of one static field. Thread-safe.
/// </summary>
/// <remarks>
/// <c>EIS_TEST_STEPS=folder</c>: each step is appended to the folder's file <c>trace</c> as a line <c>step id</c>. While the folder has a file <c>pause</c> with the text
/// <c>step n</c>, the n-th time that the step is reached its thread adds the line <c>paused step id</c> and stays there as long as there is the file.
/// </remarks>
public static class FaultPoints
{
    private static readonly string? Folder = Environment.GetEnvironmentVariable("EIS_TEST_STEPS");
    private static readonly TimeSpan LookPause = TimeSpan.FromMilliseconds(5);
    private static readonly Lock Writing = new();
    private static volatile Action<string, Guid>? _look = Folder is null ? null : Note;
    private static int _reached;

    /// <summary>Says that an upload, an import or a plan has come to a step.</summary>
    /// <param name="step">One of <see cref="FaultStep"/>.</param>
    /// <param name="id">The upload, import or plan; empty where it is about none that is known.</param>
    public static void Reach(string step, Guid id) => _look?.Invoke(step, id);

    /// <summary>Has a test in this process look on at each step, in the thread that reaches it; null ends that.</summary>
    internal static void Watch(Action<string, Guid>? look) => _look = look;

    /// <summary>Warns that the process runs under test; no process that holds anybody's data should.</summary>
    public static void Announce(ILogger log)
    {
        if (Folder is not null) log.LogCritical("EIS_TEST_STEPS is set: this process is under test, tells its steps in {Folder} and may stop at any of them", Folder);
    }

    private static void Note(string step, Guid id)
    {
        lock (Writing)
        {
            Write($"{step} {id:D}\n");
            if (!IsWanted(step)) return;
            Write($"paused {step} {id:D}\n");
        }

        while (File.Exists(PauseFile)) Thread.Sleep(LookPause);
    }

    private static bool IsWanted(string step)
    {
        if (!File.Exists(PauseFile) || File.ReadAllText(PauseFile).Split(' ') is not [var wanted, var count] || wanted != step) return false;
        return ++_reached == int.Parse(count, CultureInfo.InvariantCulture);
    }

    private static string PauseFile => Path.Combine(Folder!, "pause");

    private static void Write(string line)
    {
        using var trace = new FileStream(Path.Combine(Folder!, "trace"), FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        trace.Write(Encoding.ASCII.GetBytes(line));
    }
}
