using EntityImport.Api;

namespace EntityImport.Bench.Torture;

/// <summary>What an entity must hold: an own, plain telling of what imports do, row by row.</summary>
internal sealed class EntityModel
{
    private readonly bool _hasKey;
    private Dictionary<long, Row> _byKey = [];
    private List<Row> _keyless = [];

    public EntityModel(bool hasKey) => _hasKey = hasKey;

    /// <summary>How many records it holds.</summary>
    public int Count => _hasKey ? _byKey.Count : _keyless.Count;

    /// <summary>The records in the order of their ids.</summary>
    public IReadOnlyList<Row> Records => [.. (_hasKey ? _byKey.Values : (IEnumerable<Row>)_keyless).OrderBy(row => row.Id).ThenBy(row => row.Name, StringComparer.Ordinal)];

    /// <summary>The ids of its records.</summary>
    public IEnumerable<long> Ids => _hasKey ? _byKey.Keys : _keyless.Select(row => row.Id);

    /// <summary>One that changes apart from this one.</summary>
    public EntityModel Copy() => new(_hasKey) { _byKey = new(_byKey), _keyless = [.. _keyless] };

    /// <summary>Imports a file.</summary>
    public Outcome Apply(ImportKind kind, CsvFile file)
    {
        if (kind.LacksColumn) return Outcome.Failed();
        var codes = new SortedDictionary<long, IReadOnlyList<string>>();
        var good = new List<FileRow>(file.Rows.Count);
        var skipped = 0;
        foreach (var row in file.Rows)
            if (kind.SkipsEmptyRows && row.Faults is [FileRow.Empty]) skipped++;
            else if (row.Values is null) codes.Add(row.Number, row.Faults);
            else good.Add(row);
        if (_hasKey && kind.Mode == ImportMode.Insert) Reject(row => _byKey.ContainsKey(row.Values!.Id), "key.exists");
        if (_hasKey && kind.Mode != ImportMode.Upsert)
        {
            var seen = new HashSet<long>();
            Reject(row => !seen.Add(row.Values!.Id), "key.repeated");
        }

        if (codes.Count > kind.MaxFailedRows) return Outcome.Failed();
        IReadOnlyList<RejectedFileRow> rejected = [.. codes.Select(pair => new RejectedFileRow(file.Rows[(int)pair.Key - 1], pair.Value))];
        if (file.Rows.Count > 0 && good.Count == 0) return Outcome.Failed(rejected);
        var target = kind.DryRun ? Copy() : this;
        var ledger = target.Merge(kind, [.. good.Select(row => row.Values!)]);
        return new Outcome(ImportState.Succeeded, ledger with { Records = file.Rows.Count, Rejected = rejected.Count, Skipped = skipped }, rejected);

        void Reject(Predicate<FileRow> isForbidden, string code)
        {
            var left = new List<FileRow>(good.Count);
            foreach (var row in good)
                if (isForbidden(row)) codes.Add(row.Number, [code]);
                else left.Add(row);
            good = left;
        }
    }

    private Ledger Merge(ImportKind kind, IReadOnlyList<Row> rows)
    {
        var removed = 0L;
        if (kind.Mode == ImportMode.Replace)
        {
            removed = Count;
            _byKey.Clear();
            _keyless.Clear();
        }

        if (!_hasKey)
        {
            _keyless.AddRange(rows);
            return new Ledger(0, rows.Count, 0, 0, 0, 0, removed, Balanced: true);
        }

        var before = new Dictionary<long, Row?>();
        foreach (var row in rows)
        {
            var existing = _byKey.GetValueOrDefault(row.Id);
            before.TryAdd(row.Id, existing);
            _byKey[row.Id] = kind.KeepEmpty && existing is not null ? existing.Keeping(row) : row;
        }

        var inserted = before.Values.Count(row => row is null);
        var unchanged = before.Count(pair => pair.Value == _byKey[pair.Key]);
        return new Ledger(0, inserted, before.Count - inserted - unchanged, unchanged, rows.Count - before.Count, 0, removed, Balanced: true);
    }
}
