using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using EntityImport.Api;
using EntityImport.Client;

namespace EntityImport.Web.Tests;

/// <summary>Rejected rows, as people repair them.</summary>
[Collection(nameof(Browser))]
public sealed class RepairTests(Browser browser)
{
    private const string Columns = "id;price;qty;note\n";

    /// <summary>An import that brings nothing in is none that could be completed.</summary>
    private const string Good = "good;1;1;";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private EntityImportClient Client => new(browser.Http);

    [Fact]
    public async Task A_corrected_error_file_is_merged_and_the_page_says_what_it_changed()
    {
        var page = await browser.OpenAsync();
        var (entity, import) = await ImportAsync(["a;x;1;", "b;y;q;", "c;z;3;", Good]);
        using var file = new MemoryStream();
        await Client.CopyErrorFileAsync(import, file, Cancel);
        var corrected = Encoding.UTF8.GetString(file.ToArray()).Replace("a;x;1;", "a;1.5;1;", StringComparison.Ordinal).Replace("b;y;q;", "b;2.5;2;", StringComparison.Ordinal) + "d;1;1;;77;78;x\n";

        await page.GotoAsync($"/imports/{import}/repair");
        await page.GetByText("Merge a corrected error file").ClickAsync();
        await page.GetByLabel("Corrected file").SetInputFilesAsync(new FilePayload { Name = "corrected.csv", MimeType = "text/csv", Buffer = Encoding.UTF8.GetBytes(corrected) });
        await page.GetByRole(AriaRole.Button, new() { Name = "Merge it" }).ClickAsync();

        var said = page.Locator("p.merged");
        await said.WaitForAsync();
        Assert.Equal("2 rows of the merged file changed (price in 2, qty in 1), 1 as rejected. 1 unknown This import has rejected no such row: line 5 of that file.", string.Join(' ', (await said.InnerTextAsync()).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
        Assert.Equal("2", await page.Locator("[data-repair=ready]").First.InnerTextAsync());
        await page.Locator("[data-repair-plan] button").ClickAsync();
        await Walk.PlannedAsync(page);
        await Walk.ApplyAsync(page);
        await Walk.EndedAsync(page);
        Assert.Equal(["1.0000", "1.5000", "2.5000"], (await Client.ReadRecordsAsync(entity, cancellationToken: Cancel)).Records.Select(record => record.GetProperty("price").GetRawText()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_whole_loop_goes_by_keyboard_from_a_dropped_file_to_the_last_row()
    {
        var page = await browser.OpenAsync();
        var entity = Walk.NewName("loop");
        var rows = new StringBuilder("id;price\n");
        for (var row = 1; row <= 20; row++) rows.Append(CultureInfo.InvariantCulture, $"a{row};{row}.50\n");
        for (var row = 1; row <= 12; row++) rows.Append(CultureInfo.InvariantCulture, $"b{row};{row}.25 kg\n");
        await Walk.DropAsync(page, "loop.csv", rows.ToString());
        await page.GetByRole(AriaRole.Link, new() { Name = "On to the columns" }).ClickAsync();
        await page.GetByLabel("Name of the entity").FillAsync(entity);
        await page.Locator("select[name=t1]").SelectOptionAsync("DECIMAL");
        await Walk.KeyAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "See what would change" }).ClickAsync();
        await Walk.PlannedAsync(page);
        await Walk.ApplyAsync(page);
        Assert.Equal("12", await page.Locator("[data-of='ledger.rejected']").InnerTextAsync());
        var import = page.Url;

        await page.GotoAsync("/");
        await TabToAsync(page, $"a[aria-label='Repair rows of {entity}']");
        await page.Keyboard.PressAsync("Enter");
        await page.AtAsync("**/repair");
        Assert.Equal("12", await page.Locator("[data-cure=accepted]").First.InnerTextAsync());
        Assert.Equal("0", await page.Locator("[data-cure=left]").First.InnerTextAsync());
        Assert.Equal(6, await page.Locator("#cures .cure").First.Locator("table.examples tbody tr").CountAsync());
        await TabToAsync(page, "#cures .cure:first-of-type button[value=choose]");
        await page.Keyboard.PressAsync("Enter");
        await page.Locator("#cures").GetByText("Chosen:").WaitForAsync();
        Assert.Equal("12", await page.Locator("[data-repair=ready]").First.InnerTextAsync());
        await TabToAsync(page, "[data-repair-plan] button");
        await page.Keyboard.PressAsync("Enter");
        await Walk.PlannedAsync(page);
        await page.GetByText("It brings in corrected rows").WaitForAsync();
        await TabToAsync(page, "form.apply button");
        await page.Keyboard.PressAsync("Enter");
        await Walk.EndedAsync(page);
        Assert.Equal("12", await page.Locator("[data-of='ledger.inserted']").InnerTextAsync());
        Assert.NotEqual(import, page.Url);

        await page.GotoAsync($"{import}/repair");
        Assert.Equal("Nothing stands out. 32 of 32 are in.", await page.Locator(".settled").InnerTextAsync());
        Assert.Equal(0, await page.Locator("#cures button").CountAsync());
        Assert.Equal(["62.5 %", "100 %"], await page.Locator("table.chain td:last-child").AllInnerTextsAsync());
        Assert.Equal(32, (await Client.ReadRecordsAsync(entity, cancellationToken: Cancel)).Records.Count);
        await page.GotoAsync("/");
        Assert.Equal(0, await page.Locator($"a[aria-label='Repair rows of {entity}']").CountAsync());
        await page.GotoAsync($"{import}/undo");
        await page.GetByText("Rows that it had rejected went in later, and stay").WaitForAsync();
        // Where a form was sent to is no page of its own.
        await page.GotoAsync($"{import}/repair/rows/21");
        await page.AtAsync("**/repair");
    }

    [Fact]
    public async Task Letters_are_no_edits_and_none_that_stands_out_is_passed_over_after_one()
    {
        var (_, import) = await ImportAsync(["a;x;y;", "b;z;1;", "c;1;w;"]);
        var page = await OpenAsync(import, all: true);
        await FocusGridAsync(page);
        await page.Keyboard.PressAsync("n");
        await ExpectFocusAsync(page, row: 1, column: "price");

        await page.Keyboard.TypeAsync("7");
        await page.GetByText("Enter begins to correct a value").WaitForAsync();
        await page.Keyboard.PressAsync("n");
        await ExpectFocusAsync(page, row: 1, column: "qty");
        await page.Keyboard.PressAsync("Enter");
        await page.Keyboard.TypeAsync("5");
        await page.Keyboard.PressAsync("Enter");
        await ExpectFocusAsync(page, row: 2, column: "qty");
        await page.Keyboard.PressAsync("n");

        // It stands before the column of the last edit.
        await ExpectFocusAsync(page, row: 2, column: "price");
        await Walk.SavedAsync(page);
        Assert.Equal("5", (await Client.ListRepairEditsAsync(import, cancellationToken: Cancel)).Edits.Single().Columns!["3"]);
    }

    [Fact]
    public async Task A_cure_stays_when_other_rows_are_edited_and_the_first_that_stands_out_is_the_next_at_first()
    {
        var (_, import) = await ImportAsync(["a;1 kg;1;", "b;2 kg;1;", "c;x;1;", "d;y;1;", Good]);
        var page = await OpenAsync(import);
        await page.Locator("#cures button[value=choose]").First.ClickAsync();
        await page.Locator("#cures").GetByText("Chosen:").WaitForAsync();
        Assert.Equal("2", await page.Locator("[data-repair=ready]").First.InnerTextAsync());
        await page.GotoAsync($"/imports/{import}/repair?all=true");
        await page.Locator("[data-index='0']:not([aria-busy])").WaitForAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Next that stands out" }).ClickAsync();
        await ExpectFocusAsync(page, row: 3, column: "price");
        await page.Keyboard.PressAsync("Enter");
        await page.Keyboard.TypeAsync("3");
        await page.Keyboard.PressAsync("Enter");
        await Walk.SavedAsync(page);

        var repair = await Client.GetRepairAsync(import, cancellationToken: Cancel);
        Assert.Equal((1, 3L, 1L), (repair.Cures.Count, repair.Ready, repair.Left));
    }

    [Fact]
    public async Task The_first_row_of_a_cause_is_the_next_that_stands_out_before_anybody_was_in_the_sheet()
    {
        var (_, import) = await ImportAsync(["a;x;1;", "b;y;1;", Good]);
        var page = await OpenAsync(import);

        await page.GetByRole(AriaRole.Button, new() { Name = "Next that stands out" }).ClickAsync();
        await ExpectFocusAsync(page, row: 1, column: "price");
        await page.GetByRole(AriaRole.Button, new() { Name = "Next that stands out" }).ClickAsync();
        await ExpectFocusAsync(page, row: 2, column: "price");
    }

    [Fact]
    public async Task One_edit_is_offered_for_all_rows_of_its_cause_and_can_be_undone()
    {
        var (_, import) = await ImportAsync(Enumerable.Range(1, 300).Select(row => $"a{row};1.{row:D3},5;1;").Append("b;x;1;").Append("c;7;1;"));
        var page = await OpenAsync(import);
        await FocusGridAsync(page);
        await ExpectFocusAsync(page, row: 1, column: "price");
        await Walk.TypeAsync(page, "1001.50");
        await page.Locator(".grid-offer").GetByText("The same change cures 299 more").WaitForAsync();
        await page.Keyboard.PressAsync("Control+Enter");
        await Assertions.Expect(page.Locator("[data-repair=ready]").First).ToHaveTextAsync("300");
        await page.Locator("#cures").GetByText("Chosen:").WaitForAsync();
        await Assertions.Expect(Cell(page, 2, "price")).ToHaveTextAsync("1002.5");
        Assert.Single((await Client.GetRepairAsync(import, cancellationToken: Cancel)).Cures);

        await page.Keyboard.PressAsync("Control+z");
        await Assertions.Expect(page.Locator("[data-repair=ready]").First).ToHaveTextAsync("1");
        await page.Keyboard.PressAsync("Control+z");
        await Assertions.Expect(page.Locator("[data-repair=ready]").First).ToHaveTextAsync("0");
        await Assertions.Expect(Cell(page, 1, "price")).ToContainTextAsync("1.001,5");
        await page.Keyboard.PressAsync("Control+y");
        await Assertions.Expect(page.Locator("[data-repair=ready]").First).ToHaveTextAsync("1");
    }

    [Fact]
    public async Task A_cure_by_which_accepted_rows_would_differ_is_told_as_a_finding_with_an_undo()
    {
        // 1,234 went in as 1234, and is 1.234 by the cure.
        var (_, import) = await ImportAsync(["a;1.000,5;1;", "b;2.000,5;1;", "c;1,234;1;", "d;7;1;"]);
        var page = await OpenAsync(import);

        var cure = page.Locator("#cures .cure").First;
        Assert.Equal("1", await cure.Locator("[data-cure=differing]").InnerTextAsync());
        await cure.GetByText("1 row that went in would have been read otherwise").WaitForAsync();
        Assert.Equal(["1234", "1.234"], await cure.Locator(".finding td").AllInnerTextsAsync());
        await cure.GetByRole(AriaRole.Link, new() { Name = "Undo the import" }).ClickAsync();
        await page.AtAsync("**/undo");
        await page.GetByRole(AriaRole.Button, new() { Name = "Take 3 changes back" }).ClickAsync();
        await Walk.EndedAsync(page);
        await page.GotoAsync($"/imports/{import}/repair");
        await page.GetByText("The import was undone").WaitForAsync();
    }

    /// <summary>What the page says that a cure would do is what a full run of the file with it does, and what choosing it does.</summary>
    [Theory]
    [InlineData("DECIMAL", "1.234,50|2.000,5|12,3,4|7|1,000", """{"definition":{"decimalSeparator":",","groupingSeparator":"."}}""")]
    [InlineData("DECIMAL", "5-|3-|1|-2", """{"definition":{"trailingMinus":true}}""")]
    [InlineData("DECIMAL", "12 kg|7 kg|5", """{"text":{""")]
    [InlineData("DECIMAL", "n/a|n/a|1", """{"field":{"nullValues":["n/a"]}}""")]
    [InlineData("DATE", "31.12.2024|01.02.2023|2024-01-01", """{"field":{"format":["yyyy-MM-dd","dd.MM.yyyy"]}}""")]
    [InlineData("BOOLEAN", "ja|ja|true|nein", """{"field":{""")]
    [InlineData("STRING", "abcdef|ab|c", """{"entity":{"length":6}}""")]
    [InlineData("STRING", "a;|b|c", """{"definition":{"raggedRows":"FIT"}}""")]
    public async Task A_cure_of_each_kind_does_what_its_figures_say(string dataType, string values, string expected)
    {
        var (entity, again) = (Walk.NewName("cured"), Walk.NewName("cured"));
        var field = new EntityField { SystemName = "value", DataType = dataType, Length = dataType == "STRING" ? 5 : null };
        var id = new EntityField { SystemName = "id", DataType = "INTEGER", PrimaryKey = true, Required = true };
        await Client.PutEntityAsync(new Entity { SystemName = entity, Fields = [id, field] }, Cancel);
        var file = "id;value\n" + string.Concat(values.Split('|').Select((value, i) => $"{i + 1};{value}\n"));
        var import = await RunAsync(entity, [], file);
        var before = await RecordsAsync(entity);

        var page = await browser.OpenAsync(scripts: false);
        await page.GotoAsync($"/imports/{import}/repair");
        await page.Locator(".causes a").First.ClickAsync();
        var panel = page.Locator("#cures .cure").Filter(new() { Has = page.Locator($"input[name=cure][value^='{expected[..^1]}']") }).First;
        // Other cures are folded.
        var (accepted, left, differing) = (await FigureAsync("accepted"), await FigureAsync("left"), await FigureAsync("differing"));
        var cure = JsonNode.Parse((await panel.Locator("input[name=cure]").GetAttributeAsync("value"))!)!.AsObject();
        Assert.True(accepted > 0);

        if (cure["text"] is null)
        {
            await Client.PutEntityAsync(new Entity { SystemName = again, Fields = [id, cure["entity"]?["length"] is { } length ? field with { Length = (int)length } : field] }, Cancel);
            var definition = cure["definition"]?.DeepClone().AsObject() ?? [];
            var mapped = cure["field"]?.DeepClone().AsObject() ?? [];
            (mapped["systemName"], mapped["csvColumnName"]) = ("value", "value");
            definition["fields"] = new JsonArray(new JsonObject { ["systemName"] = "id", ["csvColumnName"] = "id" }, mapped);
            await RunAsync(again, definition, file);
            var full = await RecordsAsync(again);
            Assert.Equal(differing, before.Count(record => full.GetValueOrDefault(record.Key) != record.Value));
            Assert.Equal(accepted, full.Count(record => !before.ContainsKey(record.Key)));
            // Only the rows of the first cause were measured.
            Assert.True(left <= values.Split('|').Length - before.Count - accepted);
        }

        await panel.Locator("button[value=choose]").EvaluateAsync("button => button.form.requestSubmit(button)");
        // Where the entity's field is another one by then, there is no cause any more.
        await Assertions.Expect(page.Locator("[data-repair=ready]").First).ToHaveTextAsync($"{accepted}");
        Assert.Equal(cure["entity"] is null ? 1 : 0, await page.Locator("#cures").GetByText("Chosen:").CountAsync());
        await page.Locator("[data-repair-plan] button").ClickAsync();
        await Walk.PlannedAsync(page);
        await Walk.ApplyAsync(page);
        Assert.Equal($"{accepted}", await page.Locator("[data-of='ledger.inserted']").InnerTextAsync());
        Assert.Equal(before.Count + accepted, (await RecordsAsync(entity)).Count);

        async Task<long> FigureAsync(string name) => long.Parse(await panel.Locator($"[data-cure={name}]").EvaluateAsync<string>("part => part.firstChild.textContent.trim()"), CultureInfo.InvariantCulture);

        async Task<Guid> RunAsync(string into, JsonObject definition, string csv)
        {
            definition["fieldDelimiter"] = ";";
            using var document = JsonDocument.Parse(new JsonObject { ["entitySystemName"] = into, ["definition"] = definition }.ToJsonString());
            var mapping = await Client.CreateMappingAsync(document.RootElement, Cancel);
            using var content = new MemoryStream(Encoding.UTF8.GetBytes(csv));
            return (await Client.RunAsync(mapping, content, $"{into}.csv", TimeSpan.FromMinutes(2), Cancel)).Status.EntityImportId;
        }

        async Task<Dictionary<string, string>> RecordsAsync(string of) =>
            (await Client.ReadRecordsAsync(of, cancellationToken: Cancel)).Records.ToDictionary(record => record.GetProperty("id").GetRawText(), record => record.GetProperty("value").GetRawText());
    }

    [Fact]
    public async Task Edits_are_kept_by_the_server_through_a_reload_and_by_the_browser_while_it_is_down()
    {
        var (_, import) = await ImportAsync(["a;x;1;", "b;y;1;", "c;1;z;"]);
        var page = await OpenAsync(import, all: true);
        await FocusGridAsync(page);
        await page.Keyboard.PressAsync("n");
        await Walk.TypeAsync(page, "10");
        await Walk.SavedAsync(page);
        await page.ReloadAsync();
        await Assertions.Expect(Cell(page, 1, "price")).ToHaveTextAsync("10");
        Assert.Equal("10", (await Client.ListRepairEditsAsync(import, cancellationToken: Cancel)).Edits.Single().Columns!["2"]);

        await browser.StopAsync();
        await FocusGridAsync(page);
        await page.Keyboard.PressAsync("n");
        await ExpectFocusAsync(page, row: 2, column: "price");
        await Walk.TypeAsync(page, "20");
        await page.GetByText("It is tried again").WaitForAsync();
        await browser.StartAgainAsync();
        await Walk.SavedAsync(page);
        Assert.Equal(["10", "20"], (await Client.ListRepairEditsAsync(import, cancellationToken: Cancel)).Edits.Select(edit => edit.Columns!["2"]));

        // What was typed while nobody answered is there after the page was left, too.
        await browser.StopAsync();
        await page.Keyboard.PressAsync("n");
        await ExpectFocusAsync(page, row: 3, column: "qty");
        await Walk.TypeAsync(page, "30");
        await page.GetByText("It is tried again").WaitForAsync();
        await page.GotoAsync("about:blank");
        await browser.StartAgainAsync();
        await page.GotoAsync($"/imports/{import}/repair?all=true");
        await Walk.SavedAsync(page);
        await Assertions.Expect(page.Locator("[data-repair=ready]").First).ToHaveTextAsync("3");
        Assert.Equal("30", (await Client.ListRepairEditsAsync(import, cancellationToken: Cancel)).Edits[2].Columns!["3"]);
    }

    [Fact]
    public async Task Two_people_see_each_others_edits_and_a_conflict_shows_both()
    {
        var (_, import) = await ImportAsync(["a;x;1;", "b;y;1;", "c;z;1;"]);
        var mine = await OpenAsync(import, all: true);
        var theirs = await mine.Context.NewPageAsync();
        await theirs.GotoAsync($"/imports/{import}/repair?all=true");
        await RowsAsync(theirs);
        await FocusGridAsync(theirs);
        await theirs.Keyboard.PressAsync("n");
        await ExpectFocusAsync(theirs, row: 1, column: "price");
        await Walk.TypeAsync(theirs, "1");
        await Walk.SavedAsync(theirs);
        await theirs.Keyboard.PressAsync("n");
        await ExpectFocusAsync(theirs, row: 2, column: "price");
        await Walk.TypeAsync(theirs, "2");
        await Walk.SavedAsync(theirs);

        // Another row than theirs is saved beside them; the same one is not saved over theirs.
        await mine.BringToFrontAsync();
        await FocusGridAsync(mine);
        await mine.Keyboard.PressAsync("Control+End");
        await mine.Keyboard.PressAsync("p");
        await ExpectFocusAsync(mine, row: 3, column: "price");
        await Walk.TypeAsync(mine, "33");
        await Walk.SavedAsync(mine);
        Assert.Equal("33", await EditAsync(import, 3));
        await Assertions.Expect(Cell(mine, 1, "price")).ToHaveTextAsync("1");
        await Assertions.Expect(mine.Locator("[data-repair=ready]").First).ToHaveTextAsync("3");

        await Client.ChangeRepairAsync(import, new RepairChange { Edits = [new RowEdit(3, new Dictionary<string, string> { ["price"] = "44" })] }, cancellationToken: Cancel);
        await ExpectFocusAsync(mine, row: 3, column: "price");
        await Walk.TypeAsync(mine, "55");
        var clash = mine.Locator(".grid-clash");
        await clash.GetByText("Somebody else has changed the same rows").WaitForAsync();
        Assert.Contains("yours 55, theirs 44", await clash.InnerTextAsync(), StringComparison.Ordinal);
        Assert.Equal("44", await EditAsync(import, 3));
        await clash.GetByRole(AriaRole.Button, new() { Name = "Keep mine" }).ClickAsync();
        await Walk.SavedAsync(mine);
        Assert.Equal("55", await EditAsync(import, 3));
        Assert.Equal("", await clash.InnerTextAsync());
    }

    [Fact]
    public async Task What_others_make_of_a_row_stays_beside_what_is_made_of_it_here()
    {
        var (_, import) = await ImportAsync(["a;x;1;", "b;y;1;", "c;z;1;"]);
        var page = await OpenAsync(import, all: true);
        await FocusGridAsync(page);
        await page.Keyboard.PressAsync("n");
        await ExpectFocusAsync(page, row: 1, column: "price");

        // While somebody types, and before somebody undoes.
        await page.Keyboard.PressAsync("Enter");
        await page.Locator(".grid-view textarea").FillAsync("1");
        await TheyChangeAsync(1, ("4", "theirs"));
        await Assertions.Expect(Cell(page, 1, "note")).ToHaveTextAsync("theirs");
        await page.Keyboard.PressAsync("Enter");
        await Walk.SavedAsync(page);
        Assert.Equal([("2", "1"), ("4", "theirs")], await ColumnsAsync(1));
        await TheyChangeAsync(1, ("2", "1"), ("3", "9"), ("4", "theirs"));
        await Assertions.Expect(Cell(page, 1, "qty")).ToHaveTextAsync("9");
        await page.Keyboard.PressAsync("Control+z");
        await Assertions.Expect(Cell(page, 1, "price")).ToHaveTextAsync("!x");
        await Walk.SavedAsync(page);
        Assert.Equal([("3", "9"), ("4", "theirs")], await ColumnsAsync(1));

        // Of the same field both are shown, and nothing is planned before somebody has said whose holds.
        await Cell(page, 2, "price").ClickAsync();
        await ExpectFocusAsync(page, row: 2, column: "price");
        await page.Keyboard.PressAsync("Enter");
        await page.Locator(".grid-view textarea").FillAsync("3");
        await TheyChangeAsync(2, ("2", "22"));
        await page.Locator("[data-saved]").WaitForAsync(new() { State = WaitForSelectorState.Attached });
        await page.Keyboard.PressAsync("Enter");
        var clash = page.Locator(".grid-clash");
        await Assertions.Expect(clash).ToContainTextAsync("yours 3, theirs 22");
        Assert.Equal([("2", "22")], await ColumnsAsync(2));
        await page.GetByRole(AriaRole.Button, new() { Name = "Re-import" }).ClickAsync();
        await Assertions.Expect(clash.GetByRole(AriaRole.Button, new() { Name = "Keep mine" })).ToBeFocusedAsync();
        await page.ReloadAsync();
        await Assertions.Expect(clash).ToContainTextAsync("yours 3, theirs 22");
        await clash.GetByRole(AriaRole.Button, new() { Name = "Take theirs" }).ClickAsync();
        Assert.Equal([("2", "22")], await ColumnsAsync(2));
        await page.GetByRole(AriaRole.Button, new() { Name = "Re-import" }).ClickAsync();
        await page.AtAsync("**/plans/**");

        async Task TheyChangeAsync(int row, params (string Column, string Text)[] columns)
        {
            await Client.ChangeRepairAsync(import, new RepairChange { Edits = [new RowEdit(row, null) { Columns = columns.ToDictionary(column => column.Column, column => column.Text) }] }, cancellationToken: Cancel);
            // As when somebody comes back to the tab.
            await page.EvaluateAsync("document.querySelector('eis-grid').tally()");
        }

        async Task<IEnumerable<(string, string)>> ColumnsAsync(long row) =>
            (await Client.ListRepairEditsAsync(import, cancellationToken: Cancel)).Edits.Single(edit => edit.Row == row).Columns!.OrderBy(column => column.Key).Select(column => (column.Key, column.Value));
    }

    /// <summary>The service says no to a batch for one of its rows: the others are saved all the same.</summary>
    [Fact]
    public async Task One_edit_that_is_refused_takes_no_other_back()
    {
        var (_, import) = await ImportAsync(["a;x;1;", "b;y;1;", "c;z;1;"]);
        var page = await OpenAsync(import, all: true);
        await FocusGridAsync(page);
        await page.Keyboard.PressAsync("n");
        await ExpectFocusAsync(page, row: 1, column: "price");

        await page.EvaluateAsync(
            """
            const data = new DataTransfer();
            data.setData('text/plain', '1\n2' + String.fromCharCode(0xD800) + '\n3');
            document.querySelector('.grid-view').dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }));
            """);

        await Assertions.Expect(page.Locator("[data-repair=ready]").First).ToHaveTextAsync("2");
        await Assertions.Expect(Cell(page, 2, "price")).ToHaveTextAsync("!y");
        Assert.Equal([1, 3], (await Client.ListRepairEditsAsync(import, cancellationToken: Cancel)).Edits.Select(edit => edit.Row));
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\r")]
    public async Task Rows_are_pasted_whatever_ends_their_lines(string end)
    {
        var (_, import) = await ImportAsync(["a;x;1;", "b;y;1;", "c;z;1;"]);
        var page = await OpenAsync(import, all: true);
        await FocusGridAsync(page);
        await MoveToAsync(page, "price");
        await page.EvaluateAsync(
            """
            text => {
              const data = new DataTransfer();
              data.setData('text/plain', text);
              document.querySelector('.grid-view').dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }));
            }
            """,
            string.Join(end, ["1", "\"2\"", "3"]) + end);

        await Assertions.Expect(page.Locator("[data-repair=ready]").First).ToHaveTextAsync("3");
        Assert.Equal(["1", "2", "3"], (await Client.ListRepairEditsAsync(import, cancellationToken: Cancel)).Edits.Select(edit => edit.Columns!["2"]));
    }

    [Fact]
    public async Task The_form_of_a_row_is_taken_though_others_have_changed_other_rows()
    {
        var (_, import) = await ImportAsync(["a;1;1;one;more", "b;x;1;two"]);
        var page = await browser.OpenAsync(scripts: false);
        await page.GotoAsync($"/imports/{import}/repair?all=true&at=0");
        await Client.ChangeRepairAsync(import, new RepairChange { Edits = [new RowEdit(2, null) { Columns = new Dictionary<string, string> { ["2"] = "7" } }] }, cancellationToken: Cancel);
        await page.Locator("[name=c4]").FillAsync("one and more");
        await page.GetByRole(AriaRole.Checkbox, new() { Name = "more is in its column now, or may go" }).CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Save the row" }).ClickAsync();
        await page.Locator("#row .row-state").GetByText("ready").WaitForAsync();

        // Not over what somebody has made of the same row.
        await Client.ChangeRepairAsync(import, new RepairChange { Drops = [1] }, cancellationToken: Cancel);
        await page.Locator("[name=c4]").FillAsync("other");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save the row" }).ClickAsync();
        await page.GetByText("Somebody else has changed").First.WaitForAsync();
        Assert.Equal(("one and more", true), (await Client.ListRepairEditsAsync(import, cancellationToken: Cancel)).Edits.Where(edit => edit.Row == 1).Select(edit => (edit.Columns!["4"], edit.Dropped)).Single());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_cures_had_made_of_a_row_is_no_edit_of_who_sends_its_form(bool isTakenBack)
    {
        var (_, import) = await ImportAsync(["a;5 kg;1;one", "b;6 kg;1;two"]);
        var cause = (await Client.ListCausesAsync(import, Cancel)).Causes[0].Cause;
        var cured = new RepairChange { Cures = [new ChosenCure(cause, new Cure { Text = new TextChange { Strip = "kg" } })] };
        var uncured = new RepairChange { Cures = [] };
        await Client.ChangeRepairAsync(import, isTakenBack ? cured : uncured, cancellationToken: Cancel);
        var page = await browser.OpenAsync(scripts: false);
        await page.GotoAsync($"/imports/{import}/repair?all=true&at=0");
        var price = await page.Locator("[name=c2]").InputValueAsync();
        await Client.ChangeRepairAsync(import, isTakenBack ? uncured : cured, cancellationToken: Cancel);
        await page.Locator("[name=c4]").FillAsync("other");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save the row" }).ClickAsync();
        await page.GetByText("Somebody else has changed").First.WaitForAsync();
        Assert.Empty((await Client.ListRepairEditsAsync(import, cancellationToken: Cancel)).Edits);

        await page.GotoAsync($"/imports/{import}/repair?all=true&at=0");
        Assert.NotEqual(price, await page.Locator("[name=c2]").InputValueAsync());
        await page.Locator("[name=c4]").FillAsync("other");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save the row" }).ClickAsync();
        await Assertions.Expect(page.Locator("[name=c4]")).ToHaveValueAsync("other");
        Assert.Equal([KeyValuePair.Create("4", "other")], (await Client.ListRepairEditsAsync(import, cancellationToken: Cancel)).Edits.Single().Columns!);
    }

    [Fact]
    public async Task The_keys_go_about_a_long_sheet_and_the_focus_stays_on_its_row()
    {
        const int Rows = 20_000;
        var (_, import) = await ImportAsync(Enumerable.Range(1, Rows).Select(row => $"a{row};x{row};1;n{row}"));
        var page = await OpenAsync(import, all: true);
        var grid = page.GetByRole(AriaRole.Grid);
        Assert.Equal($"{Rows + 1}", await grid.GetAttributeAsync("aria-rowcount"));
        await FocusGridAsync(page);
        Assert.Equal(1, await grid.Locator("[tabindex='0']").CountAsync());

        for (var i = 0; i < 450; i++) await page.Keyboard.PressAsync("ArrowDown");
        await ExpectFocusAsync(page, row: 451, column: "id");
        await Assertions.Expect(page.Locator(":focus")).ToHaveTextAsync("a451");
        await page.Keyboard.PressAsync("Control+End");
        await ExpectFocusAsync(page, row: Rows, column: "Reason");
        await page.Keyboard.PressAsync("Control+Home");
        await ExpectFocusAsync(page, row: 1, column: "Row");
        await page.Keyboard.PressAsync("PageDown");
        var paged = await FocusedRowAsync(page);
        Assert.InRange(paged, 10, 40);
        await page.Keyboard.PressAsync("PageUp");
        await ExpectFocusAsync(page, row: 1, column: "Row");

        // The focus stays with its row where that is scrolled out of sight, and comes back into sight by the next key.
        await page.Keyboard.PressAsync("ArrowDown");
        await grid.EvaluateAsync("grid => { grid.scrollTop = grid.scrollHeight / 2; }");
        await page.WaitForFunctionAsync("() => [...document.querySelectorAll('.grid-rows .grid-row:not(.away)')].every(row => row.dataset.index > 9000 && row.children[3].textContent === `a${Number(row.dataset.index) + 1}`)");
        await ExpectFocusAsync(page, row: 2, column: "Row");
        await page.Keyboard.PressAsync("ArrowDown");
        await ExpectFocusAsync(page, row: 3, column: "Row");
        Assert.True(await page.Locator(":focus").EvaluateAsync<bool>("cell => { const a = cell.getBoundingClientRect(), b = cell.closest('.grid-view').getBoundingClientRect(); return a.top >= b.top + 31 && a.bottom <= b.bottom; }"));
        Assert.InRange(await page.EvaluateAsync<int>("document.querySelectorAll('*').length"), 50, 3000);

        // Tab leaves the sheet, and comes back to the cell.
        await page.Keyboard.PressAsync("Tab");
        Assert.False(await page.EvaluateAsync<bool>("!!document.activeElement.closest('[role=grid]')"));
        await page.Keyboard.PressAsync("Shift+Tab");
        await ExpectFocusAsync(page, row: 3, column: "Row");
    }

    [Fact]
    public async Task Blocks_are_copied_pasted_emptied_and_rows_left_out()
    {
        var (_, import) = await ImportAsync(["a;x;1;one", "b;y;1;two", "c;z;1;three", "d;w;1;four"]);
        var page = await OpenAsync(import, all: true);
        await page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        await FocusGridAsync(page);
        await MoveToAsync(page, "price");
        await page.Keyboard.PressAsync("Shift+ArrowDown");
        await page.Keyboard.PressAsync("Shift+ArrowRight");
        Assert.Equal(4, await page.Locator("[aria-selected=true]").CountAsync());
        await page.Keyboard.PressAsync("Control+c");
        Assert.Equal("x\t1\ny\t1", (await page.EvaluateAsync<string>("navigator.clipboard.readText()")).ReplaceLineEndings("\n"));

        await page.EvaluateAsync("navigator.clipboard.writeText('11\\t5\\r\\n12\\t\"a \"\"b\"\"\"\\r\\n13\\t7\\r\\n')");
        await page.Keyboard.PressAsync("Control+v");
        await Walk.SavedAsync(page);
        var edits = (await Client.ListRepairEditsAsync(import, cancellationToken: Cancel)).Edits;
        Assert.Equal([("11", "5"), ("12", "a \"b\""), ("13", "7")], edits.Select(edit => (edit.Columns!["2"], edit.Columns["3"])));
        await Assertions.Expect(page.Locator("[data-repair=ready]").First).ToHaveTextAsync("2");

        await page.Keyboard.PressAsync("Control+Home");
        await MoveToAsync(page, "note");
        await page.Keyboard.PressAsync("Delete");
        await Walk.SavedAsync(page);
        Assert.Equal("", (await Client.ListRepairEditsAsync(import, cancellationToken: Cancel)).Edits[0].Columns!["4"]);
        await page.Keyboard.PressAsync("Control+Delete");
        await Walk.SavedAsync(page);
        await Assertions.Expect(page.Locator("[data-repair=dropped]").First).ToHaveTextAsync("1");
        await Assertions.Expect(page.Locator("[data-index='0'] [data-cell='2']")).ToHaveTextAsync("∕ left out");
        await page.Keyboard.PressAsync("Control+z");
        await page.Keyboard.PressAsync("Control+z");
        await page.Keyboard.PressAsync("Control+z");
        await Assertions.Expect(page.Locator("[data-repair=ready]").First).ToHaveTextAsync("0");
        Assert.Empty((await Client.ListRepairEditsAsync(import, cancellationToken: Cancel)).Edits);
    }

    [Fact]
    public async Task Editing_keeps_or_gives_back_what_was_typed_and_goes_on()
    {
        var (_, import) = await ImportAsync(["a;x;q;", "b;y;1;"]);
        var page = await OpenAsync(import, all: true);
        await FocusGridAsync(page);
        await MoveToAsync(page, "price");
        var cell = page.Locator(":focus");
        Assert.Equal("true", await cell.GetAttributeAsync("aria-invalid"));
        Assert.Contains("not a number", await page.Locator($"#{(await cell.GetAttributeAsync("aria-describedby"))!.Split(' ')[0]}").InnerTextAsync(), StringComparison.Ordinal);
        await page.Keyboard.PressAsync("F2");
        await page.Keyboard.TypeAsync("nonsense");
        await page.Keyboard.PressAsync("Escape");
        await ExpectFocusAsync(page, row: 1, column: "price");
        await Assertions.Expect(page.Locator(":focus")).ToContainTextAsync("x");
        await page.Keyboard.PressAsync("Enter");
        await page.Keyboard.TypeAsync("1");
        await page.Keyboard.PressAsync("Tab");
        await ExpectFocusAsync(page, row: 1, column: "qty");
        await page.Keyboard.PressAsync("F2");
        await page.Keyboard.TypeAsync("2");
        await page.Keyboard.PressAsync("Enter");
        await ExpectFocusAsync(page, row: 2, column: "qty");
        await Walk.SavedAsync(page);
        await Assertions.Expect(page.Locator("[data-index='0'] [data-cell='2']")).ToHaveTextAsync("✓ ready");
        Assert.Matches(@"^saved \d\d:\d\d:\d\d ✓$", await page.Locator("[data-saved]").InnerTextAsync());
        await page.Keyboard.PressAsync("p");
        await ExpectFocusAsync(page, row: 2, column: "price");
        await page.Keyboard.PressAsync("p");
        await page.GetByText("Nothing further up stands out.").WaitForAsync();
    }

    [Fact]
    public async Task A_record_without_columns_is_split_in_its_form_and_all_of_it_goes_without_scripts()
    {
        var (entity, import) = await ImportAsync(["a;1;1;one;more", "b;x;1;two"]);
        var page = await browser.OpenAsync(scripts: false);
        await page.GotoAsync($"/imports/{import}/repair?all=true");
        await page.GetByRole(AriaRole.Link, new() { Name = "Correct row 1" }).ClickAsync();
        Assert.Equal("a;1;1;one;more", await page.Locator(".record").InnerTextAsync());
        Assert.Equal(["a", "1", "1", "one"], await page.Locator(".fields textarea").EvaluateAllAsync<string[]>("all => all.map(one => one.value)"));
        // What the columns have no place for is not passed over.
        await page.GetByRole(AriaRole.Button, new() { Name = "Save the row" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Checkbox, new() { Name = "more is in its column now, or may go" })).ToBeFocusedAsync();
        Assert.Empty((await Client.ListRepairEditsAsync(import, cancellationToken: Cancel)).Edits);
        await page.Locator("[name=c4]").FillAsync("one and more");
        await page.GetByRole(AriaRole.Checkbox, new() { Name = "more is in its column now, or may go" }).CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Save the row" }).ClickAsync();
        await page.Locator("#row .row-state").GetByText("ready").WaitForAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Next row" }).ClickAsync();
        await page.Locator("[name=c2][aria-invalid=true]").FillAsync("7");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save the row" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Re-import 2 ready rows" }).ClickAsync();
        for (var i = 0; i < 100 && await page.Locator("form.apply button").CountAsync() == 0; i++) await page.ReloadAsync();
        await page.Locator("form.apply button").ClickAsync();
        for (var i = 0; i < 100 && await page.Locator("table.account").CountAsync() == 0; i++) await page.ReloadAsync();
        Assert.Equal(["one and more", "two"], (await Client.ReadRecordsAsync(entity, cancellationToken: Cancel)).Records.Select(record => record.GetProperty("note").GetString()).OfType<string>().Order());

        // With scripts, Enter on such a record leads to the same form.
        (_, import) = await ImportAsync(["a;1;1;one;more"]);
        page = await OpenAsync(import);
        await FocusGridAsync(page);
        await Assertions.Expect(page.Locator(":focus")).ToContainTextAsync("a;1;1;one;more");
        await page.Keyboard.PressAsync("Enter");
        await page.AtAsync("**at=0#row");
        await page.Locator(".row-form [name=c4]").WaitForAsync();
    }

    [Fact]
    public async Task What_was_changed_by_others_or_wins_later_is_told_with_the_plan()
    {
        var (entity, import) = await ImportAsync(["a;x;1;", "b;y;1;", "b;2;1;later"]);
        await ImportIntoAsync(entity, ["a;9;9;by another"]);
        await Client.ChangeRepairAsync(import, new RepairChange { Edits = [new RowEdit(1, new Dictionary<string, string> { ["price"] = "1" }), new RowEdit(2, new Dictionary<string, string> { ["price"] = "2" })] }, cancellationToken: Cancel);
        var page = await OpenAsync(import, all: true);
        await page.Locator("[data-repair-plan] button").ClickAsync();
        // Nothing is left to bring in, which the API says in a sentence.
        await page.GetByText("There is no row to bring in").WaitForAsync();
        await Client.ChangeRepairAsync(import, new RepairChange { Edits = [new RowEdit(2, new Dictionary<string, string> { ["id"] = "n", ["price"] = "2" })] }, cancellationToken: Cancel);
        await page.GotoAsync($"/imports/{import}/repair?all=true");
        await page.Locator("[data-repair-plan] button").ClickAsync();
        await Walk.PlannedAsync(page);
        await page.GetByText("1 of the rows that are ready are not in it").WaitForAsync();
        Assert.Equal("1", await page.Locator("[data-of='ledger.records']").InnerTextAsync());
        // It says so also to who looks at some of its changes, and to who comes from the desk.
        await page.Locator("select[name=kind]").SelectOptionAsync("INSERTED");
        await page.AtAsync("**kind=INSERTED*");
        await page.ReloadAsync();
        await page.GetByText("1 of the rows that are ready are not in it, since other imports have changed their records since: row 1.").WaitForAsync();
        var first = new Uri(page.Url).AbsolutePath;
        await page.GotoAsync("/");
        await page.Locator($"a[href='{first}']").ClickAsync();
        await Walk.PlannedAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Plan with them all the same" }).ClickAsync();
        await page.WholeAsync("first => location.pathname.startsWith('/plans/') && location.pathname !== first", first);
        await Walk.PlannedAsync(page);
        Assert.Equal(0, await page.GetByText("are not in it").CountAsync());
        Assert.Equal("2", await page.Locator("[data-of='ledger.records']").InnerTextAsync());
    }

    [Fact]
    public async Task Nothing_keeps_anybody_from_using_it_and_hostile_texts_do_nothing()
    {
        const string Script = "<script>document.title='x'</script>";
        string[] hostile = [Script, "\"<img src=x onerror=\"\"document.title='x'\"\">\"", "\u202Egnp.exe", "'><svg/onload=alert(1)>", "{{1+1}}", "\u0007bell", "=cmd|'/c calc'!A0", "nul\0nul", "\" two\nlines \"", "\"  spaces \""];
        var (_, import) = await ImportAsync([.. hostile.Select(text => $"{text};x;1;{text}"), "one;record;of;too;many;" + Script]);
        var page = await OpenAsync(import, all: true);
        page.Dialog += (_, dialog) => Assert.Fail($"A text of the file has run: {dialog.Message}");
        await Assertions.Expect(page.Locator("[data-index='0'] [data-cell='3']")).ToHaveTextAsync(Script);
        await Assertions.Expect(page.Locator("[data-index='2'] [data-cell='3']")).ToHaveTextAsync("\\u202egnp.exe");
        await Assertions.Expect(page.Locator("[data-index='7'] [data-cell='3']")).ToContainTextAsync("nul\\u0000nul");
        await Assertions.Expect(page.Locator("[data-index='8'] [data-cell='3']")).ToHaveTextAsync("·two\\nlines·");
        await Assertions.Expect(page.Locator("[data-index='9'] [data-cell='3']")).ToHaveTextAsync("··spaces·");

        foreach (var address in new[] { "?all=true", "?all=true&at=0", "?all=true&at=10", "" })
        {
            await page.GotoAsync($"/imports/{import}/repair{address}");
            await page.GetByRole(AriaRole.Grid).WaitForAsync();
            await Assertions.Expect(page.Locator("[data-index='0'] [data-cell='0']")).ToHaveTextAsync("1");
            Assert.NotEqual("x", await page.TitleAsync());
            Assert.Equal(0, await page.Locator("main img, main script, main [onload], main [onerror], [style], style").CountAsync());
            Assert.DoesNotContain('\u202E', await page.Locator("main").InnerTextAsync());
            await LookAsync(page, address);
            await page.SetViewportSizeAsync(320, 900);
            Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"{address} is wider than 320 px.");
            // On a narrow screen there is a card for each row instead.
            await page.ReloadAsync();
            await page.Locator(".by-row").WaitForAsync();
            Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"{address} has cards wider than 320 px.");
            await LookAsync(page, $"{address}, narrow");
            await page.SetViewportSizeAsync(1280, 900);
        }
    }

    [Fact]
    public async Task The_screen_shows_what_its_calls_of_the_API_answer()
    {
        var (_, import) = await ImportAsync([.. Enumerable.Range(1, 30).Select(row => $"a{row};1.{row:D3},5;1;"), "b;x;1;", "c;1;1;"]);
        var page = await OpenAsync(import);
        var answers = await browser.AnswersAsync(page);
        Assert.Equal("31", answers[1].GetProperty("rows").ToString());
        foreach (var name in new[] { "ready", "left", "dropped", "repaired" }) Assert.Equal(answers[1].GetProperty(name).ToString(), await page.Locator($"[data-repair={name}]").First.InnerTextAsync());
        Assert.Equal(answers[2].GetProperty("causes").EnumerateArray().Select(cause => cause.GetProperty("rows").ToString()), await page.Locator(".causes .figure").AllInnerTextsAsync());
        var cure = answers.Single(answer => answer.TryGetProperty("cures", out _) && answer.TryGetProperty("acceptedRows", out _)).GetProperty("cures")[0];
        foreach (var name in new[] { "accepted", "differing" }) Assert.Equal(cure.GetProperty(name).ToString(), await page.Locator($"[data-cure={name}]").First.InnerTextAsync());

        // The sheet shows what the same calls tell of each row.
        await Assertions.Expect(page.Locator("[data-index='0'] [data-cell='4']")).ToContainTextAsync("1.001,5");
        var shown = await page.Locator(".grid-rows .grid-row:not(.away) [data-cell='4']").EvaluateAllAsync<string[]>("cells => cells.map(cell => cell.lastChild.textContent)");
        var kept = await Client.ListErrorsAsync(import, new ErrorFilter { Cause = answers[2].GetProperty("causes")[0].GetProperty("cause").GetString() }, 0, shown.Length, Cancel);
        Assert.Equal(kept.Errors.Select(row => row.Fields![1]), shown);
    }

    [Fact]
    public async Task Over_many_rows_cures_are_measured_after_the_rows_are_there()
    {
        var (_, import) = await ImportAsync(Enumerable.Range(1, 60_000).Select(row => row % 100 == 0 ? $"a{row};{row} kg;1;" : $"a{row};{row};1;"));
        var page = await OpenAsync(import);
        await Assertions.Expect(page.Locator("[data-cure=accepted]").First).ToHaveTextAsync("600", new() { Timeout = 60_000 });
        Assert.Equal("0", await page.Locator("[data-cure=differing]").First.InnerTextAsync());

        page = await browser.OpenAsync(scripts: false);
        await page.GotoAsync($"/imports/{import}/repair");
        await page.GetByRole(AriaRole.Link, new() { Name = "See what they do" }).ClickAsync();
        await page.Locator("#cures .cure").First.GetByRole(AriaRole.Button, new() { Name = "Apply to 600 rows" }).ClickAsync();
        Assert.Equal("600", await page.Locator("[data-repair=ready]").First.InnerTextAsync());
    }

    [Fact]
    public async Task Many_rows_are_counted_after_they_are_there()
    {
        var (_, import) = await ImportAsync(Enumerable.Range(1, 20_001).Select(row => $"a{row};{row} kg;1;"));
        var page = await browser.OpenAsync(scripts: false);
        await page.GotoAsync($"/imports/{import}/repair");
        Assert.Equal("…", await page.Locator("[data-repair=left]").InnerTextAsync());
        await page.GetByRole(AriaRole.Link, new() { Name = "Count the rows" }).ClickAsync();
        Assert.Equal("20,001", await page.Locator("[data-repair=left]").InnerTextAsync());

        page = await OpenAsync(import);
        await Assertions.Expect(page.Locator("[data-repair=left]")).ToHaveTextAsync("20,001", new() { Timeout = 60_000 });
        await Assertions.Expect(page.Locator("#tally button")).ToBeDisabledAsync();
        // The button came after the sheet: what is edited goes with its plan all the same.
        await FocusGridAsync(page);
        await Walk.TypeAsync(page, "1");
        await page.Locator("[data-repair-plan]").EvaluateAsync("form => form.requestSubmit()");
        await page.AtAsync("**/plans/**");
        Assert.Equal(1, (await Client.GetRepairAsync(import, cancellationToken: Cancel)).Ready);
    }

    private static async Task LookAsync(IPage page, string screen)
    {
        Assert.Equal(1, await page.Locator("h1").CountAsync());
        await page.EvaluateAsync("for (const part of document.querySelectorAll('details')) part.open = true");
        foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
        {
            await page.EmulateMediaAsync(new() { ColorScheme = scheme });
            var found = await page.RunAxe(new AxeRunOptions
            {
                RunOnly = scheme == ColorScheme.Light ? RunOnlyOptions.Tags("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice") : RunOnlyOptions.Rules("color-contrast", "link-in-text-block"),
            });
            Assert.True(found.Violations.Length == 0, $"{screen}, {scheme}: " + string.Join("; ", found.Violations.Select(fault => $"{fault.Id}: {fault.Nodes[0].Html}")));
        }
    }

    private async Task<(string Entity, Guid Import)> ImportAsync(IEnumerable<string> rows)
    {
        var entity = Walk.NewName("repair");
        await Client.PutEntityAsync(
            new Entity
            {
                SystemName = entity,
                Fields =
                [
                    new EntityField { SystemName = "id", DataType = "STRING", PrimaryKey = true, Required = true },
                    new EntityField { SystemName = "price", DataType = "DECIMAL", Precision = 18, Scale = 4 },
                    new EntityField { SystemName = "qty", DataType = "INTEGER" },
                    new EntityField { SystemName = "note", DataType = "STRING" },
                ],
            },
            Cancel);
        return (entity, await ImportIntoAsync(entity, rows.Append(Good)));
    }

    private async Task<Guid> ImportIntoAsync(string entity, IEnumerable<string> rows)
    {
        var mapping = await Client.CreateMappingAsync(entity, new ImportDefinition { FieldDelimiter = ";" }, Cancel);
        using var file = new MemoryStream(Encoding.UTF8.GetBytes(Columns + string.Concat(rows.Select(row => row + "\n"))));
        return (await Client.RunAsync(mapping, file, $"{entity}.csv", TimeSpan.FromMinutes(2), Cancel)).Status.EntityImportId;
    }

    private async Task<IPage> OpenAsync(Guid import, bool all = false)
    {
        var page = await browser.OpenAsync();
        await page.GotoAsync($"/imports/{import}/repair{(all ? "?all=true" : "")}");
        await RowsAsync(page);
        return page;
    }

    /// <summary>Waits until rows are there: keys before that do nothing.</summary>
    private static async Task RowsAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Grid).WaitForAsync();
        await page.Locator(".grid-row:not(.waits)[data-index]").First.WaitForAsync();
    }

    private static Task FocusGridAsync(IPage page) => page.Locator("[role=grid] [tabindex='0']").FocusAsync();

    private static async Task MoveToAsync(IPage page, string column)
    {
        await page.Keyboard.PressAsync("Home");
        var cell = await CellNumberAsync(page, column);
        for (var i = 0; i < cell; i++) await page.Keyboard.PressAsync("ArrowRight");
    }

    private static ILocator Cell(IPage page, int row, string column) => page.Locator($"[data-index='{row - 1}'] [data-cell='{column switch { "id" => 3, "price" => 4, "qty" => 5, _ => 6 }}']");

    private static async Task<int> CellNumberAsync(IPage page, string column) =>
        await page.Locator("[role=columnheader]").EvaluateAllAsync<int>("(heads, name) => heads.findIndex(head => head.textContent === name)", column);

    private static async Task ExpectFocusAsync(IPage page, int row, string column)
    {
        var cell = await CellNumberAsync(page, column);
        await page.WaitForFunctionAsync("([row, cell]) => document.activeElement?.dataset.cell === `${cell}` && document.activeElement.closest('[role=row]').ariaRowIndex === `${row + 1}`", new[] { row, cell });
    }

    private static Task<int> FocusedRowAsync(IPage page) => page.EvaluateAsync<int>("Number(document.activeElement.closest('[role=row]').ariaRowIndex) - 1");

    private async Task<string?> EditAsync(Guid import, long row) => (await Client.ListRepairEditsAsync(import, cancellationToken: Cancel)).Edits.FirstOrDefault(edit => edit.Row == row)?.Columns?["2"];

    private static async Task TabToAsync(IPage page, string selector)
    {
        for (var i = 0; i < 200; i++)
        {
            if (await page.Locator(selector).First.EvaluateAsync<bool>("element => element === document.activeElement")) return;
            await page.Keyboard.PressAsync("Tab");
        }

        Assert.Fail($"{selector} is not reached by Tab on {page.Url}.");
    }
}
