using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace EntityImport.Web.Tests;

/// <summary>The way of a file through the pages, as tests begin with it.</summary>
internal static class Walk
{
    private static int _names;

    /// <summary>A name that no other test has.</summary>
    public static string NewName(string prefix) => $"{prefix}_{Interlocked.Increment(ref _names)}";

    /// <summary>Waits until a page is where it is meant to be, and whole. The document itself is asked: an event that comes between a look at the address and listening for it, Playwright does not see.</summary>
    /// <param name="page">The page.</param>
    /// <param name="address">The address, in which <c>**</c> stands for anything, and <c>*</c> for anything but a slash.</param>
    public static Task AtAsync(this IPage page, string address)
    {
        var pattern = Regex.Escape(address).Replace(@"\*\*", ".*", StringComparison.Ordinal).Replace(@"\*", "[^/]*", StringComparison.Ordinal);
        return page.WholeAsync("pattern => new RegExp(pattern).test(location.href)", $"^{pattern}$");
    }

    /// <summary>Waits until something is true of a page, by a function of scripts, and the page is whole.</summary>
    public static async Task WholeAsync(this IPage page, string function, string argument) =>
        await page.WaitForFunctionAsync($"argument => document.readyState === 'complete' && ({function})(argument)", argument, new() { PollingInterval = 50 });

    /// <summary>Drops a file on the desk, and waits until it was read.</summary>
    public static Task DropAsync(IPage page, string name, string content) => DropAsync(page, name, Encoding.UTF8.GetBytes(content));

    /// <inheritdoc cref="DropAsync(IPage, string, string)"/>
    public static async Task DropAsync(IPage page, string name, byte[] content)
    {
        await page.GotoAsync("/");
        await page.Locator("#file").SetInputFilesAsync(new FilePayload { Name = name, MimeType = "text/csv", Buffer = content });
        await page.GetByRole(AriaRole.Button, new() { Name = "Read it" }).ClickAsync();
        await page.AtAsync("**/uploads/*");
    }

    /// <summary>Goes on from Reading to a plan of a new entity.</summary>
    public static async Task PlanAsync(IPage page, string entity)
    {
        await page.GetByRole(AriaRole.Link, new() { Name = "On to the columns" }).ClickAsync();
        await page.GetByLabel("Name of the entity").FillAsync(entity);
        await page.GetByRole(AriaRole.Button, new() { Name = "See what would change" }).ClickAsync();
        await PlannedAsync(page);
    }

    /// <summary>Takes the first column as the key, where it is not the one that is proposed.</summary>
    public static async Task KeyAsync(IPage page)
    {
        await page.Locator("input[name=k0]").CheckAsync();
        await page.AtAsync("**k0=1*");
    }

    /// <summary>Waits until a plan is ready.</summary>
    public static async Task PlannedAsync(IPage page)
    {
        await page.AtAsync("**/plans/*");
        await page.GetByText("Where each row will end up").WaitForAsync();
    }

    /// <summary>Applies the plan that is shown, and waits for the end.</summary>
    public static async Task ApplyAsync(IPage page)
    {
        await page.Locator("form.apply button").ClickAsync();
        await EndedAsync(page);
    }

    /// <summary>Waits until an import has ended.</summary>
    public static async Task EndedAsync(IPage page)
    {
        await page.AtAsync("**/imports/*");
        await page.Locator("table.account").First.WaitForAsync();
    }

    /// <summary>Applies the plan that is shown. Its page and the import's show the same ledger, which is what the API answers for each, and adds up; answers it.</summary>
    public static async Task<SortedDictionary<string, long>> ApplyWithLedgerAsync(Browser browser, IPage page)
    {
        var planned = await LedgerAsync(page);
        Assert.Equal(LedgerOf((await browser.AnswersAsync(page))[0].GetProperty("plan").GetProperty("ledger"), planned.Keys), planned);
        await ApplyAsync(page);
        var imported = await LedgerAsync(page);
        Assert.Equal(planned, imported);
        Assert.Equal(LedgerOf((await browser.AnswersAsync(page))[0].GetProperty("ledger"), imported.Keys), imported);
        Assert.Equal(imported["records"], imported.Where(figure => figure.Key != "records").Sum(figure => figure.Value));
        return imported;
    }

    /// <summary>Types a text into the cell that has the focus, in place of what is there, once it is.</summary>
    public static async Task TypeAsync(IPage page, string text)
    {
        await page.WaitForFunctionAsync("() => !document.activeElement.closest('[aria-busy=true]')");
        await page.Keyboard.PressAsync("F2");
        await page.Keyboard.TypeAsync(text);
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("ArrowLeft");
    }

    /// <summary>Waits until nothing is unsaved.</summary>
    public static async Task SavedAsync(IPage page) => await page.WaitForFunctionAsync("() => { const grid = document.querySelector('eis-grid'); return grid.pending.size === 0 && !grid.isSaving && !grid.editor && document.querySelector('[data-saved]').textContent.startsWith('saved'); }");

    private static async Task<SortedDictionary<string, long>> LedgerAsync(IPage page)
    {
        var cells = await page.Locator("table.account td[data-of^='ledger.']").EvaluateAllAsync<string[][]>("cells => cells.map(cell => [cell.dataset.of.slice(7), cell.innerText])");
        return new(cells.ToDictionary(cell => cell[0], cell => long.Parse(cell[1], NumberStyles.AllowThousands, CultureInfo.InvariantCulture)));
    }

    private static SortedDictionary<string, long> LedgerOf(JsonElement ledger, IEnumerable<string> names) => new(names.ToDictionary(name => name, name => ledger.GetProperty(name).GetInt64()));
}
