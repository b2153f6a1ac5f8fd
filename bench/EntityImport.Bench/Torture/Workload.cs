namespace EntityImport.Bench.Torture;

/// <summary>Draws what is imported next. The same seed draws the same.</summary>
internal sealed class Workload(TortureOptions options)
{
    private const int LargeKeys = 40_000;
    private const int SmallKeys = 2_000;
    private const int MostRecords = 80_000;

    private static readonly ImportKind[] LargeKinds =
        [ImportKind.Upsert, ImportKind.Upsert, ImportKind.UpsertKeep, ImportKind.Insert, ImportKind.Replace, ImportKind.DryUpsert, ImportKind.DryReplace];

    private long _fresh = 1_000_000;

    /// <summary>Some imports into some of the entities: as a rule a large one, and small ones beside and behind it.</summary>
    public IReadOnlyList<(Lane Lane, PlannedImport Import)> DrawBatch(Random random, IReadOnlyList<Lane> lanes)
    {
        var batch = new List<(Lane, PlannedImport)>();
        foreach (var lane in lanes)
        {
            if (lane.IsLarge && random.Next(10) < 8) batch.Add((lane, Draw(random, lane, Pick(random, LargeKinds), Between(random, options.LargeRows))));
            for (var small = random.Next(lane.IsLarge ? 2 : 3); small > 0; small--)
                batch.Add((lane, Draw(random, lane, Pick(random, ImportKind.All), random.Next(12) == 0 ? 0 : random.Next(1, 2000))));
        }

        return batch.Count > 0 ? batch : DrawBatch(random, lanes);
    }

    /// <summary>Imports of all kinds, so that every step is reached.</summary>
    public IReadOnlyList<(Lane Lane, PlannedImport Import)> DrawEveryKind(Random random, IReadOnlyList<Lane> lanes)
    {
        var large = lanes.Where(lane => lane.IsLarge).Select(lane => (lane, Draw(random, lane, Pick(random, LargeKinds), Between(random, options.LargeRows))));
        var small = ImportKind.All.OrderBy(_ => random.Next()).Select((kind, i) => (Lane: lanes[i % lanes.Count], Kind: kind))
            .Append((Lane: lanes.First(lane => lane.HasKey), Kind: ImportKind.Insert))
            .Select(drawn => (drawn.Lane, Draw(random, drawn.Lane, drawn.Kind, random.Next(1, 2000))));
        return [.. large, .. small];
    }

    private static int Between(Random random, int most) => random.Next(most / 2, most + 1);

    private static T Pick<T>(Random random, IReadOnlyList<T> list) => list[random.Next(list.Count)];

    private PlannedImport Draw(Random random, Lane lane, ImportKind kind, int rows)
    {
        // Entities must not grow for ever, as all of them is read after each kill.
        if (lane.Settled.Count > MostRecords && !kind.LacksColumn) kind = ImportKind.Replace;
        var keys = lane.IsLarge ? LargeKeys : SmallKeys;
        var ids = !lane.HasKey || kind == ImportKind.Insert ? Fresh(random, lane, Math.Min(rows, MostRecords / 2))
            : kind.Mode == Api.ImportMode.Replace ? Distinct(random, Math.Min(rows, keys))
            : [.. Enumerable.Range(0, rows).Select(_ => (long)random.Next(keys))];
        // Now and then no row at all is good.
        var bad = random.Next(15) == 0 && rows < 3000 ? 1000 : random.Next(3) switch { 0 => 0, 1 => 3, _ => 40 };
        return new PlannedImport(kind, CsvFile.Make(random, ids, rows > 3000 ? Math.Min(bad, 3) : bad, kind.KeepEmpty ? 40 : 10, lane.HasKey));
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
