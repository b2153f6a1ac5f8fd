using System.Globalization;
using System.Text;
using System.Text.Json;
using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Records;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>However many of many records an UPSERT changes, it comes out as if each row had been applied for itself, and so do its plan and its undo: a store may change records one by one, or make all of them anew.</summary>
public sealed class ManyChangesTests
{
    /// <summary>Rows of the file that find a record: enough for stores to think of a new table.</summary>
    private const int Finding = 13_000;

    /// <summary>Records that the file has no row for.</summary>
    private const int Others = 700;

    private const int NewRows = 300;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(5, true, false)]
    [InlineData(35, true, true)]
    [InlineData(85, false, false)]
    [InlineData(90, true, false)]
    [InlineData(90, true, true)]
    [InlineData(90, false, true)]
    public async Task An_UPSERT_changes_what_its_rows_say_and_nothing_else(int percent, bool keepsBefore, bool keepsEmpty)
    {
        await using var engine = await Engine.StartAsync();
        using var fields = JsonDocument.Parse($$"""
            {"keepBefore": {{(keepsBefore ? "true" : "false")}}, "fields": [
                {"systemName": "code", "dataType": "STRING", "primaryKey": true}, {"systemName": "a", "dataType": "STRING"}, {"systemName": "id", "dataType": "INTEGER", "primaryKey": true},
                {"systemName": "n", "dataType": "INTEGER"}, {"systemName": "c", "dataType": "STRING"}]}
            """);
        await engine.Import.Entities.PutAsync(Request.Anonymous, "e", fields.RootElement, Token);
        var records = new SortedDictionary<(string Code, int Id), (string? A, int? N, string C)>();
        var before = new StringBuilder("code,id,a,n,c\n");
        foreach (var id in Enumerable.Range(1, Finding + Others))
        {
            records[(Code(id), id)] = ($"a{id}", id, $"c{id}");
            before.Append(CultureInfo.InvariantCulture, $"{Code(id)},{id},a{id},{id},c{id}\n");
        }

        Assert.Equal(ImportState.Succeeded, (await engine.ImportAsync("e", before.ToString())).State);
        var old = Lines(records);
        Assert.Equal(old, await ReadAsync(engine));

        // What is new comes first, then what is there from the end, so that rows are in another order than records; the field c is not in the file.
        var (changed, rows) = (0, new StringBuilder("code,id,a,n\n"));
        foreach (var id in Enumerable.Range(Finding + Others + 1, NewRows).Concat(Enumerable.Range(1, Finding).Reverse()))
        {
            var isNew = id > Finding + Others;
            var changes = !isNew && id % 100 < percent;
            var (a, n) = (changes ? id % 3 == 0 ? null : $"x{id}" : $"a{id}", changes && id % 3 == 1 || isNew && id % 2 == 0 ? (int?)null : id + (changes ? 1 : 0));
            if (changes) changed++;
            rows.Append(CultureInfo.InvariantCulture, $"{Code(id)},{id},{a},{n}\n");
            var was = isNew ? (A: null, N: null, C: null!) : records[(Code(id), id)];
            records[(Code(id), id)] = (keepsEmpty ? a ?? was.A : a, keepsEmpty && !isNew ? n ?? was.N : n ?? 7, was.C);
        }

        var definition = $$"""
            {"emptyValues": "{{(keepsEmpty ? "KEEP" : "CLEAR")}}", "fields": [{"systemName": "code", "csvColumnName": "code"}, {"systemName": "id", "csvColumnName": "id"},
                {"systemName": "a", "csvColumnName": "a"}, {"systemName": "n", "csvColumnName": "n", "defaultValue": "7"}]}
            """;
        var ledger = new Ledger { Records = Finding + NewRows, Inserted = NewRows, Updated = changed, Unchanged = Finding - changed };
        var plan = await PlanTests.PlanAsync(engine, definition, rows.ToString());
        Assert.Equal((ImportState.Succeeded, ledger), (plan.Run.State, plan.Run.Ledger));
        Assert.Equal(old, await ReadAsync(engine));

        var import = await engine.ImportAsync("e", rows.ToString(), definition);
        Assert.Equal((ImportState.Succeeded, ledger), (import.State, import.Ledger));
        Assert.Equal(Lines(records), await ReadAsync(engine));
        // A record that nothing has changed is still what the first import made it.
        Assert.Equal(NewRows + changed, await CountChangedAsync(engine, import));

        if (keepsBefore)
        {
            var undo = await engine.EndOfAsync((await engine.Import.Undos.InvokeAsync(Request.Anonymous, import.Id, Token))!);
            Assert.Equal((ImportState.Succeeded, NewRows + changed, 0), (undo.State, undo.Ledger.Reversed, undo.Ledger.Kept));
            Assert.Equal(old, await ReadAsync(engine));
        }

        var again = await engine.ImportAsync("e", before.ToString());
        Assert.Equal(ImportState.Succeeded, again.State);
        var replanned = await PlanTests.PlanAsync(engine, definition, rows.ToString());
        var applied = await PlanTests.ApplyAsync(engine, replanned);
        Assert.Equal((ImportState.Succeeded, replanned.Run.Ledger), (applied.State, applied.Ledger));
        Assert.Equal(Lines(records), await ReadAsync(engine));
        Assert.Equal(applied.Ledger.Inserted + applied.Ledger.Updated, await CountChangedAsync(engine, applied));
    }

    private static string Code(int id) => id % 2 == 0 ? "even" : "odd";

    private static string[] Lines(SortedDictionary<(string Code, int Id), (string? A, int? N, string C)> records) =>
        [.. records.Select(record => string.Create(CultureInfo.InvariantCulture, $"{record.Key.Code}|{record.Key.Id}|{record.Value.A ?? "∅"}|{record.Value.N?.ToString(CultureInfo.InvariantCulture) ?? "∅"}|{record.Value.C ?? "∅"}"))];

    private static async Task<string[]> ReadAsync(Engine engine)
    {
        var entity = (await engine.Import.Entities.FindAsync(Request.Anonymous, "e", Token))!;
        var select = new[] { "code", "id", "a", "n", "c" }.Select(name => entity.FindField(name)!).ToList();
        var lines = new List<(string Code, int Id, string Line)>();
        for (var skip = 0; ; skip += RecordQuery.MaxTop)
        {
            var page = await engine.Import.Records.ReadAsync(Request.Anonymous, new RecordQuery { Entity = entity, Select = select, Skip = skip }, Token);
            lines.AddRange(page.Records.Select(record => (record[0]!, int.Parse(record[1]!, CultureInfo.InvariantCulture), string.Join('|', record.Select(value => value ?? "∅")))));
            if (page.Records.Count < RecordQuery.MaxTop) return [.. lines.OrderBy(line => line.Code, StringComparer.Ordinal).ThenBy(line => line.Id).Select(line => line.Line)];
        }
    }

    private static async Task<long?> CountChangedAsync(Engine engine, Import import)
    {
        var entity = (await engine.Import.Entities.FindAsync(Request.Anonymous, "e", Token))!;
        return (await engine.Import.Records.ReadAsync(Request.Anonymous, new RecordQuery { Entity = entity, Select = entity.Fields, ChangedAfter = import.Sequence - 1, Top = 0, Count = true }, Token)).Total;
    }
}
