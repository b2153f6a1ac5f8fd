using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EntityImport.Access;
using EntityImport.Server.Options;
using EntityImport.Web.Shared;

namespace EntityImport.Server.Tests.Access;

/// <summary>People sign in with a browser: at a real provider, or by a link that works once; and what a session is worth, and when no longer.</summary>
public sealed class SignInTests : IAsyncLifetime
{
    private readonly TestAuthority _authority = new();
    private readonly ShiftedClock _clock = new();
    private OpenIddictProvider _provider = null!;
    private TestServer _server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _provider = await OpenIddictProvider.StartAsync(_authority);
        _server = await StartAsync(_provider);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _provider.DisposeAsync();
        _authority.Dispose();
    }

    [Fact]
    public async Task Who_signs_in_at_the_provider_comes_back_to_where_he_was_and_may_do_what_his_claims_say()
    {
        using var browser = Browser();
        Assert.Equal(HttpStatusCode.OK, await browser.OpenAsync("/entities?x=1"));
        Assert.Equal("/sign-in?back=%2Fentities%3Fx%3D1", browser.Steps[^1].PathAndQuery);
        Assert.Contains("href=\"/sign-in/provider?back=%2Fentities%3Fx%3D1\"", browser.Page, StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.OK, await browser.OpenAsync("/sign-in/provider?back=%2Fentities%3Fx%3D1"));

        Assert.Equal(new Uri(_server.Http.BaseAddress!, "/entities?x=1"), browser.Steps[^1]);
        Assert.Contains("Anna", browser.Page, StringComparison.Ordinal);
        Assert.Contains("Sign out", browser.Page, StringComparison.Ordinal);
        var asked = _provider.Asked!;
        Assert.Equal(("code", "S256", "openid profile", true, true), (asked.ResponseType, asked.CodeChallengeMethod, asked.Scope, asked.State?.Length > 40, asked.Nonce?.Length > 40));
        Assert.Equal(new Uri(_server.Http.BaseAddress!, "/sign-in/callback").ToString(), asked.RedirectUri);
        Assert.True(_provider.HasVerified);
        Assert.Equal(HttpStatusCode.OK, await browser.CallAsync(HttpMethod.Get, "/v1/me"));
        var me = JsonElement.Parse(browser.Page);
        Assert.Equal(("oidc", OpenIddictProvider.Subject, "Anna", _provider.Issuer), (Text(me, "scheme"), Text(me, "subject"), Text(me, "name"), Text(me, "organisation")));
        Assert.Equal(["import"], me.GetProperty("scopes").EnumerateArray().Select(scope => scope.GetString()));
        Assert.Equal(HttpStatusCode.Forbidden, await browser.CallAsync(HttpMethod.Get, "/v1/keys"));
        var session = Session(browser);
        Assert.Equal((true, "/"), (session.HttpOnly, session.Path));
        var entry = Assert.Single(await AuditAsync("done"), entry => Text(entry, "call") == "GET /sign-in/callback");
        Assert.Equal(("oidc", OpenIddictProvider.Subject), (Text(entry.GetProperty("caller"), "scheme"), Text(entry.GetProperty("caller"), "subject")));
    }

    [Fact]
    public async Task Claims_may_be_in_what_the_provider_tells_of_the_user()
    {
        (_provider.HasRolesInToken, _provider.Roles) = (false, ["products", "strangers", "admin"]);
        using var browser = await SignInAsync();

        Assert.Equal(HttpStatusCode.OK, await browser.CallAsync(HttpMethod.Get, "/v1/me"));

        var me = JsonElement.Parse(browser.Page);
        Assert.Empty(me.GetProperty("scopes").EnumerateArray());
        Assert.Equal(["import:Product", "read:Product"], me.GetProperty("entities").EnumerateArray().Select(scope => scope.GetString()).Order());
    }

    [Fact]
    public async Task Whose_claims_allow_nothing_is_told_so_and_gets_no_session()
    {
        _provider.Roles = ["strangers"];
        using var browser = Browser();

        Assert.Equal(HttpStatusCode.OK, await browser.OpenAsync("/sign-in/provider"));

        Assert.Equal("/sign-in?why=nothing-allowed", browser.Steps[^1].PathAndQuery);
        Assert.Contains("nobody has said that you may do anything here", browser.Page, StringComparison.Ordinal);
        Assert.Null(browser.Cookies.GetAllCookies()[SignInWays.Cookie]);
        Assert.Empty(await SessionsAsync());
        // They are written down once a minute, and when the service stops.
        await _server.RestartAsync();
        Assert.Equal("nothing-allowed", Text(Assert.Single(await AuditAsync("refused")), "result"));
    }

    [Fact]
    public async Task An_answer_that_this_browser_did_not_ask_for_is_refused()
    {
        using var asking = Browser();
        await asking.OpenAsync("/sign-in/provider", next => next.AbsolutePath == "/sign-in/callback");
        using var other = Browser();
        await other.OpenAsync("/sign-in/provider", next => next.AbsolutePath == "/sign-in/callback");

        // Another browser, which has asked for one of its own, is given the first one's answer: its session would be somebody else's.
        await other.OpenAsync(asking.Steps[^1].PathAndQuery);
        Assert.Equal("/sign-in?why=sign-in-refused", other.Steps[^1].PathAndQuery);
        await other.OpenAsync("/sign-in/callback?code=x&state=y");
        Assert.Equal("/sign-in?why=sign-in-refused", other.Steps[^1].PathAndQuery);
        await other.OpenAsync("/sign-in/callback");
        Assert.Equal("/sign-in?why=sign-in-refused", other.Steps[^1].PathAndQuery);
        Assert.Empty(await SessionsAsync());

        Assert.Equal(HttpStatusCode.OK, await asking.OpenAsync(asking.Steps[^1].PathAndQuery));
        Assert.Equal("/", asking.Steps[^1].PathAndQuery);
        // The same answer once more.
        await asking.OpenAsync(asking.Steps[^2].PathAndQuery);
        Assert.Equal("/sign-in?why=sign-in-refused", asking.Steps[^1].PathAndQuery);
        Assert.Single(await SessionsAsync());
    }

    [Fact]
    public async Task A_token_that_was_not_asked_for_with_this_sign_in_is_refused()
    {
        _provider.Nonce = "another";
        using var browser = Browser();

        await browser.OpenAsync("/sign-in/provider");

        Assert.Equal("/sign-in?why=sign-in-refused", browser.Steps[^1].PathAndQuery);
        Assert.Empty(await SessionsAsync());
    }

    [Fact]
    public async Task Whom_the_provider_refuses_is_told_so()
    {
        _provider.IsRefused = true;
        using var browser = Browser();

        await browser.OpenAsync("/sign-in/provider");

        Assert.Equal("/sign-in?why=sign-in-refused", browser.Steps[^1].PathAndQuery);
        // They are written down once a minute, and when the service stops.
        await _server.RestartAsync();
        Assert.Equal(("sign-in-refused", "GET /sign-in/callback"), (Text(Assert.Single(await AuditAsync("refused")), "result"), Text((await AuditAsync("refused"))[0], "call")));
    }

    [Fact]
    public async Task Nothing_is_sent_to_a_host_that_is_not_configured()
    {
        // The metadata are the provider's, and send whoever asks for tokens, with the secret, elsewhere.
        await using var provider = await OpenIddictProvider.StartAsync(_authority, tokenHost: "localhost:1");
        await using var server = await StartAsync(provider);
        using var browser = new FakeBrowser(server.Http.BaseAddress!, _authority.RootsFile);

        await browser.OpenAsync("/sign-in/provider");

        Assert.Equal("/sign-in?why=credentials-unchecked", browser.Steps[^1].PathAndQuery);
    }

    [Fact]
    public async Task A_provider_that_is_away_keeps_nobody_from_signing_in_by_a_link()
    {
        await _provider.DisposeAsync();
        using var browser = Browser();

        await browser.OpenAsync("/sign-in/provider");
        Assert.Equal("/sign-in?why=credentials-unchecked", browser.Steps[^1].PathAndQuery);
        Assert.Equal("/", await browser.PostAsync("/sign-in/link", "same-origin", ("token", await LinkAsync("Ida", "read"))));

        Assert.Equal(HttpStatusCode.OK, await browser.OpenAsync("/"));
    }

    [Fact]
    public async Task A_restart_signs_nobody_out_and_a_sign_in_goes_on_after_it()
    {
        using var signedIn = await SignInAsync();
        using var onTheWay = Browser();
        await onTheWay.OpenAsync("/sign-in/provider", next => next.AbsolutePath == "/sign-in/callback");

        await _server.RestartAsync();

        using var again = Browser();
        again.Cookies.Add(signedIn.Cookies.GetAllCookies());
        Assert.Equal(HttpStatusCode.OK, await again.CallAsync(HttpMethod.Get, "/v1/me"));
        using var goingOn = Browser();
        goingOn.Cookies.Add(onTheWay.Cookies.GetAllCookies());
        Assert.Equal(HttpStatusCode.OK, await goingOn.OpenAsync(onTheWay.Steps[^1].PathAndQuery));
        Assert.Equal("/", goingOn.Steps[^1].PathAndQuery);
    }

    [Fact]
    public async Task Signing_out_ends_the_session_and_not_the_cookie_alone()
    {
        using var browser = await SignInAsync();
        var cookie = Session(browser);

        Assert.Equal("/sign-in?why=signed-out", await browser.PostAsync("/sign-out", "same-origin"));

        Assert.Null(browser.Cookies.GetAllCookies()[SignInWays.Cookie]);
        using var thief = Browser();
        thief.Cookies.Add(_server.Http.BaseAddress!, new Cookie(cookie.Name, cookie.Value));
        Assert.Equal(HttpStatusCode.Unauthorized, await thief.CallAsync(HttpMethod.Get, "/v1/me"));
        Assert.Empty(await SessionsAsync());
        Assert.Contains(await AuditAsync("done"), entry => Text(entry, "call") == "POST /sign-out" && Text(entry.GetProperty("caller"), "subject") == OpenIddictProvider.Subject);
    }

    [Fact]
    public async Task Who_has_signed_out_can_sign_out_at_the_provider_too()
    {
        using var browser = await SignInAsync();
        Assert.Equal(HttpStatusCode.OK, await browser.OpenAsync(await browser.PostAsync("/sign-out", "same-origin")));
        Assert.Contains("href=\"/sign-in/provider/end\"", browser.Page, StringComparison.Ordinal);

        browser.Steps.Clear();
        Assert.Equal(HttpStatusCode.OK, await browser.OpenAsync("/sign-in/provider/end"));

        Assert.Equal(1, _provider.Ended);
        Assert.Equal(
            ["/sign-in/provider/end", $"/logout?client_id=eis&post_logout_redirect_uri={Uri.EscapeDataString(new Uri(_server.Http.BaseAddress!, "/sign-in").ToString())}", "/sign-in"],
            browser.Steps.Select(step => step.PathAndQuery).Select(step => step.StartsWith("/logout?", StringComparison.Ordinal) ? "/logout?" + string.Join('&', step[8..].Split('&').Order(StringComparer.Ordinal)) : step));
    }

    [Fact]
    public async Task A_provider_that_has_no_address_to_sign_out_at_is_told_of()
    {
        await using var provider = await OpenIddictProvider.StartAsync(_authority, endsSessions: false);
        await using var server = await StartAsync(provider);
        using var browser = new FakeBrowser(server.Http.BaseAddress!, _authority.RootsFile);

        Assert.Equal(HttpStatusCode.OK, await browser.OpenAsync("/sign-in/provider/end"));

        Assert.Equal("/sign-in?why=provider-without-end", browser.Steps[^1].PathAndQuery);
        Assert.Contains("Sign out on its own pages.", browser.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_is_over_when_its_time_is_or_an_administrator_ends_it()
    {
        using var first = await SignInAsync();
        using var second = await SignInAsync();
        var sessions = await SessionsAsync();
        Assert.Equal(2, sessions.Count);

        await _server.Client.EndSessionAsync(sessions[0].SessionId, Cancel);

        Assert.Equal(HttpStatusCode.Unauthorized, await first.CallAsync(HttpMethod.Get, "/v1/me"));
        Assert.Equal(HttpStatusCode.OK, await second.CallAsync(HttpMethod.Get, "/v1/me"));
        _clock.Shift = TimeSpan.FromHours(1.9);
        Assert.Equal(HttpStatusCode.OK, await second.CallAsync(HttpMethod.Get, "/v1/me"));
        _clock.Shift = TimeSpan.FromHours(2.1);
        Assert.Equal(HttpStatusCode.Unauthorized, await second.CallAsync(HttpMethod.Get, "/v1/me"));
        Assert.Empty(await SessionsAsync());
        await _server.RefusedAsync(HttpMethod.Delete, $"/v1/sessions/{sessions[0].SessionId}", HttpStatusCode.NotFound, "session-not-found");
    }

    [Fact]
    public async Task A_link_signs_in_once_whoever_looked_at_it_before()
    {
        var link = await _server.Client.CreateSignInLinkAsync(new Api.NewSignInLink { Name = "Ida Ärger", Scopes = ["import:Product"] }, Cancel);
        Assert.StartsWith(new Uri(_server.Http.BaseAddress!, "/sign-in/link?token=eislink_").ToString(), link.Link, StringComparison.Ordinal);
        using var browser = Browser();
        var token = link.Link.Split('=')[1];

        // Whatever shows a preview opens it, and nothing more.
        foreach (var _ in new int[2]) Assert.Equal(HttpStatusCode.OK, await browser.OpenAsync(link.Link));
        Assert.Contains($"value=\"{token}\"", browser.Page, StringComparison.Ordinal);
        Assert.Equal("/", await browser.PostAsync("/sign-in/link", "same-origin", ("token", token)));

        Assert.Equal(HttpStatusCode.OK, await browser.CallAsync(HttpMethod.Get, "/v1/me"));
        var me = JsonElement.Parse(browser.Page);
        Assert.Equal(("link", "Ida Ärger"), (Text(me, "scheme"), Text(me, "name")));
        Assert.Equal(["import:Product"], me.GetProperty("entities").EnumerateArray().Select(scope => scope.GetString()));
        using var late = Browser();
        foreach (var bad in new[] { token, SignInSecret.CreateForLink(), "", "eislink_'); --", new string('x', 10_000), new string('x', 100_000) })
            Assert.Equal("/sign-in?why=sign-in-link-bad", await late.PostAsync("/sign-in/link", "same-origin", ("token", bad)));
        Assert.Equal(HttpStatusCode.Unauthorized, await late.CallAsync(HttpMethod.Get, "/v1/me"));
        // What the link shows is no cookie, and what the cookie shows is no link.
        late.Cookies.Add(_server.Http.BaseAddress!, new Cookie(SignInWays.Cookie, token));
        Assert.Equal(HttpStatusCode.Unauthorized, await late.CallAsync(HttpMethod.Get, "/v1/me"));
        Assert.Contains(await AuditAsync("done"), entry => Text(entry, "call") == "POST /v1/sessions/links" && Text(entry, "sessionId") == link.Details.SessionId.ToString());
        Assert.Contains(await AuditAsync("done"), entry => Text(entry, "call") == "POST /sign-in/link" && Text(entry.GetProperty("caller"), "name") == "Ida Ärger");
    }

    [Fact]
    public async Task Of_several_who_use_a_link_at_once_one_signs_in()
    {
        var token = await LinkAsync("Ida", "read");
        var browsers = Enumerable.Range(0, 8).Select(_ => Browser()).ToList();

        var answers = await Task.WhenAll(browsers.Select(browser => browser.PostAsync("/sign-in/link", "same-origin", ("token", token))));

        Assert.Single(answers, "/");
        Assert.Equal(7, answers.Count(answer => answer == "/sign-in?why=sign-in-link-bad"));
        Assert.Single(await SessionsAsync());
        browsers.ForEach(browser => browser.Dispose());
    }

    [Fact]
    public async Task A_link_waits_ten_minutes_and_not_when_it_was_taken_back()
    {
        var late = await LinkAsync("Ida", "read");
        var back = await LinkAsync("Ida", "read");
        await _server.Client.EndSessionAsync((await SessionsAsync())[^1].SessionId, Cancel);
        using var browser = Browser();
        Assert.Equal("/sign-in?why=sign-in-link-bad", await browser.PostAsync("/sign-in/link", "same-origin", ("token", back)));

        _clock.Shift = TimeSpan.FromMinutes(10.1);

        Assert.Equal("/sign-in?why=sign-in-link-bad", await browser.PostAsync("/sign-in/link", "same-origin", ("token", late)));
        await LinkAsync("Ida", "read");
        Assert.Single(await _server.Engine.Sessions.ListAsync(Request.Anonymous, Cancel));
    }

    [Fact]
    public async Task Other_sites_pages_change_nothing_for_whoever_is_signed_in()
    {
        using var browser = await SignInAsync();
        const string Mapping = """{ "entitySystemName": "nothing" }""";
        var own = _server.Http.BaseAddress!.GetLeftPart(UriPartial.Authority);
        foreach (var site in new[] { "cross-site", "same-site", "none", "" })
            Assert.Equal(HttpStatusCode.Forbidden, await browser.CallAsync(HttpMethod.Post, "/v1/EntityImport", site, json: Mapping));
        Assert.Contains("cross-site-request", browser.Page, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, await browser.CallAsync(HttpMethod.Post, "/v1/EntityImport", json: Mapping));
        foreach (var origin in new[] { "null", "http://evil.example", "http://127.0.0.1:1", own.Replace("http", "https", StringComparison.Ordinal) })
            Assert.Equal(HttpStatusCode.Forbidden, await browser.CallAsync(HttpMethod.Post, "/v1/EntityImport", origin: origin, json: Mapping));
        Assert.Equal("/sign-in?why=cross-site-request", await browser.PostAsync("/sign-out", "cross-site"));
        Assert.Equal("/sign-in?why=cross-site-request", await browser.PostAsync("/sign-in/link", "cross-site", ("token", await LinkAsync("Mallory", "read"))));
        Assert.Equal("403", await browser.PostAsync("/samples/products.csv", "cross-site"));

        // The service's own pages do.
        Assert.NotEqual(HttpStatusCode.Forbidden, await browser.CallAsync(HttpMethod.Post, "/v1/EntityImport", "same-origin", json: Mapping));
        Assert.NotEqual(HttpStatusCode.Forbidden, await browser.CallAsync(HttpMethod.Post, "/v1/EntityImport", origin: own, json: Mapping));
        Assert.StartsWith("/uploads/", await browser.PostAsync("/samples/products.csv", "same-origin"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await browser.CallAsync(HttpMethod.Get, "/v1/me"));
    }

    [Fact]
    public async Task Nobody_is_led_elsewhere()
    {
        foreach (var (back, expected) in new[]
        {
            ("/imports?entity=a%26b", "/imports?entity=a%26b"), ("/", "/"), (null, "/"), ("", "/"), ("imports", "/"), ("//evil.example", "/"), ("/\\evil.example", "/"), ("\\\\evil.example", "/"),
            ("/\t/evil.example", "/"), ("/\n/evil.example", "/"), ("/a\\b", "/"), ("https://evil.example", "/"), ("javascript:alert(1)", "/"), ("/ä", "/"), ("/" + new string('a', 31_999), "/" + new string('a', 31_999)), ("/" + new string('a', 32_000), "/"),
        })
            Assert.Equal(expected, LocalPath.Of(back));
        Assert.Equal("/" + new string('a', 1_999), LocalPath.Of("/" + new string('a', 1_999), LocalPath.MostAtProvider));
        Assert.Equal("/", LocalPath.Of("/" + new string('a', 2_000), LocalPath.MostAtProvider));
        using var browser = Browser();
        foreach (var (back, expected) in new[] { ("%2Fimports%3Fentity%3Da%2526b", "/imports?entity=a%26b"), ("%2F%2Fevil.example", "/"), ("%2F%09%2Fevil.example", "/"), ("https%3A%2F%2Fevil.example", "/") })
        {
            await browser.OpenAsync($"/sign-in/provider?back={back}", next => next.PathAndQuery == expected);
            Assert.Equal(new Uri(_server.Http.BaseAddress!, expected), browser.Steps[^1]);
        }
    }

    [Fact]
    public async Task Behind_a_proxy_with_the_certificate_cookies_are_for_https_alone()
    {
        await using var server = await StartAsync(_provider, new Uri("https://eis.example.com"));
        using var browser = new FakeBrowser(server.Http.BaseAddress!, _authority.RootsFile);
        var link = (await server.Client.CreateSignInLinkAsync(new Api.NewSignInLink { Name = "Ida", Scopes = ["read"] }, Cancel)).Link;
        Assert.StartsWith("https://eis.example.com/sign-in/link?token=", link, StringComparison.Ordinal);

        await browser.OpenAsync("/sign-in/provider", next => next.AbsolutePath == "/authorize");
        Assert.Contains("redirect_uri=https%3A%2F%2Feis.example.com%2Fsign-in%2Fcallback", browser.Steps[^1].Query, StringComparison.Ordinal);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/sign-in/link") { Content = new FormUrlEncodedContent([KeyValuePair.Create("token", link.Split('=')[1])]) };
        request.Headers.Add("Sec-Fetch-Site", "same-origin");
        using var plain = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = server.Http.BaseAddress };
        using var answer = await plain.SendAsync(request, Cancel);

        var cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"));
        Assert.Matches("^__Host-eis-session=[^;]+; max-age=7200; path=/; secure; samesite=lax; httponly$", cookie);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(cookie.Split(';')[0]));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(cookie.Split(';')[0]["__Host-".Length..]));

        async Task<HttpStatusCode> StatusAsync(string shown)
        {
            using var call = new HttpRequestMessage(HttpMethod.Get, "/v1/me");
            call.Headers.Add("Cookie", shown);
            using var response = await plain.SendAsync(call, Cancel);
            return response.StatusCode;
        }
    }

    [Fact]
    public async Task Nobody_signs_in_where_others_could_overhear_it()
    {
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = _server.Http.BaseAddress };
        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Post })
        {
            using var request = new HttpRequestMessage(method, method == HttpMethod.Get ? "/sign-in/provider" : "/sign-in/link");
            request.Headers.Host = "eis.example.com";
            request.Headers.Add("Sec-Fetch-Site", "same-origin");
            if (method == HttpMethod.Post) request.Content = new FormUrlEncodedContent([KeyValuePair.Create("token", await LinkAsync("Ida", "read"))]);
            using var answer = await http.SendAsync(request, Cancel);
            Assert.Equal("/sign-in?why=sign-in-needs-https", answer.Headers.Location?.OriginalString);
        }

        using var making = new HttpRequestMessage(HttpMethod.Post, "/v1/sessions/links") { Content = JsonContent.Create(new { name = "Ida", scopes = new[] { "read" } }) };
        making.Headers.Host = "eis.example.com";
        making.Headers.Add("X-Api-Key", _server.Access.AdminKey);
        using var refused = await http.SendAsync(making, Cancel);
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
    }

    [Fact]
    public async Task Where_nobody_is_asked_nobody_signs_in()
    {
        await using var open = new TestServer();
        await open.InitializeAsync();
        using var browser = new FakeBrowser(open.Http.BaseAddress!);

        Assert.Equal(HttpStatusCode.OK, await browser.OpenAsync("/sign-in"));

        Assert.Contains("Nobody is asked who they are", browser.Page, StringComparison.Ordinal);
        Assert.Equal("405", await browser.PostAsync("/sign-in/link", "same-origin", ("token", "x")));
    }

    [Fact]
    public async Task The_store_has_no_secret_of_a_session_or_a_link()
    {
        var token = await LinkAsync("Ida", "read");
        using var browser = await SignInAsync();
        var cookie = Session(browser).Value;

        var stored = JsonSerializer.Serialize(await _server.Engine.Sessions.ListAsync(Request.Anonymous, Cancel));

        Assert.DoesNotContain(token, stored, StringComparison.Ordinal);
        Assert.Contains(SignInSecret.HashOf(token), stored, StringComparison.Ordinal);
        Assert.NotEmpty(await _server.Engine.ProtectionKeys.ListAsync(Cancel));
        var told = await _server.SendAsync(HttpMethod.Get, "/v1/sessions", HttpStatusCode.OK);
        Assert.DoesNotContain(SignInSecret.HashOf(token), told.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain(cookie, told.GetRawText(), StringComparison.Ordinal);
    }

    private static string? Text(JsonElement json, string name) => json.GetProperty(name).GetString();

    private static Cookie Session(FakeBrowser browser) => browser.Cookies.GetAllCookies()[SignInWays.Cookie]!;

    private FakeBrowser Browser() => new(_server.Http.BaseAddress!, _authority.RootsFile);

    private async Task<FakeBrowser> SignInAsync()
    {
        var browser = Browser();
        await browser.OpenAsync("/sign-in/provider");
        Assert.Equal("/", browser.Steps[^1].PathAndQuery);
        return browser;
    }

    private async Task<string> LinkAsync(string name, string scope) => (await _server.Client.CreateSignInLinkAsync(new Api.NewSignInLink { Name = name, Scopes = [scope] }, Cancel)).Link.Split('=')[1];

    private Task<IReadOnlyList<Api.SessionDetails>> SessionsAsync() => _server.Client.ListSessionsAsync(Cancel);

    private async Task<IReadOnlyList<JsonElement>> AuditAsync(string result) =>
        [.. (await _server.SendAsync(HttpMethod.Get, $"/v1/audit?result={result}", HttpStatusCode.OK)).GetProperty("entries").EnumerateArray()];

    private async Task<TestServer> StartAsync(OpenIddictProvider provider, Uri? address = null)
    {
        var server = new TestServer
        {
            Clock = _clock,
            Access = new AccessOptions
            {
                AdminKey = ApiKeyText.Create(),
                SignIn = new SignInOptions
                {
                    Address = address,
                    SessionHours = 2,
                    Oidc = new OidcOptions
                    {
                        Issuer = provider.Issuer,
                        ClientId = OpenIddictProvider.ClientId,
                        ClientSecret = OpenIddictProvider.ClientSecret,
                        TrustedRootsFile = _authority.RootsFile,
                        Grants = [new JwtGrantOptions { Value = "importers", Scopes = ["import"] }, new JwtGrantOptions { Value = "products", Scopes = ["read:Product", "import:Product"] }],
                    },
                },
            },
        };
        await server.InitializeAsync();
        return server;
    }
}
