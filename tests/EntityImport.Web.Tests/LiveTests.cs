using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using EntityImport.Api;
using EntityImport.Client;
using EntityImport.Web.Assets;
using EntityImport.Web.Shared;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace EntityImport.Web.Tests;

/// <summary>What is shown while something runs.</summary>
[Collection(nameof(Browser))]
public sealed class LiveTests(Browser browser)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_page_follows_an_import_to_its_ledger_by_itself()
    {
        var page = await browser.OpenAsync();
        var rows = new StringBuilder("id,name,price\n");
        for (var i = 0; i < 120_000; i++) rows.Append(CultureInfo.InvariantCulture, $"{i},a name of the record {i},{i % 977}.25\n");
        await Walk.DropAsync(page, "many.csv", rows.ToString());
        await Walk.PlanAsync(page, Walk.NewName("many"));
        await Walk.ApplyAsync(page);

        Assert.Equal("120,000", await page.Locator("[data-of='ledger.inserted']").InnerTextAsync());
        Assert.Equal("balanced", await page.Locator("tr.balanced td.share").InnerTextAsync());
    }

    [Fact]
    public async Task The_desk_tells_of_imports_that_come_run_and_end_and_keeps_the_file_that_was_chosen()
    {
        var client = new EntityImportClient(browser.Http);
        var entity = Walk.NewName("desk");
        await client.PutEntityAsync(new Entity { SystemName = entity, Fields = [new EntityField { SystemName = "id", DataType = "STRING", PrimaryKey = true }, new EntityField { SystemName = "price", DataType = "DECIMAL" }] }, Cancel);
        var rows = new StringBuilder("id,price\n");
        for (var row = 1; row <= 300_000; row++) rows.Append(CultureInfo.InvariantCulture, $"{row},{row} kg\n");
        var mapping = await client.CreateMappingAsync(entity, cancellationToken: Cancel);
        var uploads = new List<Guid>();
        for (var i = 0; i < 3; i++) uploads.Add(await client.UploadAsync(mapping, new MemoryStream(Encoding.UTF8.GetBytes(rows.ToString())), "desk.csv", Cancel));
        var page = await browser.OpenAsync();
        page.SetDefaultTimeout(60_000);
        await page.GotoAsync("/");
        await page.Locator("#file").SetInputFilesAsync(new FilePayload { Name = "mine.csv", MimeType = "text/csv", Buffer = "a\n1\n"u8.ToArray() });

        var imports = new List<Guid>();
        foreach (var upload in uploads) imports.Add(await client.ImportAsync(upload, Cancel));
        // They run one after the other: the last one waits, how far they are is told, and all are among the latest in the end.
        await page.Locator($"[data-import='{imports[^1]}'][data-state=QUEUED]").WaitForAsync();
        await page.Locator("[data-import][data-state=RUNNING] [data-live=rows]").GetByText(" rows").First.WaitForAsync();
        foreach (var import in imports) await page.Locator($"table.list a[href='/imports/{import}']").WaitForAsync();
        Assert.Equal(0, await page.Locator("[data-import]").CountAsync());
        Assert.Equal("mine.csv", await page.Locator("#file").EvaluateAsync<string>("input => input.files[0].name"));
    }

    [Fact]
    public async Task A_desk_without_a_connection_of_its_own_asks()
    {
        var client = new EntityImportClient(browser.Http);
        var entity = Walk.NewName("asked");
        await client.PutEntityAsync(new Entity { SystemName = entity, Fields = [new EntityField { SystemName = "id", DataType = "STRING", PrimaryKey = true }] }, Cancel);
        var mapping = await client.CreateMappingAsync(entity, cancellationToken: Cancel);
        var first = await browser.OpenAsync();
        await first.GotoAsync("/operations");
        await first.EvaluateAsync("() => Promise.all([0, 1, 2, 3].map(number => new Promise(taken => navigator.locks.request(`eis:events:${number}`, () => { taken(); return new Promise(() => {}); }))))");
        var page = await first.Context.NewPageAsync();
        await page.GotoAsync("/");

        // What has the focus keeps it.
        string? focused = null;
        for (var i = 0; i < 2; i++)
        {
            var import = await client.ImportAsync(await client.UploadAsync(mapping, new MemoryStream("id\n1\n"u8.ToArray()), "asked.csv", Cancel), Cancel);
            var link = page.Locator($"table.list a[href='/imports/{import}']");
            await link.WaitForAsync();
            if (focused is not null) Assert.Equal(focused, await page.EvaluateAsync<string?>("() => document.activeElement.getAttribute('href')"));
            await link.FocusAsync();
            focused = $"/imports/{import}";
        }
    }

    [Fact]
    public async Task Seven_tabs_follow_the_same_import_and_all_of_them_can_be_used()
    {
        var page = await browser.OpenAsync();
        page.SetDefaultTimeout(120_000);
        var client = new EntityImportClient(browser.Http);
        var entity = Walk.NewName("tabs");
        await client.PutEntityAsync(new Entity { SystemName = entity, Fields = [new EntityField { SystemName = "id", DataType = "STRING", PrimaryKey = true }, new EntityField { SystemName = "price", DataType = "DECIMAL" }] }, Cancel);
        var rows = new StringBuilder("id,price\n0,1\n");
        for (var row = 1; row <= 200_000; row++) rows.Append(CultureInfo.InvariantCulture, $"{row},{row} kg\n");
        var mapping = await client.CreateMappingAsync(entity, cancellationToken: Cancel);
        // The last one waits for the others, which are cancelled once all tabs are there: it cannot have ended before.
        var imports = new List<Guid>();
        for (var i = 0; i < 16; i++) imports.Add(await client.ImportAsync(await client.UploadAsync(mapping, new MemoryStream(Encoding.UTF8.GetBytes(rows.ToString())), "tabs.csv", Cancel), Cancel));
        var import = imports[^1];

        var tabs = new List<IPage> { page };
        while (tabs.Count < 7) tabs.Add(await page.Context.NewPageAsync());
        foreach (var tab in tabs)
        {
            await tab.GotoAsync($"/imports/{import}");
            await tab.Locator("eis-progress").WaitForAsync(new() { State = WaitForSelectorState.Attached });
        }

        // Each goes elsewhere and back while the others look on.
        await tabs[6].GetByRole(AriaRole.Link, new() { Name = "Entities" }).First.ClickAsync();
        await tabs[6].AtAsync("**/entities");
        await tabs[6].GoBackAsync();
        Assert.False((await client.GetImportAsync(import, Cancel)).State is ImportState.Succeeded or ImportState.Failed);
        foreach (var before in imports[..^1])
        {
            // The first ones may have ended.
            if (!(await client.GetImportAsync(before, Cancel)).State.HasEnded) await TryCancelAsync(before);
        }

        foreach (var tab in tabs) await tab.Locator("table.account").First.WaitForAsync();

        async Task TryCancelAsync(Guid before)
        {
            try
            {
                await client.CancelAsync(before, Cancel);
            }
            catch (EntityImportProblemException refused) when (refused.StatusCode == HttpStatusCode.Conflict)
            {
                // It has ended meanwhile, or is being committed.
            }
        }
    }

    [Fact]
    public async Task What_events_say_is_in_the_figures_the_curve_and_its_table_and_a_connection_that_breaks_is_told()
    {
        var page = await browser.OpenAsync();
        var events = new StringBuilder();
        for (var i = 1; i <= 4; i++)
        {
            events.Append(CultureInfo.InvariantCulture, $$$"""
                event: progress
                data: {"ledger":{"rejected":{{{i}}}},"progress":{"phase":"LOADING","recordsRead":{{{i * 1000}}},"bytesRead":{{{i * 50000}}},"bytesTotal":400000,"recordsPerSecond":4000,"estimatedSecondsLeft":1.5}}


                """);
        }

        await page.RouteAsync("**/played", route => route.FulfillAsync(new() { ContentType = "text/event-stream", Body = events.ToString() }));
        await page.GotoAsync("/operations");
        await page.EvaluateAsync(
            "async ([html, script]) => { document.querySelector('main').insertAdjacentHTML('afterbegin', html); await import(script); }",
            new[] { await RenderAsync("/played"), AssetFiles.AddressOf("progress.js") });

        await Assertions.Expect(page.Locator("[data-live=rows]")).ToHaveTextAsync("4,000");
        await Assertions.Expect(page.Locator("[data-live=rejected]")).ToHaveTextAsync("4");
        await Assertions.Expect(page.Locator("[data-live=bytes]")).ToHaveTextAsync("200.0 kB of 400.0 kB");
        await Assertions.Expect(page.Locator("[data-live=left]")).ToHaveTextAsync("1.5 s");
        await Assertions.Expect(page.Locator("[data-live=connection]")).ToContainTextAsync("Reconnecting");
        Assert.True((await page.Locator(".curve .line").GetAttributeAsync("d"))!.Split('L').Length >= 4);
        await page.GetByText("The curve as a table").ClickAsync();
        // It connects again by itself, and goes on with the points that it has.
        await Assertions.Expect(page.Locator("[data-live=points] tr").Nth(5)).ToBeVisibleAsync(new() { Timeout = 15_000 });
    }

    [Fact]
    public async Task A_page_that_follows_something_waits_for_a_service_that_is_away()
    {
        var page = await browser.OpenAsync();
        var upload = (await PostAsync("/v1/EntityImport/uploads?resumable=true")).GetProperty("uploadId").GetString();
        await page.GotoAsync($"/uploads/{upload}");
        await page.GetByText("of the file have arrived").WaitForAsync();
        await page.EvaluateAsync("() => { window.stayed = true; }");
        var refused = 0;
        await page.RouteAsync($"**/uploads/{upload}", route => Interlocked.Increment(ref refused) switch
        {
            1 => route.AbortAsync(),
            2 => route.FulfillAsync(new() { Status = 503, ContentType = "text/html", Body = "<main id='page'>away</main>" }),
            3 => route.FulfillAsync(new() { ContentType = "text/html", Body = "<p>something else" }),
            _ => route.ContinueAsync(),
        });
        await page.RunAndWaitForResponseAsync(() => Task.CompletedTask, response => response.Url.EndsWith($"/uploads/{upload}", StringComparison.Ordinal) && refused > 3);
        Assert.Equal(0, await page.GetByText("away").CountAsync());

        using var piece = new HttpRequestMessage(HttpMethod.Patch, $"/v1/EntityImport/uploads/{upload}") { Content = new ByteArrayContent("id\n1\n"u8.ToArray()) };
        piece.Content.Headers.ContentType = new("application/partial-upload");
        piece.Headers.Add("Upload-Offset", "0");
        piece.Headers.Add("Upload-Complete", "?1");
        using var sent = await browser.Http.SendAsync(piece, Cancel);
        Assert.True(sent.IsSuccessStatusCode);
        await page.GetByRole(AriaRole.Link, new() { Name = "On to the columns" }).WaitForAsync();
        Assert.True(await page.EvaluateAsync<bool>("window.stayed"));

        // The list of the desk, which is told that it is another one, is asked for until it comes.
        var asked = 0;
        await page.GotoAsync("/");
        await page.EvaluateAsync("() => { window.stayed = true; }");
        await page.RouteAsync($"{browser.Address}/", route => Interlocked.Increment(ref asked) == 1 ? route.AbortAsync() : route.ContinueAsync());
        var client = new EntityImportClient(browser.Http);
        var entity = Walk.NewName("away");
        await client.PutEntityAsync(new Entity { SystemName = entity, Fields = [new EntityField { SystemName = "id", DataType = "STRING", PrimaryKey = true }] }, Cancel);
        var import = await client.ImportAsync(await client.UploadAsync(await client.CreateMappingAsync(entity, cancellationToken: Cancel), new MemoryStream("id\n1\n"u8.ToArray()), "away.csv", Cancel), Cancel);
        await page.Locator($"table.list a[href='/imports/{import}']").WaitForAsync();
        Assert.True(asked > 1);
        Assert.True(await page.EvaluateAsync<bool>("window.stayed"));

        async Task<JsonElement> PostAsync(string address)
        {
            using var answer = await browser.Http.PostAsync(new Uri(address, UriKind.Relative), content: null, Cancel);
            return await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        }
    }

    private static async Task<string> RenderAsync(string events)
    {
        await using var services = new ServiceCollection().AddLogging().BuildServiceProvider();
        await using var renderer = new HtmlRenderer(services, NullLoggerFactory.Instance);
        return await renderer.Dispatcher.InvokeAsync(async () =>
        {
            var root = await renderer.RenderComponentAsync<Running>(ParameterView.FromDictionary(new Dictionary<string, object?>
            {
                [nameof(Running.Events)] = events,
                [nameof(Running.Progress)] = new ImportProgress(ImportPhase.Queued, 0, 0, 400_000, 0, null),
            }));
            return root.ToHtmlString();
        });
    }
}
