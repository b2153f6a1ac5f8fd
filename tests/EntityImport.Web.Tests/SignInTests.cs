using System.Net.Http.Json;
using System.Text.Json;
using EntityImport.Access;
using EntityImport.Options;
using EntityImport.Server;
using EntityImport.Server.Options;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace EntityImport.Web.Tests;

/// <summary>Where callers are asked who they are, somebody signs in with a real browser, does the whole job, and signs out.</summary>
[Collection(nameof(Browser))]
public sealed class SignInTests(Browser browser) : IAsyncLifetime
{
    private readonly string _directory = Path.Combine(Path.GetTempPath(), "eis-web-tests", Path.GetRandomFileName());
    private readonly string _key = ApiKeyText.Create();
    private WebApplication _app = null!;

    public async ValueTask InitializeAsync()
    {
        _app = EntityImportServer.Build(
            new ServerOptions { Urls = ["http://127.0.0.1:0"], Access = new AccessOptions { AdminKey = _key }, Engine = new EngineOptions { DataDirectory = _directory, StoreMemoryBytes = 256 << 20 } },
            builder => builder.Logging.ClearProviders());
        await _app.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Somebody_signs_in_by_a_link_and_out_again(bool scripts)
    {
        var address = _app.Urls.Single();
        var page = await browser.OpenAsync(scripts: scripts, address: address);
        await page.GotoAsync("/access");
        Assert.EndsWith("/sign-in?back=%2Faccess", page.Url, StringComparison.Ordinal);
        await page.GetByRole(AriaRole.Heading, new() { Name = "You need a link" }).WaitForAsync();
        var link = await LinkAsync(address);

        await page.GotoAsync(link);
        await page.GetByRole(AriaRole.Main).GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await page.AtAsync($"{address}/");
        await page.GetByText("Ida", new() { Exact = true }).WaitForAsync();

        if (scripts)
        {
            // A file is sent, and an import is watched, by scripts: they are let in by the same cookie.
            var entity = Walk.NewName("signedin");
            await Walk.DropAsync(page, "signedin.csv", "id,price\n1,2.50\n2,3.75\n");
            await Walk.PlanAsync(page, entity);
            await Walk.ApplyAsync(page);
        }

        await page.GotoAsync("/access");
        await page.GetByRole(AriaRole.Rowheader, new() { Name = "Ida" }).WaitForAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await page.GetByText("You have signed out.").WaitForAsync();
        await page.GotoAsync(link);
        await page.GetByRole(AriaRole.Main).GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await page.GetByText("The link is unknown, has been used, or its time is over.").WaitForAsync();
    }

    private async Task<string> LinkAsync(string address)
    {
        using var http = new HttpClient { BaseAddress = new Uri(address) };
        http.DefaultRequestHeaders.Add("X-Api-Key", _key);
        using var answer = await http.PostAsJsonAsync("/v1/sessions/links", new { name = "Ida", scopes = new[] { "admin" } }, TestContext.Current.CancellationToken);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("link").GetString()!;
    }
}
