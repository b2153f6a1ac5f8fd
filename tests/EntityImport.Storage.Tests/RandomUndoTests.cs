using EntityImport.Access;
using EntityImport.Catalog;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>Random histories of imports and undos, compared with a plain telling of what they do, record by record.</summary>
public sealed class RandomUndoTests
{
    private const int Steps = 14;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public async Task An_undo_brings_each_record_back_that_no_later_import_has_changed(int seed)
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
            var import = ended.Count > 0 && random.Next(5) < 2 ? await UndoAsync(engine, model, ended[random.Next(ended.Count)]) : await ImportAsync(engine, model, random);
            if (import is not null) ended.Add(import);
            Assert.Equal(model.Records, await engine.RecordsAsync("e"));
            if (random.Next(8) == 0) await engine.RestartAsync();
        }

        Assert.Contains(ended, import => import.Undoes is not null);
    }

    private static async Task<Import?> ImportAsync(Engine engine, Model model, Random random)
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

        string Value() => random.Next(4) switch { 0 => "", var value => ((char)('k' + value)).ToString() };
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
