using System.Globalization;
using System.Text;

namespace EntityImport.Bench.Torture;

/// <summary>What happened so far, for the table at the end.</summary>
internal sealed class Tally
{
    private readonly SortedDictionary<string, int> _phases = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, int> _kinds = new(StringComparer.Ordinal);

    public int Kills { get; private set; }

    public int Imports { get; private set; }

    public int Resumed { get; private set; }

    public int MostAttempts { get; private set; }

    public int Uploads { get; set; }

    public int LostUploadAnswers { get; set; }

    public int LostInvocationsThatHappened { get; set; }

    public int LostInvocationsThatDidNot { get; set; }

    public int Checks { get; set; }

    public long RecordsCompared { get; set; }

    public TimeSpan LongestRecovery { get; set; }

    public void AddKill(IEnumerable<string> phases)
    {
        Kills++;
        foreach (var phase in phases) _phases[phase] = _phases.GetValueOrDefault(phase) + 1;
    }

    public void AddImport(string kind, int attempts)
    {
        Imports++;
        _kinds[kind] = _kinds.GetValueOrDefault(kind) + 1;
        if (attempts > 1) Resumed++;
        MostAttempts = Math.Max(MostAttempts, attempts);
    }

    /// <summary>The table.</summary>
    /// <param name="found">What ended the torture; null where all held.</param>
    /// <param name="options">The options.</param>
    /// <param name="elapsed">How long it took.</param>
    public string Describe(FindingException? found, TortureOptions options, TimeSpan elapsed)
    {
        var table = new StringBuilder();
        Line("Kills", Kills);
        foreach (var (phase, count) in _phases) Line("  while " + phase, count);
        Line("Imports checked", Imports);
        foreach (var (kind, count) in _kinds) Line("  " + kind, count);
        Line("  ran again after a kill", Resumed);
        Line("  most attempts of one", MostAttempts);
        Line("Uploads answered and checked", Uploads);
        Line("Answers lost: of uploads", LostUploadAnswers);
        Line("  of invocations that happened", LostInvocationsThatHappened);
        Line("  of invocations that did not", LostInvocationsThatDidNot);
        Line("Checks of everything", Checks);
        Line("Records compared", RecordsCompared);
        table.AppendLine(CultureInfo.InvariantCulture, $"{"Longest recovery, in seconds",-50}{LongestRecovery.TotalSeconds,12:F1}");
        foreach (var kind in Enum.GetValues<FindingKind>()) Line(kind.ToString(), found?.Kind == kind ? 1 : 0);
        table.AppendLine(CultureInfo.InvariantCulture, $"{elapsed.TotalSeconds:F0} s. The same imports again: bench torture --kills {options.Kills} --seed {options.Seed}{(options.Steps ? " --steps" : "")}{(options.Break is { } what ? $" --break {what}" : "")}");
        return table.ToString();

        void Line(string name, long value) => table.AppendLine(CultureInfo.InvariantCulture, $"{name,-50}{value,12:N0}");
    }
}
