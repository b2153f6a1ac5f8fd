using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Changes;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>Random histories of imports and undos, compared with a plain telling of what they do, record by record.</summary>
public sealed class RandomUndoTests
{
    private const int Steps = 14;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(4, false)]
    [InlineData(5, false)]
    [InlineData(6, false)]
    [InlineData(12, false)]
    [InlineData(14, false)]
    [InlineData(7, true)]
    [InlineData(8, true)]
    [InlineData(9, true)]
    [InlineData(10, true)]
    public async Task An_undo_brings_each_record_back_that_no_later_import_has_changed(int seed, bool areLong)
    {
        var random = new Random(seed);
        await using var engine = await Engine.StartAsync(new EngineSetup { Options = options => options with { MaxAttempts = 1 } });
        await engine.DeclareAsync("e", """
            [{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "part", "dataType": "STRING", "primaryKey": true}, {"systemName": "a", "dataType": "STRING"}, {"systemName": "b", "dataType": "STRING"}]
            """);
        var model = new Model();
        var ended = new List<Import>();
        for (var step = 0; step < Steps; step++)
        {
            var import = ended.Count > 0 && random.Next(5) < 2 ? await UndoAsync(engine, model, ended[random.Next(ended.Count)]) : await ImportAsync(engine, model, random, areLong);
            if (import is not null) ended.Add(import);
            Assert.Equal(model.Records, await engine.RecordsAsync("e"));
            if (random.Next(8) == 0) await engine.RestartAsync();
            foreach (var told in ended) await TellAsync(engine, model, told);
        }

        Assert.Contains(ended, import => import.Undoes is not null);
    }

    /// <summary>What an import did is told as it was, whatever was imported and undone since: at once, and in pages of two.</summary>
    private static async Task TellAsync(Engine engine, Model model, Import import)
    {
        ImportedChanges changes;
        List<RecordChange> told;
        try
        {
            changes = (await engine.Import.History.FindChangesAsync(Request.Anonymous, import.Id, Token))!;
            told = [.. (await engine.Import.History.ReadChangesAsync(Request.Anonymous, changes, new ChangeQuery(1000), Token)).Changes];
        }
        catch (RequestException refused)
        {
            Assert.Equal(("before-images-expired", true), (refused.Type, model.IsTurnedRound(import.Sequence)));
            return;
        }

        Assert.False(model.IsTurnedRound(import.Sequence));
        var expected = model.Changes(import.Sequence).ToList();
        if (changes.IsComplete)
        {
            Assert.Equal(expected, told.Select(Text).Order(StringComparer.Ordinal));
            Assert.All(told, change => Assert.False(change.AfterUnknown));
        }
        else
        {
            // Nothing is told that was not so, and only what was inserted may be missing.
            Assert.Empty(told.Where(change => !change.AfterUnknown).Select(Text).Except(expected));
            Assert.All(told.Where(change => change.AfterUnknown), change => Assert.Contains(expected, record => record.Contains($" {Side(change.Before)} > ", StringComparison.Ordinal)));
            Assert.All(expected.Where(record => !record.Contains(" - > ", StringComparison.Ordinal)), record => Assert.Contains(told, change => record.Contains($" {Side(change.Before)} > ", StringComparison.Ordinal)));
        }

        var paged = new List<RecordChange>();
        for (ChangePage? page = null; page is null or { HasMore: true }; paged.AddRange(page.Changes))
            page = await engine.Import.History.ReadChangesAsync(Request.Anonymous, changes, new ChangeQuery(2) { After = paged.LastOrDefault()?.Place }, Token);
        Assert.Equal(told.Select(Text), paged.Select(Text));

        static string Text(RecordChange change) => $"{change.Kind} {Side(change.Before)} > {Side(change.After)}";

        static string Side(string?[]? values) => values is null ? "-" : string.Join('|', values.Select(value => value ?? "∅"));
    }

    private static async Task<Import?> ImportAsync(Engine engine, Model model, Random random, bool areLong)
    {
        var mode = random.Next(6) switch { 0 => "REPLACE", 1 => "INSERT", _ => "UPSERT" };
        var keeps = mode == "UPSERT" && random.Next(2) == 0;
        var onlyA = mode == "UPSERT" && random.Next(3) == 0;
        var rows = Enumerable.Range(0, random.Next(1, 7)).Select(_ => (Key: $"{random.Next(6)}|{(char)('x' + random.Next(2))}", A: Value(), B: Value())).ToList();
        var fields = onlyA
            ? """, "fields": [{"systemName": "id", "csvColumnName": "id"}, {"systemName": "part", "csvColumnName": "part"}, {"systemName": "a", "csvColumnName": "a"}]"""
            : "";
        var definition = $$"""{"importMode": "{{mode}}", "emptyValues": "{{(keeps ? "KEEP" : "CLEAR")}}"{{fields}}}""";
        var csv = "id,part,a,b\n" + string.Concat(rows.Select(row => $"{row.Key.Replace('|', ',')},{row.A},{row.B}\n"));
        var import = await engine.ImportAsync("e", csv, definition);
        if (import.State != ImportState.Succeeded)
        {
            Assert.Equal("no-good-rows", import.Code);
            return null;
        }

        var changes = model.Import(import.Sequence, mode, keeps, onlyA, rows);
        Assert.Equal(changes, import.Ledger.Inserted + import.Ledger.Updated + import.Ledger.Removed);
        return import;

        // Of long records those that change are taken out and put in anew, or, where that are most of them, another table is made.
        string Value() => random.Next(4) switch { 0 => "", var value => new string((char)('k' + value), areLong ? 20_000 : 1) };
    }

    private static async Task<Import?> UndoAsync(Engine engine, Model model, Import import)
    {
        Import undo;
        try
        {
            undo = await engine.EndOfAsync((await engine.Import.Undos.InvokeAsync(Request.Anonymous, import.Id, Token))!);
        }
        catch (RequestException refused)
        {
            Assert.Equal(model.WhyNot(import.Sequence), refused.Type);
            return null;
        }

        Assert.Equal((ImportState.Succeeded, null), (undo.State, undo.Code));
        Assert.Null(model.WhyNot(import.Sequence));
        Assert.Equal(model.Undo(undo.Sequence, import.Sequence), (undo.Ledger.Reversed, undo.Ledger.Kept));
        return undo;
    }

    /// <summary>Values with the number of the import that made them, by key; and for each import what it changed.</summary>
    private sealed class Model
    {
        private readonly SortedDictionary<string, Version> _records = new(StringComparer.Ordinal);
        private readonly SortedDictionary<long, Change> _changes = [];

        public string[] Records => [.. _records.Select(record => $"{record.Key}|{Show(record.Value.A)}|{Show(record.Value.B)}")];

        public long Import(long number, string mode, bool keeps, bool onlyA, List<(string Key, string A, string B)> rows)
        {
            var before = Copy();
            if (mode == "REPLACE") _records.Clear();
            foreach (var (key, a, b) in rows)
            {
                var old = _records.GetValueOrDefault(key);
                if (mode != "UPSERT" && old is not null) continue;
                _records[key] = new Version(number, Take(a, old?.A), onlyA ? old?.B ?? "" : Take(b, old?.B));
            }

            // What is as it was was not changed.
            if (mode == "UPSERT")
                foreach (var (key, old) in before)
                    if (_records[key] is var now && (now.A, now.B) == (old.A, old.B)) _records[key] = old;
            var after = Copy();
            _changes[number] = new Change(mode == "REPLACE", before, after) { Replaces = mode == "REPLACE" };
            return mode == "REPLACE" ? before.Count + after.Count : Differing(before, after).Count;

            string Take(string value, string? old) => value.Length == 0 && keeps ? old ?? "" : value;
        }

        /// <summary>The type of the problem by which an undo is refused; null where it is not.</summary>
        public string? WhyNot(long number)
        {
            if (IsUndone(number)) return "import-already-undone";
            if (_changes.Any(change => change.Key > number && change.Value.Replaces && !IsUndone(change.Key))) return "entity-replaced-since";
            return _changes[number].IsWhole && _changes[number].UndoneBy is not null ? "before-images-expired" : null;
        }

        /// <summary>Whether what was before an import is what is there again, or was after its undo: the table is kept once.</summary>
        public bool IsTurnedRound(long number) => _changes[number] is { IsWhole: true, UndoneBy: not null };

        /// <summary>What an import did, record by record.</summary>
        public IEnumerable<string> Changes(long number)
        {
            var change = _changes[number];
            return Differing(change.Before, change.After)
                .Select(key => (Key: key, Old: change.Before.GetValueOrDefault(key), New: change.After.GetValueOrDefault(key)))
                .Where(record => !change.IsWhole || record.Old is null || record.New is null || (record.Old.A, record.Old.B) != (record.New.A, record.New.B))
                .Select(record => $"{(record.Old is null ? ChangeKind.Inserted : record.New is null ? ChangeKind.Removed : ChangeKind.Updated)} {Side(record.Key, record.Old)} > {Side(record.Key, record.New)}")
                .Order(StringComparer.Ordinal);

            static string Side(string key, Version? version) => version is null ? "-" : $"{key}|{Show(version.A)}|{Show(version.B)}";
        }

        public (long Reversed, long Kept) Undo(long number, long undone)
        {
            var change = _changes[undone];
            var before = Copy();
            var (reversed, kept) = (0L, 0L);
            foreach (var key in Differing(change.Before, change.After))
            {
                var (old, left, now) = (change.Before.GetValueOrDefault(key), change.After.GetValueOrDefault(key), _records.GetValueOrDefault(key));
                // A record that is replaced is one that goes and one that comes.
                var changes = change.IsWhole && old is not null && left is not null ? 2 : 1;
                if (left != now)
                {
                    kept += changes;
                    continue;
                }

                reversed += changes;
                if (old is null) _records.Remove(key);
                else _records[key] = old;
            }

            change.UndoneBy = number;
            _changes[number] = new Change(change.IsWhole, before, Copy());
            return (reversed, kept);
        }

        private static List<string> Differing(Dictionary<string, Version> before, Dictionary<string, Version> after) =>
                [.. before.Keys.Union(after.Keys).Where(key => before.GetValueOrDefault(key) != after.GetValueOrDefault(key))];

        private static string Show(string value) => value.Length == 0 ? "∅" : value;

        private bool IsUndone(long number) => _changes[number].UndoneBy is { } undo && !IsUndone(undo);

        private Dictionary<string, Version> Copy() => new(_records, StringComparer.Ordinal);

        private sealed record Version(long Number, string A, string B);

        private sealed record Change(bool IsWhole, Dictionary<string, Version> Before, Dictionary<string, Version> After)
        {
            public bool Replaces { get; init; }

            public long? UndoneBy { get; set; }
        }
    }
}
