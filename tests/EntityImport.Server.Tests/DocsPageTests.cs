using System.Diagnostics;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace EntityImport.Server.Tests;

/// <summary>The page at /docs as a browser shows it. Needs Chromium.</summary>
public sealed partial class DocsPageTests(TestServer server) : IAsyncDisposable
{
    private const string Look = """
        new Promise(resolve => {
          const look = () => document.body?.innerText.includes('Create a mapping') && document.querySelectorAll('button').length > 5 ? resolve({
            shown: [...document.querySelectorAll('a, button')].filter(element => element.checkVisibility()).map(element => ({ address: element.href ?? '', text: element.innerText })),
            requests: performance.getEntriesByType('resource').map(entry => entry.name),
          }) : requestAnimationFrame(look);
          look();
        })
        """;

    private readonly string _profile = Path.Combine(Path.GetTempPath(), "eis-server-tests", Path.GetRandomFileName());

    [Fact]
    public async Task The_page_shows_nothing_of_its_maker_and_asks_no_other_host()
    {
        using var browser = Start(new Uri(server.Http.BaseAddress!, "/docs"));
        try
        {
            var seen = await SeeAsync(browser).WaitAsync(TestServer.Patience, TestContext.Current.CancellationToken);
            var own = server.Http.BaseAddress!.GetLeftPart(UriPartial.Authority);
            var shown = seen.GetProperty("shown").EnumerateArray().Select(element => (Address: element.GetProperty("address").GetString()!, Text: element.GetProperty("text").GetString()!)).ToList();

            Assert.Contains(shown, element => element.Text.StartsWith("Propose an entity and a mapping", StringComparison.Ordinal));
            Assert.All(shown, element => Assert.True(element.Address.Length == 0 || element.Address.StartsWith(own, StringComparison.Ordinal), $"'{element.Text}' leads to {element.Address}."));
            Assert.All(shown, element => Assert.DoesNotMatch(OfTheMaker(), element.Text));
            var requests = seen.GetProperty("requests").EnumerateArray().Select(request => request.GetString()!).ToList();
            Assert.Contains($"{own}/openapi/v1.json", requests);
            Assert.All(requests, request => Assert.True(request.StartsWith(own, StringComparison.Ordinal) || request.StartsWith("data:", StringComparison.Ordinal) || request.StartsWith("blob:", StringComparison.Ordinal), request));
        }
        finally
        {
            browser.Kill(entireProcessTree: true);
            await browser.WaitForExitAsync(CancellationToken.None);
        }
    }

    /// <remarks>The browser's processes outlive it for a moment, and may write into their folder until they are gone.</remarks>
    public async ValueTask DisposeAsync() => await Eventually.TrueAsync(IsSwept, $"{_profile} could not be deleted.");

    private bool IsSwept()
    {
        try
        {
            if (Directory.Exists(_profile)) Directory.Delete(_profile, recursive: true);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private Process Start(Uri page)
    {
        var program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, "chromium")).FirstOrDefault(File.Exists);
        if (program is null) Assert.Skip("Chromium is not installed: nobody looked at the page.");
        // Whatever is no address of this machine is not found, so that nothing leaves it.
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardError = true,
            ArgumentList =
            {
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--no-first-run", "--window-size=1600,1200",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--remote-debugging-port=0", $"--user-data-dir={_profile}", page.AbsoluteUri,
            },
        };
        return Process.Start(start)!;
    }

    /// <summary>Waits until the page is rendered, and tells what it shows and what it asked for.</summary>
    private static async Task<JsonElement> SeeAsync(Process browser)
    {
        string? line;
        while ((line = await browser.StandardError.ReadLineAsync()) is not null && !line.StartsWith("DevTools listening on ", StringComparison.Ordinal))
        {
        }

        Assert.NotNull(line);
        _ = browser.StandardError.ReadToEndAsync();
        using var http = new HttpClient { BaseAddress = new Uri($"http://{new Uri(line["DevTools listening on ".Length..]).Authority}") };
        JsonElement page;
        do page = (await http.GetFromJsonAsync<JsonElement[]>("/json/list"))!.FirstOrDefault(target => target.GetProperty("url").GetString()!.EndsWith("/docs", StringComparison.Ordinal));
        while (page.ValueKind == JsonValueKind.Undefined);

        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri(page.GetProperty("webSocketDebuggerUrl").GetString()!), CancellationToken.None);
        // The first answer may be that the page was left meanwhile: the browser begins with an empty one.
        JsonElement told;
        do told = await AskAsync(socket);
        while (told.TryGetProperty("error", out _));
        return told.GetProperty("result").GetProperty("result").TryGetProperty("value", out var seen) ? seen : throw new InvalidOperationException(told.ToString());
    }

    private static async Task<JsonElement> AskAsync(ClientWebSocket socket)
    {
        var question = new { id = 1, method = "Runtime.evaluate", @params = new { expression = Look, awaitPromise = true, returnByValue = true } };
        await socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(question), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        using var answer = new MemoryStream();
        var buffer = new byte[64 << 10];
        WebSocketReceiveResult part;
        do
        {
            part = await socket.ReceiveAsync(buffer, CancellationToken.None);
            answer.Write(buffer, 0, part.Count);
        }
        while (!part.EndOfMessage);

        return JsonElement.Parse(answer.ToArray());
    }

    [GeneratedRegex("scalar|powered by|ask ai|\\bmcp\\b|api client|developer tools|generate sdk|deploy", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex OfTheMaker();
}
