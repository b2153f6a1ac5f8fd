using System.Collections.Concurrent;

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

    [Fact]
    public async Task A_second_file_is_refused_while_one_is_sent()
    {
        var page = await browser.OpenAsync();
        var sent = await HoldAsync(page);
        await page.GotoAsync("/");
        await SendAsync(page, "first.csv");
        await page.EvaluateAsync(
            """
            () => {
              const data = new DataTransfer();
              data.items.add(new File(['id\n2\n'], 'second.csv'));
              dispatchEvent(new DragEvent('drop', { dataTransfer: data, cancelable: true }));
            }
            """);
        await page.GetByText("second.csv is not sent, since first.csv still is.").WaitForAsync();
        sent.SetResult();
        await page.AtAsync("**/uploads/*");
        Assert.Equal("first.csv", await page.Locator("h1").InnerTextAsync());
    }

    [Fact]
    public async Task A_file_of_which_it_is_not_told_how_much_has_arrived_is_sent_from_where_it_was()
    {
        var page = await browser.OpenAsync();
        await page.GotoAsync("/");
        await page.EvaluateAsync("() => { window.told = []; new MutationObserver(() => window.told.push(document.querySelector('.drop-said').textContent)).observe(document.querySelector('.drop-said'), { childList: true }); }");
        var offsets = new ConcurrentQueue<string>();
        var (pieces, looks) = (0, 0);
        IReadOnlyList<string> told = [];
        await page.RouteAsync("**/v1/EntityImport/uploads/*", async route =>
        {
            if (route.Request.Method == "HEAD")
            {
                await (Interlocked.Increment(ref looks) == 1 ? route.FulfillAsync(new() { Status = 500 }) : route.ContinueAsync());
                return;
            }

            offsets.Enqueue(route.Request.Headers["upload-offset"]);
            // The second time nothing has arrived, and that is told; the last piece comes once all words were read.
            if (Interlocked.Increment(ref pieces) == 4) told = await page.EvaluateAsync<string[]>("window.told");
            await (pieces <= 2 ? route.FulfillAsync(new() { Status = 409, ContentType = "application/problem+json", Body = "{}" }) : route.ContinueAsync());
        });
        await page.Locator("#file").SetInputFilesAsync(new FilePayload { Name = "pieces.csv", MimeType = "text/csv", Buffer = [.. "id\n"u8, .. Enumerable.Repeat("123456789\n"u8.ToArray(), 900_000).SelectMany(row => row)] });
        await page.GetByRole(AriaRole.Button, new() { Name = "Read it" }).ClickAsync();
        await page.AtAsync("**/uploads/*");

        Assert.Equal(["0", "0", "0", $"{8 << 20}"], offsets);
        Assert.Contains(told, text => text.Contains(" MB, ", StringComparison.Ordinal));
        Assert.DoesNotContain(told, text => text.Contains("Infinity", StringComparison.Ordinal) || text.Contains("NaN", StringComparison.Ordinal));
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
