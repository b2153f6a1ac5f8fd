namespace EntityImport.Web.Tests;

/// <summary>The way of a file through the pages, as tests begin with it.</summary>
internal static class Walk
{
    private static int _names;

    /// <summary>A name that no other test has.</summary>
    public static string NewName(string prefix) => $"{prefix}_{Interlocked.Increment(ref _names)}";

    /// <summary>Drops a file on the desk, and waits until it was read.</summary>
    public static async Task DropAsync(IPage page, string name, string content)
    {
        await page.GotoAsync("/");
        await page.Locator("#file").SetInputFilesAsync(new FilePayload { Name = name, MimeType = "text/csv", Buffer = System.Text.Encoding.UTF8.GetBytes(content) });
        await page.GetByRole(AriaRole.Button, new() { Name = "Read it" }).ClickAsync();
        await page.WaitForURLAsync("**/uploads/*");
    }

    /// <summary>Goes on from Reading to a plan of a new entity.</summary>
    public static async Task PlanAsync(IPage page, string entity)
    {
        await page.GetByRole(AriaRole.Link, new() { Name = "On to the columns" }).ClickAsync();
        await page.GetByLabel("Name of the entity").FillAsync(entity);
        await page.GetByRole(AriaRole.Button, new() { Name = "See what would change" }).ClickAsync();
        await PlannedAsync(page);
    }

    /// <summary>Waits until a plan is ready.</summary>
    public static async Task PlannedAsync(IPage page)
    {
        await page.WaitForURLAsync("**/plans/*");
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
        await page.WaitForURLAsync("**/imports/*");
        await page.Locator("table.account").First.WaitForAsync();
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
}
