using System.Globalization;
using System.Net;
using System.Text;
using EntityImport.Access;
using EntityImport.Server.Access;
using EntityImport.Server.Options;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Time.Testing;

namespace EntityImport.Server.Tests.Access;

/// <summary>Every call with every kind of credential of every scheme, compared with the table in docs/security.md. A call that is new is in neither, and fails here.</summary>
public sealed class CallTableTests : IAsyncLifetime
{
    private const string Own = "Mine";
    private const string Foreign = "Other";
    private const string Environment = "eis.example.com";

    /// <summary>What the callers of these tests may do; each scheme has one for each.</summary>
    private static readonly string[] Grants = ["read", "import", "admin", "read import", $"read:{Foreign}", $"import:{Foreign}", $"admin:{Foreign}"];

    private readonly TestAuthority _authority = new();
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.FromUnixTimeMilliseconds(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()));
    private readonly Dictionary<string, string> _keys = [];
    private readonly Dictionary<string, Func<HttpRequestMessage>> _samples = [];
    private FakeSalesforce _salesforce = null!;
    private FakeIssuer _issuer = null!;
    private TestServer _server = null!;
    private HttpClient _http = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _salesforce = await FakeSalesforce.StartAsync(_authority);
        _issuer = await FakeIssuer.StartAsync(_authority);
        _server = new TestServer { Clock = _clock, Access = Access(), Notices = new NoticeOptions { AllowedTargets = ["127.0.0.1"] } };
        await _server.InitializeAsync();
        _http = new HttpClient { BaseAddress = _server.Http.BaseAddress, Timeout = TestServer.Patience };
        await PrepareAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
        await _salesforce.DisposeAsync();
        await _issuer.DisposeAsync();
        _authority.Dispose();
    }

    [Fact]
    public void Every_call_declares_what_it_needs_or_that_it_is_open()
    {
        var undeclared = _server.Routes.Where(route => route.Metadata.GetMetadata<NeededScope>() is null && route.Metadata.GetMetadata<OpenToAll>() is null).Select(route => route.RoutePattern.RawText);
        var both = _server.Routes.Where(route => route.Metadata.GetMetadata<NeededScope>() is not null && route.Metadata.GetMetadata<OpenToAll>() is not null);

        Assert.Empty(undeclared);
        Assert.Empty(both);
        Assert.Equal(
            ["/docs", "/health/live", "/health/ready", "/openapi"],
            _server.Routes.Where(route => route.Metadata.GetMetadata<OpenToAll>() is not null && !TestServer.IsPage(route)).Select(route => "/" + route.RoutePattern.RawText!.TrimStart('/')).Select(path => path.StartsWith("/health", StringComparison.Ordinal) ? path : "/" + path.Split('/')[1]).Distinct().Order());
    }

    [Fact]
    public async Task Every_call_is_answered_as_the_table_says_whatever_the_scheme()
    {
        var table = new StringBuilder("| call | needs | without | bad | expired | other scope | other entity | right |\n|---|---|---|---|---|---|---|---|\n");
        foreach (var call in _server.Routes.Where(route => route.Metadata.GetMetadata<NeededScope>() is not null).OrderBy(route => route.Metadata.GetRequiredMetadata<NeededScope>().Call.Split(' ')[1], StringComparer.Ordinal).ThenBy(route => route.Metadata.GetRequiredMetadata<NeededScope>().Call, StringComparer.Ordinal))
        {
            var needed = call.Metadata.GetRequiredMetadata<NeededScope>();
            var name = call.Metadata.GetRequiredMetadata<IEndpointNameMetadata>().EndpointName;
            Assert.True(_samples.TryGetValue(name, out var sample), $"{name} is new: give it a sample here, and a line in docs/security.md.");
            var scopes = ((ScopeSet)needed.AnyOf).ToTexts();
            var answers = new List<string>();
            foreach (var scheme in (Func<string, Task<(string, string)[]>>[])[KeyAsync, TokenAsync, ResponseAsync]) answers.Add(await RowAsync(sample, scopes, scheme));

            Assert.Single(answers.Distinct());
            table.Append(CultureInfo.InvariantCulture, $"| `{needed.Call}` | {string.Join(" or ", scopes.Select(scope => $"`{scope}`"))} | {answers[0]} |\n");
        }

        var actual = Path.Combine(AppContext.BaseDirectory, "Frozen", "calls.actual.md");
        await File.WriteAllTextAsync(actual, table.ToString(), Cancel);
        Assert.True(Documented() == table.ToString(), $"Calls are answered otherwise than docs/security.md says. How they are is in {actual}.");
    }

    private static string Documented()
    {
        const string Begin = "<!-- the calls, compared by a test -->\n", End = "<!-- end of the calls -->";
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "EntityImport.slnx"))) folder = folder.Parent;
        var text = File.ReadAllText(Path.Combine(folder!.FullName, "docs", "security.md")).ReplaceLineEndings("\n");
        var begin = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        return text[begin..text.IndexOf(End, StringComparison.Ordinal)];
    }

    private async Task<string> RowAsync(Func<HttpRequestMessage> sample, IReadOnlyList<string> scopes, Func<string, Task<(string Name, string Value)[]>> show)
    {
        var others = Grants[..3].Except([.. scopes, "admin"]).ToArray();
        var foreign = scopes[0] + ":" + Foreign;
        var cells = new List<string>
        {
            await SendAsync(sample, []),
            await SendAsync(sample, await show("bad")),
            await SendAsync(sample, await show("expired")),
            others.Length == 0 ? "–" : await SendAsync(sample, await show(string.Join(' ', others))),
            await SendAsync(sample, await show(foreign), hides: true),
            await SendAsync(sample, await show(scopes[0])),
        };
        return string.Join(" | ", cells);
    }

    /// <summary>Sends a request, and answers with its status.</summary>
    /// <param name="sample">The request.</param>
    /// <param name="headers">The credential.</param>
    /// <param name="hides">Whether nothing of the entity may show.</param>
    private async Task<string> SendAsync(Func<HttpRequestMessage> sample, (string Name, string Value)[] headers, bool hides = false)
    {
        using var request = sample();
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
        // Events of all imports have no end; what they show is for another test.
        var body = request.RequestUri!.ToString().EndsWith("/v1/EntityImport/events", StringComparison.Ordinal) && answer.IsSuccessStatusCode ? "" : await answer.Content.ReadAsStringAsync(Cancel);
        if (answer.StatusCode == HttpStatusCode.Unauthorized) Assert.Equal(2, answer.Headers.WwwAuthenticate.Count);
        if (hides && answer.StatusCode == HttpStatusCode.OK) Assert.DoesNotContain(Own, body, StringComparison.Ordinal);
        return ((int)answer.StatusCode).ToString(CultureInfo.InvariantCulture);
    }

    private Task<(string, string)[]> KeyAsync(string kind) => Task.FromResult<(string, string)[]>([("X-Api-Key", kind == "bad" ? ApiKeyText.Create() : _keys[kind])]);

    private Task<(string, string)[]> TokenAsync(string kind)
    {
        var now = _clock.GetUtcNow();
        var claims = new Dictionary<string, object>
        {
            ["iss"] = _issuer.Issuer,
            ["aud"] = "api://eis",
            ["sub"] = "anna",
            ["exp"] = (kind == "expired" ? now.AddHours(-1) : now.AddHours(1)).ToUnixTimeSeconds(),
            ["scope"] = kind.Replace(':', '-'),
        };
        var token = _issuer.Sign(claims);
        return Task.FromResult<(string, string)[]>([("Authorization", $"Bearer {(kind == "bad" ? token[..^4] + "AAAA" : token)}")]);
    }

    private Task<(string, string)[]> ResponseAsync(string kind)
    {
        var user = UserOf(Math.Max(0, Array.IndexOf(Grants, kind)));
        var response = _salesforce.LogIn(kind == "expired" ? _clock.GetUtcNow().AddHours(-13) : _clock.GetUtcNow(), user, secret: kind == "bad" ? "another" : FakeSalesforce.Secret);
        return Task.FromResult<(string, string)[]>([("Authorization", $"OAuth {response.Base64()}"), ("X-Forwarded-Host", Environment)]);
    }

    private static string UserOf(int number) => string.Create(CultureInfo.InvariantCulture, $"005xx0000000{number:000}");

    private AccessOptions Access() => new()
    {
        ApiKeys = true,
        AdminKey = ApiKeyText.Create(),
        Limits = new CallerLimitOptions { RequestsPerSecond = null },
        Jwt = new JwtOptions
        {
            Issuers = new Dictionary<string, JwtIssuerOptions>
            {
                ["test"] = new()
                {
                    Issuer = _issuer.Issuer,
                    Audience = "api://eis",
                    TrustedRootsFile = _authority.RootsFile,
                    Grants = [.. Grants.Where(grant => !grant.Contains(' ', StringComparison.Ordinal)).Select(grant => new JwtGrantOptions { Value = grant.Replace(':', '-'), Scopes = [grant] })],
                },
            },
        },
        Salesforce = new SalesforceOptions
        {
            Environments = new Dictionary<string, SalesforceEnvironmentOptions>
            {
                [Environment] = new()
                {
                    LoginHost = _salesforce.Address,
                    Organisations = [FakeSalesforce.Organisation],
                    Secrets = [FakeSalesforce.Secret],
                    TrustedRootsFile = _authority.RootsFile,
                    CallsPerSecond = 10_000,
                    Users = [.. Grants.Select((grant, number) => new SalesforceUserOptions { Id = UserOf(number), Scopes = grant.Split(' ') })],
                },
            },
        },
    };

    /// <summary>An entity with all that can belong to one, keys for the callers, and a request for each call.</summary>
    private async Task PrepareAsync()
    {
        var client = _server.Client;
        foreach (var entity in (string[])[Own, Foreign])
            await client.PutEntityAsync(new Api.Entity { SystemName = entity, Fields = [new Api.EntityField { SystemName = "Sku", DataType = "STRING", Length = 5, PrimaryKey = true }] }, Cancel);
        var mapping = await client.CreateMappingAsync(Own, cancellationToken: Cancel);
        var upload = await client.UploadAsync(mapping, new MemoryStream("Sku\na\ntoolong\n"u8.ToArray()), "a.csv", Cancel);
        var import = await client.ImportAsync(upload, Cancel);
        await client.WaitAsync(import, TestServer.Patience, Cancel);
        foreach (var grant in Grants) _keys[grant] = (await client.CreateKeyAsync(new Api.NewApiKey { Name = grant, Scopes = grant.Split(' ') }, Cancel)).Key;
        _keys["expired"] = (await client.CreateKeyAsync(new Api.NewApiKey { Name = "short", Scopes = ["admin"], ExpiresDate = _clock.GetUtcNow().AddMinutes(1) }, Cancel)).Key;
        var revoked = await client.CreateKeyAsync(new Api.NewApiKey { Name = "old", Scopes = ["read"] }, Cancel);
        _clock.Advance(TimeSpan.FromMinutes(2));
        // Nobody listens there.
        var newHook = new Api.NewWebhook { Url = "http://127.0.0.1:1/", Events = ["import.ended"], Entities = [Own] };
        var hook = (await client.CreateWebhookAsync(newHook, Cancel)).Details.WebhookId;
        var notice = await client.TestWebhookAsync(hook, Cancel);
        var hooksToDelete = new Queue<Guid>();
        for (var i = 0; i < 30; i++) hooksToDelete.Enqueue((await client.CreateWebhookAsync(newHook, Cancel)).Details.WebhookId);

        Sample("ListEntities", "GET", "/v1/LogicalEntity");
        Sample("GetEntity", "GET", $"/v1/LogicalEntity/{Own}");
        Sample("PutEntity", "PUT", $"/v1/LogicalEntity/{Own}", """{ "fields": [{ "systemName": "Sku", "dataType": "STRING", "length": 5, "primaryKey": true }] }""");
        Sample("DeleteEntity", "DELETE", $"/v1/LogicalEntity/{Own}");
        Sample("GetStatistics", "GET", $"/v1/LogicalEntity/{Own}/statistics");
        Sample("GetGuards", "GET", $"/v1/LogicalEntity/{Own}/guards");
        Sample("PutGuards", "PUT", $"/v1/LogicalEntity/{Own}/guards", """{ "sameHeader": true }""");
        Sample("DeleteGuards", "DELETE", $"/v1/LogicalEntity/{Own}/guards");
        Sample("InferEntity", "POST", "/v1/LogicalEntity/infer?entitySystemName=New", csv: "A\n1\n");
        Sample("ReadRecords", "GET", $"/v1/LogicalEntityData/{Own}");
        Sample("ReadHistory", "GET", $"/v1/LogicalEntityData/{Own}/history?key=a");
        Sample("CreateMapping", "POST", "/v1/EntityImport", $$"""{ "entitySystemName": "{{Own}}" }""");
        Sample("PatchMapping", "PATCH", $"/v1/EntityImport/{mapping}", "{}");
        Sample("ListMappings", "GET", "/v1/EntityImport/mappings");
        Sample("GetMapping", "GET", $"/v1/EntityImport/{mapping}");
        Sample("ListMappingRevisions", "GET", $"/v1/EntityImport/{mapping}/revisions");
        Sample("UploadFile", "POST", $"/v1/EntityImport/{mapping}/upload", csv: "Sku\nb\n");
        Sample("ListUploads", "GET", "/v1/EntityImport/uploads");
        Sample("GetUpload", "GET", $"/v1/EntityImport/uploads/{upload}");
        Sample("UploadUnbound", "POST", "/v1/EntityImport/uploads", csv: "Sku\nc\n");
        Sample("AppendToUpload", "PATCH", $"/v1/EntityImport/uploads/{upload}", csv: "b\n");
        Sample("BindUpload", "PUT", $"/v1/EntityImport/uploads/{upload}/mapping", $$"""{ "mappingId": "{{mapping}}" }""");
        Sample("PreviewUpload", "POST", $"/v1/EntityImport/uploads/{upload}/preview", $$"""{ "entity": "{{Own}}" }""");
        Sample("GetFile", "GET", $"/v1/EntityImport/{upload}/file");
        Sample("InvokeImport", "POST", $"/v1/EntityImport/{upload}/import");
        foreach (var (name, path) in (ReadOnlySpan<(string, string)>)[("GetStatus", "status"), ("GetReport", "report"), ("GetErrorFile", "errorFile")]) Sample(name, "GET", $"/v1/EntityImport/{import}/{path}");
        Sample("ListImports", "GET", "/v1/EntityImport/imports");
        Sample("GetImport", "GET", $"/v1/EntityImport/imports/{import}");
        Sample("WatchImports", "GET", "/v1/EntityImport/events");
        Sample("WatchImport", "GET", $"/v1/EntityImport/imports/{import}/events");
        Sample("GetTimeline", "GET", $"/v1/EntityImport/imports/{import}/timeline");
        Sample("ListErrors", "GET", $"/v1/EntityImport/imports/{import}/errors");
        var cause = (await client.ListCausesAsync(import, Cancel)).Causes[0].Cause;
        Sample("ListCauses", "GET", $"/v1/EntityImport/imports/{import}/causes");
        Sample("MeasureCures", "POST", $"/v1/EntityImport/imports/{import}/cures", $$"""{ "cause": "{{cause}}" }""");
        Sample("GetRepair", "GET", $"/v1/EntityImport/imports/{import}/repair");
        Sample("ChangeRepair", "PATCH", $"/v1/EntityImport/imports/{import}/repair", "{}");
        Sample("ListRepairEdits", "GET", $"/v1/EntityImport/imports/{import}/repair/edits");
        Sample("MergeRepair", "POST", $"/v1/EntityImport/imports/{import}/repair/merge", csv: "Sku,errorRow,errorLine,errorReasons\n");
        Sample("CheckRepair", "POST", $"/v1/EntityImport/imports/{import}/repair/check", """{ "rows": [2] }""");
        Sample("PlanRepair", "POST", $"/v1/EntityImport/imports/{import}/repair/plan");
        Sample("ImportRepair", "POST", $"/v1/EntityImport/imports/{import}/repair/import");
        Sample("ListImportChanges", "GET", $"/v1/EntityImport/imports/{import}/changes");
        Sample("CancelImport", "POST", $"/v1/EntityImport/imports/{import}/cancel");
        Sample("UndoImport", "POST", $"/v1/EntityImport/imports/{import}/undo?preview=true");
        var plan = await client.PlanAsync(upload, Cancel);
        await foreach (var _ in client.WatchPlanAsync(plan, Cancel)) { }
        Sample("PlanImport", "POST", $"/v1/EntityImport/{upload}/plan");
        Sample("ListPlans", "GET", "/v1/EntityImport/plans");
        Sample("GetPlan", "GET", $"/v1/EntityImport/plans/{plan}");
        Sample("WatchPlan", "GET", $"/v1/EntityImport/plans/{plan}/events");
        Sample("ListChanges", "GET", $"/v1/EntityImport/plans/{plan}/changes");
        Sample("ListPlanErrors", "GET", $"/v1/EntityImport/plans/{plan}/errors");
        Sample("ApplyPlan", "POST", $"/v1/EntityImport/plans/{plan}/apply");
        Sample("CancelPlan", "POST", $"/v1/EntityImport/plans/{plan}/cancel");
        Sample("DeletePlan", "DELETE", $"/v1/EntityImport/plans/{Guid.Empty}");
        Sample("ListKeys", "GET", "/v1/keys");
        Sample("CreateKey", "POST", "/v1/keys", """{ "name": "new", "scopes": ["read"] }""");
        Sample("RevokeKey", "DELETE", $"/v1/keys/{revoked.Details.KeyId}");
        var sessionsToEnd = new Queue<Guid>();
        for (var i = 0; i < 30; i++) sessionsToEnd.Enqueue((await client.CreateSignInLinkAsync(new Api.NewSignInLink { Name = "Anna", Scopes = ["read"] }, Cancel)).Details.SessionId);
        Sample("ListSessions", "GET", "/v1/sessions");
        Sample("CreateSignInLink", "POST", "/v1/sessions/links", """{ "name": "Anna", "scopes": ["read"] }""");
        // Each can be ended once.
        _samples["EndSession"] = () => new HttpRequestMessage(HttpMethod.Delete, $"/v1/sessions/{sessionsToEnd.Dequeue()}");
        Sample("ListAudit", "GET", "/v1/audit");
        Sample("GetStorage", "GET", "/v1/operations/storage");
        Sample("GetQueue", "GET", "/v1/operations/queue");
        Sample("ListNodes", "GET", "/v1/operations/nodes");
        Sample("DrainNode", "POST", $"/v1/operations/nodes/{Guid.Empty}/drain");
        Sample("ResumeNode", "POST", $"/v1/operations/nodes/{Guid.Empty}/resume");
        Sample("GetMe", "GET", "/v1/me");
        Sample("ListWebhooks", "GET", "/v1/webhooks");
        Sample("CreateWebhook", "POST", "/v1/webhooks", $$"""{ "url": "http://127.0.0.1:1/", "events": ["import.ended"], "entities": ["{{Own}}"] }""");
        Sample("GetWebhook", "GET", $"/v1/webhooks/{hook}");
        Sample("PatchWebhook", "PATCH", $"/v1/webhooks/{hook}", """{ "description": "new" }""");
        // Each can be deleted once.
        _samples["DeleteWebhook"] = () => new HttpRequestMessage(HttpMethod.Delete, $"/v1/webhooks/{hooksToDelete.Dequeue()}");
        Sample("RotateWebhookSecret", "POST", $"/v1/webhooks/{hook}/rotate");
        Sample("TestWebhook", "POST", $"/v1/webhooks/{hook}/test");
        Sample("ListDeliveries", "GET", $"/v1/webhooks/{hook}/deliveries");
        Sample("RedeliverNotice", "POST", $"/v1/webhooks/{hook}/deliveries/{notice}/redeliver");
    }

    private void Sample(string name, string method, string path, string? json = null, string? csv = null) => _samples[name] = () => new HttpRequestMessage(new HttpMethod(method), path)
    {
        Content = json is not null ? TestServer.Json(json) : csv is not null ? new StringContent(csv, Encoding.UTF8, "text/csv") : null,
    };
}
