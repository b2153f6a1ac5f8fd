using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;
using EntityImport.Options;
using EntityImport.Server;
using EntityImport.Server.Options;
using EntityImport.Web.Tests;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

[assembly: AssemblyFixture(typeof(Browser))]

namespace EntityImport.Web.Tests;

/// <summary>A real server on a free port, and the Chromium that is installed. Where there is none, its tests are skipped and say so.</summary>
public sealed class Browser : IAsyncLifetime
{
    private const string Program = "/usr/bin/chromium";

    private readonly string _directory = Path.Combine(Path.GetTempPath(), "eis-web-tests", Path.GetRandomFileName());
    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private IBrowserContext? _context;
    private WebApplication? _app;

    /// <summary>The server's address.</summary>
    public string Address { get; private set; } = "";

    /// <summary>The API, as other clients call it.</summary>
    public HttpClient Http { get; private set; } = new();

    /// <summary>What pages broke of what they may do, in all tests: refused by the policy, asked of another host, or failed in a script.</summary>
    public ConcurrentQueue<string> Offences { get; } = [];

    /// <summary>The samples beside the sources.</summary>
    public static string Samples { get; } = Find("samples");

    /// <summary>The repository.</summary>
    public static string Root => Path.GetDirectoryName(Samples)!;

    public async ValueTask InitializeAsync()
    {
        if (!File.Exists(Program)) return;
        await StartAsync(port: 0);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = Program, Args = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"] });
    }

    /// <remarks>What pages must not do is judged here, behind all tests: none of them has to think of it.</remarks>
    public async ValueTask DisposeAsync()
    {
        if (_browser is not null) await _browser.CloseAsync();
        _playwright?.Dispose();
        Http.Dispose();
        if (_app is not null) await _app.DisposeAsync();
        if (Directory.Exists(_directory)) Directory.Delete(_directory, recursive: true);
        Assert.True(Offences.IsEmpty, "Pages broke their policy, asked another host, or failed in a script:\n" + string.Join('\n', Offences.Distinct()));
    }

    /// <summary>A new tab of a browser that knows nothing; the one before is closed.</summary>
    /// <param name="theme">Light or dark.</param>
    /// <param name="width">Its width.</param>
    /// <param name="scripts">Whether it runs scripts.</param>
    /// <param name="address">The address of another server than this one's.</param>
    public async Task<IPage> OpenAsync(ColorScheme theme = ColorScheme.Light, int width = 1280, bool scripts = true, string? address = null)
    {
        var own = address ?? Address;
        Assert.SkipWhen(_browser is null, $"There is no Chromium at {Program}: the pages are not looked at.");
        if (_context is not null) await _context.CloseAsync();
        var context = _context = await _browser.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = own,
            ColorScheme = theme,
            JavaScriptEnabled = scripts,
            Locale = "en-GB",
            ReducedMotion = ReducedMotion.Reduce,
            TimezoneId = "UTC",
            ViewportSize = new ViewportSize { Width = width, Height = 900 },
        });
        context.SetDefaultTimeout(60_000);
        Assertions.SetDefaultExpectTimeout(60_000);
        var page = await context.NewPageAsync();
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(own, StringComparison.Ordinal) && !request.Url.StartsWith("data:", StringComparison.Ordinal)) Offences.Enqueue($"{page.Url} asked {request.Url}");
        };
        page.Console += (_, message) =>
        {
            if (message.Type == "error" && !message.Text.Contains("Failed to load resource", StringComparison.Ordinal)) Offences.Enqueue($"{page.Url}: {message.Text}");
        };
        page.PageError += (_, fault) => Offences.Enqueue($"{page.Url}: {fault}");
        return page;
    }

    /// <summary>What a page says that it shows: the answers of the calls that it prints.</summary>
    public async Task<IReadOnlyList<JsonElement>> AnswersAsync(IPage page)
    {
        var calls = JsonElement.Parse((await page.Locator("main").GetAttributeAsync("data-api"))!);
        var answers = new List<JsonElement>();
        foreach (var call in calls.EnumerateArray())
        {
            using var request = new HttpRequestMessage(new HttpMethod(call.GetProperty("method").GetString()!), call.GetProperty("path").GetString());
            if (call.GetProperty("body").GetString() is { } body) request.Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
            using var answer = await Http.SendAsync(request, TestContext.Current.CancellationToken);
            answers.Add(await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken));
        }

        return answers;
    }

    /// <summary>Stops the server and starts it again at the same address, as a service that was restarted.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAgainAsync();
    }

    /// <summary>Stops the server: whoever asks is not answered.</summary>
    public async Task StopAsync()
    {
        await _app!.StopAsync();
        await _app.DisposeAsync();
    }

    /// <summary>Starts it again at the same address.</summary>
    public Task StartAgainAsync() => StartAsync(new Uri(Address).Port);

    private async Task StartAsync(int port)
    {
        _app = EntityImportServer.Build(
            new ServerOptions { Urls = [$"http://127.0.0.1:{port}"], Engine = new EngineOptions { DataDirectory = _directory, StoreMemoryBytes = 256 << 20 } },
            builder => builder.Logging.ClearProviders());
        await _app.StartAsync();
        Address = _app.Urls.Single();
        Http.Dispose();
        Http = new HttpClient { BaseAddress = new Uri(Address) };
    }

    private static string Find(string folder)
    {
        for (var directory = AppContext.BaseDirectory; directory is not null; directory = Path.GetDirectoryName(directory))
            if (Directory.Exists(Path.Combine(directory, folder))) return Path.Combine(directory, folder);
        throw new InvalidOperationException($"There is no folder {folder} above {AppContext.BaseDirectory}.");
    }
}
