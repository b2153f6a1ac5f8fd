using System.Globalization;
using System.Text;
using EntityImport.Api;

namespace EntityImport.Bench.Torture;

/// <summary>What happened so far, for the table at the end.</summary>
internal sealed class Tally
{
    private readonly Dictionary<Blow, int> _blows = [];
    private readonly Dictionary<Blow, SortedDictionary<string, int>> _phases = [];
    private readonly SortedDictionary<string, int> _kinds = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, int> _refusals = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, int> _plans = new(StringComparer.Ordinal);

    /// <summary>How often the service was hit, by whatever.</summary>
    public int Blows => _blows.Values.Sum();

    /// <summary>What it was hit with last.</summary>
    public string LastBlow { get; private set; } = "nothing";

    public int Imports { get; private set; }

    public int Resumed { get; private set; }

    public int MostAttempts { get; private set; }

    public int Uploads { get; set; }

    public int LostUploadAnswers { get; set; }

    public int LostInvocationsThatHappened { get; set; }

    public int LostInvocationsThatDidNot { get; set; }

    public int DeletedPlans { get; set; }

    public int LostPlansThatHappened { get; private set; }

    public int LostPlansThatDidNot { get; private set; }

    public int StoresJudged { get; set; }

    public int Checks { get; set; }

    public long RecordsCompared { get; set; }

    public TimeSpan LongestRecovery { get; set; }

    public void Add(Blow blow, IEnumerable<string> phases)
    {
        var number = _blows[blow] = Count(blow) + 1;
        LastBlow = string.Create(CultureInfo.InvariantCulture, $"{blow.ToString().ToLowerInvariant()} {number}");
        if (!_phases.TryGetValue(blow, out var counts)) _phases.Add(blow, counts = new(StringComparer.Ordinal));
        foreach (var phase in phases) counts[phase] = counts.GetValueOrDefault(phase) + 1;
    }

    public int Count(Blow blow) => _blows.GetValueOrDefault(blow);

    public void AddImport(string kind, int attempts)
    {
        Imports++;
        _kinds[kind] = _kinds.GetValueOrDefault(kind) + 1;
        if (attempts > 1) Resumed++;
        MostAttempts = Math.Max(MostAttempts, attempts);
    }

    /// <summary>Counts what the service did not take, with good reason.</summary>
    public void AddRefusal(string kind, string code)
    {
        var name = $"{(kind.StartsWith("undo", StringComparison.Ordinal) ? "undo" : "plan")}, {code}";
        _refusals[name] = _refusals.GetValueOrDefault(name) + 1;
    }

    public void AddPlan(InvokedPlan plan, PlanSummary ended)
    {
        var name = ended.State switch
        {
            ImportState.Succeeded => plan.MayHaveExpired ? "ready, and its time over at once" : plan.IsOfDryRun ? "ready, of a dry run" : "ready",
            ImportState.Cancelled => "cancelled",
            _ => plan.MayHaveFailed && ended.Code == "service-failed" ? "failed with the server" : "failed, as it had to",
        };
        _plans[name] = _plans.GetValueOrDefault(name) + 1;
    }

    public void AddLostPlan(bool happened)
    {
        if (happened) LostPlansThatHappened++;
        else LostPlansThatDidNot++;
    }

    /// <summary>The table.</summary>
    /// <param name="found">What ended the torture; null where all held.</param>
    /// <param name="options">The options.</param>
    /// <param name="elapsed">How long it took.</param>
    public string Describe(FindingException? found, TortureOptions options, TimeSpan elapsed)
    {
        var table = new StringBuilder();
        foreach (var (blow, name) in ((Blow, string)[])[(Blow.Kill, "Kills"), (Blow.Stop, "Stops of the database's server"), (Blow.Pause, "Pauses, and another one in its place")])
        {
            if (blow != Blow.Kill && Count(blow) == 0) continue;
            Line(name, Count(blow));
            foreach (var (phase, count) in _phases.GetValueOrDefault(blow) ?? []) Line("  while " + phase, count);
        }

        Line("Imports checked", Imports);
        foreach (var (kind, count) in _kinds) Line("  " + kind, count);
        Line("  ran again after a blow", Resumed);
        Line("  most attempts of one", MostAttempts);
        Line("Requests refused with good reason", _refusals.Values.Sum());
        foreach (var (kind, count) in _refusals) Line("  " + kind, count);
        Line("Plans checked", _plans.Values.Sum());
        foreach (var (kind, count) in _plans) Line("  " + kind, count);
        Line("  deleted, and gone", DeletedPlans);
        Line("Uploads answered and checked", Uploads);
        Line("Answers lost: of uploads", LostUploadAnswers);
        Line("  of invocations that happened", LostInvocationsThatHappened);
        Line("  of invocations that did not", LostInvocationsThatDidNot);
        Line("  of plans that happened", LostPlansThatHappened);
        Line("  of plans that did not", LostPlansThatDidNot);
        Line("Checks of everything", Checks);
        Line("Stores opened and searched for leftovers", StoresJudged);
        Line("Records compared", RecordsCompared);
        table.AppendLine(CultureInfo.InvariantCulture, $"{"Longest recovery, in seconds",-50}{LongestRecovery.TotalSeconds,12:F1}");
        foreach (var kind in Enum.GetValues<FindingKind>()) Line(kind.ToString(), found?.Kind == kind ? 1 : 0);
        table.AppendLine(CultureInfo.InvariantCulture, $"{elapsed.TotalSeconds:F0} s. The same imports again: bench torture --kills {options.Kills}{(options.Stops > 0 ? $" --stops {options.Stops}" : "")}{(options.Pauses > 0 ? $" --pauses {options.Pauses}" : "")} --seed {options.Seed}{(options.At is { Count: > 0 } at ? $" --at {string.Join(' ', at)}" : options.Steps ? " --steps" : "")}{(options.Break is { } what ? $" --break {what}" : "")}{(options.Postgres is null ? "" : " --postgres …")}{(options.PostgresBinaries is null ? "" : " --postgres-binaries …")}");
        return table.ToString();

        void Line(string name, long value) => table.AppendLine(CultureInfo.InvariantCulture, $"{name,-50}{value,12:N0}");
    }
}
