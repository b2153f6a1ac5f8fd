using System.Net;
using System.Text.Json;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;

namespace EntityImport.Web.Tests;

/// <summary>What holds on each screen: it can be used by everybody, shows what the API says, stays within its policy, and is small.</summary>
[Collection(nameof(Browser))]
public sealed class ScreenTests(Browser browser)
{
    private const long MostBytes = 60_000;

    /// <summary>What stands out of a page at its right, beside what scrolls by itself.</summary>
    private const string Widest = "[...document.querySelectorAll('main *')].filter(part => part.getBoundingClientRect().right > innerWidth && !part.closest('.scroll, pre')).map(part => `${part.tagName}.${part.getAttribute('class')} ${part.textContent.trim().slice(0, 40)}`).slice(0, 5).join('; ')";

    /// <summary>Texts that would do something where they were taken for markup, for a script or for a direction.</summary>
    private const string Hostile = "id,note\n1,<script>document.title='x'</script>\n2,\"<img src=x onerror=\"\"document.title='x'\"\">\"\n3,\u202Egnp.exe\n4,'><svg/onload=alert(1)>\n5,{{1+1}}\n6,\u0007bell\n7,=cmd|'/c calc'!A0\n8,javascript:alert(1)\n";

    [Fact]
    public async Task Nothing_keeps_anybody_from_using_a_screen()
    {
        var page = await browser.OpenAsync();
        foreach (var screen in await ScreensAsync(page))
        {
            await page.SetViewportSizeAsync(1280, 900);
            await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
            await page.GotoAsync(screen);
            Assert.Equal(1, await page.Locator("h1").CountAsync());
            Assert.Equal(0, await page.Locator("[style], script:not([src]), style").CountAsync());
            // What is folded is looked at, too.
            await page.EvaluateAsync("for (const part of document.querySelectorAll('details')) part.open = true");
            var found = await page.RunAxe(new AxeRunOptions { RunOnly = RunOnlyOptions.Tags("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice") });
            Assert.True(found.Violations.Length == 0, $"{screen}: " + string.Join("; ", found.Violations.Select(fault => $"{fault.Id}: {fault.Nodes[0].Html}")));
            // In the other theme only colours are others.
            await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
            found = await page.RunAxe(new AxeRunOptions { RunOnly = RunOnlyOptions.Rules("color-contrast", "link-in-text-block") });
            Assert.True(found.Violations.Length == 0, $"{screen}, dark: " + string.Join("; ", found.Violations.Select(fault => $"{fault.Id}: {fault.Nodes[0].Html}")));
            await page.SetViewportSizeAsync(320, 900);
            Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"{screen} is wider than 320 px: {await page.EvaluateAsync<string>(Widest)}");
        }
    }

    [Fact]
    public async Task A_screen_shows_what_its_calls_of_the_API_answer()
    {
        var page = await browser.OpenAsync();
        var entity = Walk.NewName("same");
        await Walk.DropAsync(page, "same.csv", "id,price\n1,2.50\n2,3.75\n2,4.00\n3,x\n");
        await page.GetByRole(AriaRole.Link, new() { Name = "On to the columns" }).ClickAsync();
        await page.GetByLabel("Name of the entity").FillAsync(entity);
        await page.Locator("select[name=t1]").SelectOptionAsync("DECIMAL");
        await Walk.KeyAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "See what would change" }).ClickAsync();
        await Walk.PlannedAsync(page);
        var rows = await page.Locator("table.come tbody tr").CountAsync();
        Assert.Equal((await browser.AnswersAsync(page))[1].GetProperty("changes").GetArrayLength(), rows);

        await Walk.ApplyWithLedgerAsync(browser, page);

        await page.GotoAsync($"/entities/{entity}");
        var shown = await page.Locator("table.records tbody tr").EvaluateAllAsync<string[][]>("rows => rows.map(row => [...row.cells].map(cell => cell.innerText.trim()))");
        var kept = (await browser.AnswersAsync(page))[1].EnumerateArray().Select(record => new[] { record.GetProperty("id").ToString(), record.GetProperty("price").GetRawText() });
        Assert.Equal(kept, shown);
    }

    [Fact]
    public async Task Imports_are_found_by_what_their_files_are_called()
    {
        var page = await browser.OpenAsync();
        var entity = Walk.NewName("found");
        await Walk.DropAsync(page, "Winter prices.csv", "id,price\n1,2.50\n");
        await Walk.PlanAsync(page, entity);
        await Walk.ApplyAsync(page);

        await page.GotoAsync($"/imports?entity={entity}");
        await page.GetByLabel("File", new() { Exact = true }).FillAsync("winter");
        await page.GetByLabel("From", new() { Exact = true }).FillAsync("2020-01-31");
        await page.GetByLabel("To", new() { Exact = true }).FillAsync("9998-12-31");
        await page.AtAsync("**q=winter*until=9998-12-31*");
        Assert.Equal("Winter prices.csv", await page.Locator("#imports tbody td.wide").First.InnerTextAsync());
        await page.GetByLabel("File", new() { Exact = true }).FillAsync("summer");
        await page.GetByLabel("By", new() { Exact = true }).FocusAsync();
        await page.GetByText("No import is like that.").WaitForAsync();
        await page.GotoAsync($"/imports?entity={entity}&until=2020-01-31");
        await page.GetByText("No import is like that.").WaitForAsync();
    }

    [Fact]
    public async Task Records_are_found_by_a_text_a_number_or_a_date()
    {
        var page = await browser.OpenAsync();
        var entity = Walk.NewName("sought");
        await Walk.DropAsync(page, "sought.csv", "sku,name,price,since\nA-1,Red O'Neill chair \u0130,12.50,2024-01-31\nB-2,blue table,3.00,2024-02-01\nC-12,Lamp (100 %),7.00,2024-02-01\n");
        await Walk.PlanAsync(page, entity);
        await Walk.ApplyAsync(page);

        await page.GotoAsync($"/entities/{entity}");
        foreach (var (sought, found) in new (string, string[])[]
        {
            ("o'neill", ["A-1"]), (" TABLE ", ["B-2"]), ("CHAIR \u0130", ["A-1"]), ("12", ["C-12"]), ("12.5", ["A-1"]), ("2024-02-01", ["B-2", "C-12"]), ("100 %", ["C-12"]), ("-1", ["A-1", "C-12"]), ("", ["A-1", "B-2", "C-12"]),
        })
        {
            await page.GetByLabel("Find", new() { Exact = true }).FillAsync(sought);
            await page.GetByRole(AriaRole.Button, new() { Name = "Show" }).ClickAsync();
            await Assertions.Expect(page.Locator("table.records tbody td:first-child")).ToHaveTextAsync(found);
        }

        await page.GetByLabel("Find", new() { Exact = true }).FillAsync("a");
        await page.GetByLabel("Condition", new() { Exact = false }).FillAsync("price lt 5 or price gt 12");
        await page.GetByRole(AriaRole.Button, new() { Name = "Show" }).ClickAsync();
        await Assertions.Expect(page.Locator("table.records tbody td:first-child")).ToHaveTextAsync(["A-1", "B-2"]);
        await page.GotoAsync($"/entities/{entity}?find=_");
        await page.GetByText("No record has it.").WaitForAsync();

        var numbers = Walk.NewName("numbers");
        await Walk.DropAsync(page, "numbers.csv", "n,m\n1,10\n2,20\n");
        await Walk.PlanAsync(page, numbers);
        await Walk.ApplyAsync(page);
        await page.GotoAsync($"/entities/{numbers}?find=ten");
        await page.GetByText("No record has it.").WaitForAsync();
        await page.GotoAsync($"/entities/{numbers}?find=20");
        await Assertions.Expect(page.Locator("table.records tbody td:first-child")).ToHaveTextAsync(["2"]);
    }

    [Fact]
    public async Task What_is_shown_as_read_is_what_the_import_stores()
    {
        var page = await browser.OpenAsync();
        var entity = Walk.NewName("read");
        await Walk.DropAsync(page, "read.csv", "id;amount;day;yes\n1;1.234,50;31.12.2026;true\n2;-0,07;01.02.2026;false\n3;;;\n");
        var shown = await page.Locator("table.read tbody tr").EvaluateAllAsync<string[][]>("rows => rows.map(row => [...row.cells].map(cell => cell.querySelector('.value')?.innerText ?? null))");
        await Walk.PlanAsync(page, entity);
        await Walk.ApplyAsync(page);
        using var answer = await browser.Http.GetAsync(new Uri($"/v1/LogicalEntityData/{entity}?$orderby=id", UriKind.Relative), TestContext.Current.CancellationToken);
        var kept = JsonElement.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).EnumerateArray()
            .Select(record => record.EnumerateObject().Select(field => field.Value.ValueKind switch { JsonValueKind.Null => null, JsonValueKind.String => field.Value.GetString(), _ => field.Value.GetRawText() }).ToArray()).ToArray();

        Assert.Equal(kept, shown);
        Assert.Equal("1234.50", shown[0][1]);
    }

    [Fact]
    public async Task Texts_of_a_file_do_nothing()
    {
        var page = await browser.OpenAsync();
        var entity = Walk.NewName("hostile");
        page.Dialog += (_, dialog) => Assert.Fail($"A text of the file has run: {dialog.Message}");
        await Walk.DropAsync(page, "<b>hostile'\".csv", Hostile);
        Assert.Contains("<b>hostile'", await page.Locator("h1").InnerTextAsync(), StringComparison.Ordinal);
        await Walk.PlanAsync(page, entity);
        await Walk.ApplyAsync(page);
        foreach (var address in new[] { page.Url, $"/entities/{entity}", $"/entities/{entity}/record?key=3" })
        {
            await page.GotoAsync(address);
            Assert.NotEqual("x", await page.TitleAsync());
            Assert.Equal(0, await page.Locator("main img, main script, main [onload], main [onerror]").CountAsync());
            var text = await page.Locator("main").InnerTextAsync();
            Assert.DoesNotContain('\u202E', text);
            Assert.DoesNotContain('\u0007', text);
        }

        await page.GotoAsync($"/entities/{entity}");
        Assert.Contains("\\u202egnp.exe", await page.Locator("table.records").InnerTextAsync(), StringComparison.Ordinal);
        Assert.Contains("<script>document.title='x'</script>", await page.Locator("table.records").InnerTextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_load_is_small()
    {
        var page = await browser.OpenAsync();
        var session = await page.Context.NewCDPSessionAsync(page);
        await session.SendAsync("Network.enable");
        var bytes = 0L;
        session.Event("Network.loadingFinished").OnEvent += (_, data) => Interlocked.Add(ref bytes, (long)data!.Value.GetProperty("encodedDataLength").GetDouble());
        await page.GotoAsync("/", new() { WaitUntil = WaitUntilState.NetworkIdle });

        Assert.InRange(bytes, 1_000, MostBytes);
        TestContext.Current.TestOutputHelper!.WriteLine($"{bytes} bytes");
    }

    [Fact]
    public async Task Another_separator_reads_again_and_keeps_the_focus()
    {
        var page = await browser.OpenAsync();
        await Walk.DropAsync(page, "semicolons.csv", "a;b;c\n1;2;3\n4;5;6\n");
        Assert.Equal(3, await page.Locator("table.read thead th").CountAsync());
        await page.Locator("select[name=fieldDelimiter]").FocusAsync();
        await page.Locator("select[name=fieldDelimiter]").SelectOptionAsync(",");
        await page.AtAsync("**fieldDelimiter=*");

        Assert.Equal(1, await page.Locator("table.read thead th").CountAsync());
        Assert.Equal("fieldDelimiter", await page.EvaluateAsync<string>("document.activeElement.name"));
    }

    [Fact]
    public async Task Another_theme_keeps_what_was_chosen_since_the_page_came()
    {
        var page = await browser.OpenAsync();
        await Walk.DropAsync(page, "themed.csv", "a;b\n1;2\n");
        await page.Locator("select[name=fieldDelimiter]").SelectOptionAsync(",");
        await page.AtAsync("**fieldDelimiter=*");
        var chosen = page.Url;
        await page.Locator(".theme button").ClickAsync();
        await page.Locator("html[data-theme]").WaitForAsync();
        await page.AtAsync(chosen);

        var wide = $"/entities?of={new string('x', 20_000)}";
        await page.GotoAsync(wide);
        await page.Locator(".theme button").ClickAsync();
        await page.WholeAsync("() => document.documentElement.dataset.theme !== 'dark'", "");
        Assert.Equal(wide, new Uri(page.Url).PathAndQuery);
    }

    [Theory]
    [InlineData("same-site")]
    [InlineData("cross-site")]
    [InlineData(null)]
    public async Task A_form_of_another_site_changes_nothing(string? site)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/samples/products.csv", UriKind.Relative));
        if (site is not null) request.Headers.Add("Sec-Fetch-Site", site);
        using var answer = await browser.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task What_is_not_there_is_a_page_for_people_and_a_problem_for_programs()
    {
        var page = await browser.OpenAsync();
        var answer = await page.GotoAsync("/nothing/here");
        Assert.Equal(404, answer!.Status);
        Assert.Equal("Not found", await page.Locator("h1").InnerTextAsync());
        answer = await page.GotoAsync($"/imports/{Guid.NewGuid()}");
        Assert.Equal(404, answer!.Status);
        await page.GetByText("import-not-found").WaitForAsync();

        using var program = await browser.Http.GetAsync(new Uri("/nothing/here", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal("application/problem+json", program.Content.Headers.ContentType!.MediaType);
    }

    /// <summary>Addresses of each screen, with something on it.</summary>
    private static async Task<IReadOnlyList<string>> ScreensAsync(IPage page)
    {
        var entity = Walk.NewName("screens");
        await Walk.DropAsync(page, "screens.csv", "id,price,day\n1,2.50,03/04/2026\n2,3.75,05/06/2026\n3,x,07/08/2026\n4,1,\"broken\n");
        var reading = page.Url;
        await page.Locator("section[aria-label='Question 1'] a").First.ClickAsync();
        await page.AtAsync("**say=*");
        await page.GetByRole(AriaRole.Link, new() { Name = "On to the columns" }).ClickAsync();
        await page.GetByLabel("Name of the entity").FillAsync(entity);
        await page.Locator("select[name=t1]").SelectOptionAsync("DECIMAL");
        await Walk.KeyAsync(page);
        var columns = page.Url;
        await page.GetByRole(AriaRole.Button, new() { Name = "See what would change" }).ClickAsync();
        await Walk.PlannedAsync(page);
        var plan = page.Url;
        await Walk.ApplyAsync(page);
        var import = page.Url;
        return ["/", reading, $"{reading}/columns", columns, plan, import, $"{import}/receipt", $"{import}/repair", $"{import}/undo", "/imports", "/entities", $"/entities/{entity}", $"/entities/{entity}/record?key=1", $"/entities/{entity}/delete", "/operations", "/access", "/audit", "/sign-in", "/sign-in/link?token=eislink_x", "/nothing"];
    }
}
