namespace EntityImport.Bench.RandomEntities;

/// <summary>What an entity must hold: a plain telling of what imports do, row by row in the order of the file.</summary>
internal sealed class PlainModel(Entity entity)
{
    private readonly Dictionary<string, string?[]> _byKey = [];
    private readonly List<string?[]> _keyless = [];

    /// <summary>An entity that holds records.</summary>
    public PlainModel(Entity entity, IEnumerable<string?[]> records) : this(entity)
    {
        if (!entity.HasKey) _keyless.AddRange(records);
        else foreach (var record in records) _byKey.Add(entity.KeyOf(record), record);
    }

    /// <summary>The records, each with a value for each field.</summary>
    public IReadOnlyCollection<string?[]> Records => entity.HasKey ? _byKey.Values : _keyless;

    /// <summary>Gives all records null for a field that was added.</summary>
    public void AddField()
    {
        foreach (var key in _byKey.Keys) _byKey[key] = [.. _byKey[key], null];
        for (var i = 0; i < _keyless.Count; i++) _keyless[i] = [.. _keyless[i], null];
    }

    /// <summary>Imports a file.</summary>
    public Expected Apply(Mapping mapping, IReadOnlyList<FileRow> rows)
    {
        var rejected = new SortedDictionary<long, string>();
        var good = new List<(FileRow Row, string?[] Values)>();
        foreach (var row in rows)
        {
            if (FindFaults(mapping, row) is { Length: > 0 } faults) rejected.Add(row.Number, faults);
            else good.Add((row, Values(mapping, row)));
        }

        good = [.. good.Where(read => FindConflict(mapping, read.Values) is not { } reason || !rejected.TryAdd(read.Row.Number, reason))];
        if (entity.HasKey && mapping.Mode != "UPSERT")
        {
            var seen = new HashSet<string>();
            good = [.. good.Where(read => seen.Add(entity.KeyOf(read.Values)) || !rejected.TryAdd(read.Row.Number, $"{KeyNames}:key.repeated"))];
        }

        if (rejected.Count > mapping.MaxFailedRows) return new Expected(null, null, []);
        IReadOnlyList<string> told = [.. rejected.Select(pair => FormattableString.Invariant($"row {pair.Key}, line {rows[(int)pair.Key - 1].Line}: {pair.Value}"))];
        if (rows.Count > 0 && good.Count == 0) return new Expected(null, told, []);
        var ledger = (mapping.IsDryRun ? new PlainModel(entity, Records) : this).Merge(mapping, [.. good.Select(read => read.Values)]);
        return new Expected(ledger with { Rejected = rejected.Count }, told, good);
    }

    private string KeyNames => string.Join(", ", entity.Key.Select(i => entity.Fields[i].Name));

    private string FindFaults(Mapping mapping, FileRow row)
    {
        if (row.Fault is not null) return $":{row.Fault}";
        var faults = new List<string>();
        foreach (var (place, cell) in row.Cells)
        {
            var field = entity.Fields[place];
            if (cell.Fault is not null) faults.Add($"{field.Name}:{cell.Fault}");
            else if (cell.Value is null && field.IsRequired && !mapping.Defaults.ContainsKey(place)) faults.Add($"{field.Name}:{(field.IsKey ? "key.null" : "required.null")}");
        }

        return Expected.Join(faults);
    }

    /// <summary>Why a good row must not be applied to the records that are there; null where it may.</summary>
    private string? FindConflict(Mapping mapping, string?[] values)
    {
        if (!entity.HasKey || mapping.Mode == "REPLACE") return null;
        var exists = _byKey.ContainsKey(entity.KeyOf(values));
        if (mapping.Mode == "INSERT") return exists ? $"{KeyNames}:key.exists" : null;
        var lacking = entity.Fields.Where((field, i) => field.IsRequired && !mapping.Fills(i)).Select(field => $"{field.Name}:required.unmapped").ToList();
        return exists || lacking.Count == 0 ? null : Expected.Join(lacking);
    }

    /// <summary>The values of a row; where empty values keep what is there, defaults are not among them.</summary>
    private string?[] Values(Mapping mapping, FileRow row)
    {
        var values = new string?[entity.Fields.Count];
        for (var i = 0; i < values.Length; i++)
        {
            var hasColumn = row.Cells.TryGetValue(i, out var cell);
            values[i] = cell?.Value;
            var isForNewRecords = Keeps(mapping) && hasColumn && !entity.Fields[i].IsKey;
            if (values[i] is null && !isForNewRecords && mapping.Defaults.TryGetValue(i, out var value)) values[i] = value.Value;
        }

        return values;
    }

    private Ledger Merge(Mapping mapping, IReadOnlyList<string?[]> rows)
    {
        var removed = 0L;
        if (mapping.Mode == "REPLACE")
        {
            removed = Records.Count;
            _byKey.Clear();
            _keyless.Clear();
        }

        if (!entity.HasKey)
        {
            _keyless.AddRange(rows.Select(row => New(mapping, row)));
            return new Ledger(rows.Count, 0, 0, 0, 0, removed);
        }

        var before = new Dictionary<string, string?[]?>();
        foreach (var row in rows)
        {
            var key = entity.KeyOf(row);
            var existing = _byKey.GetValueOrDefault(key);
            before.TryAdd(key, existing);
            _byKey[key] = existing is null ? New(mapping, row) : Change(mapping, existing, row);
        }

        var inserted = before.Values.Count(record => record is null);
        var unchanged = before.Count(pair => pair.Value is { } record && record.SequenceEqual(_byKey[pair.Key]));
        return new Ledger(inserted, before.Count - inserted - unchanged, unchanged, rows.Count - before.Count, 0, removed);
    }

    private static string?[] New(Mapping mapping, string?[] row) =>
        [.. row.Select((value, i) => value ?? (Keeps(mapping) && mapping.Defaults.TryGetValue(i, out var text) ? text.Value : null))];

    private static string?[] Change(Mapping mapping, string?[] existing, string?[] row) =>
        [.. existing.Select((old, i) => !mapping.Fills(i) || (Keeps(mapping) && row[i] is null) ? old : row[i])];

    private static bool Keeps(Mapping mapping) => mapping is { Mode: "UPSERT", KeepsEmpty: true };
}

/// <summary>Where the rows of a file must end up.</summary>
internal sealed record Ledger(long Inserted, long Updated, long Unchanged, long Superseded, long Rejected, long Removed);

/// <summary>How an import must end.</summary>
/// <param name="Ledger">Where its rows end up; null where it fails.</param>
/// <param name="Rejected">The rows that it rejects, each as one text; null where it ends before all are known.</param>
/// <param name="Good">The others, each with the values that it has for all fields; none where it fails.</param>
internal sealed record Expected(Ledger? Ledger, IReadOnlyList<string>? Rejected, IReadOnlyList<(FileRow Row, string?[] Values)> Good)
{
    /// <summary>Reasons as one text, in an order of its own.</summary>
    public static string Join(IEnumerable<string> reasons) => string.Join(' ', reasons.Order(StringComparer.Ordinal));
}
