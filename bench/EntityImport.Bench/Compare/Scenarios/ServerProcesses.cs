using System.Globalization;

namespace EntityImport.Bench.Compare.Scenarios;

/// <summary>The processes of a database server on this machine: one process, and its children.</summary>
internal sealed class ServerProcesses
{
    /// <summary>What the kernel shows times in, on every architecture.</summary>
    private const double TicksPerSecond = 100;

    private readonly int _parent;

    private ServerProcesses(int parent) => _parent = parent;

    /// <summary>Finds those of the server that a session is of.</summary>
    /// <param name="session">The process of the session.</param>
    /// <param name="program">The name of the server's program.</param>
    /// <returns>Null where there is no such process here.</returns>
    public static ServerProcesses? Find(int session, string program) =>
        Read(session) is { } process && process.Program == program ? new ServerProcesses(process.Parent) : null;

    /// <summary>The processor time that they have taken, with that of children that have ended, which their parent has.</summary>
    public double CpuSeconds()
    {
        while (true)
        {
            var before = ReadParent();
            var ticks = before.Ticks + before.TicksOfEnded;
            foreach (var folder in Directory.EnumerateDirectories("/proc"))
            {
                if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && Read(id) is { } process && process.Parent == _parent) ticks += process.Ticks;
            }

            // Whoever ended meanwhile was counted twice, or not at all.
            if (ReadParent().TicksOfEnded == before.TicksOfEnded) return ticks / TicksPerSecond;
        }
    }

    private (string Program, int Parent, long Ticks, long TicksOfEnded) ReadParent() => Read(_parent) ?? throw new InvalidOperationException("The server has ended.");

    private static (string Program, int Parent, long Ticks, long TicksOfEnded)? Read(int id)
    {
        string text;
        try
        {
            text = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat"));
        }
        catch (IOException)
        {
            // It has ended.
            return null;
        }

        // The program's name stands in parentheses, and may hold some itself.
        var (begin, end) = (text.IndexOf('(', StringComparison.Ordinal), text.LastIndexOf(')'));
        var fields = text[(end + 2)..].Split(' ');
        return (text[(begin + 1)..end], (int)Number(1), Number(11) + Number(12), Number(13) + Number(14));

        long Number(int field) => long.Parse(fields[field], CultureInfo.InvariantCulture);
    }
}
