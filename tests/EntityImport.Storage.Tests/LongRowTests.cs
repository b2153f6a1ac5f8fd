using System.Globalization;
using System.Text;
using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Records;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>Rows that are so long that DuckDB's usual number of them does not fit into the store's memory are imported, changed and read, before a restart and after it.</summary>
public sealed class LongRowTests
{
    /// <summary>So long that 320 of them are more than the memory that these tests give the embedded store. A server has memory of its own.</summary>
    private static readonly int TextLength = TestStore.IsRemote ? 60_000 : 900_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task More_of_them_than_fit_into_memory_are_kept_changed_and_read()
    {
        await using var engine = await Engine.StartAsync(new EngineSetup { Options = options => options with { StoreMemoryBytes = 256 << 20 } });
        await engine.DeclareAsync("fat", """[{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "v", "dataType": "STRING"}, {"systemName": "w", "dataType": "STRING"}]""");

        var first = await engine.ImportAsync("fat", Csv(Enumerable.Range(0, 320), seed: 1));
        Assert.Equal((ImportState.Succeeded, 320), (first.State, first.Ledger.Inserted));
        await AssertRecordsAsync(engine, id => 1);

        // Small changes after it are written back beside the long rows; then some long rows change, some come.
        for (var i = 0; i < 3; i++) await engine.DeclareAsync($"small{i}", """[{"systemName": "id", "dataType": "INTEGER"}]""");
        var second = await engine.ImportAsync("fat", Csv(Enumerable.Range(300, 40), seed: 2));
        Assert.Equal(new Ledger { Records = 40, Inserted = 20, Updated = 20 }, second.Ledger);
        await AssertRecordsAsync(engine, id => id < 300 ? 1 : 2);

        await AssertSearchAsync(engine);
        await engine.RestartAsync();
        await AssertSearchAsync(engine);
        await AssertRecordsAsync(engine, id => id < 300 ? 1 : 2);
    }

    /// <summary>Of more than fit into memory, records that change are kept as they were, others are left as they are, and an undo brings back what was.</summary>
    [Fact]
    public async Task More_of_them_than_fit_into_memory_are_changed_in_part_and_undone()
    {
        await using var engine = await Engine.StartAsync(new EngineSetup { Options = options => options with { StoreMemoryBytes = 256 << 20 } });
        await engine.DeclareAsync("fat", """[{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "v", "dataType": "STRING"}, {"systemName": "w", "dataType": "STRING"}]""");
        await engine.ImportAsync("fat", Csv(Enumerable.Range(0, 320), seed: 1));

        // Few change, and are copied; then most do, and the others are; then all, of which one is changed again.
        var few = await engine.ImportAsync("fat", Csv(Enumerable.Range(180, 100), seed: 2));
        Assert.Equal(new Ledger { Records = 100, Updated = 100 }, few.Ledger);
        var most = await engine.ImportAsync("fat", Csv(Enumerable.Range(0, 200), seed: 3));
        Assert.Equal(new Ledger { Records = 200, Updated = 200 }, most.Ledger);
        await AssertRecordsAsync(engine, id => id < 200 ? 3 : id < 280 ? 2 : 1);
        await AssertUndoAsync(engine, most, reversed: 200, kept: 0);
        await AssertUndoAsync(engine, few, reversed: 100, kept: 0);
        await AssertRecordsAsync(engine, id => 1);

        var all = await engine.ImportAsync("fat", Csv(Enumerable.Range(0, 320), seed: 4), """{"importMode": "REPLACE"}""");
        Assert.Equal(new Ledger { Records = 320, Inserted = 320, Removed = 320 }, all.Ledger);
        Assert.Equal(1, (await engine.ImportAsync("fat", Csv([5], seed: 5))).Ledger.Updated);
        await AssertUndoAsync(engine, all, reversed: 2 * 319, kept: 2);
        await AssertRecordsAsync(engine, id => id == 5 ? 5 : 1);
    }

    private static async Task AssertUndoAsync(Engine engine, Catalog.Import import, long reversed, long kept)
    {
        var undo = await engine.EndOfAsync((await engine.Import.Undos.InvokeAsync(Request.Anonymous, import.Id, Token))!);
        Assert.Equal((ImportState.Succeeded, reversed, kept), (undo.State, undo.Ledger.Reversed, undo.Ledger.Kept));
    }

    /// <summary>Long rows are compared by digests of their texts; what is done is what is done to short ones, repeated keys and long keys included.</summary>
    [Theory]
    [InlineData("CLEAR", "3C1", "3C2")]
    [InlineData("KEEP", "1A1", "3C2")]
    public async Task Of_long_rows_with_one_key_the_last_wins_and_equal_ones_change_nothing(string emptyValues, string first, string second)
    {
        await using var engine = await Engine.StartAsync();
        await DeclareLongAsync(engine);
        // The second key is the digest of the third: as keys they are two.
        var longKey = new string('k', 64);
        var digest = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.ASCII.GetBytes(longKey)));
        Assert.Equal(3, (await engine.ImportAsync("long", $"id,a,b\nk,{Long('1')}A1,x\n{digest},{Long('1')}A2,x\n{longKey},{Long('1')}A3,x\n")).Ledger.Inserted);

        var changed = await engine.ImportAsync(
            "long", $"id,a,b\n{digest},{Long('2')}B2,y\n{longKey},{Long('1')}A3,x\nnew,{Long('4')}D4,z\n{digest},{Long('3')}C2,z\nk,{(emptyValues == "KEEP" ? "" : Long('3') + "C1")},z\n", $$"""{"emptyValues": "{{emptyValues}}"}""");

        Assert.Equal(new Ledger { Records = 5, Inserted = 1, Updated = 2, Unchanged = 1, Superseded = 1 }, changed.Ledger);
        string[] expected = [$"{digest}|{Long(second[0])}{second[1..]}|z", $"k|{Long(first[0])}{first[1..]}|z", $"{longKey}|{Long('1')}A3|x", $"new|{Long('4')}D4|z"];
        Assert.Equal(expected, await engine.RecordsAsync("long"));
    }

    [Fact]
    public async Task Long_rows_whose_keys_are_there_or_come_again_are_rejected()
    {
        await using var engine = await Engine.StartAsync();
        await DeclareLongAsync(engine);
        var longKey = new string('k', 100);
        await engine.ImportAsync("long", $"id,a,b\n{longKey},{Long('1')},x\n");

        var inserted = await engine.ImportAsync("long", $"id,a,b\n{longKey},{Long('2')},y\nn,{Long('2')},y\nn,{Long('3')},y\n", """{"importMode": "INSERT"}""");
        var before = await engine.RecordsAsync("long");
        var replaced = await engine.ImportAsync("long", $"id,a,b\n{longKey},{Long('4')},z\n{longKey},{Long('5')},z\n", """{"importMode": "REPLACE"}""");

        Assert.Equal(new Ledger { Records = 3, Inserted = 1, Rejected = 2 }, inserted.Ledger);
        Assert.Equal([$"{longKey}|{Long('1')}|x", $"n|{Long('2')}|y"], before);
        Assert.Equal(["key.exists 1", "key.repeated 3"], await ReasonsAsync(engine, inserted));
        Assert.Equal(new Ledger { Records = 2, Inserted = 1, Removed = 2, Rejected = 1 }, replaced.Ledger);
        Assert.Equal([$"{longKey}|{Long('4')}|z"], await engine.RecordsAsync("long"));
    }

    [Fact]
    public async Task Short_rows_change_long_records_and_leave_what_they_do_not_name()
    {
        await using var engine = await Engine.StartAsync();
        await DeclareLongAsync(engine);
        await engine.ImportAsync("long", $"id,a,b\n1,{Long('1')},x\n2,{Long('2')},x\n3,{Long('3')},x\n");

        var whole = await engine.ImportAsync("long", "id,a,b\n1,short,x\n4,new,y\n");
        var part = await engine.ImportAsync("long", "id,b\n2,y\n3,x\n", """{"fields": [{"systemName": "id", "csvColumnName": "id"}, {"systemName": "b", "csvColumnName": "b"}]}""");
        var kept = await engine.ImportAsync("long", "id,a,b\n2,,z\n3,,x\n", """{"emptyValues": "KEEP"}""");

        Assert.Equal(new Ledger { Records = 2, Inserted = 1, Updated = 1 }, whole.Ledger);
        Assert.Equal(new Ledger { Records = 2, Updated = 1, Unchanged = 1 }, part.Ledger);
        Assert.Equal(new Ledger { Records = 2, Updated = 1, Unchanged = 1 }, kept.Ledger);
        Assert.Equal(["1|short|x", $"2|{Long('2')}|z", $"3|{Long('3')}|x", "4|new|y"], await engine.RecordsAsync("long"));
    }

    [Fact]
    public async Task So_many_changes_that_they_are_not_made_in_place_count_once_for_a_repeated_key()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("many", """[{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "v", "dataType": "STRING"}]""");
        var count = TestStore.IsRemote ? 4_500 : 45_000;
        await engine.ImportAsync("many", Rows('a'));

        var changed = await engine.ImportAsync("many", [.. Rows('b'), .. "0,last\n"u8]);

        Assert.Equal(new Ledger { Records = count + 1, Updated = count, Superseded = 1 }, changed.Ledger);
        Assert.Equal(["0|last"], await engine.RecordsAsync("many", "id", "0"));

        byte[] Rows(char letter) => Encoding.ASCII.GetBytes("id,v\n" + string.Concat(Enumerable.Range(0, count).Select(id => $"{id},{new string(letter, 3_500)}\n")));
    }

    [Fact]
    public async Task Hundreds_of_long_records_behind_short_ones_are_read_on_one_page_by_several_at_once()
    {
        const int Short = 1_700;
        const int Long = 280;
        const int Length = 1_000_000;
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", """[{ "systemName": "n", "dataType": "INTEGER", "primaryKey": true }, { "systemName": "t", "dataType": "STRING" }]""");
        using var file = new MemoryStream();
        file.Write("n,t\n"u8);
        for (var n = 0; n < Short + Long; n++) file.Write(Encoding.ASCII.GetBytes($"{n},{new string((char)('a' + n % 26), n < Short ? 1 : Length)}\n"));
        var import = await engine.ImportAsync(await engine.MapAsync("e", "{}"), file.ToArray());
        Assert.Equal(Short + Long, import.Ledger.Inserted);
        var entity = (await engine.Catalog.FindEntityAsync("e", Token))!;
        var query = new RecordQuery { Entity = entity, Select = entity.Fields, OrderBy = [(new FieldOperand(entity.Fields[0]), false)], Top = 2_000 };

        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => ReadAsync()));

        async Task ReadAsync()
        {
            var wrong = 0;
            var read = 0;
            await engine.Import.Records.ReadAsync(
                Request.Anonymous,
                query,
                record =>
                {
                    var text = record[1]!;
                    if (record[0] != $"{read}" || text.Length != (read < Short ? 1 : Length) || text.AsSpan().ContainsAnyExcept((char)('a' + read % 26))) wrong++;
                    read++;
                },
                Token);
            Assert.Equal((Short + Long, 0), (read, wrong));
        }
    }

    [Fact]
    public async Task Long_texts_are_ordered_by_what_follows_where_they_begin_alike()
    {
        await using var engine = await Engine.StartAsync();
        await DeclareLongAsync(engine);
        await engine.ImportAsync("long", $"id,a,b\n1,{Long('x')}b,\n2,{Long('x')},\n3,{Long('x')}c,\n4,{Long('x')}B,\n5,x,\n6,,\n7,{Long('x')}b,\n");
        var entity = (await engine.Import.Entities.FindAsync(Request.Anonymous, "long", Token))!;

        Assert.Equal(["3", "1", "7", "4", "2", "5", "6"], await IdsAsync(new FieldOperand(entity.Fields[1])));
        Assert.Equal(["3", "1", "4", "7", "2", "5", "6"], await IdsAsync(new FunctionOperand(RecordFunction.ToLower, [new FieldOperand(entity.Fields[1])])));

        async Task<IEnumerable<string?>> IdsAsync(Operand by) => (await engine.Import.Records.ReadAsync(Request.Anonymous, new RecordQuery { Entity = entity, Select = [entity.Fields[0]], OrderBy = [(by, true)] }, Token)).Records.Select(record => record[0]);
    }

    private static Task DeclareLongAsync(Engine engine) => engine.DeclareAsync(
        "long", """[{"systemName": "id", "dataType": "STRING", "primaryKey": true}, {"systemName": "a", "dataType": "STRING"}, {"systemName": "b", "dataType": "STRING"}]""");

    private static string Long(char letter) => new(letter, 12_000);

    private static async Task<IEnumerable<string>> ReasonsAsync(Engine engine, Catalog.Import import) =>
        (await engine.Import.RejectedRows.ReadAsync(Request.Anonymous, import, null, 10, Token)).Rows.Select(row => $"{row.Reasons[0].Code} {row.Row}");

    [Fact]
    public async Task Records_of_a_thousand_fields_are_read()
    {
        await using var engine = await Engine.StartAsync();
        var fields = Enumerable.Range(1, 999).Select(number => $$"""{"systemName": "f{{number}}", "dataType": "STRING"}""");
        await engine.DeclareAsync("wide", $$"""[{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}, {{string.Join(',', fields)}}]""");
        var csv = new StringBuilder("id").AppendJoin("", Enumerable.Range(1, 999).Select(number => $",f{number}")).Append('\n');
        for (var id = 0; id < 3_000; id++) csv.Append(CultureInfo.InvariantCulture, $"{id}").AppendJoin("", Enumerable.Range(1, 999).Select(number => $",{(id + number) % 100}")).Append('\n');
        Assert.Equal(3_000, (await engine.ImportAsync("wide", csv.ToString())).Ledger.Inserted);

        var records = await engine.RecordsAsync("wide");

        Assert.Equal(2_000, records.Length);
        for (var id = 0; id < records.Length; id++) Assert.Equal($"{id}|{string.Join('|', Enumerable.Range(1, 999).Select(number => (id + number) % 100))}", records[id]);
    }

    /// <summary>What a condition and an order by the long texts themselves find is what comparing them here finds.</summary>
    private static async Task AssertSearchAsync(Engine engine)
    {
        var entity = (await engine.Import.Entities.FindAsync(Request.Anonymous, "fat", Token))!;
        var text = new FieldOperand(entity.Fields[1]);
        var wanted = Enumerable.Range(0, 340).Select(id => (Id: id, Text: Text(id, id < 300 ? 1 : 2))).Where(record => record.Text.EndsWith("00", StringComparison.Ordinal) || record.Text[0] == 'A')
            .OrderByDescending(record => record.Text, StringComparer.Ordinal).Select(record => record.Id.ToString(CultureInfo.InvariantCulture)).ToList();

        var page = await engine.Import.Records.ReadAsync(Request.Anonymous, new RecordQuery
        {
            Entity = entity,
            Select = [entity.Fields[0]],
            Filter = new OrCondition(
                    new TextCondition(TextMatch.EndsWith, text, new Constant(Entities.DataType.String, "00")), new TextCondition(TextMatch.StartsWith, text, new Constant(Entities.DataType.String, "A"))),
            OrderBy = [(text, true)],
            Skip = 1,
            Top = 5,
            Count = true,
        },
            Token);

        Assert.InRange(wanted.Count, 7, 340);
        Assert.Equal(wanted.Count, page.Total);
        Assert.Equal(wanted.Skip(1).Take(5), page.Records.Select(record => record[0]));
    }

    private static async Task AssertRecordsAsync(Engine engine, Func<int, int> seedOf)
    {
        var entity = (await engine.Import.Entities.FindAsync(Request.Anonymous, "fat", Token))!;
        var next = 0;
        await engine.Import.Records.ReadAsync(Request.Anonymous, new RecordQuery { Entity = entity, Select = entity.Fields },
            record =>
            {
                Assert.Equal((next.ToString(CultureInfo.InvariantCulture), "w"), (record[0], record[2]));
                Assert.True(Text(next, seedOf(next)) == record[1], $"Record {next} has another text.");
                next++;
            },
            Token);
        Assert.Equal(seedOf(339) == 1 ? 320 : 340, next);
    }

    private static byte[] Csv(IEnumerable<int> ids, int seed)
    {
        using var csv = new MemoryStream();
        csv.Write("id,v,w\n"u8);
        foreach (var id in ids) csv.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id},{Text(id, seed)},w\n")));
        return csv.ToArray();
    }

    /// <summary>A text that no compression makes short, the same each time.</summary>
    private static string Text(int id, int seed)
    {
        var bytes = new byte[TextLength / 2];
        new Random(id * 1_000 + seed).NextBytes(bytes);
        return Convert.ToHexString(bytes);
    }
}
