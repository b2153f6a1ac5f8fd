using System.Net;
using System.Net.Http.Json;
using EntityImport.Access;
using EntityImport.Server.Options;

namespace EntityImport.Server.Tests;

/// <summary>Pages may do what their caller may, by the API's own gate; what they look like is tried in a browser.</summary>
public sealed class PagesTests : IAsyncLifetime
{
    private readonly TestServer _server = new() { Access = new AccessOptions { ApiKeys = true, AdminKey = ApiKeyText.Create() } };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _server.InitializeAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_page_shows_and_does_what_its_caller_may_and_nothing_else()
    {
        var made = await _server.SendAsync(HttpMethod.Post, "/v1/keys", HttpStatusCode.Created, JsonContent.Create(new { name = "reader", scopes = new[] { "read" } }));
        var key = made.GetProperty("key").GetString()!;

        var (nobody, page) = await AskAsync(HttpMethod.Get, "/", key: null);
        Assert.Equal(HttpStatusCode.OK, nobody);
        Assert.Contains("<h1>Sign in</h1>", page, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync(HttpMethod.Get, "/", ApiKeyText.Create())).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync(HttpMethod.Post, "/samples/products.csv", key: null)).Status);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(HttpMethod.Get, "/", key)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await AskAsync(HttpMethod.Get, "/access", key)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await AskAsync(HttpMethod.Post, "/access/keys", key, ("name", "mine"), ("scope", "admin"))).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await AskAsync(HttpMethod.Post, "/samples/products.csv", key)).Status);

        // Nothing was made.
        Assert.Equal(["reader"], (await _server.SendAsync(HttpMethod.Get, "/v1/keys", HttpStatusCode.OK)).GetProperty("keys").EnumerateArray().Select(kept => kept.GetProperty("name").GetString()));
    }

    private async Task<(HttpStatusCode Status, string Text)> AskAsync(HttpMethod method, string path, string? key, params (string Name, string Value)[] form)
    {
        using var client = new HttpClient { BaseAddress = _server.Http.BaseAddress };
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Add("Sec-Fetch-Site", "same-origin");
        if (key is not null) request.Headers.Add("X-Api-Key", key);
        if (form.Length > 0) request.Content = new FormUrlEncodedContent(form.Select(field => new KeyValuePair<string, string>(field.Name, field.Value)));
        using var answer = await client.SendAsync(request, Cancel);
        Assert.Equal("text/html", answer.Content.Headers.ContentType!.MediaType);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancel));
    }
}
