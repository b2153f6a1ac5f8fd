using EntityImport.Testing;

namespace EntityImport.Bench.Torture;

/// <summary>The folder in which a service under test tells its steps, and is told at which to stay.</summary>
internal sealed class StepTrace
{
    private readonly string _trace;
    private readonly string _pause;

    public StepTrace(string folder)
    {
        Directory.CreateDirectory(folder);
        Folder = folder;
        _trace = Path.Combine(folder, "trace");
        _pause = Path.Combine(folder, "pause");
    }

    public string Folder { get; }

    /// <summary>Forgets the steps of the process before.</summary>
    public void Clear()
    {
        File.Delete(_trace);
        File.Delete(_pause);
    }

    /// <summary>Asks the service to stay at a step, the n-th time that it comes there.</summary>
    public void PauseAt(string step, int count)
    {
        var written = _pause + ".new";
        File.WriteAllText(written, FormattableString.Invariant($"{step} {count}"));
        File.Move(written, _pause, overwrite: true);
    }

    /// <summary>Lets the service go on that stays at a step.</summary>
    public void Release() => File.Delete(_pause);

    /// <summary>Whether a service stays at a step.</summary>
    public bool IsPaused => Lines().Any(line => line.StartsWith("paused ", StringComparison.Ordinal));

    /// <summary>Whether it has come to a step.</summary>
    public bool HasReached(string step) => Lines().Any(line => line.StartsWith(step + " ", StringComparison.Ordinal));

    /// <summary>What the killed process was doing: the phase of each upload and import that it had not ended.</summary>
    /// <param name="wasReady">Whether it took requests.</param>
    public IReadOnlyCollection<string> Phases(bool wasReady)
    {
        var last = new Dictionary<string, string>();
        var resumed = new HashSet<string>();
        foreach (var line in Lines())
        {
            if (line.Split(' ') is not [var step, { Length: 36 } id]) continue;
            if (last.TryAdd(id, step) && step is FaultStep.ImportRunning or FaultStep.ImportEnding or FaultStep.PlanRunning or FaultStep.PlanEnding) resumed.Add(id);
            last[id] = step;
        }

        var phases = last.Where(pair => PhaseAfter(pair.Value) is not null)
            .Select(pair => (resumed.Contains(pair.Key) ? "after a restart: " : "") + PhaseAfter(pair.Value)).ToHashSet();
        if (phases.Count == 0) phases.Add(wasReady ? "idle" : "starting");
        return phases;
    }

    private static string? PhaseAfter(string step) => step switch
    {
        FaultStep.UploadBegun => "uploading",
        FaultStep.UploadStored => "upload stored, not kept",
        FaultStep.UploadKept => "upload kept, not in the catalog",
        FaultStep.ImportAdded => "queued",
        FaultStep.ImportRunning => "planning",
        FaultStep.ImportPlanned => "loading",
        FaultStep.PartLoaded => "loading, or finding conflicts",
        FaultStep.ConflictsFound => "keeping rejected rows",
        FaultStep.RejectedKept => "merging",
        FaultStep.BeforeKept => "merging, what was there kept",
        FaultStep.ImportMerged => "committing",
        FaultStep.CommitFenced => "between fence and COMMIT",
        FaultStep.ImportCommitted => "committed, not told",
        FaultStep.ImportEnding => "ending (failed, or a dry run)",
        FaultStep.PlanAdded => "plan queued",
        FaultStep.PlanRunning => "making a plan",
        FaultStep.PlanFound => "plan found, not kept",
        FaultStep.PlanKept => "plan kept, not committed",
        FaultStep.PlanCommitted => "plan committed, not told",
        FaultStep.PlanEnding => "plan ending (failed or cancelled)",
        FaultStep.ApplyFound => "plan opened to be applied",
        FaultStep.ApplyMerged => "committing an applied plan",
        FaultStep.ApplyCommitted => "applied plan committed, not told",
        FaultStep.UndoFound => "undo found, not begun",
        FaultStep.UndoTaken => "undoing, records taken out",
        FaultStep.UndoMerged => "committing an undo",
        FaultStep.UndoCommitted => "undo committed, not told",
        FaultStep.PlanEmptied => "deleting a plan's files",
        FaultStep.PlanDropped => "deleting a plan's document",
        FaultStep.PlanExpired => "deleting an expired plan's files",
        FaultStep.BeforeDropping => "deleting what undos needed",
        _ => null,
    };

    private List<string> Lines()
    {
        if (!File.Exists(_trace)) return [];
        using var reader = new StreamReader(new FileStream(_trace, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        var lines = new List<string>();
        while (reader.ReadLine() is { } line) lines.Add(line);
        return lines;
    }
}
