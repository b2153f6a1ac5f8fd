using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace EntityImport.Web.Tests;

/// <summary>The whole job, as people do it.</summary>
[Collection(nameof(Browser))]
public sealed class JobTests(Browser browser)
{
    [Fact]
    public async Task The_whole_job_goes_by_keyboard_alone()
    {
        var page = await browser.OpenAsync();
        var entity = Walk.NewName("keyboard");
        await page.GotoAsync("/");

        // A file chooser is the system's own; what is chosen in it arrives by the input.
        await TabToAsync(page, "#file");
        await page.Locator("#file").SetInputFilesAsync(Path.Combine(Browser.Samples, "products.csv"));
        await TabToAsync(page, "button:text('Read it')");
        await page.Keyboard.PressAsync("Enter");
        await page.AtAsync("**/uploads/*");
        await TabToAsync(page, "a:text('On to the columns')");
        await page.Keyboard.PressAsync("Enter");
        await page.AtAsync("**/columns*");
        await TabToAsync(page, "input[name=name]");
        await page.Keyboard.PressAsync("Control+A");
        await page.Keyboard.TypeAsync(entity);
        await TabToAsync(page, "button:text('See what would change')");
        await page.Keyboard.PressAsync("Enter");
        await Walk.PlannedAsync(page);
        await TabToAsync(page, "form.apply button");
        await page.Keyboard.PressAsync("Enter");
        await Walk.EndedAsync(page);
        Assert.Equal("20", await page.Locator("[data-of='ledger.inserted']").InnerTextAsync());
        Assert.Equal(20, await CountAsync(browser.Http, entity));

        await TabToAsync(page, "a:text('Undo')");
        await page.Keyboard.PressAsync("Enter");
        await page.AtAsync("**/undo");
        await TabToAsync(page, "button:text('Take 20 changes back')");
        await page.Keyboard.PressAsync("Enter");
        await Walk.EndedAsync(page);
        Assert.Equal("20", await page.Locator("[data-of='ledger.reversed']").InnerTextAsync());
        Assert.Equal(0, await CountAsync(browser.Http, entity));
    }

    /// <summary><c>EIS_TEST_PROGRAM</c> names the <c>eis.dll</c> that is tried; without it, that is the one that was built with the tests.</summary>
    [Fact]
    public async Task The_program_takes_a_file_with_rejected_rows_to_the_last_row_and_back_by_keyboard_alone()
    {
        using var service = new ServiceProcess(Environment.GetEnvironmentVariable("EIS_TEST_PROGRAM"));
        await service.StartAsync(TestContext.Current.CancellationToken);
        using var http = new HttpClient { BaseAddress = new Uri(service.Address) };
        var page = await browser.OpenAsync(address: service.Address);
        var rows = Enumerable.Range(1, 20).Select(row => $"a{row};{row}.50\n").Concat(Enumerable.Range(1, 12).Select(row => $"b{row};{row}.25 kg\n"));
        await page.GotoAsync("/");

        await TabToAsync(page, "#file");
        await page.Locator("#file").SetInputFilesAsync(new FilePayload { Name = "prices.csv", MimeType = "text/csv", Buffer = Encoding.UTF8.GetBytes("id;price\n" + string.Concat(rows)) });
        await GoAsync("button:text('Read it')");
        await page.AtAsync("**/uploads/*");
        await GoAsync("a:text('On to the columns')");
        await page.AtAsync("**/columns*");
        await TabToAsync(page, "select[name=t1]");
        await page.Keyboard.TypeAsync("DECIMAL");
        await page.AtAsync("**t1=DECIMAL*");
        await TabToAsync(page, "input[name=k0]");
        await page.Keyboard.PressAsync("Space");
        await page.AtAsync("**k0=1*");
        await GoAsync("button:text('See what would change')");
        await Walk.PlannedAsync(page);
        await GoAsync("form.apply button");
        await Walk.EndedAsync(page);
        Assert.Equal(["20", "12"], [await page.Locator("[data-of='ledger.inserted']").InnerTextAsync(), await page.Locator("[data-of='ledger.rejected']").InnerTextAsync()]);
        var import = page.Url;

        await GoAsync("a[href$='/repair']");
        await page.AtAsync("**/repair");
        await GoAsync("#cures .cure:first-of-type button[value=choose]");
        await page.Locator("#cures").GetByText("Chosen:").WaitForAsync();
        await GoAsync("[data-repair-plan] button");
        await Walk.PlannedAsync(page);
        await GoAsync("form.apply button");
        await Walk.EndedAsync(page);
        Assert.Equal("12", await page.Locator("[data-of='ledger.inserted']").InnerTextAsync());
        Assert.Equal(32, await CountAsync(http, "prices"));

        await GoAsync("a:text('Undo')");
        await page.AtAsync("**/undo");
        await GoAsync("button:text('Take 12 changes back')");
        await Walk.EndedAsync(page);
        Assert.Equal(20, await CountAsync(http, "prices"));
        await page.GotoAsync(import);
        await GoAsync("a:text('Undo')");
        await page.AtAsync("**/undo");
        await GoAsync("button:text('Take 20 changes back')");
        await Walk.EndedAsync(page);
        Assert.Equal(0, await CountAsync(http, "prices"));

        async Task GoAsync(string selector)
        {
            await TabToAsync(page, selector);
            await page.Keyboard.PressAsync("Enter");
        }
    }

    [Fact]
    public async Task Without_scripts_a_form_does_it_all()
    {
        var page = await browser.OpenAsync(scripts: false);
        var entity = Walk.NewName("plain");

        await Walk.DropAsync(page, "plain.csv", "id,price\n1,2.50\n2,3.75\n2,4.00\n3,x\n");
        await page.Locator("select[name=header]").SelectOptionAsync("true");
        await page.GetByRole(AriaRole.Button, new() { Name = "Read again" }).ClickAsync();
        Assert.Contains("header=true", page.Url, StringComparison.Ordinal);
        await page.GetByRole(AriaRole.Link, new() { Name = "On to the columns" }).ClickAsync();
        await page.GetByLabel("Name of the entity").FillAsync(entity);
        await page.Locator("select[name=t1]").SelectOptionAsync("DECIMAL");
        await page.Locator("input[name=k0]").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Look again" }).ClickAsync();
        await page.GetByText("values are refused in price (1)").WaitForAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "See what would change" }).ClickAsync();
        await ReloadUntilAsync(page, "form.apply button");
        await page.Locator("form.apply button").ClickAsync();
        await ReloadUntilAsync(page, "table.account");

        Assert.Equal(["2", "0", "0", "1", "1", "4"], await page.Locator("table.account td[data-of]").AllInnerTextsAsync());
        Assert.Equal(2, await CountAsync(browser.Http, entity));
    }

    [Fact]
    public async Task A_plan_that_something_has_passed_says_so_and_is_made_again()
    {
        var page = await browser.OpenAsync();
        var entity = Walk.NewName("stale");
        await Walk.DropAsync(page, "a.csv", "id,price\n1,10.00\n2,20.00\n");
        await Walk.PlanAsync(page, entity);
        await Walk.ApplyAsync(page);
        await Walk.DropAsync(page, "b.csv", "id,price\n1,1000.00\n2,2000.00\n");
        await page.Locator("select[name=entity]").SelectOptionAsync(entity);
        await page.AtAsync("**entity=*");
        await page.GetByRole(AriaRole.Link, new() { Name = "On to the columns" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "See what would change" }).ClickAsync();
        await Walk.PlannedAsync(page);
        var planned = page.Url;
        Assert.Equal("2", await page.Locator("[data-of='ledger.updated']").InnerTextAsync());

        await Walk.DropAsync(page, "c.csv", "id,price\n1,11.00\n");
        await page.Locator("select[name=entity]").SelectOptionAsync(entity);
        await page.AtAsync("**entity=*");
        await page.GetByRole(AriaRole.Link, new() { Name = "On to the columns" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "See what would change" }).ClickAsync();
        await Walk.PlannedAsync(page);
        await Walk.ApplyAsync(page);

        await page.GotoAsync(planned);
        await page.GetByText("Not valid any longer").WaitForAsync();
        Assert.Equal(0, await page.Locator("form.apply").CountAsync());
        await page.GetByRole(AriaRole.Button, new() { Name = "Plan again" }).ClickAsync();
        await page.Locator("form.apply button").WaitForAsync();
        Assert.NotEqual(planned, page.Url);
    }

    [Fact]
    public async Task A_plan_that_loses_rows_to_a_key_says_so_and_thrown_away_it_leads_back_to_the_columns()
    {
        var page = await browser.OpenAsync();
        var entity = Walk.NewName("thrown");
        await Walk.DropAsync(page, "orders.csv", "order;product;price\n1;a;1.234,50\n1;b;2.000,00\n2;a;3,25\n");
        Assert.StartsWith("1.234,50 ", await page.Locator("select[name=locale] option:checked").InnerTextAsync(), StringComparison.Ordinal);
        await page.GetByRole(AriaRole.Link, new() { Name = "On to the columns" }).ClickAsync();
        await page.GetByLabel("Name of the entity").FillAsync(entity);
        await Walk.KeyAsync(page);
        await page.Locator("input[name=f2]").FillAsync("cost");
        await page.GetByRole(AriaRole.Button, new() { Name = "See what would change" }).ClickAsync();
        await Walk.PlannedAsync(page);
        await page.GetByText("1 row has the same key as a later row of the file, which wins.").WaitForAsync();

        // The same choices, of which only the key changes; the entity is made anew under another name.
        await page.GetByRole(AriaRole.Button, new() { Name = "Throw the plan away" }).ClickAsync();
        await page.AtAsync($"**/columns?made={entity}");
        await page.GetByText("orders.csv").First.WaitForAsync();
        Assert.Equal(entity, await page.GetByLabel("Name of the entity").InputValueAsync());
        Assert.True(await page.Locator("input[name=k0]").IsCheckedAsync());
        Assert.Equal("cost", await page.Locator("input[name=f2]").InputValueAsync());
        await page.GetByText("1 has the same key as another one").WaitForAsync();
        await page.Locator("input[name=k1]").CheckAsync();
        await page.AtAsync("**k1=1*");
        Assert.Equal(0, await page.GetByText("the same key as another one").CountAsync());
        await page.GetByLabel("Name of the entity").FillAsync($"{entity} lines");
        await page.Keyboard.PressAsync("Tab");
        await page.GetByText($"{entity}_lines, for example").WaitForAsync();
        await page.GetByLabel("Name of the entity").FillAsync($"{entity}_lines");
        await page.GetByRole(AriaRole.Button, new() { Name = "See what would change" }).ClickAsync();
        await Walk.PlannedAsync(page);
        Assert.Equal(0, await page.GetByText("the same key as a later row").CountAsync());
        await Walk.ApplyAsync(page);
        Assert.Equal("3", await page.Locator("[data-of='ledger.inserted']").InnerTextAsync());
        Assert.DoesNotContain((await browser.Http.GetFromJsonAsync<JsonElement[]>("/v1/LogicalEntity", TestContext.Current.CancellationToken))!, known => known.GetProperty("systemName").GetString() == entity);
    }

    [Fact]
    public async Task Back_from_a_plan_into_an_entity_that_is_there_all_is_as_it_was_said()
    {
        var page = await browser.OpenAsync();
        var entity = Walk.NewName("stock");
        await Walk.DropAsync(page, "stock.csv", "id,price,cost\n1,2,1\n");
        await Walk.PlanAsync(page, entity);
        await Walk.ApplyAsync(page);

        await Walk.DropAsync(page, "more.csv", "id,price,cost,name\n2,3,4,a\n");
        await page.GotoAsync($"{page.Url}/columns?entity={entity}");
        await page.GetByLabel("Mode").SelectOptionAsync("INSERT");
        await page.AtAsync("**mode=INSERT*");
        await page.Locator("select[name=f1]").SelectOptionAsync("");
        await page.AtAsync("**f1=&*");
        await page.Locator("select[name=f2]").SelectOptionAsync("price");
        await page.AtAsync("**f2=price*");
        await page.Locator("select[name=f3]").SelectOptionAsync("+");
        await page.AtAsync("**f3=%2B*");
        await page.GetByRole(AriaRole.Button, new() { Name = "See what would change" }).ClickAsync();
        await Walk.PlannedAsync(page);
        var columns = await page.GetByRole(AriaRole.Link, new() { Name = "Columns" }).GetAttributeAsync("href");
        Assert.EndsWith($"/columns?entity={entity}", columns, StringComparison.Ordinal);
        foreach (var isThrownAway in new[] { false, true })
        {
            if (isThrownAway) await page.GoBackAsync();
            await (isThrownAway ? page.GetByRole(AriaRole.Button, new() { Name = "Throw the plan away" }) : page.GetByRole(AriaRole.Link, new() { Name = "Columns" })).ClickAsync();
            await page.AtAsync($"**{columns}");
            Assert.Equal("INSERT", await page.GetByLabel("Mode").InputValueAsync());
            Assert.Equal(["id", "", "price", "name"], await page.Locator("table.columns select").EvaluateAllAsync<string[]>("fields => fields.map(field => field.value)"));
        }

        // Read with another separator it has other columns, of which nothing was said.
        await page.GotoAsync($"{columns}&fieldDelimiter=;");
        await page.Locator("select[name=f0]").WaitForAsync();
        Assert.Equal(1, await page.Locator("table.columns select").CountAsync());
        await page.GotoAsync(columns!);
        await page.GetByRole(AriaRole.Button, new() { Name = "See what would change" }).ClickAsync();
        await Walk.PlannedAsync(page);
        await Walk.ApplyAsync(page);
        Assert.Equal("1", await page.Locator("[data-of='ledger.inserted']").InnerTextAsync());
    }

    [Fact]
    public async Task An_entity_that_something_went_into_since_is_not_made_again_by_an_old_page()
    {
        var page = await browser.OpenAsync();
        var entity = Walk.NewName("filled");
        await Walk.DropAsync(page, "parts.csv", "id,name\n1,a\n");
        await Walk.PlanAsync(page, entity);
        var columns = await page.GetByRole(AriaRole.Link, new() { Name = "Columns" }).GetAttributeAsync("href");
        await Walk.ApplyAsync(page);

        await page.GotoAsync(columns!);
        await page.GetByLabel("Name of the entity").FillAsync(entity);
        await page.GetByRole(AriaRole.Button, new() { Name = "See what would change" }).ClickAsync();

        await page.GetByText($"There is an entity {entity} already").WaitForAsync();
        Assert.Equal(1, await CountAsync(browser.Http, entity));
    }

    [Fact]
    public async Task A_form_that_is_sent_twice_is_one_import()
    {
        var page = await browser.OpenAsync();
        await Walk.DropAsync(page, "twice.csv", "id\n1\n");
        await Walk.PlanAsync(page, Walk.NewName("twice"));
        var (address, key) = (await page.Locator("form.apply").GetAttributeAsync("action"), await page.Locator("form.apply input[name=key]").InputValueAsync());

        var places = new List<string>();
        for (var i = 0; i < 2; i++)
        {
            using var handler = new HttpClientHandler { AllowAutoRedirect = false };
            using var client = new HttpClient(handler) { BaseAddress = new Uri(browser.Address) };
            client.DefaultRequestHeaders.Add("Sec-Fetch-Site", "same-origin");
            using var form = new FormUrlEncodedContent([new("key", key)]);
            using var answer = await client.PostAsync(new Uri(address!, UriKind.Relative), form, TestContext.Current.CancellationToken);
            places.Add(answer.Headers.Location!.ToString());
        }

        Assert.Equal(places[0], places[1]);
    }

    [Fact]
    public async Task Going_back_reloading_and_a_restart_keep_what_was_said()
    {
        var page = await browser.OpenAsync();
        var entity = Walk.NewName("kept");
        await Walk.DropAsync(page, "kept.csv", "nr;preis\n1;1.234,50\n2;99,00\n");
        await page.Locator("select[name=locale]").SelectOptionAsync("de-DE");
        await page.AtAsync("**locale=de-DE*");
        await page.GetByRole(AriaRole.Link, new() { Name = "On to the columns" }).ClickAsync();
        await page.GetByLabel("Name of the entity").FillAsync(entity);
        await page.Locator("input[name=f1]").FillAsync("price");
        await Walk.KeyAsync(page);

        await browser.RestartAsync();
        await page.ReloadAsync();
        Assert.Equal(entity, await page.GetByLabel("Name of the entity").InputValueAsync());
        Assert.Equal("price", await page.Locator("input[name=f1]").InputValueAsync());
        Assert.True(await page.Locator("input[name=k0]").IsCheckedAsync());
        await page.GoBackAsync();
        Assert.Equal("de-DE", await page.Locator("select[name=locale]").InputValueAsync());
        await page.GoForwardAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "See what would change" }).ClickAsync();
        await Walk.PlannedAsync(page);
        await Walk.ApplyAsync(page);
        var records = await browser.Http.GetFromJsonAsync<JsonElement[]>($"/v1/LogicalEntityData/{entity}?$orderby=nr", TestContext.Current.CancellationToken);
        Assert.Equal(["1234.50", "99.00"], records!.Select(record => record.GetProperty("price").GetRawText()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_typed_and_pressed_while_an_answer_is_on_its_way_is_not_lost(bool isByKeyboard)
    {
        var page = await browser.OpenAsync();
        await Walk.DropAsync(page, "slow.csv", "nr,preis\n1,2\n");
        await page.GetByRole(AriaRole.Link, new() { Name = "On to the columns" }).ClickAsync();
        await page.GetByLabel("Name of the entity").WaitForAsync();
        var price = page.Locator("input[name=f1]");
        var answers = new SemaphoreSlim(0);
        await page.RouteAsync("**/columns?*", async route =>
        {
            await answers.WaitAsync(TestContext.Current.CancellationToken);
            await route.ContinueAsync();
        });

        await page.GetByLabel("Name of the entity").FillAsync(Walk.NewName("slow"));
        await price.FillAsync("price");
        answers.Release();
        await page.AtAsync("**name=slow**");
        await Assertions.Expect(price).ToHaveValueAsync("price");
        await Assertions.Expect(price).ToBeFocusedAsync();
        answers.Release();
        await price.BlurAsync();
        await page.AtAsync("**f1=price**");

        await price.FillAsync("cost");
        var answer = page.WaitForResponseAsync(response => response.Url.Contains("f1=cost", StringComparison.Ordinal));
        var button = page.GetByRole(AriaRole.Button, new() { Name = "See what would change" });
        if (isByKeyboard)
        {
            await button.FocusAsync();
            await page.Keyboard.DownAsync("Space");
        }
        else
        {
            var box = await button.BoundingBoxAsync();
            await page.Mouse.MoveAsync(box!.X + (box.Width / 2), box.Y + (box.Height / 2));
            await page.Mouse.DownAsync();
        }

        answers.Release();
        await (await answer).FinishedAsync();
        await page.EvaluateAsync("() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))");
        if (isByKeyboard) await page.Keyboard.UpAsync("Space");
        else await page.Mouse.UpAsync();
        await Walk.PlannedAsync(page);
        await Walk.ApplyAsync(page);
        Assert.Contains("cost", await page.Locator("main").InnerTextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_names_an_entity_of_somebody_elses_takes_nothing_away()
    {
        var page = await browser.OpenAsync();
        var (declared, entity) = (Walk.NewName("declared"), Walk.NewName("own"));
        await new Client.EntityImportClient(browser.Http).PutEntityAsync(
            new Api.Entity { SystemName = declared, Fields = [new Api.EntityField { SystemName = "id", DataType = "STRING", PrimaryKey = true }] }, TestContext.Current.CancellationToken);
        await Walk.DropAsync(page, "parts.csv", "id,name\n1,a\n");
        await page.GotoAsync($"{page.Url}/columns?made={declared}");
        await page.GetByLabel("Name of the entity").FillAsync(entity);
        await page.GetByRole(AriaRole.Button, new() { Name = "See what would change" }).ClickAsync();
        await Walk.PlannedAsync(page);

        Assert.Contains((await browser.Http.GetFromJsonAsync<JsonElement[]>("/v1/LogicalEntity", TestContext.Current.CancellationToken))!, known => known.GetProperty("systemName").GetString() == declared);
    }

    [Fact]
    public async Task A_file_with_the_columns_of_an_entity_is_asked_whether_it_goes_into_it()
    {
        var page = await browser.OpenAsync();
        var entity = Walk.NewName("weekly");
        await Walk.DropAsync(page, "week1.csv", "weekly_nr,weekly_stock\n1,5\n2,6\n");
        await Walk.PlanAsync(page, entity);
        await Walk.ApplyAsync(page);

        await Walk.DropAsync(page, "week2.csv", "weekly_stock,weekly_nr\n7,2\nTotal,\n");
        await page.GetByText($"The entity {entity} has all of these columns.").WaitForAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = $"It goes into {entity}" }).ClickAsync();
        await page.AtAsync($"**entity={entity}*");
        Assert.Equal(0, await page.GetByText("has all of these columns").CountAsync());
        await page.GetByLabel("Lines at the end").FillAsync("1");
        await page.Keyboard.PressAsync("Tab");
        await page.AtAsync("**skipFooterLines=1*");
        await page.GetByText("Rows 1 to 1").WaitForAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "On to the columns" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "See what would change" }).ClickAsync();
        await Walk.PlannedAsync(page);
        await Walk.ApplyAsync(page);
        Assert.Equal("1", await page.Locator("[data-of='ledger.updated']").InnerTextAsync());
        Assert.Equal("1", await page.Locator("[data-of='ledger.records']").InnerTextAsync());
    }

    [Fact]
    public async Task A_file_with_the_columns_of_an_earlier_one_is_planned_as_that_was()
    {
        var page = await browser.OpenAsync();
        var entity = Walk.NewName("again");
        await Walk.DropAsync(page, "march.csv", "again_nr;again_price\n1;1.234\n2;5.678\n");
        await page.Locator("select[name=locale]").SelectOptionAsync("de-DE");
        await page.AtAsync("**locale=de-DE*");
        await Walk.PlanAsync(page, entity);
        await Walk.ApplyAsync(page);

        // Alone it would be read otherwise.
        await Walk.DropAsync(page, "april.csv", "again_nr;again_price\n2;9.123\n3;4.567\n");
        var question = page.GetByRole(AriaRole.Region, new() { Name = "As before" });
        await Assertions.Expect(question).ToContainTextAsync($"A file with these columns went into {entity} before");
        foreach (var (mapping, status) in new[] { ("\0", 400), ("", 404), ("../../LogicalEntity", 404), (Guid.Empty.ToString(), 404) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"{new Uri(page.Url).AbsolutePath}/again") { Content = new FormUrlEncodedContent([KeyValuePair.Create("mapping", mapping)]) };
            request.Headers.Add("Sec-Fetch-Site", "same-origin");
            using var refused = await browser.Http.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(status, (int)refused.StatusCode);
        }

        await question.GetByRole(AriaRole.Button, new() { Name = "Plan it as then" }).ClickAsync();
        await Walk.PlannedAsync(page);
        await Walk.ApplyAsync(page);

        var records = await browser.Http.GetFromJsonAsync<JsonElement[]>($"/v1/LogicalEntityData/{entity}?$orderby=again_nr", TestContext.Current.CancellationToken);
        Assert.Equal(["1234", "9123", "4567"], records!.Select(record => record.GetProperty("again_price").GetRawText()));
        var import = page.Url.Split('/')[^1].Split('?')[0];
        await page.GotoAsync($"/entities/{entity}");
        await Assertions.Expect(page.GetByRole(AriaRole.Table, new() { Name = $"The newest mappings for {entity}" }).Locator($"tbody tr a[href='/imports/{import}']")).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task Which_key_it_is_is_asked_beside_the_boxes_that_say_it()
    {
        var page = await browser.OpenAsync();
        await Walk.DropAsync(page, "customers orders.csv", "Name;customerNo;orderNo\nA;1;10\nB;2;11\n");
        await page.GetByRole(AriaRole.Link, new() { Name = "On to the columns" }).ClickAsync();
        var question = page.GetByRole(AriaRole.Region, new() { Name = "Which key" });
        await Assertions.Expect(question).ToContainTextAsync("Which column identifies a record?");
        await Assertions.Expect(question.Locator("li")).ToHaveTextAsync(["'customerNo', such as '1', '2'", "'orderNo', such as '10', '11'"]);

        await page.Locator("input[name=k1]").UncheckAsync();
        await page.AtAsync("**f2=orderNo*");
        await Assertions.Expect(question).ToHaveCountAsync(0);
        await page.Locator("input[name=k2]").CheckAsync();
        await page.AtAsync("**k2=1*");
        await page.GetByLabel("Name of the entity").FillAsync(Walk.NewName("keyed"));
        await page.GetByRole(AriaRole.Button, new() { Name = "See what would change" }).ClickAsync();
        await Walk.PlannedAsync(page);

        // The key that is proposed needs no more than to be left as it is.
        await Walk.DropAsync(page, "customers orders.csv", "Name;customerNo;orderNo\nA;1;10\nB;2;11\nC;3;12\n");
        await Walk.PlanAsync(page, Walk.NewName("keyed"));
    }

    [Fact]
    public async Task Nothing_is_planned_before_what_Reading_asks_is_answered()
    {
        var page = await browser.OpenAsync();
        var entity = Walk.NewName("asked");
        await Walk.DropAsync(page, "days.csv", "asked_id,asked_day\n1,03/04/2026\n2,05/06/2026\n");
        var upload = new Uri(page.Url).Segments[^1];
        // What a person states beforehand, and what does not fit, is no answer; the answer takes its place.
        await page.Locator("select[name=dateFormat]").SelectOptionAsync("yyyyMMdd");
        await page.AtAsync("**dateFormat=yyyyMMdd*");
        await page.GetByText("On to the columns once what is asked above is answered.").WaitForAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Columns", Exact = true }).ClickAsync();
        await page.GetByLabel("Name of the entity").FillAsync(entity);
        await page.GetByRole(AriaRole.Button, new() { Name = "See what would change" }).ClickAsync();
        await page.GetByText("This cannot be planned").WaitForAsync();
        Assert.Null((await browser.Http.GetFromJsonAsync<JsonElement>($"/v1/EntityImport/uploads/{upload}", TestContext.Current.CancellationToken)).GetProperty("mappingId").GetString());

        await page.GetByRole(AriaRole.Link, new() { Name = "Answer it on the page Reading" }).ClickAsync();
        await page.GetByRole(AriaRole.Region, new() { Name = "Question 1" }).GetByRole(AriaRole.Link).First.ClickAsync();
        await page.AtAsync("**say=*");
        await Assertions.Expect(page.GetByRole(AriaRole.Region, new() { Name = "Question 1" })).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Link, new() { Name = "On to the columns" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "Answer it on the page Reading" })).ToHaveCountAsync(0);
        await page.GetByLabel("Name of the entity").FillAsync(entity);
        await page.GetByRole(AriaRole.Button, new() { Name = "See what would change" }).ClickAsync();
        await Walk.PlannedAsync(page);
    }

    [Fact]
    public async Task What_stands_for_nothing_in_a_file_can_be_said()
    {
        var page = await browser.OpenAsync();
        await Walk.DropAsync(page, "customers.csv", "id,region\n1,NULL\n2,West\n3,n/a\n,\n");
        await page.GetByText("1 record does not fit").WaitForAsync();

        await page.GetByLabel("Rows without a value").SelectOptionAsync("SKIP");
        await page.AtAsync("**emptyRows=SKIP*");
        await page.GetByLabel("Words for nothing").FillAsync("NULL n/a");
        await page.Keyboard.PressAsync("Enter");
        await page.AtAsync("**nullValues=NULL*");
        Assert.Equal(0, await page.GetByText("does not fit").CountAsync());
        var entity = Walk.NewName("nothing");
        await Walk.PlanAsync(page, entity);
        await Walk.ApplyAsync(page);

        Assert.Equal(["3", "0", "1"], [await FigureAsync("inserted"), await FigureAsync("rejected"), await FigureAsync("skipped")]);
        using var records = JsonDocument.Parse(await browser.Http.GetStringAsync(new Uri($"/v1/LogicalEntityData/{entity}?$orderby=id", UriKind.Relative), TestContext.Current.CancellationToken));
        Assert.Equal([null, "West", null], records.RootElement.EnumerateArray().Select(record => record.GetProperty("region").GetString()));

        Task<string> FigureAsync(string name) => page.Locator($"[data-of='ledger.{name}']").InnerTextAsync();
    }

    [Fact]
    public async Task A_field_that_is_taken_twice_is_refused_at_the_control()
    {
        var page = await browser.OpenAsync();
        await Walk.DropAsync(page, "two.csv", "a,b\n1,2\n");
        await page.GetByRole(AriaRole.Link, new() { Name = "On to the columns" }).ClickAsync();
        await page.Locator("input[name=f1]").FillAsync("a");
        await page.Keyboard.PressAsync("Tab");

        await page.Locator("input[name=f1][aria-invalid=true]").WaitForAsync();
        Assert.Contains("'a' goes into a, too", await page.Locator("#fault1").InnerTextAsync(), StringComparison.Ordinal);
    }

    private static async Task<int> CountAsync(HttpClient http, string entity)
    {
        using var answer = await http.GetAsync(new Uri($"/v1/LogicalEntityData/{entity}?$top=1&$count=true", UriKind.Relative), TestContext.Current.CancellationToken);
        return int.Parse(answer.Headers.GetValues("X-Total-Count").Single(), System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Presses Tab until something has the focus, as somebody without a mouse does.</summary>
    private static async Task TabToAsync(IPage page, string selector)
    {
        for (var i = 0; i < 200; i++)
        {
            if (await page.Locator(selector).First.EvaluateAsync<bool>("element => element === document.activeElement")) return;
            await page.Keyboard.PressAsync("Tab");
        }

        Assert.Fail($"{selector} is not reached by Tab on {page.Url}.");
    }

    /// <summary>What a browser without scripts does by itself after some seconds.</summary>
    private static async Task ReloadUntilAsync(IPage page, string selector)
    {
        for (var i = 0; i < 100 && await page.Locator(selector).CountAsync() == 0; i++) await page.ReloadAsync();
        Assert.Equal(1, await page.Locator(selector).CountAsync());
    }
}
