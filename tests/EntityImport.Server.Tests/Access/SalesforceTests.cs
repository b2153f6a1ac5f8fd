using System.Globalization;
using System.Net;
using EntityImport.Server.Access.Salesforce;
using EntityImport.Server.Options;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EntityImport.Server.Tests.Access;

/// <summary>Callers with Salesforce's token responses: what section 6 of the contract says of them.</summary>
public sealed class SalesforceTests
{
    private const string OtherOrganisation = "00Dxx0000001gPMEAY";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_documented_calls_work_with_the_two_documented_headers()
    {
        await using var server = await SalesforceServer.StartAsync();
        var http = server.Server.Http;
        http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"OAuth {server.LogIn().Base64()}");
        http.DefaultRequestHeaders.Add("X-Forwarded-Host", SalesforceServer.Environment);
        var entity = await server.Server.DeclareProductAsync();

        var mapping = (await server.Server.SendAsync(HttpMethod.Post, "/v1/EntityImport", HttpStatusCode.Created, TestServer.Json($$"""{"entitySystemName": "{{entity}}", "definition": { "importMode": "UPSERT" } }"""))).GetProperty("mappingId").GetGuid();
        var form = new MultipartFormDataContent { { new StringContent("Sku,Name,Quantity\n1,first,1\n2,second,two\n"), "file", "products.csv" } };
        var upload = (await server.Server.SendAsync(HttpMethod.Post, $"/v1/EntityImport/{mapping}/upload", HttpStatusCode.Created, form)).GetProperty("uploadId").GetGuid();
        var import = (await server.Server.SendAsync(HttpMethod.Post, $"/v1/EntityImport/{upload}/import", HttpStatusCode.Created)).GetProperty("importId").GetGuid();
        await Eventually.TrueAsync(
            async () => (await server.Server.SendAsync(HttpMethod.Get, $"/v1/EntityImport/{import}/status", HttpStatusCode.OK)).GetProperty("status").GetString() == "SUCCEEDED", "The import did not end.");
        var report = await server.Server.SendAsync(HttpMethod.Get, $"/v1/EntityImport/{import}/report", HttpStatusCode.OK);
        Assert.Equal(("PARTIAL_SUCCESS", 1, 1), (report.GetProperty("status").GetString(), report.GetProperty("processedRows").GetInt32(), report.GetProperty("failedRows").GetInt32()));
        var errors = await http.GetStringAsync($"/v1/EntityImport/{import}/errorFile", Cancel);
        Assert.StartsWith("Sku,Name,Quantity,errorRow,errorLine,errorReasons\n2,second,two,2,3,", errors.Replace("\r", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal("Sku,Name,Quantity\n1,first,1\n2,second,two\n", await http.GetStringAsync($"/v1/EntityImport/{upload}/file", Cancel));
        Assert.Equal(1, server.Salesforce.Questions);
    }

    [Theory]
    [InlineData("oauth ")]
    [InlineData("OAUTH ")]
    [InlineData("OAuth   ")]
    public async Task The_scheme_is_read_in_any_case(string scheme)
    {
        await using var server = await SalesforceServer.StartAsync();
        Assert.Equal(200, (await server.CallAsync(scheme + server.LogIn().Base64(), [SalesforceServer.Environment])).Status);
    }

    [Fact]
    public async Task What_can_be_told_here_is_refused_without_asking_Salesforce()
    {
        await using var server = await SalesforceServer.StartAsync();
        var good = server.LogIn();
        var now = server.Clock.GetUtcNow();
        await server.RefusedAsync(good.With("signature", Convert.ToBase64String(new byte[32])), "signature-wrong");
        await server.RefusedAsync(good.With("issued_at", (long.Parse(good["issued_at"], CultureInfo.InvariantCulture) + 1).ToString(CultureInfo.InvariantCulture)), "signature-wrong");
        await server.RefusedAsync(good.With("id", good["id"].Replace(FakeSalesforce.User, FakeSalesforce.OtherUser, StringComparison.Ordinal)), "signature-wrong");
        await server.RefusedAsync(server.LogIn(secret: "the secret of somebody else's app"), "signature-wrong");
        await server.RefusedAsync(server.LogIn(organisation: OtherOrganisation), "organisation-unknown");
        // The case of an id counts: these are two organisations.
        await server.RefusedAsync(server.LogIn(organisation: FakeSalesforce.Organisation.Replace("gPL", "gpL", StringComparison.Ordinal)), "organisation-unknown");
        await server.RefusedAsync(server.Salesforce.LogIn(now.AddMinutes(2).AddSeconds(1)), "issued-in-future");
        await server.RefusedAsync(server.Salesforce.LogIn(now.AddHours(-12).AddSeconds(-1)), "too-old");
        await server.RefusedAsync(good.With("access_token", ""), "malformed");
        Assert.Equal(0, server.Salesforce.Questions);

        Assert.Equal(200, (await server.CallAsync(server.Salesforce.LogIn(now.AddMinutes(2)))).Status);
        Assert.Equal(200, (await server.CallAsync(server.Salesforce.LogIn(now.AddHours(-12)))).Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("OAuth")]
    [InlineData("OAuth ")]
    [InlineData("OAuth x")]
    [InlineData("Basic {good}")]
    [InlineData("Bearer {good}")]
    [InlineData("Bearer {token}")]
    [InlineData("{good}")]
    [InlineData("OAuth {good}, OAuth {good}")]
    [InlineData("OAuth {good} {good}")]
    public async Task Anything_else_in_Authorization_is_refused(string authorization)
    {
        await using var server = await SalesforceServer.StartAsync();
        var good = server.LogIn();
        var header = authorization.Replace("{good}", good.Base64(), StringComparison.Ordinal).Replace("{token}", good["access_token"], StringComparison.Ordinal);
        Assert.Equal(401, (await server.CallAsync(header, [SalesforceServer.Environment])).Status);
        Assert.Equal(0, server.Salesforce.Questions);
    }

    [Fact]
    public async Task Authorization_twice_is_refused()
    {
        await using var server = await SalesforceServer.StartAsync();
        var line = $"Authorization: OAuth {server.LogIn().Base64()}\r\n";
        var answer = await RawRequest.SendAsync(server.Server, $"GET /v1/LogicalEntity HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Forwarded-Host: {SalesforceServer.Environment}\r\n{line}{line}\r\n");
        Assert.Equal((401, 0), (answer.Status, server.Salesforce.Questions));
    }

    [Fact]
    public async Task A_good_signature_with_the_token_of_somebody_else_is_refused()
    {
        await using var server = await SalesforceServer.StartAsync();
        var mine = server.LogIn();
        var others = server.LogIn(FakeSalesforce.OtherUser);
        await server.RefusedAsync(others.With("access_token", mine["access_token"]), "token-of-other-user");
        var elsewhere = server.LogIn(organisation: OtherOrganisation);
        await server.RefusedAsync(mine.With("access_token", elsewhere["access_token"]), "token-of-other-organisation");
        Assert.Equal(2, server.Salesforce.Questions);
        Assert.Equal(200, (await server.CallAsync(mine)).Status);
    }

    [Theory]
    [InlineData(403, "Bad_OAuth_Token")]
    [InlineData(401, "[{\"errorCode\":\"INVALID_SESSION_ID\"}]")]
    [InlineData(404, "")]
    public async Task A_token_that_Salesforce_does_not_know_is_refused_and_not_asked_for_again_at_once(int status, string text)
    {
        await using var server = await SalesforceServer.StartAsync();
        server.Salesforce.Instead = context => Write(context, status, text);
        var response = server.LogIn();
        for (var i = 0; i < 3; i++) await server.RefusedAsync(response, "token-bad");
        Assert.Equal(1, server.Salesforce.Questions);

        server.Salesforce.Instead = null;
        server.Clock.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal((200, 2), ((await server.CallAsync(response)).Status, server.Salesforce.Questions));
    }

    [Fact]
    public async Task A_token_that_was_ended_is_refused_after_minutes()
    {
        await using var server = await SalesforceServer.StartAsync();
        var response = server.LogIn();
        for (var i = 0; i < 3; i++) Assert.Equal(200, (await server.CallAsync(response)).Status);
        server.Salesforce.Revoke(response);
        server.Clock.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromSeconds(1));
        Assert.Equal((200, 1), ((await server.CallAsync(response)).Status, server.Salesforce.Questions));
        server.Clock.Advance(TimeSpan.FromSeconds(1));
        await server.RefusedAsync(response, "token-bad");
    }

    [Fact]
    public async Task A_token_that_is_remembered_grows_too_old_all_the_same()
    {
        await using var server = await SalesforceServer.StartAsync();
        var response = server.Salesforce.LogIn(server.Clock.GetUtcNow().AddHours(-12).AddSeconds(1));
        Assert.Equal(200, (await server.CallAsync(response)).Status);
        server.Clock.Advance(TimeSpan.FromSeconds(2));
        await server.RefusedAsync(response, "too-old");
    }

    public static TheoryData<int, string, string> Unclear => new()
    {
        { 429, "", "salesforce-too-many-requests" },
        { 500, "", "salesforce-failed" },
        { 503, "", "salesforce-failed" },
        { 302, "", "answer-unexpected" },
        { 400, "", "answer-unexpected" },
        { 204, "", "answer-unexpected" },
        { 200, "", "answer-unreadable" },
        { 200, "<html><body>Log in</body></html>", "answer-unreadable" },
        { 200, "[]", "answer-unreadable" },
        { 200, "{}", "answer-unreadable" },
        { 200, "{\"user_id\": 1, \"organization_id\": 2}", "answer-unreadable" },
        { 200, "{\"user_id\": \"\", \"organization_id\": \"\"}", "answer-unreadable" },
        { 200, "{\"active\": true}", "answer-unreadable" },
        { 200, "{\"user_id\": \"005xx000001SwiU\", \"organization_id\": \"\\ud800\"}", "answer-unreadable" },
        { 200, "{\"more\": \"" + new string('x', 1 << 20) + "\"}", "answer-unreadable" },
    };

    [Theory]
    [MemberData(nameof(Unclear))]
    public async Task Where_Salesforce_cannot_tell_the_service_says_so_and_asks_again(int status, string text, string reason)
    {
        await using var server = await SalesforceServer.StartAsync();
        server.Salesforce.Instead = context =>
        {
            // Who followed this would be told that all is well.
            if (context.Request.Path == "/elsewhere") return Write(context, 200, $$"""{"user_id": "{{FakeSalesforce.User}}", "organization_id": "{{FakeSalesforce.Organisation}}"}""");
            if (status == 302) context.Response.Headers.Location = new Uri(server.Salesforce.Address, "/elsewhere").AbsoluteUri;
            return Write(context, status, text);
        };
        var response = server.LogIn();
        await server.UncheckedAsync(response, reason);
        await server.UncheckedAsync(response, reason);
        Assert.Equal(2, server.Salesforce.Questions);

        server.Salesforce.Instead = null;
        Assert.Equal(200, (await server.CallAsync(response)).Status);
    }

    [Fact]
    public async Task A_Salesforce_that_never_answers_is_not_waited_for_without_end()
    {
        await using var server = await SalesforceServer.StartAsync();
        var asked = new TaskCompletionSource();
        server.Salesforce.Instead = async context =>
        {
            asked.TrySetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        };
        var call = server.UncheckedAsync(server.LogIn(), "salesforce-too-slow");
        await asked.Task.WaitAsync(TestServer.Patience, Cancel);
        server.Clock.Advance(TimeSpan.FromSeconds(10));
        await call;
    }

    [Fact]
    public async Task A_Salesforce_that_is_not_there_or_not_the_right_one_cannot_tell()
    {
        await using var server = await SalesforceServer.StartAsync();
        await server.Salesforce.DisposeAsync();
        await server.UncheckedAsync(server.LogIn(), "salesforce-unreachable");

        // Its certificate is that of an authority that the machine does not trust.
        await using var untrusting = await SalesforceServer.StartAsync(options => options with { TrustedRootsFile = null });
        await untrusting.UncheckedAsync(untrusting.LogIn(), "salesforce-unreachable");
        Assert.Equal(0, untrusting.Salesforce.Questions);
    }

    [Fact]
    public async Task An_environment_is_named_exactly_or_the_call_is_refused_and_no_host_that_is_not_configured_is_called()
    {
        await using var server = await SalesforceServer.StartAsync();
        string[][] hosts =
        [
            [""], [" "], ["127.0.0.1"], ["localhost"], ["[::1]"], [server.Decoy.Host], [$"http://{server.Decoy.Host}/"], ["169.254.169.254"], ["169.254.1.1"], ["[fe80::1]"], ["metadata.google.internal"],
            ["login.salesforce.com"], [server.Salesforce.Address.Authority], ["EIS.example.com"], ["eis.example.com."], ["eis.example.com:443"], ["eis.example.com/"], ["xeis.example.com"], ["eis.example.co"],
            ["eis.example.com, eis.example.com"], ["eis.example.com", "eis.example.com"], ["eis.example.com", server.Decoy.Host], [server.Decoy.Host, "eis.example.com"],
        ];
        var response = server.LogIn().With("instance_url", $"http://{server.Decoy.Host}").With("id", $"https://{server.Decoy.Host}/id/{FakeSalesforce.Organisation}/{FakeSalesforce.User}").Sign(FakeSalesforce.Secret);
        foreach (var names in hosts) Assert.Equal((401, string.Join('|', names)), ((await server.CallAsync(response, names)).Status, string.Join('|', names)));
        Assert.Equal(401, (await server.CallAsync($"OAuth {response.Base64()}", [])).Status);
        var line = $"X-Forwarded-Host: {SalesforceServer.Environment}\r\n";
        Assert.Equal(401, (await RawRequest.SendAsync(server.Server, $"GET /v1/LogicalEntity HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: OAuth {response.Base64()}\r\n{line}{line}\r\n")).Status);
        Assert.Equal((0, false), (server.Salesforce.Questions, server.Decoy.WasCalled));
        Assert.Contains(server.Log.ToArray(), line => line.EndsWith(": environment-missing", StringComparison.Ordinal));
        Assert.Contains(server.Log.ToArray(), line => line.EndsWith(": environment-repeated", StringComparison.Ordinal));

        // What the token response itself names is not called either: the login host that is configured is.
        Assert.Equal(200, (await server.CallAsync(response)).Status);
        Assert.Equal((1, false), (server.Salesforce.Questions, server.Decoy.WasCalled));
    }

    [Fact]
    public async Task A_call_that_names_no_environment_is_of_the_default_one()
    {
        await using var server = await SalesforceServer.StartAsync(defaultEnvironment: SalesforceServer.Environment);
        var authorization = $"OAuth {server.LogIn().Base64()}";
        Assert.Equal(200, (await server.CallAsync(authorization, [])).Status);
        Assert.Equal(401, (await server.CallAsync(authorization, [""])).Status);
        Assert.Equal(401, (await server.CallAsync(authorization, ["other.example.com"])).Status);
    }

    [Fact]
    public async Task Calls_with_the_same_token_at_the_same_time_ask_once()
    {
        await using var server = await SalesforceServer.StartAsync();
        var go = new TaskCompletionSource();
        var answer = server.LogIn();
        server.Salesforce.Instead = async context =>
        {
            await go.Task;
            await Write(context, 200, $$"""{"user_id": "{{FakeSalesforce.User}}", "organization_id": "{{FakeSalesforce.Organisation}}"}""");
        };
        var calls = Enumerable.Range(0, 20).Select(_ => server.CallAsync(answer)).ToList();
        await Eventually.TrueAsync(() => server.Salesforce.Questions > 0, "Salesforce was not asked.");
        go.SetResult();
        Assert.All(await Task.WhenAll(calls), call => Assert.Equal(200, call.Status));
        Assert.Equal(1, server.Salesforce.Questions);
    }

    [Fact]
    public async Task A_flood_of_tokens_is_no_flood_at_Salesforce_and_does_not_touch_who_is_known()
    {
        await using var server = await SalesforceServer.StartAsync(options => options with { Mode = SalesforceMode.Userinfo, CallsPerSecond = 5, RememberedTokens = 3 });
        var known = server.LogIn();
        Assert.Equal(200, (await server.CallAsync(known)).Status);
        for (var i = 0; i < 4; i++) await server.RefusedAsync(new TokenJson(server.Clock.GetUtcNow()).Sign("by nobody"), "token-bad");
        for (var i = 0; i < 20; i++) await server.UncheckedAsync(new TokenJson(server.Clock.GetUtcNow()).Sign("by nobody"), "too-many-questions");
        Assert.Equal(200, (await server.CallAsync(known)).Status);
        Assert.Equal(5, server.Salesforce.Questions);

        server.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(200, (await server.CallAsync(server.LogIn())).Status);
    }

    [Fact]
    public async Task No_more_questions_wait_at_the_same_time_than_may()
    {
        await using var server = await SalesforceServer.StartAsync(options => options with { CallsAtOnce = 2 });
        var go = new TaskCompletionSource();
        server.Salesforce.Instead = async context =>
        {
            await go.Task;
            await Write(context, 403, "Bad_OAuth_Token");
        };
        var waiting = new[] { server.CallAsync(server.LogIn()), server.CallAsync(server.LogIn()) };
        await Eventually.TrueAsync(() => server.Salesforce.Questions == 2, "Salesforce was not asked.");
        await server.UncheckedAsync(server.LogIn(), "too-many-questions");
        go.SetResult();
        Assert.All(await Task.WhenAll(waiting), call => Assert.Equal(401, call.Status));
        Assert.Equal(2, server.Salesforce.Questions);
    }

    [Fact]
    public async Task By_signature_alone_nobody_is_asked()
    {
        await using var server = await SalesforceServer.StartAsync(options => options with { Mode = SalesforceMode.Signature });
        var response = server.LogIn();
        Assert.Equal(200, (await server.CallAsync(response)).Status);
        // What the signature does not cover is not known to be its own: the user is proved, the token is not.
        Assert.Equal(200, (await server.CallAsync(response.With("access_token", "anything"))).Status);
        await server.RefusedAsync(response.With("signature", Convert.ToBase64String(new byte[32])), "signature-wrong");
        await server.RefusedAsync(server.LogIn(organisation: OtherOrganisation), "organisation-unknown");
        server.Clock.Advance(TimeSpan.FromHours(12) + TimeSpan.FromSeconds(1));
        await server.RefusedAsync(response, "too-old");
        Assert.Equal(0, server.Salesforce.Questions);
    }

    [Fact]
    public async Task By_userinfo_alone_no_secret_is_needed_and_the_token_must_be_its_users()
    {
        await using var server = await SalesforceServer.StartAsync(options => options with { Mode = SalesforceMode.Userinfo, Secrets = [] });
        var response = server.LogIn(secret: "of no matter whom");
        Assert.Equal(200, (await server.CallAsync(response)).Status);
        await server.RefusedAsync(response.With("id", response["id"].Replace(FakeSalesforce.User, FakeSalesforce.OtherUser, StringComparison.Ordinal)), "token-of-other-user");
        await server.RefusedAsync(server.LogIn(organisation: OtherOrganisation), "organisation-unknown");
    }

    [Fact]
    public async Task Secrets_come_and_go_with_their_file_while_the_service_runs()
    {
        var file = Path.Combine(Path.GetTempPath(), $"eis-secrets-{Guid.NewGuid():N}");
        try
        {
            await File.WriteAllTextAsync(file, "# the first line is a secret like any other\r\nold\r\n\r\n", Cancel);
            await using var server = await SalesforceServer.StartAsync(options => options with { Secrets = [], SecretsFile = file });
            var (old, rolled) = (server.LogIn(secret: "old"), server.LogIn(secret: "new"));
            Assert.Equal(200, (await server.CallAsync(old)).Status);
            await server.RefusedAsync(rolled, "signature-wrong");

            await File.WriteAllTextAsync(file, "old\n new \n", Cancel);
            server.Clock.Advance(ConsumerSecrets.ReadInterval);
            Assert.Equal((200, 200), ((await server.CallAsync(old)).Status, (await server.CallAsync(rolled)).Status));

            // While the file is away, what was read stays; it is told once.
            File.Delete(file);
            for (var i = 0; i < 2; i++)
            {
                server.Clock.Advance(ConsumerSecrets.ReadInterval);
                Assert.Equal(200, (await server.CallAsync(old)).Status);
            }

            Assert.Single(server.Log.ToArray(), line => line.Contains("cannot be read; those that were read last stay in force", StringComparison.Ordinal));

            // Though the token is remembered as a good one, its signature is not.
            await File.WriteAllTextAsync(file, "new", Cancel);
            server.Clock.Advance(ConsumerSecrets.ReadInterval);
            await server.RefusedAsync(old, "signature-wrong");
            Assert.Equal(200, (await server.CallAsync(rolled)).Status);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task A_user_may_do_something_else_than_the_others()
    {
        await using var server = await SalesforceServer.StartAsync(options => options with
        {
            Scopes = ["read"],
            Users = [new SalesforceUserOptions { Id = FakeSalesforce.OtherUser[..15], Scopes = [] }],
        });
        Assert.Equal(200, (await server.CallAsync(server.LogIn())).Status);
        var other = await server.CallAsync(server.LogIn(FakeSalesforce.OtherUser));
        Assert.Equal((403, true), (other.Status, other.Body.Contains("urn:eis:problem:scope-missing", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("00Dxx0000001gPLEAY", "005xx000001SwiUAAS")]
    [InlineData("00Dxx0000001gPL", "005xx000001SwiU")]
    [InlineData("00Dxx0000001gPL", "005xx000001SwiUAAS")]
    public async Task Ids_of_15_and_of_18_characters_are_the_same_caller(string organisation, string user)
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        foreach (var configured in new[] { "00Dxx0000001gPLEAY", "00Dxx0000001gPL" })
        {
            var options = new SalesforceEnvironmentOptions { Mode = SalesforceMode.Signature, Organisations = [configured], Secrets = [FakeSalesforce.Secret], Scopes = ["read", "import"] };
            using var environment = new SalesforceEnvironment("eis.example.com", options, clock, NullLogger.Instance);
            Assert.True(TokenResponse.TryParse(System.Text.Encoding.ASCII.GetBytes(new TokenJson(clock.GetUtcNow(), organisation, user).Sign(FakeSalesforce.Secret).Base64()), out var response));
            var caller = (await environment.JudgeAsync(response, Cancel)).Caller;
            Assert.NotNull(caller);
            Assert.Equal(("salesforce:00Dxx0000001gPL:005xx000001SwiU", "salesforce", "005xx000001SwiU", "00Dxx0000001gPL"), (caller.Id, caller.Scheme, caller.Subject, caller.Organisation));
            Assert.Equal(["read", "import"], caller.Scopes.ToTexts());
        }
    }

    [Fact]
    public async Task An_import_tells_the_name_by_which_its_user_logs_in()
    {
        await using var server = await SalesforceServer.StartAsync();
        server.Server.Http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"OAuth {server.LogIn().Base64()}");
        server.Server.Http.DefaultRequestHeaders.Add("X-Forwarded-Host", SalesforceServer.Environment);
        var (_, mapping) = await server.Server.MapProductAsync();
        var import = await server.Server.Client.ImportAsync(await server.Server.UploadAsync(mapping, "Sku\n1\n"), cancellationToken: Cancel);
        await server.Server.Client.WaitAsync(import, TestServer.Patience, Cancel);
        var details = await server.Server.SendAsync(HttpMethod.Get, $"/v1/EntityImport/imports/{import}", HttpStatusCode.OK);
        Assert.Equal($"{FakeSalesforce.User}@example.com", details.GetProperty("invokedBy").GetString());
    }

    [Fact]
    public async Task The_log_tells_of_refused_credentials_no_more_than_it_can_take()
    {
        await using var server = await SalesforceServer.StartAsync();
        for (var i = 0; i < 150; i++) Assert.Equal(401, (await server.CallAsync("OAuth x", [SalesforceServer.Environment])).Status);
        Assert.Equal(EntityImport.Server.Access.CredentialLog.LinesPerMinute, server.Log.ToArray().Count(line => line.EndsWith("was refused: malformed", StringComparison.Ordinal)));
        Assert.DoesNotContain(server.Log.ToArray(), line => line.Contains("was not authenticated", StringComparison.Ordinal));
    }

    private static Task Write(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        return text.Length == 0 ? Task.CompletedTask : context.Response.WriteAsync(text, context.RequestAborted);
    }
}
