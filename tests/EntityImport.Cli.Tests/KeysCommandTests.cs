using System.Net;

namespace EntityImport.Cli.Tests;

/// <summary><c>eis keys</c>: the first key is made before the first start, the others wherever the first one lets in.</summary>
public sealed class KeysCommandTests : IDisposable
{
    private readonly Eis _eis = new();

    public void Dispose() => _eis.Dispose();

    [Fact]
    public async Task The_first_key_is_made_on_the_data_directory_and_lets_in_to_make_and_revoke_others_at_the_server()
    {
        var first = await _eis.RunAsync("keys", "create", "first", "--scope", "admin");
        Assert.Equal(0, first.Code);
        Assert.Matches("^eis_[0-9A-Za-z]{49}\n$", first.Output.ReplaceLineEndings("\n"));
        Assert.Contains("for admin. It is shown this once", first.Error, StringComparison.Ordinal);
        var file = _eis.WriteSecret("key", first.Output);
        await File.WriteAllTextAsync(Path.Combine(_eis.Data, "eis.json"), """{ "access": { "apiKeys": true } }""", TestContext.Current.CancellationToken);

        using var server = await ServeProcess.StartAsync(_eis);
        string[] there = ["--server", server.Address, "--api-key-file", file];
        var second = await Eis.RunThereAsync(["keys", "create", "nightly prices", "--scope", "import:Price", "read:Price", "--expires", "30d", .. there]);
        Assert.Equal(0, second.Code);
        var list = await Eis.RunThereAsync(["keys", "list", .. there]);

        Assert.Equal(0, list.Code);
        Assert.Contains("nightly prices  read:Price import:Price", list.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(second.Output.Trim(), list.Output, StringComparison.Ordinal);
        server.Http.DefaultRequestHeaders.Add("X-Api-Key", second.Output.Trim());
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(server));
        var id = list.Output.Split('\n').Single(line => line.Contains("nightly", StringComparison.Ordinal)).Split(' ')[0];

        Assert.Equal(0, (await Eis.RunThereAsync(["keys", "revoke", id, .. there])).Code);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(server));
        Assert.Contains("revoked ", (await Eis.RunThereAsync(["keys", "list", .. there])).Output, StringComparison.Ordinal);
        Assert.Equal(1, (await Eis.RunThereAsync(["keys", "revoke", Guid.NewGuid().ToString(), .. there])).Code);
        Assert.Equal(3, (await Eis.RunThereAsync(["keys", "list", "--server", server.Address, "--api-key-file", _eis.WriteSecret("old", second.Output)])).Code);
    }

    [Fact]
    public async Task A_link_by_which_somebody_signs_in_is_made_on_the_data_directory_and_at_the_server()
    {
        Directory.CreateDirectory(_eis.Data);
        await File.WriteAllTextAsync(Path.Combine(_eis.Data, "eis.json"), """{ "access": { "apiKeys": true, "signIn": { "address": "https://eis.example.com" } } }""", TestContext.Current.CancellationToken);
        var first = await _eis.RunAsync("keys", "sign-in", "--name", "Anna");
        Assert.Equal(0, first.Code);
        Assert.Matches(@"^https://eis\.example\.com/sign-in/link\?token=eislink_[0-9A-Za-z]{43}\n$", first.Output.ReplaceLineEndings("\n"));
        Assert.Contains("For Anna, who may do admin. It works once, within 10 minutes", first.Error, StringComparison.Ordinal);
        var file = _eis.WriteSecret("key", (await _eis.RunAsync("keys", "create", "first", "--scope", "admin")).Output);

        using var server = await ServeProcess.StartAsync(_eis);
        var second = await Eis.RunThereAsync(["keys", "sign-in", "--name", "Ida", "--scope", "import:Price", "read:Price", "--server", server.Address, "--api-key-file", file]);
        Assert.Equal(0, second.Code);
        Assert.Contains("For Ida, who may do read:Price, import:Price.", second.Error, StringComparison.Ordinal);
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = server.Http.BaseAddress };
        foreach (var link in new[] { first, second })
        {
            using var form = new FormUrlEncodedContent([KeyValuePair.Create("token", link.Output.Trim().Split('=')[1])]);
            using var request = new HttpRequestMessage(HttpMethod.Post, "/sign-in/link") { Content = form };
            request.Headers.Add("Sec-Fetch-Site", "same-origin");
            using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Contains(answer.Headers.TryGetValues("Set-Cookie", out var cookies) ? cookies : [], cookie => cookie.StartsWith("__Host-eis-session=", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("write", "90d", "'write' is no scope")]
    [InlineData("read", "0d", "--expires takes a date")]
    [InlineData("read", "soon", "--expires takes a date")]
    [InlineData("read", "2020-01-01", "is over")]
    public async Task What_cannot_be_is_told(string scope, string expires, string reason)
    {
        var refused = await _eis.RunAsync("keys", "create", "x", "--scope", scope, "--expires", expires);

        Assert.Equal(1, refused.Code);
        Assert.Contains(reason, refused.Error, StringComparison.Ordinal);
        Assert.Empty(refused.Output);
    }

    [Fact]
    public async Task Secrets_are_not_shown_with_the_configuration_and_what_it_does_not_know_is_told()
    {
        var config = _eis.Write("eis.json", """
            { "access": { "adminKey": "eis_0000000000000000000000000000000000000000000xxxxxx",
                "salesforce": { "environments": { "eis.example.com": { "organisations": ["00Dxx0000001gPLEAY"], "secrets": ["consumer-secret"] } } },
                "signIn": { "oidc": { "issuer": "https://id.example.com", "clientId": "eis", "clientSecret": "client-secret", "grants": [{ "value": "x", "scopes": ["read"] }] } } },
              "tls": { "password": "tls-password" } }
            """);
        var bad = await _eis.RunAsync("serve", "--config", config, "--show-config");
        Assert.Equal(1, bad.Code);
        Assert.Contains("access.adminKey is no API key", bad.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("eis_0000", bad.Error, StringComparison.Ordinal);

        var key = (await _eis.RunAsync("keys", "create", "x", "--scope", "admin")).Output.Trim();
        await File.WriteAllTextAsync(config, (await File.ReadAllTextAsync(config, TestContext.Current.CancellationToken)).Replace("eis_0000000000000000000000000000000000000000000xxxxxx", key, StringComparison.Ordinal), TestContext.Current.CancellationToken);
        var shown = await _eis.RunAsync("serve", "--config", config, "--show-config");

        Assert.Equal(0, shown.Code);
        Assert.Contains("00Dxx0000001gPLEAY", shown.Output, StringComparison.Ordinal);
        foreach (var secret in (string[])[key, "consumer-secret", "client-secret", "tls-password"]) Assert.DoesNotContain(secret, shown.Output + shown.Error, StringComparison.Ordinal);
        var typo = await _eis.RunAsync("serve", "--set", "access.apiKey=true", "--set", "access.limits.uploads=0", "--show-config");
        Assert.Equal(1, typo.Code);
        Assert.Contains("'apiKey' is no option of it", typo.Error, StringComparison.Ordinal);
    }

    private static async Task<HttpStatusCode> StatusAsync(ServeProcess server)
    {
        using var answer = await server.Http.GetAsync(new Uri("/v1/me", UriKind.Relative), TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }
}
