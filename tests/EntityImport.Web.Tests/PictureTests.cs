using System.Text.RegularExpressions;

namespace EntityImport.Web.Tests;

/// <summary>
/// The walk through the pages that docs/ui.md shows. With the variable EIS_WRITE_PICTURES set it writes the pictures; without, it goes the same way, so that each picture shows what there is.
/// </summary>
[Collection(nameof(Browser))]
public sealed partial class PictureTests(Browser browser)
{
    private static readonly string Folder = Path.Combine(Browser.Root, "docs", "pictures");
    private readonly List<string> _taken = [];

    [Fact]
    public async Task The_walk_of_the_docs_goes_from_a_dropped_file_to_an_undo()
    {
        var page = await browser.OpenAsync(width: 1200);
        await page.GotoAsync("/");
        await TakeAsync(page, "ui-1-desk");
        await page.GetByRole(AriaRole.Button, new() { Name = "customers-bad-rows.csv" }).ClickAsync();
        await page.AtAsync("**/uploads/*");
        await TakeAsync(page, "ui-2-reading");

        await page.GetByRole(AriaRole.Link, new() { Name = "On to the columns" }).ClickAsync();
        await page.GetByLabel("Name of the entity").FillAsync("customers");
        await page.GetByLabel("customerNo is part of the key").CheckAsync();
        await page.GetByLabel("Type of creditLimit").SelectOptionAsync("CURRENCY");
        await page.GetByLabel("Type of memberSince").SelectOptionAsync("DATE");
        await page.AtAsync("**t4=DATE*");
        await page.GetByLabel("Type of newsletter").SelectOptionAsync("BOOLEAN");
        await page.AtAsync("**t5=BOOLEAN*");
        await TakeAsync(page, "ui-3-columns");
        await page.GetByRole(AriaRole.Button, new() { Name = "See what would change" }).ClickAsync();
        await Walk.PlannedAsync(page);
        await TakeAsync(page, "ui-4-plan");
        await Walk.ApplyAsync(page);
        await TakeAsync(page, "ui-5-import");
        var figures = await page.Locator("table.account td[data-of]").AllInnerTextsAsync();
        Assert.Equal(16, figures.SkipLast(1).Sum(int.Parse));

        await page.Locator("a.button[href$='/repair']").First.ClickAsync();
        await page.Locator(".grid-row:not(.waits)[data-index]").First.WaitForAsync();
        await TakeAsync(page, "ui-6-repair");
        await page.GoBackAsync();

        await page.GetByRole(AriaRole.Link, new() { Name = "Look at the records" }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Records" }).WaitForAsync();
        await TakeAsync(page, "ui-7-entity");
        await page.GoBackAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Undo" }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Take the import back" }).WaitForAsync();
        await TakeAsync(page, "ui-8-undo");
        await page.Locator("form.actions button").ClickAsync();
        await Walk.EndedAsync(page);

        var shown = Pictures().Matches(await File.ReadAllTextAsync(Path.Combine(Browser.Root, "docs", "ui.md"), TestContext.Current.CancellationToken)).Select(match => match.Groups[1].Value);
        Assert.Equal(_taken, shown);
        Assert.All(_taken, name => Assert.True(File.Exists(Path.Combine(Folder, $"{name}.png")), $"docs/pictures/{name}.png is missing: set EIS_WRITE_PICTURES=1 and run this test."));
    }

    private async Task TakeAsync(IPage page, string name)
    {
        _taken.Add(name);
        if (Environment.GetEnvironmentVariable("EIS_WRITE_PICTURES") is null) return;
        Directory.CreateDirectory(Folder);
        await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Folder, $"{name}.png") });
    }

    [GeneratedRegex(@"\(pictures/(ui-[a-z0-9-]+)\.png\)")]
    private static partial Regex Pictures();
}
