using System.Net;
using EntityImport.Server.Options;

namespace EntityImport.Server.Tests.Access;

/// <summary>What a browser does of its own accord: it keeps cookies, says which pages its requests come from, and goes where it is sent.</summary>
internal sealed class FakeBrowser : IDisposable
{
    private const int MostSteps = 10;

    private readonly HttpClient _http;

    /// <param name="server">The server.</param>
    /// <param name="rootsFile">Whose certificates it trusts in place of the machine's; null means those.</param>
    public FakeBrowser(Uri server, string? rootsFile = null) =>
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = Cookies, SslOptions = TrustedRoots.Tls(rootsFile) }) { BaseAddress = server, Timeout = TestServer.Patience };

    /// <summary>The cookies that it has; it takes hosts for one whatever their port, as browsers do.</summary>
    public CookieContainer Cookies { get; } = new();

    /// <summary>Where it was sent, in the order of its steps.</summary>
    public List<Uri> Steps { get; } = [];

    /// <summary>What it shows.</summary>
    public string Page { get; private set; } = "";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Opens an address, and goes on to where it is sent; unless it is sent somewhere that a condition holds for.</summary>
    public async Task<HttpStatusCode> OpenAsync(string address, Func<Uri, bool>? until = null)
    {
        var next = new Uri(_http.BaseAddress!, address);
        for (var step = 0; step < MostSteps; step++)
        {
            Steps.Add(next);
            if (until?.Invoke(next) == true) return HttpStatusCode.SeeOther;
            using var answer = await _http.GetAsync(next, Cancel);
            Page = await answer.Content.ReadAsStringAsync(Cancel);
            Assert.True((int)answer.StatusCode < 500, $"{next} answered {(int)answer.StatusCode}: {Page}");
            if (answer.Headers.Location is not { } location || (int)answer.StatusCode is < 300 or >= 400) return answer.StatusCode;
            next = new Uri(next, location);
        }

        throw new InvalidOperationException("It was sent around: " + string.Join(" -> ", Steps));
    }

    /// <summary>Sends a form; answers where it is sent on to, or else the status.</summary>
    public async Task<string> PostAsync(string address, string? site, params (string Name, string Value)[] form)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new FormUrlEncodedContent(form.Select(field => KeyValuePair.Create(field.Name, field.Value))) };
        if (site is not null) request.Headers.Add("Sec-Fetch-Site", site);
        using var answer = await _http.SendAsync(request, Cancel);
        return answer.Headers.Location?.OriginalString ?? $"{(int)answer.StatusCode}";
    }

    /// <summary>The status of a call.</summary>
    public async Task<HttpStatusCode> CallAsync(HttpMethod method, string path, string? site = null, string? origin = null, string? json = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = json is null ? null : TestServer.Json(json) };
        if (site is not null) request.Headers.Add("Sec-Fetch-Site", site);
        if (origin is not null) request.Headers.Add("Origin", origin);
        using var answer = await _http.SendAsync(request, Cancel);
        Page = await answer.Content.ReadAsStringAsync(Cancel);
        return answer.StatusCode;
    }

    public void Dispose() => _http.Dispose();
}
