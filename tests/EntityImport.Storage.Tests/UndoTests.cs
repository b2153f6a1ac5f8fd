using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Engine;
using EntityImport.Records;
using EntityImport.Storage.Tests.Durability;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>An undo brings back what an import changed, unless a later import changed it again; what it kept is counted.</summary>
public sealed class UndoTests
{
    private const string Insert = """{"importMode": "INSERT"}""";
    private const string Replace = """{"importMode": "REPLACE"}""";
    private const string Keep = """{"emptyValues": "KEEP"}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>What is there, what is imported, and how many changes that is.</summary>
    public static TheoryData<string, bool, string, string, string, int> Imports => new()
    {
        { "into an empty entity", true, "", "1,a,b\n2,a,b\n", "{}", 2 },
        { "UPSERT", true, "1,a,b\n2,a,b\n9,z,z\n", "1,x,b\n2,a,b\n3,c,d\n", "{}", 2 },
        { "UPSERT that keeps", true, "1,a,b\n2,a,b\n", "1,,x\n3,,d\n", Keep, 2 },
        { "UPSERT, one key twice", true, "1,a,b\n2,a,b\n", "1,x,b\n3,c,d\n1,y,b\n", "{}", 2 },
        { "long UPSERT", true, $"1,{Long('a')},b\n2,{Long('a')},b\n", $"1,{Long('x')},b\n2,{Long('a')},b\n3,{Long('c')},d\n", "{}", 2 },
        { "INSERT", true, "1,a,b\n", "1,x,x\n2,a,b\n", Insert, 1 },
        { "INSERT without a key", false, "0,o,p\n", "1,a,b\n1,a,b\n", Insert, 2 },
        { "REPLACE", true, "1,a,b\n2,a,b\n", "2,x,b\n3,x,b\n", Replace, 4 },
        { "REPLACE without a key", false, "1,a,b\n", "2,x,b\n2,x,b\n", Replace, 3 },
        { "REPLACE of nothing", true, "", "2,x,b\n", Replace, 1 },
        { "REPLACE by nothing", true, "1,a,b\n2,a,b\n", "", Replace, 2 },
        { "what changes nothing", true, "1,a,b\n", "1,a,b\n", "{}", 0 },
    };

    [Theory]
    [MemberData(nameof(Imports))]
    public async Task An_undo_brings_the_records_back_and_its_undo_what_it_took(string what, bool hasKey, string before, string rows, string definition, int changes)
    {
        Assert.NotEmpty(what);
        await using var engine = await Engine.StartAsync();
        await DeclareAsync(engine, hasKey);
        if (before.Length > 0) await engine.ImportAsync("e", "id,a,b\n" + before, Insert);
        var old = await engine.RecordsAsync("e");
        var import = await engine.ImportAsync("e", "id,a,b\n" + rows, definition);
        Assert.Equal(ImportState.Succeeded, import.State);
        var changed = await engine.RecordsAsync("e");

        Assert.Equal((changes, 0), await PreviewAsync(engine, import));
        Assert.Equal(changed, await engine.RecordsAsync("e"));
        var undo = await UndoAsync(engine, import);
        Assert.Equal((ImportState.Succeeded, changes, 0), (undo.State, undo.Ledger.Reversed, undo.Ledger.Kept));
        Assert.Equal(old, await engine.RecordsAsync("e"));

        await engine.RestartAsync();
        Assert.Equal(old, await engine.RecordsAsync("e"));
        var again = await UndoAsync(engine, undo);
        Assert.Equal((ImportState.Succeeded, changes, 0), (again.State, again.Ledger.Reversed, again.Ledger.Kept));
        Assert.Equal(changed, await engine.RecordsAsync("e"));

        var third = await UndoAsync(engine, again);
        Assert.Equal((ImportState.Succeeded, changes), (third.State, third.Ledger.Reversed));
        Assert.Equal(old, await engine.RecordsAsync("e"));
    }

    [Fact]
    public async Task What_another_import_changed_since_is_kept()
    {
        await using var engine = await Engine.StartAsync();
        await DeclareAsync(engine, hasKey: true);
        await engine.ImportAsync("e", "id,a,b\n1,a,b\n2,a,b\n3,a,b\n");
        var import = await engine.ImportAsync("e", "id,a,b\n1,x,x\n2,x,x\n8,n,n\n9,n,n\n");
        await engine.ImportAsync("e", "id,a,b\n2,y,y\n9,m,m\n");

        var undo = await UndoAsync(engine, import);

        Assert.Equal((2, 2), (undo.Ledger.Reversed, undo.Ledger.Kept));
        Assert.Equal(["1|a|b", "2|y|y", "3|a|b", "9|m|m"], await engine.RecordsAsync("e"));
        Assert.Contains("2 changes were taken back, and 2 were kept, since other imports changed the same records later", undo.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Imports_are_undone_one_after_the_other_in_any_order_that_leaves_later_changes()
    {
        await using var engine = await Engine.StartAsync();
        await DeclareAsync(engine, hasKey: true);
        var first = await engine.ImportAsync("e", "id,a,b\n1,a,a\n2,a,a\n");
        var second = await engine.ImportAsync("e", "id,a,b\n1,b,b\n3,b,b\n");
        var third = await engine.ImportAsync("e", "id,a,b\n1,c,c\n");

        Assert.Equal((1, 0), Counts(await UndoAsync(engine, third)));
        Assert.Equal(["1|b|b", "2|a|a", "3|b|b"], await engine.RecordsAsync("e"));
        Assert.Equal((2, 0), Counts(await UndoAsync(engine, second)));
        Assert.Equal(["1|a|a", "2|a|a"], await engine.RecordsAsync("e"));
        Assert.Equal((2, 0), Counts(await UndoAsync(engine, first)));
        Assert.Empty(await engine.RecordsAsync("e"));
    }

    [Fact]
    public async Task After_a_REPLACE_is_undone_what_was_changed_since_stays()
    {
        await using var engine = await Engine.StartAsync();
        await DeclareAsync(engine, hasKey: true);
        await engine.ImportAsync("e", "id,a,b\n1,a,a\n2,a,a\n3,a,a\n");
        var replace = await engine.ImportAsync("e", "id,a,b\n1,r,r\n4,r,r\n", Replace);
        await engine.ImportAsync("e", "id,a,b\n1,y,y\n2,y,y\n7,y,y\n");

        var undo = await UndoAsync(engine, replace);

        // Taken back: 4 goes, 3 comes. Kept: 1 twice, since it was replaced and came, and 2.
        Assert.Equal((2, 3), Counts(undo));
        Assert.Equal(["1|y|y", "2|y|y", "3|a|a", "7|y|y"], await engine.RecordsAsync("e"));
        var again = await UndoAsync(engine, undo);
        Assert.Equal((2, 0), Counts(again));
        Assert.Equal(["1|y|y", "2|y|y", "4|r|r", "7|y|y"], await engine.RecordsAsync("e"));
    }

    [Theory]
    [InlineData("{}", 2, 1)]
    [InlineData(Replace, 3, 1)]
    public async Task What_an_import_before_a_REPLACE_made_is_known_also_where_the_undo_left_another_record_in_its_place(string definition, int reversed, int kept)
    {
        await using var engine = await Engine.StartAsync();
        await DeclareAsync(engine, hasKey: true);
        if (definition == Replace) await engine.ImportAsync("e", "id,a,b\n7,o,o\n");
        var first = await engine.ImportAsync("e", "id,a,b\n1,a,b\n2,a,b\n3,a,b\n", definition);
        var replace = await engine.ImportAsync("e", "id,a,b\n1,r,r\n", Replace);
        await engine.ImportAsync("e", "id,a,b\n1,x,x\n");
        Assert.Equal((2, 2), Counts(await UndoAsync(engine, replace)));
        Assert.Equal(["1|x|x", "2|a|b", "3|a|b"], await engine.RecordsAsync("e"));

        var last = await UndoAsync(engine, first);

        Assert.Equal((ImportState.Succeeded, (reversed, kept)), (last.State, Counts(last)));
        Assert.Equal(definition == Replace ? ["1|x|x", "7|o|o"] : new[] { "1|x|x" }, await engine.RecordsAsync("e"));
    }

    [Theory]
    [InlineData("1,x,x")]
    [InlineData("7,x,x")]
    public async Task What_an_undo_left_as_it_was_is_no_change_of_it_that_is_kept(string changed)
    {
        await using var engine = await Engine.StartAsync();
        await DeclareAsync(engine, hasKey: true);
        await engine.ImportAsync("e", "id,a,b\n1,a,b\n2,a,b\n");
        var replace = await engine.ImportAsync("e", "id,a,b\n1,r,r\n", Replace);
        await engine.ImportAsync("e", $"id,a,b\n{changed}\n");
        var undo = await UndoAsync(engine, replace);
        await engine.ImportAsync("e", $"id,a,b\n{changed.Replace('x', 'y')}\n");

        var again = await UndoAsync(engine, undo);

        Assert.Equal((ImportState.Succeeded, (undo.Ledger.Reversed, 0L)), (again.State, (again.Ledger.Reversed, again.Ledger.Kept)));
        Assert.Equal(changed[0] == '1' ? ["1|y|y"] : new[] { "1|r|r", "7|y|y" }, await engine.RecordsAsync("e"));
    }

    /// <summary>An import whose addition was answered with a failure, and had happened all the same, runs after ones with higher numbers.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_an_import_changed_that_ran_later_than_its_number_says_stays_when_a_REPLACE_is_undone(bool seemsLast)
    {
        var isLate = false;
        await using var engine = await Engine.StartAsync(new EngineSetup { Records = inner => new InterceptedRecords(inner) { Ordering = order => isLate ? order with { Sequence = 1 } : order, Undoing = order => Task.FromResult(order with { IsLast = seemsLast }) } });
        await DeclareAsync(engine, hasKey: true);
        await engine.ImportAsync("e", "id,a,b\n7,z,z\n", """{"dryRun": true}""");
        await engine.ImportAsync("e", "id,a,b\n1,a,a\n2,a,a\n");
        var replace = await engine.ImportAsync("e", "id,a,b\n1,r,r\n4,r,r\n", Replace);
        isLate = true;
        await engine.ImportAsync("e", "id,a,b\n1,late,late\n");

        var undo = await UndoAsync(engine, replace);

        // Taken back: 4 goes, 2 comes. Kept: 1 twice, since it was replaced and came.
        Assert.Equal((2, 2), Counts(undo));
        Assert.Equal(["1|late|late", "2|a|a"], await engine.RecordsAsync("e"));
    }

    [Fact]
    public async Task An_import_whose_records_were_all_replaced_since_is_undone_only_after_that_one()
    {
        await using var engine = await Engine.StartAsync();
        await DeclareAsync(engine, hasKey: true);
        var first = await engine.ImportAsync("e", "id,a,b\n1,a,a\n");
        var replace = await engine.ImportAsync("e", "id,a,b\n1,r,r\n", Replace);

        Assert.Equal("entity-replaced-since", (await Assert.ThrowsAsync<RequestException>(() => engine.Import.Undos.InvokeAsync(Request.Anonymous, first.Id, Token))).Type);
        await UndoAsync(engine, replace);
        Assert.Equal((1, 0), Counts(await UndoAsync(engine, first)));

        Assert.Empty(await engine.RecordsAsync("e"));
    }

    [Fact]
    public async Task After_an_undo_the_upload_may_be_imported_again_and_the_undone_import_may_not_be_undone_again()
    {
        await using var engine = await Engine.StartAsync();
        await DeclareAsync(engine, hasKey: true);
        var import = await engine.ImportAsync("e", "id,a,b\n1,a,a\n");
        Assert.Equal("upload-already-imported", (await Assert.ThrowsAsync<RequestException>(() => engine.Import.Imports.InvokeAsync(Request.Anonymous, import.UploadId, Token))).Type);
        await UndoAsync(engine, import);
        Assert.Equal("import-already-undone", (await Assert.ThrowsAsync<RequestException>(() => engine.Import.Undos.InvokeAsync(Request.Anonymous, import.Id, Token))).Type);

        var again = await engine.EndOfAsync((await engine.Import.Imports.InvokeAsync(Request.Anonymous, import.UploadId, Token))!);

        Assert.Equal(ImportState.Succeeded, again.State);
        Assert.Equal(["1|a|a"], await engine.RecordsAsync("e"));
        Assert.Equal("upload-already-imported", (await Assert.ThrowsAsync<RequestException>(() => engine.Import.Imports.InvokeAsync(Request.Anonymous, import.UploadId, Token))).Type);
    }

    [Fact]
    public async Task Without_a_key_what_another_undo_has_taken_out_or_brought_back_is_kept()
    {
        await using var engine = await Engine.StartAsync();
        await DeclareAsync(engine, hasKey: false);
        var import = await engine.ImportAsync("e", "id,a,b\n1,a,a\n1,a,a\n");
        var undo = await UndoAsync(engine, import);
        var back = await UndoAsync(engine, undo);
        var again = await UndoAsync(engine, import);

        // What it brought back is gone.
        Assert.Equal((0, 2), Counts(await UndoAsync(engine, back)));
        Assert.Empty(await engine.RecordsAsync("e"));
        Assert.Equal((2, 0), Counts(await UndoAsync(engine, again)));
        // What it took out is there.
        Assert.Equal((0, 2), Counts(await UndoAsync(engine, undo)));
        Assert.Equal(["1|a|a", "1|a|a"], await engine.RecordsAsync("e"));
    }

    /// <summary>Imports and undos (a number: of which), what the last of them takes back and keeps, and what is there then.</summary>
    public static TheoryData<string, string, int, int, string> Wholes => new()
    {
        // What it brought back was taken out since.
        { "what came was undone", "UPSERT 1,a,b|REPLACE 2,a,b|1|0|2", 1, 1, "2|a|b" },
        // What is there was brought back since, by the undo of another REPLACE.
        { "an earlier REPLACE was undone", "UPSERT 1,a,b|REPLACE|REPLACE 2,a,b|2|1|3", 1, 0, "1|a|b 2|a|b" },
        { "and that was undone", "UPSERT 1,a,b|REPLACE|REPLACE 2,a,b|2|1|4|3", 1, 0, "2|a|b" },
        // What was there while another REPLACE stood is not what it left.
        { "a later REPLACE came and went", "UPSERT 1,a,b|REPLACE 2,a,b|1|REPLACE 3,a,b|3|UPSERT 1,x,b|2", 1, 1, "1|x|b 2|a|b" },
        { "and something in between", "UPSERT 1,a,b|REPLACE 2,a,b|1|REPLACE 3,a,b|UPSERT 1,y,y|4|3|UPSERT 1,x,b|2", 1, 1, "1|x|b 2|a|b" },
    };

    [Theory]
    [MemberData(nameof(Wholes))]
    public async Task The_undo_of_a_REPLACE_is_undone_where_records_are_as_it_left_them_whatever_else_was_undone(string what, string steps, int reversed, int kept, string records)
    {
        Assert.NotEmpty(what);
        await using var engine = await Engine.StartAsync();
        await DeclareAsync(engine, hasKey: true);
        var imports = new List<Import>();
        foreach (var step in steps.Split('|'))
            imports.Add(int.TryParse(step, out var undone)
                ? await UndoAsync(engine, imports[undone])
                : await engine.ImportAsync("e", "id,a,b\n" + string.Concat(step.Split(' ').Skip(1).Select(row => row + "\n")), $$"""{"importMode": "{{step.Split(' ')[0]}}"}"""));

        Assert.Equal((reversed, kept), Counts(imports[^1]));
        Assert.Equal(records, string.Join(' ', await engine.RecordsAsync("e")));
    }

    [Fact]
    public async Task An_upload_that_two_imports_had_may_only_be_imported_again_when_both_are_undone()
    {
        await using var engine = await Engine.StartAsync();
        await DeclareAsync(engine, hasKey: false);
        var first = await engine.ImportAsync("e", "id,a,b\n1,a,a\n");
        var undo = await UndoAsync(engine, first);
        var second = await engine.EndOfAsync((await engine.Import.Imports.InvokeAsync(Request.Anonymous, first.UploadId, Token))!);
        var back = await UndoAsync(engine, undo);
        await UndoAsync(engine, second);
        Assert.Equal(["1|a|a"], await engine.RecordsAsync("e"));

        Assert.Equal("upload-already-imported", (await Assert.ThrowsAsync<RequestException>(() => engine.Import.Imports.InvokeAsync(Request.Anonymous, first.UploadId, Token))).Type);

        await UndoAsync(engine, back);
        Assert.Equal(ImportState.Succeeded, (await engine.EndOfAsync((await engine.Import.Imports.InvokeAsync(Request.Anonymous, first.UploadId, Token))!)).State);
        Assert.Equal(["1|a|a"], await engine.RecordsAsync("e"));
    }

    /// <summary>A file goes into another entity once its first import is undone; that somebody wants to undo that, and does not in the end, gives it back to nobody.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_upload_that_went_into_another_entity_since_is_not_imported_again(bool hasEnded)
    {
        var waits = new System.Collections.Concurrent.ConcurrentDictionary<string, TaskCompletionSource>();
        await using var engine = await Engine.StartAsync(new EngineSetup
        {
            Records = inner => new Durability.InterceptedRecords(inner) { Loading = (order, token) => waits.TryGetValue(order.Entity.SystemName, out var held) ? held.Task.WaitAsync(token) : Task.CompletedTask },
        });
        await DeclareAsync(engine, hasKey: true);
        await engine.DeclareAsync("other", """[{"systemName": "id", "dataType": "INTEGER"}, {"systemName": "a", "dataType": "STRING"}, {"systemName": "b", "dataType": "STRING"}]""");
        var first = await engine.ImportAsync("e", "id,a,b\n1,a,a\n");
        var undo = await UndoAsync(engine, first);
        await engine.Import.Uploads.BindAsync(Request.Anonymous, first.UploadId, await engine.MapAsync("other", "{}"), Token);
        if (!hasEnded) waits["other"] = new TaskCompletionSource();
        var second = (await engine.Import.Imports.InvokeAsync(Request.Anonymous, first.UploadId, Token))!;
        if (hasEnded) Assert.Equal(ImportState.Succeeded, (await engine.EndOfAsync(second)).State);

        // The undo of the undo is cancelled while it waits for its turn.
        waits["e"] = new TaskCompletionSource();
        var before = await engine.InvokeAsync(await engine.MapAsync("e", "{}"), "id,a,b\n2,b,b\n");
        var back = (await engine.Import.Undos.InvokeAsync(Request.Anonymous, undo.Id, Token))!;
        Assert.True(await engine.Import.Imports.CancelAsync(Request.Anonymous, back.Id, Token));
        Assert.Equal(ImportState.Cancelled, (await engine.EndOfAsync(back)).State);
        waits["e"].SetResult();
        await engine.EndOfAsync(before);

        Assert.Equal("upload-already-imported", (await Assert.ThrowsAsync<RequestException>(() => engine.Import.Imports.InvokeAsync(Request.Anonymous, first.UploadId, Token))).Type);
        if (!hasEnded) waits["other"].SetResult();
        await engine.EndOfAsync(second);
        Assert.Equal(["1|a|a"], await engine.RecordsAsync("other"));
    }

    [Fact]
    public async Task What_was_never_written_and_what_an_entity_that_is_gone_had_is_not_undone()
    {
        await using var engine = await Engine.StartAsync();
        await DeclareAsync(engine, hasKey: true);
        var dryRun = await engine.ImportAsync("e", "id,a,b\n1,a,a\n", """{"dryRun": true}""");
        Assert.Equal("import-not-undoable", (await Assert.ThrowsAsync<RequestException>(() => engine.Import.Undos.InvokeAsync(Request.Anonymous, dryRun.Id, Token))).Type);
        var import = await engine.ImportAsync("e", "id,a,b\n1,a,a\n");
        await engine.Import.Entities.DeleteAsync(Request.Anonymous, "e", force: true, Token);
        Assert.Equal("before-images-expired", (await Assert.ThrowsAsync<RequestException>(() => engine.Import.Undos.InvokeAsync(Request.Anonymous, import.Id, Token))).Type);
        await DeclareAsync(engine, hasKey: true);

        Assert.Equal("before-images-expired", (await Assert.ThrowsAsync<RequestException>(() => engine.Import.Undos.PreviewAsync(Request.Anonymous, import.Id, Token))).Type);
        Assert.Null(await engine.Import.Undos.InvokeAsync(Request.Anonymous, Guid.NewGuid(), Token));
    }

    [Fact]
    public async Task Fields_that_came_and_types_that_were_widened_since_are_no_obstacle()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", """[{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "a", "dataType": "DECIMAL", "precision": 6, "scale": 2}]""");
        await engine.ImportAsync("e", "id,a\n1,1.25\n2,2.50\n");
        var update = await engine.ImportAsync("e", "id,a\n1,9.99\n");
        var replace = await engine.ImportAsync("e", "id,a\n1,5.00\n", Replace);
        await engine.DeclareAsync("e", """[{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "a", "dataType": "DECIMAL", "precision": 20, "scale": 4}, {"systemName": "c", "dataType": "STRING"}]""");

        await UndoAsync(engine, replace);
        await UndoAsync(engine, update);

        Assert.Equal(["1|1.2500|∅", "2|2.5000|∅"], await engine.RecordsAsync("e"));
    }

    [Fact]
    public async Task A_record_has_a_story_as_far_back_as_what_it_was_is_kept()
    {
        await using var engine = await Engine.StartAsync();
        await DeclareAsync(engine, hasKey: true);
        var first = await engine.ImportAsync("e", "id,a,b\n1,a,a\n2,a,a\n");
        var second = await engine.ImportAsync("e", "id,a,b\n1,b,b\n2,a,a\n");
        var replace = await engine.ImportAsync("e", "id,a,b\n2,r,r\n", Replace);
        var third = await engine.ImportAsync("e", "id,a,b\n1,c,\n");
        var undo = await UndoAsync(engine, third);

        Assert.Equal(
            [(undo.Id, "1|c|∅ → ∅"), (third.Id, "∅ → 1|c|∅"), (replace.Id, "1|b|b → ∅"), (second.Id, "1|a|a → 1|b|b"), (first.Id, "∅ → 1|a|a")],
            await StoryAsync(engine, 1));
        Assert.Equal([(replace.Id, "2|a|a → 2|r|r"), (first.Id, "∅ → 2|a|a")], await StoryAsync(engine, 2));
        Assert.Empty(await StoryAsync(engine, 3));
        await UndoAsync(engine, replace);
        Assert.Equal("∅ → 1|b|b", (await StoryAsync(engine, 1))[0].What);
        Assert.Equal("2|r|r → 2|a|a", (await StoryAsync(engine, 2))[0].What);
    }

    [Fact]
    public async Task A_record_that_a_REPLACE_inserted_has_a_whole_story_though_that_was_undone_once_others_had_changed_it()
    {
        await using var engine = await Engine.StartAsync();
        await DeclareAsync(engine, hasKey: true);
        var replace = await engine.ImportAsync("e", "id,a,b\n1,a,a\n2,a,a\n", Replace);
        var update = await engine.ImportAsync("e", "id,a,b\n1,b,b\n");
        var undo = await UndoAsync(engine, replace);

        Assert.Equal((1, 1), Counts(undo));
        Assert.Equal([(update.Id, "1|a|a → 1|b|b"), (replace.Id, "∅ → 1|a|a")], await StoryAsync(engine, 1));
        Assert.Equal([(undo.Id, "2|a|a → ∅"), (replace.Id, "∅ → 2|a|a")], await StoryAsync(engine, 2));
    }

    [Fact]
    public async Task A_record_that_undos_took_out_and_brought_back_has_a_whole_story_though_the_last_of_them_was_undone_once_others_had_changed_it()
    {
        await using var engine = await Engine.StartAsync();
        await DeclareAsync(engine, hasKey: true);
        var replace = await engine.ImportAsync("e", "id,a,b\n1,a,a\n2,a,a\n", Replace);
        var undo = await UndoAsync(engine, replace);
        var redo = await UndoAsync(engine, undo);
        var update = await engine.ImportAsync("e", "id,a,b\n1,b,b\n");
        var last = await UndoAsync(engine, redo);

        Assert.Equal((1, 1), Counts(last));
        Assert.Equal([(update.Id, "1|a|a → 1|b|b"), (redo.Id, "∅ → 1|a|a"), (undo.Id, "1|a|a → ∅"), (replace.Id, "∅ → 1|a|a")], await StoryAsync(engine, 1));
        Assert.Equal([(last.Id, "2|a|a → ∅"), (redo.Id, "∅ → 2|a|a"), (undo.Id, "2|a|a → ∅"), (replace.Id, "∅ → 2|a|a")], await StoryAsync(engine, 2));
    }

    /// <summary>Whether something is kept is asked when it is changed.</summary>
    [Fact]
    public async Task What_a_plan_changes_is_kept_where_the_entity_says_so_by_then()
    {
        await using var engine = await Engine.StartAsync();
        await DeclareAsync(engine, hasKey: true, keepBefore: false);
        await engine.ImportAsync("e", "id,a,b\n1,a,a\n");
        var plan = await PlanTests.InvokeAsync(engine, await engine.MapAsync("e", "{}"), "id,a,b\n1,x,x\n2,y,y\n");
        await engine.Import.Plans.WaitAsync(Request.Anonymous, plan.Id, Token);
        await DeclareAsync(engine, hasKey: true);

        var import = await engine.EndOfAsync((await engine.Import.Plans.ApplyAsync(Request.Anonymous, plan.Id, null, Token))!);

        Assert.Equal((ImportState.Succeeded, true), (import.State, import.KeptBefore));
        Assert.Equal(["1|x|x", "2|y|y"], await engine.RecordsAsync("e"));
        Assert.Equal((2, 0), Counts(await UndoAsync(engine, import)));
        Assert.Equal(["1|a|a"], await engine.RecordsAsync("e"));
    }

    [Fact]
    public async Task An_entity_that_keeps_nothing_has_imports_that_cannot_be_undone_and_what_they_changed_is_kept_by_earlier_undos()
    {
        await using var engine = await Engine.StartAsync();
        await DeclareAsync(engine, hasKey: true);
        var first = await engine.ImportAsync("e", "id,a,b\n1,a,a\n2,a,a\n");
        await DeclareAsync(engine, hasKey: true, keepBefore: false);
        var second = await engine.ImportAsync("e", "id,a,b\n1,b,b\n");

        Assert.Equal((true, false), (first.KeptBefore, second.KeptBefore));
        Assert.Equal("before-images-expired", (await Assert.ThrowsAsync<RequestException>(() => engine.Import.Undos.InvokeAsync(Request.Anonymous, second.Id, Token))).Type);
        // That the second import did not insert it nobody can tell.
        Assert.Equal(($"{second.Id}", false), await ReadStoryAsync(1));
        Assert.Equal(($"{first.Id}", true), await ReadStoryAsync(2));
        Assert.Equal(new UndoPreview(1, 1), await engine.Import.Undos.PreviewAsync(Request.Anonymous, first.Id, Token));
        Assert.Equal((1, 1), Counts(await UndoAsync(engine, first)));
        Assert.Equal(["1|b|b"], await engine.RecordsAsync("e"));

        async Task<(string Imports, bool IsComplete)> ReadStoryAsync(long id)
        {
            var entity = (await engine.Import.Entities.FindAsync(Request.Anonymous, "e", Token))!;
            var story = await engine.Import.History.ReadAsync(Request.Anonymous, entity, new Comparison(ComparisonOperator.Equal, new FieldOperand(entity.Fields[0]), new Constant(entity.Fields[0].DataType, id)), Token);
            return (string.Join(' ', story.Changes.Select(change => change.Import!.Id)), story.IsComplete);
        }
    }

    [Fact]
    public async Task An_undo_survives_a_crash_at_any_moment_before_its_commit()
    {
        var fails = true;
        await using var engine = await Engine.StartAsync(new EngineSetup
        {
            Options = options => options with { MaxAttempts = 2, RetryPause = TimeSpan.Zero },
            Records = inner => new InterceptedRecords(inner)
            {
                Committing = import =>
                {
                    if (import.Undoes is null || !fails) return Task.CompletedTask;
                    fails = false;
                    throw new InvalidOperationException("It failed before the commit.");
                },
            },
        });
        await DeclareAsync(engine, hasKey: true);
        await engine.ImportAsync("e", "id,a,b\n1,a,a\n2,a,a\n");
        var import = await engine.ImportAsync("e", "id,a,b\n2,r,r\n", Replace);

        var undo = await UndoAsync(engine, import);

        Assert.Equal((2, 3L, 0L), (undo.Attempts, undo.Ledger.Reversed, undo.Ledger.Kept));
        Assert.Equal(["1|a|a", "2|a|a"], await engine.RecordsAsync("e"));
    }

    [Fact]
    public async Task A_preview_that_another_commit_overtakes_tells_how_things_are_then()
    {
        Func<Task>? overtake = null;
        await using var engine = await Engine.StartAsync(new EngineSetup
        {
            Records = inner => new InterceptedRecords(inner)
            {
                Undoing = async order =>
                {
                    if (Interlocked.Exchange(ref overtake, null) is { } first) await first();
                    return order;
                },
            },
        });
        await DeclareAsync(engine, hasKey: true);
        await engine.ImportAsync("e", "id,a,b\n1,a,a\n2,a,a\n");
        var replace = await engine.ImportAsync("e", "id,a,b\n2,r,r\n3,r,r\n", Replace);
        Assert.Equal((4, 0), await PreviewAsync(engine, replace));

        overtake = () => UndoAsync(engine, replace);

        Assert.Equal("import-already-undone", (await Assert.ThrowsAsync<RequestException>(() => engine.Import.Undos.PreviewAsync(Request.Anonymous, replace.Id, Token))).Type);
        Assert.Equal(["1|a|a", "2|a|a"], await engine.RecordsAsync("e"));
    }

    private static async Task<List<(Guid? Import, string What)>> StoryAsync(Engine engine, long id)
    {
        var entity = (await engine.Import.Entities.FindAsync(Request.Anonymous, "e", Token))!;
        var key = new Comparison(ComparisonOperator.Equal, new FieldOperand(entity.Fields[0]), new Constant(Entities.DataType.Integer, id));
        var story = await engine.Import.History.ReadAsync(Request.Anonymous, entity, key, Token);
        Assert.True(story.IsComplete);
        return [.. story.Changes.Select(change => (change.Import?.Id, $"{Show(change.Before)} → {Show(change.After)}"))];

        static string Show(string?[]? values) => values is null ? "∅" : string.Join('|', values.Select(value => value ?? "∅"));
    }

    private static (long Reversed, long Kept) Counts(Import undo)
    {
        Assert.Equal((ImportState.Succeeded, null), (undo.State, undo.Code));
        return (undo.Ledger.Reversed, undo.Ledger.Kept);
    }

    private static string Long(char letter) => new(letter, 12_000);

    private static async Task<(long, long)> PreviewAsync(Engine engine, Import import)
    {
        var preview = (await engine.Import.Undos.PreviewAsync(Request.Anonymous, import.Id, Token))!;
        return (preview.Reversed, preview.Kept);
    }

    private static async Task<Import> UndoAsync(Engine engine, Import import) => await engine.EndOfAsync((await engine.Import.Undos.InvokeAsync(Request.Anonymous, import.Id, Token))!);

    [Fact]
    public async Task A_story_goes_on_behind_a_REPLACE_that_was_undone()
    {
        await using var engine = await Engine.StartAsync();
        await DeclareAsync(engine, hasKey: true);
        var first = await engine.ImportAsync("e", "id,a,b\n1,a,b\n2,a,b\n");
        var second = await engine.ImportAsync("e", "id,a,b\n1,x,b\n");
        var replace = await engine.ImportAsync("e", "id,a,b\n2,r,b\n3,r,b\n", Replace);
        var undo = await UndoAsync(engine, replace);

        Assert.Equal([(undo.Id, "∅ > x"), (replace.Id, "x > ∅"), (second.Id, "a > x"), (first.Id, "∅ > a")], await StoryAsync(1));
        Assert.Equal([(undo.Id, "r > a"), (replace.Id, "a > r"), (first.Id, "∅ > a")], await StoryAsync(2));
        Assert.Equal([(undo.Id, "r > ∅"), (replace.Id, "∅ > r")], await StoryAsync(3));

        var again = await UndoAsync(engine, undo);
        Assert.Equal([(again.Id, "x > ∅"), (undo.Id, "∅ > x"), (replace.Id, "x > ∅"), (second.Id, "a > x"), (first.Id, "∅ > a")], await StoryAsync(1));

        async Task<IEnumerable<(Guid, string)>> StoryAsync(long id)
        {
            var entity = (await engine.Import.Entities.FindAsync(Request.Anonymous, "e", Token))!;
            var key = new Comparison(ComparisonOperator.Equal, new FieldOperand(entity.Fields[0]), new Constant(entity.Fields[0].DataType, id));
            var story = await engine.Import.History.ReadAsync(Request.Anonymous, entity, key, Token);
            return story.Changes.Select(change => (change.Import!.Id, $"{change.Before?[1] ?? "∅"} > {change.After?[1] ?? "∅"}"));
        }
    }

    private static Task DeclareAsync(Engine engine, bool hasKey, bool keepBefore = true) => engine.DeclareAsync("e", $$"""
        [{"systemName": "id", "dataType": "INTEGER", "primaryKey": {{(hasKey ? "true" : "false")}}}, {"systemName": "a", "dataType": "STRING"}, {"systemName": "b", "dataType": "STRING"}]{{(keepBefore ? "" : ", \"keepBefore\": false")}}
        """);
}
