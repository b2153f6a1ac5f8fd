using EntityImport.Bench.RandomEntities;
using EntityImport.Catalog;

namespace EntityImport.Bench.Histories;

/// <summary>An entity as it must be after a history, and all that is to be known of how it came to that. What an import does to records is <see cref="PlainModel"/>'s.</summary>
internal sealed class EntityModel(Entity entity)
{
    private readonly List<ModelImport> _imports = [];

    public Entity Entity => entity;

    /// <summary>The records.</summary>
    public IReadOnlyList<RecordVersion> Records { get; private set; } = [];

    /// <summary>The imports that have ended, however they did.</summary>
    public IReadOnlyList<ModelImport> Imports => _imports;

    /// <summary>The guards; null where there are none.</summary>
    public GuardModel? Guards { get; set; }

    /// <summary>The number of its definition.</summary>
    public int Definition { get; private set; }

    /// <summary>The last import that others are compared with by guards.</summary>
    private ModelImport? Last => _imports.LastOrDefault(import => import is { HasWritten: true, Undoes: null });

    /// <summary>Gives the entity another field, and others more room.</summary>
    public void Grow(Field? added, Random random)
    {
        var fields = entity.Json;
        entity.Widen(random);
        if (added is not null)
        {
            entity.Add(added);
            foreach (var version in _imports.SelectMany(import => import.Before.Concat(import.After)).Concat(Records).Distinct()) version.Values = [.. version.Values, null];
        }

        if (entity.Json != fields) Definition++;
    }

    /// <summary>What an import of a file would do now.</summary>
    public FoundImport Find(DraftedFile file)
    {
        var before = Records.Select(version => version.Values).ToList();
        var model = new PlainModel(entity, before);
        var expected = model.Apply(file.Mapping with { IsDryRun = false }, file.Rows);
        return new FoundImport(file, expected, [.. model.Records], [.. FindChanges(file.Mapping, before, [.. model.Records], expected)]);
    }

    /// <summary>The guards that forbid an import.</summary>
    public IReadOnlyList<string> Judge(FoundImport found) => Guards is null || found.Ledger is null ? [] : [.. Guards.Judge(entity, found, Last)];

    /// <summary>Notes an import that has ended without writing.</summary>
    public void AddFailed(Import import, ModelUpload upload) =>
        _imports.Add(new ModelImport { Import = import, File = upload.File, Upload = upload, HasWritten = false, Before = Records, After = Records });

    /// <summary>Does what an import does.</summary>
    public void Add(Import import, ModelUpload upload, FoundImport found)
    {
        var (before, replaces) = (Records, found.File.Mapping.Mode == "REPLACE");
        if (!entity.HasKey) Records = [.. replaces ? [] : before, .. found.Records.Skip(replaces ? 0 : before.Count).Select(values => new RecordVersion(values))];
        else
        {
            var old = ByKey(before);
            // What is as it was was not changed.
            Records = [.. found.Records.Select(values => !replaces && old.TryGetValue(entity.KeyOf(values), out var version) && version.Values.SequenceEqual(values) ? version : new RecordVersion(values))];
        }

        _imports.Add(new ModelImport { Import = import, File = upload.File, Upload = upload, HasWritten = true, Before = before, After = Records, Replaces = replaces, IsWhole = replaces });
    }

    /// <summary>The code that undoing an import is refused with; null where it is not.</summary>
    public string? WhyNotUndone(ModelImport import)
    {
        if (!import.HasWritten) return EndCode.NotUndoable;
        if (import.IsUndone) return EndCode.AlreadyUndone;
        if (import.IsTurnedRound) return EndCode.BeforeExpired;
        return Later(import).Any(later => later is { Replaces: true, IsUndone: false }) ? EndCode.ReplacedSince : null;
    }

    /// <summary>What undoing an import would leave, and how many changes that takes back and keeps.</summary>
    public (IReadOnlyList<RecordVersion> Records, long Reversed, long Kept) FindUndo(ModelImport import)
    {
        var (reversed, kept) = (0L, 0L);
        if (!entity.HasKey)
        {
            var now = Records.ToHashSet();
            foreach (var version in import.After.Except(import.Before)) Count(now.Remove(version), 1);
            foreach (var version in import.Before.Except(import.After)) Count(now.Add(version), 1);
            return ([.. now], reversed, kept);
        }

        var (before, after, records) = (ByKey(import.Before), ByKey(import.After), ByKey(Records));
        foreach (var key in Differing(before, after))
        {
            var (old, left) = (before.GetValueOrDefault(key), after.GetValueOrDefault(key));
            // A record that is replaced is one that goes and one that comes.
            Count(records.GetValueOrDefault(key) == left, import.IsWhole && old is not null && left is not null ? 2 : 1);
            if (records.GetValueOrDefault(key) != left) continue;
            if (old is null) records.Remove(key);
            else records[key] = old;
        }

        return ([.. records.Values], reversed, kept);

        void Count(bool isReversed, int changes)
        {
            if (isReversed) reversed += changes;
            else kept += changes;
        }
    }

    /// <summary>Undoes an import.</summary>
    public void AddUndo(Import undo, ModelImport import)
    {
        var before = Records;
        (Records, _, _) = FindUndo(import);
        import.UndoneBy = new ModelImport
        {
            Import = undo,
            File = import.File,
            Upload = import.Upload,
            HasWritten = true,
            Before = before,
            After = Records,
            IsWhole = import.IsWhole,
            Undoes = import,
        };
        _imports.Add(import.UndoneBy);
    }

    /// <summary>The code that an import of an upload is refused with; null where it is not.</summary>
    public string? WhyNotImported(ModelUpload upload) =>
        _imports.Any(import => import.Upload == upload && import is { HasWritten: true, Undoes: null, IsUndone: false }) ? "upload-already-imported" : null;

    /// <summary>What has moved since a plan was made; null where nothing has.</summary>
    public string? FindMove(ModelPlan plan)
    {
        if (plan.Definition != Definition) return "entity";
        return _imports.Skip(plan.Imports).Any(import => import.HasWritten && !import.Before.ToHashSet().SetEquals(import.After)) ? "contents" : null;
    }

    /// <summary>What an import did, by key where there is one. A REPLACE only tells records that differ.</summary>
    public IEnumerable<ModelChange> ListChanges(ModelImport import)
    {
        if (!entity.HasKey)
            return [.. import.Before.Except(import.After).Select(old => new ModelChange(null, old.Values, null)), .. import.After.Except(import.Before).Select(version => new ModelChange(null, null, version.Values))];
        var (before, after) = (ByKey(import.Before), ByKey(import.After));
        return Differing(before, after)
            .Select(key => new ModelChange(null, before.GetValueOrDefault(key)?.Values, after.GetValueOrDefault(key)?.Values))
            .Where(change => !import.IsWhole || change.Before is null || change.After is null || !change.Before.SequenceEqual(change.After));
    }

    /// <summary>What happened to the record of a key, newest first.</summary>
    public IEnumerable<(ModelImport Import, ModelChange Change)> TellStory(string key)
    {
        foreach (var import in _imports.AsEnumerable().Reverse().Where(import => import.HasWritten))
        {
            var (old, version) = (Find(import.Before, key), Find(import.After, key));
            if (old != version) yield return (import, new ModelChange(null, old?.Values, version?.Values));
        }
    }

    /// <summary>The number of an import in the history of the entity, from 1.</summary>
    public int NumberOf(ModelImport import) => _imports.IndexOf(import) + 1;

    /// <inheritdoc cref="NumberOf(ModelImport)"/>
    public int NumberOf(Import? import) => _imports.FindIndex(other => other.Import.Id == import?.Id) + 1;

    /// <summary>All keys that records ever had.</summary>
    public IEnumerable<string> Keys => _imports.SelectMany(import => import.After).Select(version => entity.KeyOf(version.Values)).Distinct();

    private IEnumerable<ModelImport> Later(ModelImport import) => _imports.SkipWhile(other => other != import).Skip(1);

    private RecordVersion? Find(IReadOnlyList<RecordVersion> records, string key) => records.FirstOrDefault(version => entity.KeyOf(version.Values) == key);

    private Dictionary<string, RecordVersion> ByKey(IReadOnlyList<RecordVersion> records) => records.ToDictionary(version => entity.KeyOf(version.Values));

    private static List<string> Differing(Dictionary<string, RecordVersion> before, Dictionary<string, RecordVersion> after) =>
        [.. before.Keys.Union(after.Keys).Where(key => before.GetValueOrDefault(key) != after.GetValueOrDefault(key))];

    /// <summary>What an import changes, with the rows that do it: of those with one key that which wins.</summary>
    private IEnumerable<ModelChange> FindChanges(RandomEntities.Mapping mapping, List<string?[]> before, List<string?[]> after, Expected expected)
    {
        if (expected.Ledger is null) return [];
        if (!entity.HasKey)
        {
            var goes = mapping.Mode == "REPLACE" ? before : [];
            return [.. goes.Select(old => new ModelChange(null, old, null)), .. after.Skip(before.Count - goes.Count).Zip(expected.Good, (values, read) => new ModelChange(read.Row.Number, null, values))];
        }

        var old = before.ToDictionary(entity.KeyOf);
        var now = after.ToDictionary(entity.KeyOf);
        var rows = new Dictionary<string, long>();
        foreach (var (row, values) in expected.Good) rows[entity.KeyOf(values)] = row.Number;
        return old.Keys.Union(now.Keys)
            .Select(key => new ModelChange(now.ContainsKey(key) && rows.TryGetValue(key, out var row) ? row : null, old.GetValueOrDefault(key), now.GetValueOrDefault(key)))
            .Where(change => change.Before is null || change.After is null || !change.Before.SequenceEqual(change.After));
    }
}
