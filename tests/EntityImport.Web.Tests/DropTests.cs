namespace EntityImport.Web.Tests;

/// <summary>What holds while a file is sent.</summary>
[Collection(nameof(Browser))]
public sealed class DropTests(Browser browser)
{
    [Fact]
    public async Task Who_skips_to_the_page_goes_on_sending_and_who_goes_back_sees_what_was_there()
    {
        var page = await browser.OpenAsync();
        var sent = await HoldAsync(page);
        await page.GotoAsync("/");
        await SendAsync(page, "skipped.csv");
        await page.Locator("a.skip").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await page.AtAsync("**/#page");
        await page.GoBackAsync();
        await page.AtAsync("**/");
        sent.SetResult();
        await page.AtAsync("**/uploads/*");

        await page.GetByRole(AriaRole.Link, new() { Name = "Rows after" }).ClickAsync();
        await page.GetByText("Rows 13 to 24").WaitForAsync();
        await page.GoBackAsync();
        await page.GetByText("Rows 1 to 12").WaitForAsync();
    }

    /// <summary>Holds the answer to what is sent back, until the test says so.</summary>
    private static async Task<TaskCompletionSource> HoldAsync(IPage page)
    {
        var sent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await page.RouteAsync("**/v1/EntityImport/uploads", async route =>
        {
            await sent.Task.WaitAsync(TestContext.Current.CancellationToken);
            await route.ContinueAsync();
        });
        return sent;
    }

    private static async Task SendAsync(IPage page, string name)
    {
        await page.Locator("#file").SetInputFilesAsync(new FilePayload { Name = name, MimeType = "text/csv", Buffer = System.Text.Encoding.UTF8.GetBytes("id\n" + string.Join('\n', Enumerable.Range(1, 30)) + "\n") });
        await page.GetByRole(AriaRole.Button, new() { Name = "Read it" }).ClickAsync();
        await page.GetByText($"{name} is sent…").WaitForAsync();
    }
}
