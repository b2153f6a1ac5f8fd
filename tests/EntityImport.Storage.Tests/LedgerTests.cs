using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Records;
using EntityImport.Testing.Breaking;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>The ledger can fail: where a row is lost or comes twice between the file and the entity, or a figure is wrong, the import fails, nothing is written, and the figures are shown.</summary>
public sealed class LedgerTests
{
    private const string Upsert = """{"importMode": "UPSERT"}""";
    private const string Insert = """{"importMode": "INSERT"}""";
    private const string Replace = """{"importMode": "REPLACE"}""";
    private const string Keep = """{"emptyValues": "KEEP"}""";

    /// <summary>Each mode, and each way that rows take into the entity.</summary>
    public static TheoryData<string, string, bool, string, string> Roads => new()
    {
        { "new records without a key", Insert, false, "", "1,a,b\n2,a,b\n" },
        { "new records of an empty entity", Upsert, true, "", "1,a,b\n2,a,b\n" },
        { "new records of an empty entity, one key twice", Upsert, true, "", "1,a,b\n2,a,b\n2,a,c\n" },
        { "records that stay as they are", Upsert, true, "1,a,b\n2,a,b\n", "1,a,b\n2,a,b\n" },
        { "records that change, stay and come", Upsert, true, "1,a,b\n2,a,b\n", "1,x,b\n2,a,b\n3,a,b\n" },
        { "records that change, one key twice", Upsert, true, "1,a,b\n2,a,b\n", "1,x,b\n2,a,b\n1,y,b\n" },
        { "records that keep values", Keep, true, "1,a,b\n2,a,b\n", "1,,c\n2,a,\n" },
        { "records that keep values, one key twice", Keep, true, "1,a,b\n2,a,b\n", "1,,c\n1,d,\n2,,\n" },
        { "long records", Upsert, true, $"1,{Long('a')},b\n2,{Long('a')},b\n", $"1,{Long('x')},b\n2,{Long('a')},b\n3,{Long('a')},b\n" },
        { "long records, one key twice", Upsert, true, $"1,{Long('a')},b\n", $"1,{Long('x')},b\n1,{Long('y')},b\n3,{Long('a')},b\n" },
        { "INSERT beside others", Insert, true, "1,a,b\n", "2,a,b\n3,a,b\n" },
        { "INSERT of a key that is there", Insert, true, "1,a,b\n", "1,a,b\n3,a,b\n4,a,b\n" },
        { "long INSERT of a key that is there", Insert, true, $"1,{Long('a')},b\n", $"1,{Long('a')},b\n3,{Long('a')},b\n4,{Long('a')},b\n" },
        { "REPLACE", Replace, true, "1,a,b\n", "2,a,b\n3,a,b\n" },
        { "REPLACE, one key twice", Replace, true, "1,a,b\n", "2,a,b\n2,a,c\n3,a,b\n" },
        { "REPLACE without a key", Replace, false, "1,a,b\n", "2,a,b\n3,a,b\n" },
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Roads))]
    public async Task A_row_that_is_lost_comes_twice_or_is_miscounted_fails_the_import(string road, string definition, bool hasKey, string before, string rows)
    {
        Assert.NotEmpty(road);
        string? how = null;
        await using var engine = await Engine.StartAsync(new EngineSetup { Store = store => how is null ? store : new BrokenStore(store, how) });
        await engine.DeclareAsync("e", $$"""
            [{"systemName": "id", "dataType": "INTEGER", "primaryKey": {{(hasKey ? "true" : "false")}}}, {"systemName": "a", "dataType": "STRING"}, {"systemName": "b", "dataType": "STRING"}]
            """);
        if (before.Length > 0) Assert.Equal(ImportState.Succeeded, (await engine.ImportAsync("e", "id,a,b\n" + before, Insert)).State);
        var records = await engine.RecordsAsync("e");
        foreach (var broken in (string[])["drop-row", "double-row", "alter-count"])
        {
            how = broken;
            await engine.RestartAsync();

            var import = await engine.ImportAsync("e", "id,a,b\n" + rows, definition);

            Assert.Equal((broken, ImportState.Failed, false, "ledger-unbalanced", 1), (broken, import.State, import.ClientError, import.Code, import.Attempts));
            Assert.Matches(@"The ledger does not add up, so nothing was written: .*\d.*\d", import.Message);
            Assert.Equal(records, await engine.RecordsAsync("e"));
        }

        how = null;
        await engine.RestartAsync();
        Assert.Equal(ImportState.Succeeded, (await engine.ImportAsync("e", "id,a,b\n" + rows, definition)).State);
    }

    /// <summary>The store counts unchanged records itself, also where there is nothing but a key and where all rows of a file stay as they are.</summary>
    [Fact]
    public async Task Unchanged_records_are_counted_by_the_store()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("k", """[{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}]""");
        var rows = "id\n" + string.Join('\n', Enumerable.Range(0, 10_000));
        await engine.ImportAsync("k", rows);

        var same = await engine.ImportAsync("k", rows + "\n10000\n");

        Assert.Equal(new Ledger { Records = 10_001, Inserted = 1, Unchanged = 10_000 }, same.Ledger);
        var entity = (await engine.Import.Entities.FindAsync(Request.Anonymous, "k", Token))!;
        Assert.Equal(10_001, (await engine.Import.Records.ReadAsync(Request.Anonymous, new RecordQuery { Entity = entity, Select = entity.Fields, Count = true }, Token)).Total);
    }

    private static string Long(char letter) => new(letter, 12_000);
}
