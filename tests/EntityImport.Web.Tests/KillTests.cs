using System.Globalization;
using System.Text;
using EntityImport.Api;
using EntityImport.Client;

namespace EntityImport.Web.Tests;

/// <summary>The service ends without a word at each step of the way, as a machine does whose plug is pulled: what somebody did until then is there when it is back.</summary>
[Collection(nameof(Browser))]
public sealed class KillTests(Browser browser) : IDisposable
{
    private readonly ServiceProcess _service = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_work_is_lost_or_done_twice_where_the_service_is_killed_at_every_step()
    {
        await _service.StartAsync(Cancel);
        var page = await browser.OpenAsync(address: _service.Address);
        // Each start takes its time where much else runs.
        page.SetDefaultTimeout(60_000);
        using var http = new HttpClient { BaseAddress = new Uri(_service.Address) };
        var client = new EntityImportClient(http);
        var rows = new StringBuilder("id;price\n");
        for (var row = 1; row <= 40_000; row++) rows.Append(CultureInfo.InvariantCulture, $"a{row};{row}.50\n");
        rows.Append("b1;1.25 kg\nb2;x\nb3;3.25\n");

        await Walk.DropAsync(page, "kill.csv", rows.ToString());
        await KillAsync(page);
        await page.GetByRole(AriaRole.Link, new() { Name = "On to the columns" }).ClickAsync();
        await page.GetByLabel("Name of the entity").FillAsync("killed");
        await page.Locator("select[name=t1]").SelectOptionAsync("DECIMAL");
        await Walk.KeyAsync(page);
        await KillAsync(page);
        await BringInAsync(page, page.GetByRole(AriaRole.Button, new() { Name = "See what would change" }));
        Assert.Equal(["40,001", "2"], [await page.Locator("[data-of='ledger.inserted']").InnerTextAsync(), await page.Locator("[data-of='ledger.rejected']").InnerTextAsync()]);

        await page.GotoAsync($"{page.Url}/repair?all=true");
        var import = Guid.Parse(page.Url.Split('/')[^2]);
        await EditAsync(page, row: 1, "1.25");
        await Walk.SavedAsync(page);
        await KillAsync(page);
        await Assertions.Expect(Price(page, row: 1)).ToHaveTextAsync("1.25");
        await Assertions.Expect(Price(page, row: 2)).ToContainTextAsync("x");
        // What nobody answers is kept by the browser until somebody does.
        _service.Kill();
        await EditAsync(page, row: 2, "2.25");
        await page.GetByText("It is tried again").WaitForAsync();
        await _service.StartAsync(Cancel);
        await Walk.SavedAsync(page);
        Assert.Equal(["1.25", "2.25"], (await client.ListRepairEditsAsync(import, cancellationToken: Cancel)).Edits.Select(edit => edit.Columns!["2"]));
        await KillAsync(page);
        await BringInAsync(page, page.Locator("[data-repair-plan] button"));
        Assert.Equal("2", await page.Locator("[data-of='ledger.inserted']").InnerTextAsync());
        Assert.Equal(40_003, await CountAsync());

        await page.GotoAsync($"/imports/{import}/undo");
        await EndAsync(page, page.GetByRole(AriaRole.Button, new() { Name = "Take " }));
        Assert.Equal(2, await CountAsync());
        Assert.Equal([ImportState.Succeeded, ImportState.Succeeded, ImportState.Succeeded], (await client.ListImportsAsync(cancellationToken: Cancel)).Imports.Select(ended => ended.State));

        async Task<long> CountAsync()
        {
            using var answer = await http.GetAsync(new Uri("/v1/LogicalEntityData/killed?$top=1&$count=true", UriKind.Relative), Cancel);
            return long.Parse(answer.Headers.GetValues("X-Total-Count").Single(), CultureInfo.InvariantCulture);
        }
    }

    public void Dispose() => _service.Dispose();

    private static ILocator Price(IPage page, int row) => page.Locator($"[data-index='{row - 1}'] [data-cell='4']");

    private static async Task EditAsync(IPage page, int row, string text)
    {
        await Price(page, row).ClickAsync();
        await Walk.TypeAsync(page, text);
    }

    /// <summary>Plans by a button and applies the plan; the service is killed amid both.</summary>
    private async Task BringInAsync(IPage page, ILocator plan)
    {
        await plan.ClickAsync();
        await page.AtAsync("**/plans/*");
        await KillAsync(page);
        await Walk.PlannedAsync(page);
        await EndAsync(page, page.Locator("form.apply button"));
    }

    /// <summary>Begins an import by a button, kills the service, and waits for the import's end.</summary>
    private async Task EndAsync(IPage page, ILocator begin)
    {
        await begin.ClickAsync();
        await page.AtAsync("**/imports/*");
        await KillAsync(page);
        await Walk.EndedAsync(page);
    }

    /// <summary>Kills the service, starts it again where it was, and reads the page again.</summary>
    private async Task KillAsync(IPage page)
    {
        _service.Kill();
        await _service.StartAsync(Cancel);
        await page.ReloadAsync();
    }
}
