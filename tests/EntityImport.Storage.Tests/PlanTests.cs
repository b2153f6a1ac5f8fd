using System.Globalization;
using System.Text;
using System.Text.Json;
using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Changes;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>A plan is the delta of an import, kept: it changes nothing, tells what would change, and what applies it does just that, on each road into an entity.</summary>
public sealed class PlanTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, bool, string, string, DeltaCounts, string> Roads => DeltaTests.Roads;

    [Theory]
    [MemberData(nameof(Roads))]
    public async Task What_applies_a_plan_does_what_an_import_would_have_done(string road, string definition, bool hasKey, string before, string rows, DeltaCounts counts, string after)
    {
        Assert.NotEmpty(road);
        await using var engine = await Engine.StartAsync();
        await DeltaTests.DeclareAsync(engine, hasKey);
        if (before.Length > 0) await engine.ImportAsync("e", "id,a,b\n" + before, """{"importMode": "INSERT"}""");
        var records = await DeltaTests.RecordsAsync(engine);

        var plan = await PlanAsync(engine, definition, "id,a,b\n" + rows);

        Assert.Equal(records, await DeltaTests.RecordsAsync(engine));
        Assert.Equal(ImportState.Succeeded, plan.Run.State);
        Assert.Equal((counts.Inserted, counts.Updated, counts.Unchanged, counts.Superseded, counts.Removed), Figures(plan.Run.Ledger));
        Assert.Equal(Changed(records, after), await ChangedAsync(engine, plan));

        await engine.RestartAsync();
        var import = await ApplyAsync(engine, plan);

        Assert.Equal((ImportState.Succeeded, plan.Run.Ledger), (import.State, import.Ledger));
        Assert.Equal(after, await DeltaTests.RecordsAsync(engine));
        if (plan.Run.Ledger.Rejected > 0) Assert.Equal(plan.Run.Ledger.Rejected, (await engine.Import.RejectedRows.ReadAsync(Request.Anonymous, import, null, 100, Token)).Rows.Count);

        var undo = await engine.EndOfAsync((await engine.Import.Undos.InvokeAsync(Request.Anonymous, import.Id, Token))!);

        Assert.Equal((ImportState.Succeeded, counts.Inserted + counts.Updated + counts.Removed), (undo.State, undo.Ledger.Reversed));
        Assert.Equal(records, await DeltaTests.RecordsAsync(engine));
    }

    [Theory]
    [MemberData(nameof(Roads))]
    public async Task What_guards_allow_is_done_as_without_them(string road, string definition, bool hasKey, string before, string rows, DeltaCounts counts, string after)
    {
        Assert.NotEmpty(road);
        await using var engine = await Engine.StartAsync();
        await DeltaTests.DeclareAsync(engine, hasKey);
        if (before.Length > 0) await engine.ImportAsync("e", "id,a,b\n" + before, """{"importMode": "INSERT"}""");
        var records = await DeltaTests.RecordsAsync(engine);
        using var guards = JsonDocument.Parse("""{ "maxRemovedPercent": 100, "emptied": [{ "field": "a", "maxPercent": 100 }] }""");
        await engine.Import.Guards.PutAsync(Request.Anonymous, "e", guards.RootElement, Token);

        var import = await engine.ImportAsync("e", "id,a,b\n" + rows, definition);

        Assert.Equal((ImportState.Succeeded, null), (import.State, import.PlanId));
        Assert.Equal((counts.Inserted, counts.Updated, counts.Unchanged, counts.Superseded, counts.Removed), Figures(import.Ledger));
        Assert.Equal(after, await DeltaTests.RecordsAsync(engine));
        Assert.Empty(await engine.Import.Plans.ListAsync(Request.Anonymous, new PlanQuery(null, [], Before: null, 10), Token));

        await engine.RestartAsync();
        Assert.Equal(after, await DeltaTests.RecordsAsync(engine));
        var undo = await engine.EndOfAsync((await engine.Import.Undos.InvokeAsync(Request.Anonymous, import.Id, Token))!);
        Assert.Equal((ImportState.Succeeded, counts.Inserted + counts.Updated + counts.Removed), (undo.State, undo.Ledger.Reversed));
        Assert.Equal(records, await DeltaTests.RecordsAsync(engine));
    }

    [Fact]
    public async Task Each_type_is_told_before_and_after_and_the_largest_move_comes_first()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("t", """
            [{"systemName": "row", "dataType": "STRING", "primaryKey": true}, {"systemName": "rowid", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "n", "dataType": "DECIMAL", "precision": 38, "scale": 2},
             {"systemName": "d", "dataType": "DATE"}, {"systemName": "t", "dataType": "DATETIME"}, {"systemName": "x", "dataType": "DOUBLE"}, {"systemName": "kind", "dataType": "BOOLEAN"}]
            """);
        const string Header = "row,rowid,n,d,t,x,kind\n";
        await engine.ImportAsync("t", Header + "a,1,10,2026-01-01,2026-01-01 00:00:00,1,true\na,2,10,2026-01-01,2026-01-01 00:00:00,1,true\nb,1,0.50,,,,\n");

        var plan = await PlanAsync(engine, "{}", Header + "a,1,11,2025-01-01,2026-01-01 00:00:01,2.5,false\na,2,-990.5,2026-01-02,2027-01-01 00:00:00,1,true\nb,1,,2026-01-01,,,\nc,9,5,,,,\n", "t");

        Assert.Equal(("n", 3L), Field(plan, "n"));
        Assert.Equal(("d", 3L), Field(plan, "d"));
        Assert.Equal(("kind", 1L), Field(plan, "kind"));
        Assert.Equal(
            ["Updated 2: 10.00 > -990.50", "Updated 1: 10.00 > 11.00", "Updated 3: 0.50 > ∅", "Inserted 4: > 5.00"],
            await MovesAsync(engine, plan, "n"));
        Assert.Equal(["Updated 1: 2026-01-01 > 2025-01-01", "Updated 2: 2026-01-01 > 2026-01-02", "Updated 3: ∅ > 2026-01-01"], await MovesAsync(engine, plan, "d"));
        Assert.Equal(["Updated 2: 2026-01-01T00:00:00Z > 2027-01-01T00:00:00Z", "Updated 1: 2026-01-01T00:00:00Z > 2026-01-01T00:00:01Z"], await MovesAsync(engine, plan, "t"));
        Assert.Equal(["Updated 1: true > false"], await MovesAsync(engine, plan, "kind"));

        Assert.Equal(ImportState.Succeeded, (await ApplyAsync(engine, plan)).State);
        Assert.Equal(["a|1|11.00|2025-01-01|2026-01-01T00:00:01Z|2.5|false", "a|2|-990.50|2026-01-02|2027-01-01T00:00:00Z|1.0|true", "b|1|∅|2026-01-01|∅|∅|∅", "c|9|5.00|∅|∅|∅|∅"], await engine.RecordsAsync("t"));
    }

    [Fact]
    public async Task A_REPLACE_tells_which_records_go_and_which_only_lose_a_value()
    {
        await using var engine = await Engine.StartAsync();
        await DeltaTests.DeclareAsync(engine, hasKey: true);
        await engine.ImportAsync("e", "id,a,b\n1,a,b\n2,a,\n3,a,b\n4,a,\n");

        var plan = await PlanAsync(engine, """{"importMode": "REPLACE"}""", "id,a\n1,a\n2,a\n4,x\n5,n\n");

        Assert.Equal(new Ledger { Records = 4, Inserted = 4, Removed = 4 }, plan.Run.Ledger);
        Assert.Equal((1, 2, 1), (plan.Changes!.Inserted, plan.Changes.Updated, plan.Changes.Removed));
        Assert.Equal([("id", 0L, true), ("a", 1L, true), ("b", 1L, false)], plan.Changes.Fields.Select(field => (field.SystemName, field.Updated, field.IsMapped)));
        Assert.Equal(["5|n|∅ <", "1|a|∅ < 1|a|b", "4|x|∅ < 4|a|∅", " < 3|a|b"], (await ReadAsync(engine, plan, new ChangeQuery(100))).OrderBy(change => change.Kind).ThenBy(change => change.RecordNumber).Select(Text));

        Assert.Equal(ImportState.Succeeded, (await ApplyAsync(engine, plan)).State);
        Assert.Equal(["1|a|∅", "2|a|∅", "4|x|∅", "5|n|∅"], await engine.RecordsAsync("e"));
    }

    [Fact]
    public async Task A_plan_is_not_applied_once_an_import_has_changed_the_entity_and_says_which()
    {
        await using var engine = await Engine.StartAsync();
        await DeltaTests.DeclareAsync(engine, hasKey: true);
        await engine.ImportAsync("e", "id,a,b\n1,a,b\n");
        var plan = await PlanAsync(engine, "{}", "id,a,b\n1,x,b\n2,n,n\n");
        await engine.ImportAsync("e", "id,a,b\n1,a,b\n");
        var moving = await engine.ImportAsync("e", "id,a,b\n1,y,b\n");

        var refused = await Assert.ThrowsAsync<RequestException>(() => engine.Import.Plans.ApplyAsync(Request.Anonymous, plan.Id, null, Token));

        Assert.Equal(("plan-stale", FaultKind.Conflict), (refused.Type, refused.Kind));
        Assert.Contains(moving.Id.ToString(), refused.Message, StringComparison.Ordinal);
        Assert.Equal(["1|y|b"], await engine.RecordsAsync("e"));
        // The upload is not spent: it can be imported as it is.
        var import = await engine.Import.Imports.InvokeAsync(Request.Anonymous, plan.Run.UploadId, Token);
        Assert.Equal(ImportState.Succeeded, (await engine.EndOfAsync(import!)).State);
        Assert.Equal(["1|x|b", "2|n|n"], await engine.RecordsAsync("e"));
    }

    [Fact]
    public async Task What_has_left_all_records_as_they_were_is_not_in_the_way_of_a_plan()
    {
        await using var engine = await Engine.StartAsync();
        await DeltaTests.DeclareAsync(engine, hasKey: true);
        var first = await engine.ImportAsync("e", "id,a,b\n1,a,b\n");
        await engine.ImportAsync("e", "id,a,b\n1,x,b\n");
        var plan = await PlanAsync(engine, "{}", "id,a,b\n1,y,b\n");

        // A file without rows, and an undo of what was changed since, so that nothing of it can be taken back.
        await engine.ImportAsync("e", "id,a,b\n");
        var undo = await engine.EndOfAsync((await engine.Import.Undos.InvokeAsync(Request.Anonymous, first.Id, Token))!);

        Assert.Equal((ImportState.Succeeded, 0L, 1L), (undo.State, undo.Ledger.Reversed, undo.Ledger.Kept));
        Assert.Equal(ImportState.Succeeded, (await ApplyAsync(engine, plan)).State);
        Assert.Equal(["1|y|b"], await engine.RecordsAsync("e"));
    }

    [Fact]
    public async Task An_import_that_comes_between_the_call_and_its_turn_makes_the_plan_stale_too()
    {
        var isHeld = new TaskCompletionSource();
        await using var engine = await Engine.StartAsync(new EngineSetup
        {
            Records = inner => new Durability.InterceptedRecords(inner) { Committing = async import => { if (import.Ledger.Updated == 7) await isHeld.Task; } },
        });
        await DeltaTests.DeclareAsync(engine, hasKey: true);
        var seven = string.Concat(Enumerable.Range(1, 7).Select(id => $"{id},a,b\n"));
        await engine.ImportAsync("e", "id,a,b\n" + seven);
        var plan = await PlanAsync(engine, "{}", "id,a,b\n1,x,b\n");
        var mapping = await engine.MapAsync("e", "{}");
        var before = await engine.InvokeAsync(mapping, "id,a,b\n" + seven.Replace(",a,", ",z,", StringComparison.Ordinal));
        var apply = (await engine.Import.Plans.ApplyAsync(Request.Anonymous, plan.Id, null, Token))!;
        isHeld.SetResult();

        Assert.Equal(ImportState.Succeeded, (await engine.EndOfAsync(before)).State);
        var ended = await engine.EndOfAsync(apply);

        Assert.Equal((ImportState.Failed, "plan-stale"), (ended.State, ended.Code));
        Assert.Contains(before.Id.ToString(), ended.Message, StringComparison.Ordinal);
        Assert.Equal("1zb 2zb 3zb 4zb 5zb 6zb 7zb", await DeltaTests.RecordsAsync(engine));
    }

    [Theory]
    [InlineData("file")]
    [InlineData("mapping")]
    [InlineData("entity")]
    [InlineData("contents")]
    public async Task What_moved_is_named(string what)
    {
        await using var engine = await Engine.StartAsync();
        await DeltaTests.DeclareAsync(engine, hasKey: true);
        await engine.ImportAsync("e", "id,a,b\n1,a,b\n");
        var plan = await PlanAsync(engine, "{}", "id,a,b\n1,x,b\n");
        switch (what)
        {
            case "file":
                await engine.Catalog.CommitAsync(new CatalogCommit { ChangedUpload = (await engine.Catalog.FindUploadAsync(plan.Run.UploadId, Token))! with { Sha256 = "ab" } }, Token);
                break;
            case "mapping":
                await engine.Import.Mappings.PatchAsync(Request.Anonymous, plan.Run.MappingId, System.Text.Json.JsonDocument.Parse("""{"definition": {"importMode": "INSERT"}}""").RootElement, Token);
                break;
            case "entity":
                await engine.DeclareAsync("e", """[{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "a", "dataType": "STRING"}, {"systemName": "b", "dataType": "STRING"}, {"systemName": "c", "dataType": "STRING"}]""");
                break;
            default:
                // Deleted and declared again: no import tells of it.
                await engine.Import.Entities.DeleteAsync(Request.Anonymous, "e", force: true, Token);
                await DeltaTests.DeclareAsync(engine, hasKey: true);
                break;
        }

        var refused = await Assert.ThrowsAsync<RequestException>(() => engine.Import.Plans.ApplyAsync(Request.Anonymous, plan.Id, null, Token));

        Assert.Equal(("plan-stale", what), (refused.Type, Assert.Single(refused.Faults).Path));
        Assert.Equal(what, (await engine.Import.Plans.FindSnapshotAsync(Request.Anonymous, plan.Id, Token))!.Move!.What);
    }

    [Fact]
    public async Task A_plan_that_is_being_made_is_cancelled_or_after_a_restart_made_again_and_no_import_waits_for_it()
    {
        var waits = true;
        await using var engine = await Engine.StartAsync(new EngineSetup
        {
            Records = inner => new Durability.InterceptedRecords(inner) { Loading = (order, token) => waits && order.PlanId is not null ? Task.Delay(Timeout.Infinite, token) : Task.CompletedTask },
        });
        await DeltaTests.DeclareAsync(engine, hasKey: true);
        var mapping = await engine.MapAsync("e", "{}");
        var (cancelled, interrupted) = (await InvokeAsync(engine, mapping, "id,a,b\n1,x,b\n"), await InvokeAsync(engine, mapping, "id,a,b\n1,x,b\n2,n,n\n"));

        // Beside them an import goes into the entity.
        Assert.Equal(ImportState.Succeeded, (await engine.ImportAsync("e", "id,a,b\n1,a,b\n")).State);
        Assert.True(await engine.Import.Plans.CancelAsync(Request.Anonymous, cancelled.Id, Token));
        Assert.Equal((ImportState.Cancelled, "cancelled"), await EndOfAsync(cancelled));
        waits = false;
        await engine.RestartAsync();

        Assert.Equal((ImportState.Cancelled, "cancelled"), await EndOfAsync(cancelled));
        Assert.Equal((ImportState.Succeeded, null), await EndOfAsync(interrupted));
        var made = (await engine.Import.Plans.FindAsync(Request.Anonymous, interrupted.Id, Token))!;
        Assert.Equal((1, 1, 1), (made.Run.Attempts, made.Changes!.Inserted, made.Changes.Updated));
        Assert.Equal(ImportState.Succeeded, (await ApplyAsync(engine, made)).State);
        Assert.Equal(["1|x|b", "2|n|n"], await engine.RecordsAsync("e"));

        async Task<(ImportState, string?)> EndOfAsync(Plan plan)
        {
            var ended = await engine.Import.Plans.WaitAsync(Request.Anonymous, plan.Id, Token).WaitAsync(TimeSpan.FromMinutes(2), Token);
            return (ended.Run.State, ended.Run.Code);
        }
    }

    [Fact]
    public async Task What_a_plan_keeps_goes_with_it()
    {
        await using var engine = await Engine.StartAsync();
        await DeltaTests.DeclareAsync(engine, hasKey: true);
        var plan = await PlanAsync(engine, "{}", "id,a,b\n1,a,b\n");
        Assert.InRange(await engine.Catalog.SumPlanBytesAsync(Token), 1, 1000);

        Assert.True(await engine.Import.Plans.DeleteAsync(Request.Anonymous, plan.Id, Token));

        Assert.Equal(0, await engine.Catalog.SumPlanBytesAsync(Token));
        Assert.Null(await engine.Import.Plans.FindAsync(Request.Anonymous, plan.Id, Token));
        Assert.False(await engine.Import.Plans.DeleteAsync(Request.Anonymous, plan.Id, Token));
        await Assert.ThrowsAnyAsync<Exception>(() => engine.Import.Plans.ReadChangesAsync(Request.Anonymous, plan, new ChangeQuery(10), Token));
    }

    /// <summary>Rows that come page by page are those that come at once, in the same order, whatever the page.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData("id")]
    [InlineData("a")]
    public async Task Pages_hold_each_change_once(string? field)
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("p", """[{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "a", "dataType": "INTEGER"}]""");
        await engine.ImportAsync("p", "id,a\n" + string.Concat(Enumerable.Range(1, 500).Select(id => $"{id},{(id % 7 == 0 ? "" : id % 10)}\n")));
        var plan = await PlanAsync(engine, """{"importMode": "REPLACE"}""", "id,a\n" + string.Concat(Enumerable.Range(250, 500).Select(id => $"{id},{(id % 5 == 0 ? "" : id % 3)}\n")), "p");
        var query = new ChangeQuery(10_000) { Field = field is null ? null : plan.Entity!.FindField(field) };
        var all = await ReadAsync(engine, plan, query);

        var paged = new List<RecordChange>();
        for (var page = await ReadAsync(engine, plan, query with { Limit = 7 }); page.Count > 0; page = await ReadAsync(engine, plan, query with { Limit = 7, After = paged[^1].Place })) paged.AddRange(page);

        Assert.InRange(all.Count, 300, 1000);
        Assert.Equal(all.Select(change => change.Place), paged.Select(change => change.Place));
        Assert.Equal(all.Select(Text), paged.Select(Text));
    }

    /// <summary>Stores name columns after places that fields had when the entity was declared.</summary>
    [Fact]
    public async Task A_plan_tells_what_it_keeps_by_its_fields_whatever_has_become_of_its_entity()
    {
        const string Fields = """[{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "a", "dataType": "STRING"}, {"systemName": "b", "dataType": "STRING"}]""";
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("p", Fields);
        var plan = await PlanAsync(engine, "{}", "id,a,b\n1,x,y\n", "p");
        var planned = (await ReadAsync(engine, plan, new ChangeQuery(10)))[0].After;

        await engine.Import.Entities.DeleteAsync(Request.Anonymous, "p", force: true, Token);
        Assert.Equal(planned, (await ReadAsync(engine, plan, new ChangeQuery(10)))[0].After);
        await engine.DeclareAsync("p", """[{"systemName": "b", "dataType": "STRING"}, {"systemName": "a", "dataType": "STRING"}, {"systemName": "id", "dataType": "INTEGER", "primaryKey": true}]""");
        Assert.Equal(planned, (await ReadAsync(engine, plan, new ChangeQuery(10) { Field = plan.Entity!.FindField("a") }))[0].After);
        await engine.DeclareAsync("p", Fields);
        var import = await ApplyAsync(engine, plan);

        // Where columns are others now, nothing is written.
        Assert.Equal(import.State == ImportState.Succeeded ? ["1|x|y"] : [], await engine.RecordsAsync("p"));
    }

    [Fact]
    public async Task A_page_holds_fewer_long_changes_however_short_the_others_are()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("p", """[{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "a", "dataType": "STRING"}]""");
        var text = new string('x', 900_000);
        await engine.ImportAsync("p", "id,a\n" + string.Concat(Enumerable.Range(1, 15).Select(id => $"{id},{text}\n")));
        var plan = await PlanAsync(engine, "{}", "id,a\n" + string.Concat(Enumerable.Range(1, 15).Select(id => $"{id},{text}y\n")) + string.Concat(Enumerable.Range(16, 5000).Select(id => $"{id},s\n")), "p");
        var pages = new List<int>();
        var changes = new List<RecordChange>();

        ChangePage page;
        do
        {
            page = await engine.Import.Plans.ReadChangesAsync(Request.Anonymous, plan, new ChangeQuery(1000) { Kind = ChangeKind.Updated, After = changes.LastOrDefault()?.Place }, Token);
            pages.Add(page.Changes.Count);
            changes.AddRange(page.Changes);
        }
        while (page.HasMore);

        // Each of the long ones is 1.8 MB, before and after, and a page 8 MiB.
        Assert.Equal([4, 4, 4, 3], pages);
        Assert.Equal(Enumerable.Range(1, 15), changes.Select(change => int.Parse(change.After![0]!, CultureInfo.InvariantCulture)).Order());
    }

    [Fact]
    public async Task A_value_may_move_by_more_than_its_type_holds()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("p", """[{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "a", "dataType": "DOUBLE"}]""");
        await engine.ImportAsync("p", "id,a\n1,1\n2,-1.7e308\n3,1.7e308\n4,0\n");
        var plan = await PlanAsync(engine, "{}", "id,a\n1,2\n2,1.7e308\n3,-1.6e308\n4,1.7e308\n", "p");

        var query = new ChangeQuery(1) { Field = plan.Entity!.FindField("a") };
        var places = new List<ChangePlace>();
        var order = new List<string?>();
        for (var page = await ReadAsync(engine, plan, query); page.Count > 0; page = await ReadAsync(engine, plan, query with { After = page[0].Place }))
        {
            order.Add(page[0].After![0]);
            places.Add(page[0].Place);
        }

        Assert.Equal(["2", "3", "4", "1"], order);
        Assert.Equal([1.7, 1.65, 0.85, 0], places.Select(place => Math.Round(place.Move!.Value / 1e308, 2)));
    }

    internal static async Task<Plan> InvokeAsync(Engine engine, Guid mapping, string csv)
    {
        var upload = await engine.Import.Uploads.ReceiveAsync(Request.Anonymous, mapping, new MemoryStream(Encoding.UTF8.GetBytes(csv)), "test.csv", charset: null, Token);
        return (await engine.Import.Plans.InvokeAsync(Request.Anonymous, upload!.Id, Token))!;
    }

    internal static async Task<Plan> PlanAsync(Engine engine, string definition, string csv, string entity = "e")
    {
        var plan = await InvokeAsync(engine, await engine.MapAsync(entity, definition), csv);
        return await engine.Import.Plans.WaitAsync(Request.Anonymous, plan.Id, Token).WaitAsync(TimeSpan.FromMinutes(2), Token);
    }

    internal static async Task<Import> ApplyAsync(Engine engine, Plan plan) => await engine.EndOfAsync((await engine.Import.Plans.ApplyAsync(Request.Anonymous, plan.Id, reason: null, Token))!);

    private static async Task<IReadOnlyList<RecordChange>> ReadAsync(Engine engine, Plan plan, ChangeQuery query) => (await engine.Import.Plans.ReadChangesAsync(Request.Anonymous, plan, query, Token)).Changes;

    private static async Task<string[]> MovesAsync(Engine engine, Plan plan, string field)
    {
        var changes = await ReadAsync(engine, plan, new ChangeQuery(100) { Field = plan.Entity!.FindField(field) });
        var index = plan.Changes!.Fields.ToList().FindIndex(kept => kept.SystemName == field);
        return [.. changes.Select(change => $"{change.Kind} {change.RecordNumber}: {(change.Before is { } before ? $"{before[index] ?? "∅"} " : "")}> {change.After![index] ?? "∅"}")];
    }

    private static (string, long) Field(Plan plan, string name) => plan.Changes!.Fields.Where(field => field.SystemName == name).Select(field => (field.SystemName, field.Updated)).Single();

    private static (long, long, long, long, long) Figures(Ledger ledger) => (ledger.Inserted, ledger.Updated, ledger.Unchanged, ledger.Superseded, ledger.Removed);

    private static string Text(RecordChange change) => $"{Joined(change.After)} < {Joined(change.Before)}".TrimEnd();

    private static string Joined(string?[]? values) => values is null ? "" : string.Join('|', values.Select(value => value ?? "∅"));

    /// <summary>The records that differ, as the sets before and after tell: what goes, then what comes.</summary>
    private static (string Gone, string Come) Changed(string before, string after)
    {
        var (old, now) = (Counted(before), Counted(after));
        return (Joined(old, now), Joined(now, old));

        static List<string> Counted(string records) => [.. records.Split(' ', StringSplitOptions.RemoveEmptyEntries).GroupBy(record => record).SelectMany(same => same.Select((record, i) => $"{record}#{i}"))];

        static string Joined(List<string> these, List<string> others) => string.Join(' ', these.Except(others).Select(record => record[..record.IndexOf('#', StringComparison.Ordinal)]).Order(StringComparer.Ordinal));
    }

    private static async Task<(string Gone, string Come)> ChangedAsync(Engine engine, Plan plan)
    {
        var changes = await ReadAsync(engine, plan, new ChangeQuery(1000));
        var isPartial = plan.Changes!.Fields.Count < plan.Entity!.Fields.Count;
        return (Side(changes.Select(change => change.Before)), Side(changes.Select(change => change.After)));

        // Fields that no row has a value for are not told: they are b in what is there, and nothing in what comes.
        string Side(IEnumerable<string?[]?> side) => string.Join(' ', side.OfType<string?[]>()
            .Select(values => string.Concat(values.Select(value => value is { Length: > 1_000 } ? value[..1].ToUpperInvariant() : value ?? "∅")) + (isPartial ? values[0] == "3" ? "∅" : "b" : ""))
            .Order(StringComparer.Ordinal));
    }
}
