using System.Globalization;
using System.Text;
using System.Text.Json;
using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Imports.Repairs;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>A repair ends as if the file had held the corrected rows.</summary>
public sealed class RepairTests
{
    private const string Fields = """[{"systemName": "k", "dataType": "STRING", "length": 9, "primaryKey": true}, {"systemName": "a", "dataType": "INTEGER"}, {"systemName": "b", "dataType": "STRING", "length": 9}]""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Random files with repeated keys and bad rows, records from before, imports that come later, and a repair in two steps: by edits, and by a cure.</summary>
    [Theory]
    [InlineData("""{"importMode": "UPSERT"}""")]
    [InlineData("""{"importMode": "UPSERT", "emptyValues": "KEEP"}""")]
    public async Task What_is_there_after_repairs_is_what_an_import_of_the_corrected_file_would_have_left(string definition)
    {
        await using var engine = await Engine.StartAsync();
        for (var seed = 1; seed <= 6; seed++)
        {
            var random = new Random(seed);
            var (repaired, ideal) = ($"r{seed}", $"i{seed}");
            foreach (var entity in new[] { repaired, ideal }) await engine.DeclareAsync(entity, Fields);
            var value = 1_000;
            var before = FileOf(Enumerable.Range(0, 4).Select(_ => (Key(random), (++value).ToString(CultureInfo.InvariantCulture), "before")));
            var rows = Enumerable.Range(0, 14).Select(i => (Key: Key(random), A: random.Next(5) == 0 ? "" : random.Next(100).ToString(CultureInfo.InvariantCulture), B: random.Next(3) == 0 ? "" : $"b{i}", IsBad: random.Next(3) == 0)).ToList();
            // A row without a key or with a bad number, which is there in the corrected file.
            rows[0] = rows[0] with { IsBad = false };
            rows[1] = rows[1] with { IsBad = true };
            var bad = FileOf(rows.Select(row => (row.Key, row.IsBad ? $"x{row.A}" : row.A, row.B)));
            var good = FileOf(rows.Select(row => (row.Key, row.A, row.B)));
            var later = FileOf(Enumerable.Range(0, 3).Select(_ => (Key(random), (++value).ToString(CultureInfo.InvariantCulture), $"l{value}")));

            foreach (var (entity, file) in new[] { (repaired, bad), (ideal, good) })
            {
                await engine.ImportAsync(entity, before, definition);
                var import = await engine.ImportAsync(entity, file, definition);
                var comesBetween = seed % 2 == 0;
                if (!comesBetween) await engine.ImportAsync(entity, later, definition);
                if (entity == repaired)
                {
                    foreach (var (row, i) in rows.Select((row, i) => (row, i)).Where(row => row.row.IsBad && row.i % 2 == 0))
                        await ChangeAsync(engine, import.Id, $$"""{"edits": [{"row": {{i + 1}}, "fields": {"a": "{{row.A}}"} }]}""");
                    await BringInAsync(engine, import.Id);
                }

                if (comesBetween) await engine.ImportAsync(entity, later, definition);
                if (entity != repaired) continue;
                var causes = await engine.Import.RejectedRows.CountCausesAsync(Request.Anonymous, import, Token);
                await ChangeAsync(engine, import.Id, $$"""{"cures": [{{string.Join(',', causes.Causes.Select(cause => $$"""{"cause": "{{cause.Cause.Id}}", "cure": {"text": {"strip": "x"} } }"""))}}]}""");
                await BringInAsync(engine, import.Id);
            }

            var (expected, found) = (await engine.RecordsAsync(ideal), await engine.RecordsAsync(repaired));
            Assert.True(expected.AsEnumerable().SequenceEqual(found), $"Seed {seed}:\n{before}\n{bad}\n{later}\nexpected {string.Join(' ', expected)}\nfound    {string.Join(' ', found)}");
        }
    }

    [Fact]
    public async Task Rows_go_in_once_and_those_whose_records_others_have_changed_are_kept_unless_that_is_asked_for()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", Fields);
        var import = await engine.ImportAsync("e", "k,a,b\nk1,x1,one\nk2,x2,two\nk3,3,three\nk3,x4,four\nk4,x5,five\nk4,6,six\n");
        await engine.ImportAsync("e", "k,a,b\nk2,22,other\n");
        foreach (var row in new[] { 1, 2, 4, 5 }) await ChangeAsync(engine, import.Id, $$"""{"edits": [{"row": {{row}}, "fields": {"a": "{{row}}"} }]}""");

        var planned = (await engine.Import.Repairs.PlanAsync(Request.Anonymous, import.Id, overwrite: false, Token))!;
        await engine.Import.Plans.WaitAsync(Request.Anonymous, planned.PlanId, Token);
        var repair = await engine.EndOfAsync((await engine.Import.Repairs.InvokeAsync(Request.Anonymous, import.Id, reason: null, Token))!);

        Assert.Equal((2L, 1L, 1L), (planned.Rows, planned.Superseded, planned.Kept));
        Assert.Equal([2L], planned.KeptRows);
        Assert.Equal((ImportState.Succeeded, 1L, 1L, import.Id), (repair.State, repair.Ledger.Inserted, repair.Ledger.Updated, repair.Repairs));
        Assert.Equal(["k1|1|one", "k2|22|other", "k3|4|four", "k4|6|six"], await engine.RecordsAsync("e"));
        var state = (await engine.Import.Repairs.FindAsync(Request.Anonymous, import.Id, counts: true, Token))!;
        Assert.Equal((4L, 2L, 0L, 2L), (state.Ledger.Rejected, state.Counts!.Ready, state.Counts.Left, state.Repaired));
        Assert.Equal([repair.Id], state.RepairedBy);

        // Nothing of it goes in twice.
        Assert.Equal("repair-empty", (await Assert.ThrowsAsync<RequestException>(() => engine.Import.Repairs.PlanAsync(Request.Anonymous, import.Id, overwrite: false, Token))).Type);
        var upload = (await engine.Catalog.FindUploadAsync(repair.UploadId, Token))!;
        Assert.Equal("upload-of-repair", (await Assert.ThrowsAsync<RequestException>(() => engine.Import.Imports.InvokeAsync(Request.Anonymous, upload.Id, Token))).Type);
        await BringInAsync(engine, import.Id, overwrite: true);
        Assert.Equal(["k1|1|one", "k2|2|two", "k3|4|four", "k4|6|six"], await engine.RecordsAsync("e"));

        // What a repair has brought in is taken back by its undo, and can go in again.
        await engine.EndOfAsync((await engine.Import.Undos.InvokeAsync(Request.Anonymous, repair.Id, Token))!);
        Assert.Equal(["k2|2|two", "k3|3|three", "k4|6|six"], await engine.RecordsAsync("e"));
        state = (await engine.Import.Repairs.FindAsync(Request.Anonymous, import.Id, counts: true, Token))!;
        Assert.Equal((3L, 1L), (state.Counts!.Ready, state.Repaired));
    }

    /// <summary>What changes no record is not in the way of rows that were chosen before it.</summary>
    [Fact]
    public async Task A_dry_run_or_an_undo_of_nothing_that_comes_between_choosing_rows_and_planning_them_is_in_nobodys_way()
    {
        var (reached, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var engine = await Engine.StartAsync(new EngineSetup
        {
            Options = options => options with { ConcurrentPlans = 1 },
            Records = inner => new Durability.InterceptedRecords(inner)
            {
                Loading = async (order, token) =>
                {
                    if (order.Entity.SystemName != "other") return;
                    reached.SetResult();
                    await gate.Task.WaitAsync(token);
                },
            },
        });
        await engine.DeclareAsync("e", Fields);
        await engine.DeclareAsync("other", Fields);
        var overwritten = await engine.ImportAsync("e", "k,a,b\nk1,1,one\n");
        await engine.ImportAsync("e", "k,a,b\nk1,1,two\n");
        var import = await engine.ImportAsync("e", "k,a,b\nk2,x2,two\nk3,3,three\n");
        await ChangeAsync(engine, import.Id, """{"edits": [{"row": 1, "fields": {"a": "2"}}]}""");
        var before = await PlanTests.InvokeAsync(engine, await engine.MapAsync("other", "{}"), "k,a,b\nk1,1,one\n");
        await reached.Task.WaitAsync(Token);

        // Its rows are chosen, and the plan waits for the one before it.
        var planned = (await engine.Import.Repairs.PlanAsync(Request.Anonymous, import.Id, overwrite: false, Token))!;
        Assert.True((await engine.ImportAsync("e", "k,a,b\nk9,9,nine\n", """{"dryRun": true}""")).DryRun);
        var undo = await engine.EndOfAsync((await engine.Import.Undos.InvokeAsync(Request.Anonymous, overwritten.Id, Token))!);
        Assert.Equal((ImportState.Succeeded, 0L, 1L), (undo.State, undo.Ledger.Reversed, undo.Ledger.Kept));
        gate.SetResult();

        var plan = await engine.Import.Plans.WaitAsync(Request.Anonymous, planned.PlanId, Token);
        Assert.Equal((ImportState.Succeeded, null), (plan.Run.State, plan.Run.Code));
        Assert.Equal(ImportState.Succeeded, (await engine.EndOfAsync((await engine.Import.Repairs.InvokeAsync(Request.Anonymous, import.Id, reason: null, Token))!)).State);
        Assert.Equal(["k1|1|two", "k2|2|two", "k3|3|three"], await engine.RecordsAsync("e"));
    }

    /// <summary>The file's encoding has neither the characters of the correction, nor is it that of the mapping.</summary>
    [Theory]
    [InlineData("""{"encoding": "windows-1252"}""", null)]
    [InlineData("{}", "windows-1252")]
    public async Task A_correction_goes_in_as_it_is_whatever_the_encoding_of_the_file(string definition, string? charset)
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", Fields);
        var mapping = await engine.MapAsync("e", definition);
        var upload = await engine.Import.Uploads.ReceiveAsync(Request.Anonymous, mapping, new MemoryStream(Encoding.Latin1.GetBytes("k,a,b\nö1,x1,früh\nö2,x2,spät\nö3,3,da\n")), "test.csv", charset, Token);
        var import = await engine.EndOfAsync((await engine.Import.Imports.InvokeAsync(Request.Anonymous, upload!.Id, Token))!);
        await ChangeAsync(engine, import.Id, """{"edits": [{"row": 1, "fields": {"a": "1", "b": "日本 Łódź"}}, {"row": 2, "fields": {"a": "2"}}]}""");

        await BringInAsync(engine, import.Id);

        Assert.Equal(["ö1|1|日本 Łódź", "ö2|2|spät", "ö3|3|da"], await engine.RecordsAsync("e"));
    }

    /// <summary>Rejected rows of a file that is turned into UTF-8 are looked at without turning all of it. Where its header is told by no beginning of it, all of it is.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(17 << 20)]
    public async Task A_row_at_the_end_of_a_large_file_in_another_encoding_is_corrected(int preamble)
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", Fields.Replace(""", "length": 9}]""", "}]", StringComparison.Ordinal));
        var mapping = await engine.MapAsync("e", $$"""{"encoding": "windows-1252", "skipLines": {{(preamble > 0 ? 1 : 0)}}}""");
        var rows = string.Concat(Enumerable.Range(0, 45).Select(row => $"ö{row},{row},{new string('ü', 400_000)}\n"));
        var text = (preamble > 0 ? new string('-', preamble) + "\n" : "") + "k,a,b\n" + (preamble > 0 ? "ö0,0,da\n" : rows) + "öx,x,spät\n";
        var upload = await engine.Import.Uploads.ReceiveAsync(Request.Anonymous, mapping, new MemoryStream(Encoding.Latin1.GetBytes(text)), "test.csv", charset: null, Token);
        var import = await engine.EndOfAsync((await engine.Import.Imports.InvokeAsync(Request.Anonymous, upload!.Id, Token))!);
        Assert.Equal((ImportState.Succeeded, 1), (import.State, import.Ledger.Rejected));
        var number = preamble > 0 ? 2 : 46;
        using var tried = JsonDocument.Parse($$$"""{"edits": [{"row": {{{number}}}, "fields": {"a": "20", "b": "früh"}}]}""");

        var row = Assert.Single((await engine.Import.Repairs.CheckAsync(Request.Anonymous, import.Id, tried.RootElement, Token))!);
        Assert.Equal((RepairState.Ready, "öx|20|früh"), (row.State, string.Join('|', row.Fields!)));
        await ChangeAsync(engine, import.Id, $$$"""{"edits": [{"row": {{{number}}}, "fields": {"a": "20"}}]}""");
        await BringInAsync(engine, import.Id);

        var records = await engine.RecordsAsync("e");
        Assert.Contains("öx|20|spät", records);
        Assert.Equal(number, records.Length);
    }

    [Fact]
    public async Task Columns_are_told_by_their_numbers_also_where_names_are_numbers()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", Fields);
        var import = await engine.ImportAsync("e", "k,2,1,3\nk1,x1,one,9\nk2,2,two,9\n", """{"fields": [{"systemName": "k", "columnIndex": 1}, {"systemName": "a", "columnIndex": 2}, {"systemName": "b", "columnIndex": 3}]}""");

        await ChangeAsync(engine, import.Id, """{"edits": [{"row": 1, "columns": {"2": "7", "3": "new"}}]}""");
        using var wanted = JsonDocument.Parse("""{"edits": [{"row": 1, "fields": {"2": "8"}}, {"row": 1, "columns": {"2": "9"}, "fields": {"1": "other"}}]}""");
        var rows = (await engine.Import.Repairs.CheckAsync(Request.Anonymous, import.Id, wanted.RootElement, Token))!;

        Assert.Equal([["k1", "8", "one", "9"], ["k1", "9", "other", "9"]], rows.Select(row => row.Fields!));
        var faults = await Assert.ThrowsAsync<RequestException>(() => ChangeAsync(engine, import.Id, """{"edits": [{"row": 1, "columns": {"5": "1", "k": "1"}}]}"""));
        Assert.Equal(2, faults.Faults.Count);
        await BringInAsync(engine, import.Id);
        Assert.Equal(["k1|7|new", "k2|2|two"], await engine.RecordsAsync("e"));
    }

    [Fact]
    public async Task A_request_that_is_sent_again_is_answered_as_it_was_and_another_one_is_not_let_through_for_its_key()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", Fields);
        var import = await engine.ImportAsync("e", "k,a,b\nk1,x1,one\nk2,x2,two\nk1,5,late\n");
        await ChangeAsync(engine, import.Id, """{"edits": [{"row": 1, "fields": {"a": "1"}}, {"row": 2, "fields": {"a": "2"}}]}""");
        var (first, second) = (Request.Anonymous with { Key = new RequestKey("1", "POST plan") }, Request.Anonymous with { Key = new RequestKey("2", "POST import") });

        var planned = (await engine.Import.Repairs.PlanAsync(first, import.Id, overwrite: false, Token))!;
        await engine.Import.Plans.WaitAsync(Request.Anonymous, planned.PlanId, Token);
        var again = (await engine.Import.Repairs.PlanAsync(first, import.Id, overwrite: false, Token))!;
        Assert.Equal((planned.PlanId, 1L, 1L, 0L), (again.PlanId, again.Rows, again.Superseded, again.Kept));

        var draft = await ChangeAsync(engine, import.Id, """{"drops": [2]}""");
        Assert.Equal("repair-changed", (await Assert.ThrowsAsync<RequestException>(() => engine.Import.Repairs.InvokeAsync(second, import.Id, reason: null, Token))).Type);
        await ChangeAsync(engine, import.Id, """{"restores": [2]}""", draft.Version);
        planned = (await engine.Import.Repairs.PlanAsync(Request.Anonymous, import.Id, overwrite: false, Token))!;
        await engine.Import.Plans.WaitAsync(Request.Anonymous, planned.PlanId, Token);
        var repair = await engine.EndOfAsync((await engine.Import.Repairs.InvokeAsync(second, import.Id, reason: null, Token))!);
        await ChangeAsync(engine, import.Id, """{"drops": [1]}""");

        Assert.Equal(repair.Id, (await engine.Import.Repairs.InvokeAsync(second, import.Id, reason: null, Token))!.Id);
        Assert.Equal(["k1|5|late", "k2|2|two"], await engine.RecordsAsync("e"));
    }

    [Theory]
    [InlineData("INSERT")]
    [InlineData("REPLACE")]
    public async Task INSERT_and_REPLACE_repair_as_INSERT(string mode)
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", Fields);
        var import = await engine.ImportAsync("e", "k,a,b\nk1,1,one\nk2,x2,two\nk1,x3,again\n", $$"""{"importMode": "{{mode}}"}""");
        await ChangeAsync(engine, import.Id, """{"edits": [{"row": 2, "fields": {"a": "2"}}, {"row": 3, "fields": {"a": "3"}}]}""");

        var repair = await BringInAsync(engine, import.Id);

        Assert.Equal((1L, 1L), (repair!.Ledger.Inserted, repair.Ledger.Rejected));
        Assert.Equal(["k1|1|one", "k2|2|two"], await engine.RecordsAsync("e"));
        Assert.Equal(1, (await engine.Import.Repairs.FindAsync(Request.Anonymous, import.Id, counts: true, Token))!.Repaired);
    }

    /// <summary>Nobody knows what they were to be. What was made of the rest of the row stays with them.</summary>
    [Fact]
    public async Task Bytes_that_are_no_characters_go_in_only_where_somebody_has_said_what_they_are()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", Fields);
        var import = await engine.ImportAsync("e", Encoding.Latin1.GetBytes("k,a,b,c\nk0,0,zero,x\nk1,1,Müller,x\nk2,x2,Möller,x\nkü,3,three,x\nk4,x4,four,ü\nk5,x5,ok,x\n"), """{"encoding": "UTF-8"}""");
        Assert.Equal(5, import.Ledger.Rejected);
        await ChangeAsync(engine, import.Id, """{"edits": [{"row": 3, "fields": {"a": "2"}}, {"row": 5, "fields": {"a": "4"}}, {"row": 6, "fields": {"a": "5"}}]}""");
        using var rows = JsonDocument.Parse("""{"rows": [2, 3, 4, 5, 6]}""");

        var checkedRows = (await engine.Import.Repairs.CheckAsync(Request.Anonymous, import.Id, rows.RootElement, Token))!;

        Assert.Equal(
            ["2 Left string.encoding", "3 Left string.encoding", "4 Left string.encoding", "5 Ready ", "6 Ready "],
            checkedRows.Select(row => $"{row.Row} {row.State} {string.Join(' ', row.Reasons.Select(reason => reason.Code))}"));
        Assert.Equal(2, (await BringInAsync(engine, import.Id))!.Ledger.Inserted);
        await ChangeAsync(engine, import.Id, """{"edits": [{"row": 2, "fields": {"b": "Müller"}}, {"row": 4, "fields": {"k": "kü"}}]}""");
        Assert.Equal(2, (await BringInAsync(engine, import.Id))!.Ledger.Inserted);
        Assert.Equal(["k0|0|zero", "k1|1|Müller", "k4|4|four", "k5|5|ok", "kü|3|three"], await engine.RecordsAsync("e"));
    }

    /// <summary>An undo that was undone has taken nothing back.</summary>
    [Fact]
    public async Task What_stands_again_after_an_undo_of_its_undo_is_repaired_and_in_the_way_of_repairs()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", Fields);
        var import = await engine.ImportAsync("e", "k,a,b\nk1,1,one\nk2,x2,two\nk3,x3,three\n", """{"importMode": "INSERT"}""");
        await ChangeAsync(engine, import.Id, """{"edits": [{"row": 2, "fields": {"a": "2"}}]}""");
        await UndoAsync((await UndoAsync(import)));
        Assert.Equal(1, (await BringInAsync(engine, import.Id))!.Ledger.Inserted);
        Assert.Equal(["k1|1|one", "k2|2|two"], await engine.RecordsAsync("e"));
        Assert.Equal(import.Id, Assert.Single(await ListWarningsAsync("k,a,b\nk1,1,one\nk2,x2,two\nk3,x3,three\n", """{"importMode": "INSERT"}""")));

        var replace = await engine.ImportAsync("e", "k,a,b\nk9,9,nine\n", """{"importMode": "REPLACE"}""");
        await UndoAsync(await UndoAsync(replace));
        await ChangeAsync(engine, import.Id, """{"edits": [{"row": 3, "fields": {"a": "3"}}]}""");

        var refused = await Assert.ThrowsAsync<RequestException>(() => engine.Import.Repairs.PlanAsync(Request.Anonymous, import.Id, overwrite: false, Token));
        Assert.Equal((FaultKind.Conflict, "entity-replaced"), (refused.Kind, refused.Type));
        Assert.Equal(["k9|9|nine"], await engine.RecordsAsync("e"));

        async Task<Catalog.Import> UndoAsync(Catalog.Import undone)
        {
            var undo = await engine.EndOfAsync((await engine.Import.Undos.InvokeAsync(Request.Anonymous, undone.Id, Token))!);
            Assert.True(undo.State == ImportState.Succeeded, undo.Message);
            return undo;
        }

        async Task<IEnumerable<Guid>> ListWarningsAsync(string csv, string definition) => (await engine.ImportAsync("e", csv, definition)) is { DuplicateOf: { } first } ? [first] : [];
    }

    /// <summary>Whoever corrects a row says nothing about cures; who says something about them says all.</summary>
    [Fact]
    public async Task Cures_stay_chosen_whatever_is_edited_until_they_are_said_anew()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", Fields);
        var import = await engine.ImportAsync("e", "k,a,b\nk1,1x,\nk2,2x,\nk3,y,\nk4,4,\n");
        var cause = (await engine.Import.RejectedRows.CountCausesAsync(Request.Anonymous, import, Token)).Causes[0].Cause.Id;
        await ChangeAsync(engine, import.Id, $$"""{"cures": [{"cause": "{{cause}}", "cure": {"text": {"strip": "x"} } }]}""");

        foreach (var change in new[] { """{"edits": [{"row": 3, "fields": {"a": "3"}}]}""", """{"drops": [1], "cures": null}""", """{"restores": [1]}""" })
        {
            var draft = await ChangeAsync(engine, import.Id, change);
            Assert.Equal(cause, Assert.Single(draft.Cures).Cause);
        }

        Assert.Equal(3, (await engine.Import.Repairs.FindAsync(Request.Anonymous, import.Id, counts: true, Token))!.Counts!.Ready);
        Assert.Empty((await ChangeAsync(engine, import.Id, """{"cures": []}""")).Cures);
        Assert.Equal(1, (await engine.Import.Repairs.FindAsync(Request.Anonymous, import.Id, counts: true, Token))!.Counts!.Ready);
    }

    [Fact]
    public async Task A_draft_is_there_after_a_restart_and_two_who_change_it_learn_of_each_other()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", Fields);
        var import = await engine.ImportAsync("e", "k,a,b\nk1,x1,one\nk2,2\nk3,3,three\n");
        var first = await ChangeAsync(engine, import.Id, """{"edits": [{"row": 1, "fields": {"a": "7"}}, {"row": 2, "fields": {"k": "k2", "a": "2"}}], "drops": [2]}""");

        await engine.RestartAsync();

        var outdated = await Assert.ThrowsAsync<RequestException>(() => ChangeAsync(engine, import.Id, """{"restores": [2]}""", version: first.Version - 1));
        Assert.Equal((FaultKind.Outdated, "repair-changed"), (outdated.Kind, outdated.Type));
        using var wanted = JsonDocument.Parse("""{"rows": [1, 2], "edits": [{"row": 1, "fields": {"a": "y"}}]}""");
        var rows = (await engine.Import.Repairs.CheckAsync(Request.Anonymous, import.Id, wanted.RootElement, Token))!;
        Assert.Equal([RepairState.Ready, RepairState.Dropped, RepairState.Left], rows.Select(row => row.State));
        Assert.Equal(["k1", "7", "one"], rows[0].Fields!);
        Assert.Equal("number.format", Assert.Single(rows[2].Reasons).Code);
        await ChangeAsync(engine, import.Id, """{"restores": [2]}""", first.Version);
        await BringInAsync(engine, import.Id);
        Assert.Equal(["k1|7|one", "k2|2|∅", "k3|3|three"], await engine.RecordsAsync("e"));
        var faults = await Assert.ThrowsAsync<RequestException>(() => ChangeAsync(engine, import.Id, """{"edits": [{"row": 3, "fields": {"a": "1"}}, {"row": 1, "fields": {"z": "1"}}], "drops": ["1"]}"""));
        Assert.Equal(3, faults.Faults.Count);
    }

    [Fact]
    public async Task Counts_are_those_of_all_rows_whatever_changed_since_they_were_counted_last()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", Fields);
        var import = await engine.ImportAsync("e", "k,a,b\n" + string.Concat(Enumerable.Range(1, 300).Select(row => $"k{row},{(row % 3 == 1 ? $"{row}.5" : "x")},t\n")) + "good,1,t\n");
        Assert.Equal((0L, 300L, 0L), await CountAsync());
        var cause = (await engine.Import.RejectedRows.CountCausesAsync(Request.Anonymous, import, Token)).Causes[0];
        foreach (var (change, expected) in new (string, (long, long, long))[]
        {
            ("{\"edits\": [{\"row\": 3, \"fields\": {\"a\": \"1\"}}, {\"row\": 200, \"fields\": {\"a\": \"2\"}}], \"drops\": [6, 7]}", (2, 296, 2)),
            ("{\"edits\": [{\"row\": 3, \"fields\": {\"a\": \"y\"}}, {\"row\": 200, \"fields\": null}], \"restores\": [7]}", (0, 299, 1)),
            ("{\"edits\": [{\"row\": 3, \"fields\": {\"a\": \"5\"}}], \"drops\": [3]}", (0, 298, 2)),
            ($"{{\"cures\": [{{\"cause\": \"{cause.Cause.Id}\", \"cure\": {{\"drop\": true}}}}]}}", (0, 300 - cause.Rows, cause.Rows)),
            ("{\"cures\": [], \"restores\": [3, 6]}", (1, 299, 0)),
        })
        {
            await ChangeAsync(engine, import.Id, change);
            var counted = await CountAsync();
            Assert.Equal(await ByRowsAsync(), counted);
            Assert.Equal(expected, counted);
        }

        // What went in, and what is taken back.
        var repair = (await BringInAsync(engine, import.Id))!;
        Assert.Equal((0L, 299L, 0L), await CountAsync());
        await engine.EndOfAsync((await engine.Import.Undos.InvokeAsync(Request.Anonymous, repair.Id, Token))!);
        Assert.Equal((1L, 299L, 0L), await CountAsync());
        Assert.Null((await engine.Import.Repairs.FindAsync(Request.Anonymous, import.Id, counts: false, Token))!.Counts);

        async Task<(long Ready, long Left, long Dropped)> CountAsync()
        {
            var counts = (await engine.Import.Repairs.FindAsync(Request.Anonymous, import.Id, counts: true, Token))!.Counts!;
            return (counts.Ready, counts.Left, counts.Dropped);
        }

        async Task<(long Ready, long Left, long Dropped)> ByRowsAsync()
        {
            using var all = JsonDocument.Parse($"{{\"rows\": [{string.Join(',', Enumerable.Range(1, 300))}]}}");
            var rows = (await engine.Import.Repairs.CheckAsync(Request.Anonymous, import.Id, all.RootElement, Token))!;
            return (rows.LongCount(row => row.State == RepairState.Ready), rows.LongCount(row => row.State == RepairState.Left), rows.LongCount(row => row.State == RepairState.Dropped));
        }
    }

    internal static async Task<RepairDraft> ChangeAsync(Engine engine, Guid import, string change, long? version = null)
    {
        using var document = JsonDocument.Parse(change);
        return (await engine.Import.Repairs.ChangeAsync(Request.Anonymous, import, document.RootElement, version, Token))!;
    }

    /// <summary>Plans what is ready and brings it in; null where there is nothing.</summary>
    private static async Task<Catalog.Import?> BringInAsync(Engine engine, Guid import, bool overwrite = false)
    {
        try
        {
            var planned = (await engine.Import.Repairs.PlanAsync(Request.Anonymous, import, overwrite, Token))!;
            await engine.Import.Plans.WaitAsync(Request.Anonymous, planned.PlanId, Token);
        }
        catch (RequestException nothing) when (nothing.Type == "repair-empty")
        {
            return null;
        }

        var repair = await engine.EndOfAsync((await engine.Import.Repairs.InvokeAsync(Request.Anonymous, import, reason: null, Token))!);
        Assert.True(repair.State == ImportState.Succeeded, repair.Message);
        return repair;
    }

    private static string Key(Random random) => $"k{random.Next(7)}";

    private static string FileOf(IEnumerable<(string, string, string)> rows)
    {
        var file = new StringBuilder("k,a,b\n");
        foreach (var (k, a, b) in rows) file.Append(CultureInfo.InvariantCulture, $"{k},{a},{b}\n");
        return file.ToString();
    }
}
