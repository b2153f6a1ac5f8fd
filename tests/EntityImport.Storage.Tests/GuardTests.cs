using System.Text;
using System.Text.Json;
using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Changes;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>What guards of an entity forbid is not written, and the import says which guard and which figures.</summary>
public sealed class GuardTests
{
    private const string Item = """[{ "systemName": "id", "dataType": "INTEGER", "primaryKey": true }, { "systemName": "name", "dataType": "STRING", "length": 9 }]""";

    private const string Priced = """[{ "systemName": "id", "dataType": "INTEGER", "primaryKey": true }, { "systemName": "price", "dataType": "DECIMAL", "precision": 9, "scale": 2 }, { "systemName": "name", "dataType": "STRING", "length": 9 }]""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("""{ "maxRemovedRecords": 6 }""", "REPLACE", 3, "maxRemovedRecords: 7 records would be removed, at most 6 may be.")]
    [InlineData("""{ "maxRemovedRecords": 7 }""", "REPLACE", 3, null)]
    [InlineData("""{ "maxRemovedPercent": 69.9 }""", "REPLACE", 3, "maxRemovedPercent: 7 of 10 records would be removed (70 %), at most 69.9 % may be.")]
    [InlineData("""{ "maxRemovedPercent": 70 }""", "REPLACE", 3, null)]
    [InlineData("""{ "maxRemovedRecords": 0 }""", "REPLACE", 12, null)]
    [InlineData("""{ "maxRemovedRecords": 0 }""", "UPSERT", 3, null)]
    [InlineData("""{ "minRowsPercent": 31 }""", "UPSERT", 3, "minRowsPercent: the file has 3 rows, 30 % of the 10 of the last import; it must have 31 %.")]
    [InlineData("""{ "minRowsPercent": 30 }""", "UPSERT", 3, null)]
    public async Task Counts_are_judged_before_anything_is_written(string guards, string mode, int rows, string? breach)
    {
        await using var engine = await StartAsync(guards);

        var import = await engine.ImportAsync("item", File(rows, "new"), $$"""{"importMode": "{{mode}}"}""");

        await AssertAsync(engine, import, breach, wasNew: "1|new");
    }

    [Fact]
    public async Task A_plan_that_guards_forbid_is_applied_for_an_administrators_reason_alone()
    {
        await using var engine = await StartAsync("""{ "maxRemovedRecords": 6 }""");
        var upload = (await engine.Import.Uploads.ReceiveAsync(
            Request.Anonymous, await engine.MapAsync("item", """{"importMode": "REPLACE"}"""), new MemoryStream(Encoding.UTF8.GetBytes(File(3, "new"))), "test.csv", charset: null, Token))!;
        var importer = new Request(new Caller { Id = "importer", Name = "Ida", Scopes = Scope.Import });
        var plan = await PlanAsync();

        Assert.Equal("maxRemovedRecords", Assert.Single(plan.Breaches).Guard);
        Assert.Equal(FaultKind.Forbidden, (await Assert.ThrowsAsync<RequestException>(() => engine.Import.Plans.ApplyAsync(importer, plan.Id, reason: null, Token))).Kind);
        Assert.Equal(FaultKind.Forbidden, (await Assert.ThrowsAsync<RequestException>(() => engine.Import.Plans.ApplyAsync(importer, plan.Id, "I want it.", Token))).Kind);
        var refusal = await Assert.ThrowsAsync<RequestException>(() => engine.Import.Plans.ApplyAsync(Request.Anonymous, plan.Id, reason: null, Token));
        Assert.Equal((FaultKind.Conflict, EndCode.Guarded, "maxRemovedRecords"), (refusal.Kind, refusal.Type, refusal.Faults[0].Path));
        Assert.Equal(EndCode.Guarded, (await Assert.ThrowsAsync<RequestException>(() => engine.Import.Plans.ApplyAsync(Request.Anonymous, plan.Id, " \t", Token))).Type);
        Assert.Equal(10, (await engine.RecordsAsync("item")).Length);
        var import = await engine.EndOfAsync((await engine.Import.Plans.ApplyAsync(Request.Anonymous, plan.Id, "The range was cut.", Token))!);

        Assert.Equal((ImportState.Succeeded, null), (import.State, import.Code));
        Assert.Equal(3, (await engine.RecordsAsync("item")).Length);
        Assert.Equal("The range was cut.", (await engine.Import.Plans.FindAsync(Request.Anonymous, plan.Id, Token))!.Reason);

        async Task<Plan> PlanAsync() =>
            await engine.Import.Plans.WaitAsync(Request.Anonymous, (await engine.Import.Plans.InvokeAsync(Request.Anonymous, upload.Id, Token))!.Id, Token).WaitAsync(TimeSpan.FromMinutes(2), Token);
    }

    [Theory]
    [InlineData(33, "maxRejectedPercent: 1 of 3 rows are rejected (33.3333 %), at most 33 % may be.")]
    [InlineData(34, null)]
    public async Task Rejected_rows_are_judged_with_those_that_the_key_forbids(int most, string? breach)
    {
        await using var engine = await StartAsync($$"""{ "maxRejectedPercent": {{most}} }""");

        var import = await engine.ImportAsync("item", "id,name\n1,x\n77,new\n78,y\n", """{"importMode": "INSERT"}""");

        Assert.Equal(breach is null ? 12 : 10, (await engine.RecordsAsync("item")).Length);
        await AssertAsync(engine, import, breach, wasNew: null);
        Assert.Contains("1,x,1,2,", await engine.ErrorFileAsync(import), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("id,name,more\n1,new,\n", "sameHeader: the file has 3 columns with 'more', where the last import had 2.")]
    [InlineData("id,Name\n1,new\n", "sameHeader: the file has 2 columns without 'name' and with 'Name', where the last import had 2.")]
    [InlineData("name,id\nnew,1\n", "sameHeader: the file has 2 columns in another order, where the last import had 2.")]
    [InlineData("id,name\n1,new\n", null)]
    public async Task The_header_is_that_of_the_last_import_that_wrote_something(string csv, string? breach)
    {
        await using var engine = await StartAsync("""{ "sameHeader": true }""");
        await engine.ImportAsync("item", "id,name,other\n5,five,\n", """{"dryRun": true}""");

        var import = await engine.ImportAsync("item", csv);

        await AssertAsync(engine, import, breach, wasNew: "1|new");
    }

    [Fact]
    public async Task However_many_runs_wrote_no_file_since_the_last_import_is_compared_with()
    {
        await using var engine = await StartAsync("""{ "minRowsPercent": 80, "sameHeader": true }""");
        var dryRuns = await engine.MapAsync("item", """{"dryRun": true}""");
        for (var i = 0; i < 60; i++) Assert.True((await engine.EndOfAsync(await engine.InvokeAsync(dryRuns, File(10, "new")))).DryRun);

        var import = await engine.ImportAsync("item", "id,name,more\n1,new,\n");

        Assert.Equal((ImportState.Failed, EndCode.Guarded), (import.State, import.Code));
        Assert.All(["minRowsPercent: the file has 1 row,", "sameHeader: the file has 3 columns"], breach => Assert.Contains(breach, import.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task All_guards_that_forbid_an_import_are_told_and_it_may_be_invoked_again_without_them()
    {
        await using var engine = await StartAsync("""{ "maxRemovedRecords": 1, "maxRemovedPercent": 2, "minRowsPercent": 90, "sameHeader": true }""");

        var import = await engine.ImportAsync("item", "name,id\nnew,1\n", """{"importMode": "REPLACE"}""");

        Assert.All(["maxRemovedRecords: 9 ", "maxRemovedPercent: 9 of 10 ", "minRowsPercent: ", "sameHeader: "], guard => Assert.Contains(guard, import.Message, StringComparison.Ordinal));
        Assert.True(await engine.Import.Guards.DeleteAsync(Request.Anonymous, "ITEM", Token));
        var again = await engine.EndOfAsync((await engine.Import.Imports.InvokeAsync(Request.Anonymous, import.UploadId, Token))!);
        Assert.Equal(ImportState.Succeeded, again.State);
        Assert.Equal(["1|new"], await engine.RecordsAsync("item"));
    }

    [Fact]
    public async Task A_dry_run_is_judged_too_and_its_plan_is_kept()
    {
        await using var engine = await StartAsync("""{ "maxRemovedRecords": 1 }""");

        var import = await engine.ImportAsync("item", File(3, "new"), """{"importMode": "REPLACE", "dryRun": true}""");

        Assert.Equal(EndCode.Guarded, import.Code);
        var plan = (await engine.Import.Plans.FindAsync(Request.Anonymous, import.PlanId!.Value, Token))!;
        Assert.Equal((import.Id, null, 7L), (plan.DryRunId, plan.GuardedId, plan.Changes!.Removed));
    }

    [Theory]
    [InlineData("""{ "moves": [{ "field": "price", "byPercent": 20, "maxPercent": 50 }] }""", "UPSERT", "moves of price: 6 of 10 values move by more than 20 % (60 %), at most 50 % may.")]
    [InlineData("""{ "moves": [{ "field": "price", "byPercent": 20, "maxPercent": 60 }] }""", "UPSERT", null)]
    [InlineData("""{ "moves": [{ "field": "price", "byPercent": 100, "maxPercent": 0 }] }""", "UPSERT", null)]
    [InlineData("""{ "emptied": [{ "field": "name", "maxPercent": 9 }] }""", "UPSERT", "emptied of name: 1 of 10 values become empty (10 %), at most 9 % may.")]
    [InlineData("""{ "emptied": [{ "field": "name", "maxPercent": 10 }] }""", "UPSERT", null)]
    [InlineData("""{ "emptied": [{ "field": "name", "maxPercent": 9 }] }""", "REPLACE", "emptied of name: 1 of 10 values become empty (10 %), at most 9 % may.")]
    [InlineData("""{ "maxRemovedRecords": 0 }""", "REPLACE", null)]
    public async Task Changes_of_values_are_judged_before_anything_is_written(string guards, string mode, string? breach)
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("item", Priced);
        await engine.ImportAsync("item", Prices(row => 100, row => "old"));
        await GuardAsync(engine, guards);

        var import = await engine.ImportAsync("item", Prices(row => row <= 6 ? 200 : 100, row => row == 10 ? "" : "old"), $$"""{"importMode": "{{mode}}"}""");

        var records = await engine.RecordsAsync("item");
        if (breach is null)
        {
            Assert.Equal((ImportState.Succeeded, null, null), (import.State, import.Code, import.PlanId));
            Assert.Equal(Enumerable.Range(1, 10).Select(row => $"{row}|{(row <= 6 ? 200 : 100)}.00|{(row == 10 ? "∅" : "old")}"), records);
            // Nothing is left of the plan that it was for a moment.
            Assert.Empty(await engine.Import.Plans.ListAsync(Request.Anonymous, new PlanQuery(null, [], Before: null, 10), Token));
            Assert.Equal(mode == "REPLACE" ? (10, 0, 0) : (0, 7, 3), (import.Ledger.Inserted, import.Ledger.Updated, import.Ledger.Unchanged));
            var undo = await engine.EndOfAsync((await engine.Import.Undos.InvokeAsync(Request.Anonymous, import.Id, Token))!);
            Assert.Equal(ImportState.Succeeded, undo.State);
            Assert.Equal(Enumerable.Range(1, 10).Select(row => $"{row}|100.00|old"), await engine.RecordsAsync("item"));
            return;
        }

        Assert.Equal((ImportState.Failed, EndCode.Guarded), (import.State, import.Code));
        Assert.Contains(breach, import.Message, StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(1, 10).Select(row => $"{row}|100.00|old"), records);
        var plan = (await engine.Import.Plans.FindAsync(Request.Anonymous, import.PlanId!.Value, Token))!;
        Assert.Equal((import.Id, 7L, 0L), (plan.GuardedId, plan.Changes!.Updated, plan.Changes.Removed));
        var applied = await engine.EndOfAsync((await engine.Import.Plans.ApplyAsync(Request.Anonymous, plan.Id, "Prices doubled.", Token))!);
        Assert.Equal(ImportState.Succeeded, applied.State);
        Assert.Equal("1|200.00|old", (await engine.RecordsAsync("item"))[0]);
    }

    [Fact]
    public async Task Keys_that_a_replace_takes_out_are_counted_also_where_others_take_their_place()
    {
        await using var engine = await StartAsync("""{ "maxRemovedRecords": 2 }""");

        var import = await engine.ImportAsync("item", "id,name\n" + string.Concat(Enumerable.Range(4, 10).Select(id => $"{id},old\n")), """{"importMode": "REPLACE"}""");

        await AssertAsync(engine, import, "maxRemovedRecords: 3 records would be removed, at most 2 may be.", wasNew: null);
    }

    [Fact]
    public async Task A_plan_says_what_its_changes_have_in_common()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("item", Priced);
        await engine.ImportAsync("item", Prices(row => 100 + (row * 7), row => "Old " + row, 200));
        var upload = (await engine.Import.Uploads.ReceiveAsync(
            Request.Anonymous, await engine.MapAsync("item", "{}"), new MemoryStream(Encoding.UTF8.GetBytes(Prices(row => 10000 + (row * 700), row => "OLD " + row, 200))), "test.csv", charset: null, Token))!;

        var plan = await engine.Import.Plans.WaitAsync(Request.Anonymous, (await engine.Import.Plans.InvokeAsync(Request.Anonymous, upload.Id, Token))!.Id, Token).WaitAsync(TimeSpan.FromMinutes(2), Token);

        Assert.Equal([("scaled", "price", 200L), ("case.only", "name", 200)], plan.Signatures.Select(found => (found.Code, found.Field, found.Count)));
        Assert.Contains(new ChangeExample("1", "107", "10700"), plan.Signatures[0].Examples);
    }

    [Fact]
    public async Task Guards_outlive_a_restart_and_go_with_their_entity()
    {
        await using var engine = await StartAsync("""{ "maxRemovedRecords": 1 }""");
        await engine.RestartAsync();
        Assert.Equal(1, (await engine.Import.Guards.FindAsync(Request.Anonymous, "Item", Token))!.MaxRemovedRecords);

        await engine.Import.Entities.DeleteAsync(Request.Anonymous, "item", force: true, Token);
        await engine.DeclareAsync("item", Item);

        Assert.Null(await engine.Import.Guards.FindAsync(Request.Anonymous, "item", Token));
    }

    private static string Prices(Func<int, int> price, Func<int, string> name, int rows = 10) => "id,price,name\n" + string.Concat(Enumerable.Range(1, rows).Select(row => $"{row},{price(row)},{name(row)}\n"));

    private static async Task GuardAsync(Engine engine, string guards)
    {
        using var document = JsonDocument.Parse(guards);
        await engine.Import.Guards.PutAsync(Request.Anonymous, "item", document.RootElement, Token);
    }

    /// <summary>An engine with ten records that one import brought, and guards.</summary>
    private static async Task<Engine> StartAsync(string guards)
    {
        var engine = await Engine.StartAsync();
        await engine.DeclareAsync("item", Item);
        await engine.ImportAsync("item", File(10, "old"));
        await GuardAsync(engine, guards);
        return engine;
    }

    private static string File(int rows, string name) => "id,name\n" + string.Concat(Enumerable.Range(1, rows).Select(id => $"{id},{name}\n"));

    private static async Task AssertAsync(Engine engine, Import import, string? breach, string? wasNew)
    {
        if (breach is null)
        {
            Assert.Equal((ImportState.Succeeded, null), (import.State, import.Code));
            if (wasNew is not null) Assert.Contains(wasNew, await engine.RecordsAsync("item"));
            return;
        }

        Assert.Equal((ImportState.Failed, true, EndCode.Guarded), (import.State, import.ClientError, import.Code));
        Assert.EndsWith($"was not imported into item. Its guards forbid what the import would do. {breach}", import.Message, StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(1, 10).Select(id => $"{id}|old"), (await engine.RecordsAsync("item")));
        Assert.Equal(import, await engine.FindKeptAsync(import.Id) with { StageMilliseconds = import.StageMilliseconds, Warnings = import.Warnings });
    }
}
