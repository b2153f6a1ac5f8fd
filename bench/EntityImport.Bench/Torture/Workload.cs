namespace EntityImport.Bench.Torture;

/// <summary>Draws what is imported next. The same seed draws the same.</summary>
internal sealed class Workload(TortureOptions options)
{
    private const int LargeKeys = 40_000;
    private const int SmallKeys = 2_000;
    private const int MostRecords = 80_000;

    private static readonly ImportKind[] AllLargeKinds =
        [ImportKind.Upsert, ImportKind.Upsert, ImportKind.UpsertKeep, ImportKind.Insert, ImportKind.Replace, ImportKind.DryUpsert, ImportKind.DryReplace];

    private static readonly ImportKind[] PlanKinds = [ImportKind.Upsert, ImportKind.UpsertKeep, ImportKind.Insert, ImportKind.Replace, ImportKind.Limited, ImportKind.SkipEmpty];

    private static readonly ImportKind[] Repeatable = [ImportKind.Upsert, ImportKind.Insert, ImportKind.SkipEmpty];

    private long _fresh = 1_000_000;

    /// <summary>Some acts on some of the entities: as a rule a large import, and small ones, plans and undos beside and behind it.</summary>
    /// <param name="random">What it is drawn from.</param>
    /// <param name="lanes">The entities.</param>
    /// <param name="withUndos">Whether imports are undone.</param>
    public IReadOnlyList<(Lane Lane, LaneAct Act)> DrawBatch(Random random, IReadOnlyList<Lane> lanes, bool withUndos)
    {
        var batch = new List<(Lane, LaneAct)>();
        foreach (var lane in lanes)
        {
            var acts = new List<LaneAct>();
            if (lane.IsLarge && random.Next(10) < 7) acts.Add(Import(random, lane, Pick(random, LargeKinds), Between(random, options.LargeRows)));
            for (var small = random.Next(lane.IsLarge ? 2 : 3); small > 0; small--) acts.Add(Import(random, lane, Pick(random, SmallKinds), Few(random)));
            if (!ImportsAlone)
            {
                if (random.Next(3) == 0) acts.AddRange(DrawPlan(random, lane));
                if (withUndos && random.Next(3) == 0) acts.AddRange(DrawUndo(random, lane, acts));
                if (lane.Plans.Where(plan => plan.IsSettled).ToList() is { Count: > 0 } settled)
                {
                    if (settled.Count > 2 || random.Next(4) == 0) acts.Insert(random.Next(acts.Count + 1), new LaneAct.Delete(settled[0]));
                    if (random.Next(4) == 0 && settled[^1] is { IsReady: true, IsOfDryRun: false } last && settled.Count > 1) acts.Insert(random.Next(acts.Count + 1), new LaneAct.Apply(last, Waits: random.Next(2) == 0));
                }
            }

            batch.AddRange(acts.Select(act => (lane, act)));
        }

        return batch.Count > 0 ? batch : DrawBatch(random, lanes, withUndos);
    }

    /// <summary>Imports of all kinds, and all that is done with plans and undos, so that every step is reached.</summary>
    /// <inheritdoc cref="DrawBatch"/>
    public IReadOnlyList<(Lane Lane, LaneAct Act)> DrawEveryKind(Random random, IReadOnlyList<Lane> lanes, bool withUndos)
    {
        var large = lanes.Where(lane => lane.IsLarge).Select(lane => (Lane: lane, Act: Import(random, lane, Pick(random, LargeKinds), Between(random, options.LargeRows))));
        var small = SmallKinds.OrderBy(_ => random.Next()).Select((kind, i) => (Lane: lanes[i % lanes.Count], Kind: kind))
            .Append((Lane: lanes.First(lane => lane.HasKey), Kind: ImportKind.Insert))
            .Select(drawn => (drawn.Lane, Act: Import(random, drawn.Lane, drawn.Kind, random.Next(1, 2000)))).ToList();
        if (ImportsAlone) return [.. large, .. small];
        var acts = new List<(Lane Lane, LaneAct Act)>();
        foreach (var lane in lanes.Where(lane => !lane.IsLarge))
        {
            acts.AddRange(lane.Plans.Where(plan => plan.IsSettled).Take(2).Select(plan => (lane, (LaneAct)new LaneAct.Delete(plan))));
            // What is undone has changed something, whatever is drawn: it brings new records.
            var changing = Import(random, lane, ImportKind.Upsert, 200, isFresh: true);
            acts.Add((lane, changing));
            if (withUndos) acts.Add((lane, new LaneAct.Undo(changing.Invoked, Waits: false) { Twice = random.Next(2) == 0 }));
            var plan = new InvokedPlan(Pick(random, PlanKinds), File(random, lane, ImportKind.Upsert, 300, isFresh: true));
            acts.Add((lane, new LaneAct.Plan(plan, Waits: true)));
            acts.Add((lane, new LaneAct.Apply(plan, Waits: true)));
            acts.Add((lane, new LaneAct.Plan(new InvokedPlan(ImportKind.Unfit, File(random, lane, ImportKind.Unfit, 10)), Waits: false)));
            acts.AddRange(DrawPlan(random, lane).Select(act => (lane, act)));
            if (withUndos) acts.AddRange(DrawUndo(random, lane, [changing]).Select(act => (lane, act)));
            acts.Add((lane, new LaneAct.Delete(plan)));
        }

        return [.. large, .. small, .. acts];
    }

    /// <summary>Whether there are only imports of which each does something else when it is done again, so that none hides that it was done twice.</summary>
    private bool ImportsAlone => options.Break is "split-commit" or "no-fence";

    private IReadOnlyList<ImportKind> SmallKinds => ImportsAlone ? Repeatable : ImportKind.All;

    private IReadOnlyList<ImportKind> LargeKinds => ImportsAlone ? Repeatable : AllLargeKinds;

    /// <summary>A plan, and what becomes of it.</summary>
    private List<LaneAct> DrawPlan(Random random, Lane lane)
    {
        var plan = new InvokedPlan(Pick(random, PlanKinds), File(random, lane, ImportKind.Upsert, lane.IsLarge && random.Next(2) == 0 ? Between(random, options.LargeRows) : Few(random)));
        var asked = new LaneAct.Plan(plan, Waits: random.Next(2) == 0);
        return random.Next(6) switch
        {
            0 => [asked],
            1 => [asked with { Cancels = true }],
            2 => [asked, new LaneAct.Delete(plan)],
            // As a rule something has changed then, when it is asked for or when its turn comes.
            3 => [asked, Import(random, lane, Pick(random, PlanKinds), Few(random)), new LaneAct.Apply(plan, Waits: random.Next(2) == 0)],
            4 => [asked with { Waits = true }, new LaneAct.Apply(plan, Waits: false), new LaneAct.Delete(plan)],
            _ => [asked with { Waits = true }, new LaneAct.Apply(plan, Waits: false), new LaneAct.Apply(plan, Waits: random.Next(2) == 0)],
        };
    }

    /// <summary>An undo of one of the last imports, or of one of those that are drawn.</summary>
    private static IEnumerable<LaneAct> DrawUndo(Random random, Lane lane, IReadOnlyList<LaneAct> drawn)
    {
        InvokedImport[] candidates = [.. lane.Settled.Changes.Where(lane.Imports.ContainsKey).Select(number => lane.Imports[number]).TakeLast(5), .. drawn.OfType<LaneAct.Import>().Select(act => act.Invoked)];
        if (candidates.Length > 0) yield return new LaneAct.Undo(Pick(random, candidates), Waits: random.Next(2) == 0) { Twice = random.Next(3) == 0 };
    }

    private static int Few(Random random) => random.Next(12) == 0 ? 0 : random.Next(1, 2000);

    private static int Between(Random random, int most) => random.Next(most / 2, most + 1);

    private static T Pick<T>(Random random, IReadOnlyList<T> list) => list[random.Next(list.Count)];

    private LaneAct.Import Import(Random random, Lane lane, ImportKind kind, int rows, bool isFresh = false)
    {
        // Entities must not grow for ever, as all of them is read after each kill.
        if (lane.Settled.Count > MostRecords && !kind.LacksColumn && !ImportsAlone) kind = ImportKind.Replace;
        return new LaneAct.Import(InvokedImport.Of(kind, File(random, lane, kind, rows, isFresh)));
    }

    private CsvFile File(Random random, Lane lane, ImportKind kind, int rows, bool isFresh = false)
    {
        var keys = lane.IsLarge ? LargeKeys : SmallKeys;
        var ids = !lane.HasKey || kind == ImportKind.Insert || isFresh ? Fresh(random, lane, Math.Min(rows, MostRecords / 2))
            : kind.Mode == Api.ImportMode.Replace ? Distinct(random, Math.Min(rows, keys))
            : [.. Enumerable.Range(0, rows).Select(_ => (long)random.Next(keys))];
        // Now and then no row at all is good.
        var bad = isFresh ? 20 : random.Next(15) == 0 && rows < 3000 ? 1000 : random.Next(3) switch { 0 => 0, 1 => 3, _ => 40 };
        return CsvFile.Make(random, ids, rows > 3000 ? Math.Min(bad, 3) : bad, kind.KeepEmpty ? 40 : 10, lane.HasKey);
    }

    /// <summary>New ids, and where there is a key, some that exist and some that come twice.</summary>
    private List<long> Fresh(Random random, Lane lane, int rows)
    {
        var ids = Enumerable.Range(0, rows).Select(_ => _fresh++).ToList();
        if (!lane.HasKey || rows == 0) return ids;
        var existing = lane.Settled.Ids.Take(100).ToList();
        for (var conflicts = Math.Max(2, Math.Min(rows / 50, 200)); conflicts > 0; conflicts--)
            ids.Insert(random.Next(ids.Count), existing.Count > 0 && random.Next(2) == 0 ? Pick(random, existing) : Pick(random, ids));
        return ids;
    }

    /// <summary>Ids of which few come twice.</summary>
    private static List<long> Distinct(Random random, int rows)
    {
        var first = random.Next(100);
        var ids = Enumerable.Range(first, rows).Select(id => (long)id).ToList();
        for (var repeated = Math.Min(rows / 50, 100); repeated > 0; repeated--) ids[random.Next(rows)] = ids[random.Next(rows)];
        return ids;
    }
}
