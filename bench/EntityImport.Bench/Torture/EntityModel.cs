using EntityImport.Api;

namespace EntityImport.Bench.Torture;

/// <summary>What an entity must hold: an own, plain telling of what imports and undos do, row by row.</summary>
internal sealed class EntityModel
{
    /// <summary>Of how many imports it stays known what they changed, so that they can be undone.</summary>
    private const int MostChanges = 10;

    private readonly bool _hasKey;

    /// <summary>By its id, or, where there is no key, by the number of the row that it came from.</summary>
    private readonly Dictionary<long, Version> _records;
    private readonly SortedDictionary<int, Change> _changes;
    private long _rows;

    public EntityModel(bool hasKey)
        : this(hasKey, [], [])
    {
    }

    private EntityModel(bool hasKey, Dictionary<long, Version> records, SortedDictionary<int, Change> changes) => (_hasKey, _records, _changes) = (hasKey, records, changes);

    /// <summary>How many records it holds.</summary>
    public int Count => _records.Count;

    /// <summary>The records in the order of their ids.</summary>
    public IReadOnlyList<Row> Records => [.. _records.Values.Select(version => version.Row).OrderBy(row => row.Id).ThenBy(row => row.Name, StringComparer.Ordinal)];

    /// <summary>The ids of its records.</summary>
    public IEnumerable<long> Ids => _records.Values.Select(version => version.Row.Id);

    /// <summary>The numbers of the imports that it could undo, or tell why not.</summary>
    public IEnumerable<int> Changes => _changes.Keys;

    /// <summary>The number of the last import that changed records.</summary>
    public int LastWriter { get; private set; }

    /// <summary>One that changes apart from this one.</summary>
    public EntityModel Copy() => new(_hasKey, new(_records), new(_changes)) { _rows = _rows, LastWriter = LastWriter };

    /// <summary>Forgets what the oldest imports changed, once nothing that was asked for can be about it.</summary>
    public void Forget()
    {
        while (_changes.Count > MostChanges) _changes.Remove(_changes.First().Key);
    }

    /// <summary>How an import can end, and what the entity is then: as a rule there is one way.</summary>
    public IReadOnlyList<(Outcome Outcome, EntityModel After)> Endings(InvokedImport import)
    {
        if (import.Refusal is not null) return [(Outcome.Failed(), this)];
        if (import.Undoes is { } undone)
        {
            if (WhyNot(undone.Number) is { } why) return [(Outcome.Refused(why), this)];
            var after = Copy();
            var done = (after.Undo(import.Number, undone.Number), after);
            return import.MayHaveExpired ? [done, (Outcome.Refused("before-images-expired"), this)] : [done];
        }

        if (import.Plan is { } plan)
        {
            var stale = (Outcome.Refused("plan-stale"), this);
            if (LastWriter > plan.To) return [stale];
            return LastWriter > plan.From || plan.MayHaveExpired ? [Imported(), stale] : [Imported()];
        }

        return [Imported()];

        (Outcome Outcome, EntityModel After) Imported()
        {
            var after = Copy();
            return (after.Import(import.Number, import.Kind!, import.File!), after);
        }
    }

    /// <summary>How an import would end that is done again over what it has done.</summary>
    public Outcome Again(InvokedImport import) => import.Undoes is { } undone
        ? _changes.ContainsKey(undone.Number) ? Copy().Undo(import.Number, undone.Number) : Outcome.Failed()
        : Copy().Import(import.Number, import.Kind!, import.File!);

    /// <summary>What a plan of a file must tell.</summary>
    public Outcome Plan(ImportKind kind, CsvFile file) => Copy().Import(int.MaxValue, kind, file);

    /// <summary>The code by which an undo of an import is refused; null where it is not.</summary>
    public string? WhyNot(int number)
    {
        if (!_changes.TryGetValue(number, out var change)) return "import-not-undoable";
        if (IsUndone(number)) return "import-already-undone";
        // The table that was is kept once, and has become the entity's again.
        if (change is { IsWhole: true, UndoneBy: not null }) return "before-images-expired";
        return _changes.Any(later => later.Key > number && later.Value.Replaces && !IsUndone(later.Key)) ? "entity-replaced-since" : null;
    }

    private Outcome Import(int number, ImportKind kind, CsvFile file)
    {
        if (kind.LacksColumn) return Outcome.Failed();
        var codes = new SortedDictionary<long, IReadOnlyList<string>>();
        var good = new List<FileRow>(file.Rows.Count);
        var skipped = 0;
        foreach (var row in file.Rows)
            if (kind.SkipsEmptyRows && row.Faults is [FileRow.Empty]) skipped++;
            else if (row.Values is null) codes.Add(row.Number, row.Faults);
            else good.Add(row);
        if (_hasKey && kind.Mode == ImportMode.Insert) Reject(row => _records.ContainsKey(row.Values!.Id), "key.exists");
        if (_hasKey && kind.Mode != ImportMode.Upsert)
        {
            var seen = new HashSet<long>();
            Reject(row => !seen.Add(row.Values!.Id), "key.repeated");
        }

        if (codes.Count > kind.MaxFailedRows) return Outcome.Failed();
        IReadOnlyList<RejectedFileRow> rejected = [.. codes.Select(pair => new RejectedFileRow(file.Rows[(int)pair.Key - 1], pair.Value))];
        if (file.Rows.Count > 0 && good.Count == 0) return Outcome.Failed(rejected);
        var target = kind.DryRun ? Copy() : this;
        var ledger = target.Merge(number, kind, [.. good.Select(row => row.Values!)]) with { Records = file.Rows.Count, Rejected = rejected.Count, Skipped = skipped };
        if (ledger.Inserted + ledger.Updated + ledger.Removed > 0) target.LastWriter = number;
        return new Outcome(ImportState.Succeeded, ledger, rejected);

        void Reject(Predicate<FileRow> isForbidden, string code)
        {
            var left = new List<FileRow>(good.Count);
            foreach (var row in good)
                if (isForbidden(row)) codes.Add(row.Number, [code]);
                else left.Add(row);
            good = left;
        }
    }

    private Ledger Merge(int number, ImportKind kind, IReadOnlyList<Row> rows)
    {
        var before = new Dictionary<long, Version?>();
        var replaces = kind.Mode == ImportMode.Replace;
        if (replaces)
        {
            foreach (var (place, version) in _records) before.Add(place, version);
            _records.Clear();
        }

        var removed = before.Count;
        foreach (var row in rows)
        {
            var place = _hasKey ? row.Id : _rows++;
            var existing = _records.GetValueOrDefault(place);
            before.TryAdd(place, existing);
            _records[place] = new Version(number, kind.KeepEmpty && existing is not null ? existing.Row.Keeping(row) : row);
        }

        if (replaces)
        {
            Note(number, before, replaces);
            return new Ledger(0, rows.Count, 0, 0, 0, 0, removed, Balanced: true);
        }

        // What is as it was was not changed.
        var unchanged = before.Where(pair => pair.Value is { } version && version.Row == _records[pair.Key].Row).ToList();
        foreach (var (place, version) in unchanged)
        {
            _records[place] = version!;
            before.Remove(place);
        }

        Note(number, before, replaces);
        var inserted = before.Values.Count(version => version is null);
        return new Ledger(0, inserted, before.Count - inserted, unchanged.Count, rows.Count - before.Count - unchanged.Count, 0, removed, Balanced: true);
    }

    /// <summary>Takes back what an import changed where that is as the import left it.</summary>
    private Outcome Undo(int number, int undone)
    {
        var change = _changes[undone];
        var before = new Dictionary<long, Version?>();
        var (reversed, kept) = (0L, 0L);
        foreach (var (place, (old, left)) in change.Records)
        {
            var now = _records.GetValueOrDefault(place);
            // A record that is replaced is one that goes and one that comes.
            var changes = change.IsWhole && old is not null && left is not null ? 2 : 1;
            if (left != now)
            {
                kept += changes;
                continue;
            }

            reversed += changes;
            before.Add(place, now);
            if (old is null) _records.Remove(place);
            else _records[place] = old;
        }

        _changes[undone] = change with { UndoneBy = number };
        Note(number, before, replaces: false, change.IsWhole);
        if (reversed > 0) LastWriter = number;
        return new Outcome(ImportState.Succeeded, new Ledger(0, 0, 0, 0, 0, 0, 0, Balanced: true, Skipped: 0, reversed, kept), Rejected: null);
    }

    private void Note(int number, Dictionary<long, Version?> before, bool replaces, bool isWhole = false)
    {
        var records = before.ToDictionary(pair => pair.Key, pair => (pair.Value, _records.GetValueOrDefault(pair.Key)));
        _changes[number] = new Change(replaces, replaces || isWhole, records, UndoneBy: null);
    }

    private bool IsUndone(int number) => _changes[number].UndoneBy is { } undo && !(_changes.ContainsKey(undo) && IsUndone(undo));

    /// <summary>A record as an import made it.</summary>
    private sealed record Version(int Number, Row Row);

    /// <summary>What an import did to records, before and after.</summary>
    private sealed record Change(bool Replaces, bool IsWhole, IReadOnlyDictionary<long, (Version? Before, Version? After)> Records, int? UndoneBy);
}
