using System.Globalization;
using System.Text;
using EntityImport.Imports;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>Rows that are so long that DuckDB's usual number of them does not fit into the store's memory are imported, changed and read, before a restart and after it.</summary>
public sealed class LongRowTests
{
    private const int TextLength = 900_000;

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
        var entity = (await engine.Import.Entities.FindAsync("fat", Token))!;
        var text = new FieldOperand(entity.Fields[1]);
        var wanted = Enumerable.Range(0, 340).Select(id => (Id: id, Text: Text(id, id < 300 ? 1 : 2))).Where(record => record.Text.EndsWith("00", StringComparison.Ordinal) || record.Text[0] == 'A')
            .OrderByDescending(record => record.Text, StringComparer.Ordinal).Select(record => record.Id.ToString(CultureInfo.InvariantCulture)).ToList();

        var page = await engine.Import.Entities.ReadRecordsAsync(
            new RecordQuery
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
        var entity = (await engine.Import.Entities.FindAsync("fat", Token))!;
        var next = 0;
        await engine.Import.Entities.ReadRecordsAsync(
            new RecordQuery { Entity = entity, Select = entity.Fields },
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
