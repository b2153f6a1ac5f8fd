using System.Net;
using System.Text.Json;
using EntityImport.Access;
using EntityImport.Api;
using EntityImport.Client;
using EntityImport.Server.Options;

namespace EntityImport.Server.Tests.Notices;

/// <summary>Webhooks as administrators see them: made with all faults told, changed, limited to entities, and noted in the audit trail.</summary>
public sealed class WebhookTests : IAsyncLifetime
{
    /// <summary>Nobody listens there.</summary>
    private const string Url = "http://127.0.0.1:1/";

    private readonly TestServer _server = new()
    {
        Access = new AccessOptions { ApiKeys = true, AdminKey = ApiKeyText.Create() },
        Notices = new NoticeOptions { AllowedTargets = ["127.0.0.1"] },
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _server.InitializeAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_webhook_is_made_listed_changed_and_deleted_and_each_change_is_in_the_trail()
    {
        var entity = await _server.DeclareProductAsync();
        var made = await _server.Client.CreateWebhookAsync(new NewWebhook { Url = Url, Description = "prices", Events = ["import.ended"], Entities = [entity.ToLowerInvariant()] }, Cancel);
        var id = made.Details.WebhookId;
        Assert.Equal([entity], made.Details.Entities!);

        await _server.Client.PatchWebhookAsync(id, JsonElement.Parse("""{ "description": null, "entities": null, "url": "http://127.0.0.1:2/" }"""), Cancel);
        await _server.RestartAsync();

        var listed = Assert.Single(await _server.Client.ListWebhooksAsync(Cancel));
        Assert.Equal((id, "http://127.0.0.1:2/", null, null, "administrator", false), (listed.WebhookId, listed.Url, listed.Description, listed.Entities, listed.CreatedBy, listed.Disabled));
        Assert.Equal(JsonSerializer.Serialize(listed), JsonSerializer.Serialize(await _server.Client.GetWebhookAsync(id, Cancel)));
        Assert.Equal(made.Details.CreatedDate, listed.CreatedDate);

        await _server.Client.TestWebhookAsync(id, Cancel);
        await _server.Client.DeleteWebhookAsync(id, Cancel);
        Assert.Empty(await _server.Client.ListWebhooksAsync(Cancel));
        await _server.RefusedAsync(HttpMethod.Get, $"/v1/webhooks/{id}/deliveries", HttpStatusCode.NotFound, "webhook-not-found");
        var trail = (await _server.SendAsync(HttpMethod.Get, "/v1/audit?result=done", HttpStatusCode.OK)).GetProperty("entries").EnumerateArray().Where(entry => entry.GetProperty("webhookId").ValueKind == JsonValueKind.String);
        Assert.Equal(
            [("DELETE /v1/webhooks/{webhookId}", null), ("POST /v1/webhooks/{webhookId}/test", null), ("PATCH /v1/webhooks/{webhookId}", null), ("POST /v1/webhooks", entity)],
            trail.Select(entry => (entry.GetProperty("call").GetString(), entry.GetProperty("entity").GetString())));
    }

    [Fact]
    public async Task All_faults_are_told_at_once()
    {
        var problem = await _server.RefusedAsync(HttpMethod.Post, "/v1/webhooks", HttpStatusCode.BadRequest, "validation", TestServer.Json(
            $$"""{ "url": "https://10.0.0.1/", "description": "{{new string('x', 201)}}", "events": ["import.started"], "entities": ["Nobody", "a b"], "secret": "whsec_x" }"""));

        Assert.Equal(["description", "entities", "events[0]", "secret", "url"], TestServer.Members(problem.GetProperty("errors")).Order());
        Assert.Equal(2, problem.GetProperty("errors").GetProperty("entities").GetArrayLength());
    }

    [Theory]
    [InlineData("{}", "url", "events")]
    [InlineData("""{ "url": null, "events": [] }""", "url", "events")]
    [InlineData("""{ "url": 1, "events": "import.ended" }""", "url", "events")]
    [InlineData("""{ "url": "http://127.0.0.1:1/", "events": ["import.ended"], "entities": [] }""", "entities")]
    [InlineData("""{ "url": "http://127.0.0.1:1/", "events": ["webhook.test"], "disabled": 1 }""", "events[0]", "disabled")]
    [InlineData("[]", "$", "url", "events")]
    public async Task What_can_be_no_webhook_is_refused(string body, params string[] paths)
    {
        var problem = await _server.RefusedAsync(HttpMethod.Post, "/v1/webhooks", HttpStatusCode.BadRequest, "validation", TestServer.Json(body));

        Assert.Equal(paths.Order(), TestServer.Members(problem.GetProperty("errors")).Order());
        Assert.Empty(await _server.Client.ListWebhooksAsync(Cancel));
    }

    [Theory]
    [InlineData("""{ "url": null }""", "url")]
    [InlineData("""{ "url": "https://10.0.0.1/" }""", "url")]
    [InlineData("""{ "enabled": true }""", "enabled")]
    [InlineData("""{ "events": [] }""", "events")]
    [InlineData("1", "$")]
    public async Task What_a_webhook_cannot_become_is_refused_and_it_stays_as_it_is(string patch, string path)
    {
        var made = await _server.Client.CreateWebhookAsync(new NewWebhook { Url = Url, Events = ["import.ended"] }, Cancel);

        var problem = await _server.RefusedAsync(HttpMethod.Patch, $"/v1/webhooks/{made.Details.WebhookId}", HttpStatusCode.BadRequest, "validation", TestServer.Json(patch));

        Assert.Equal([path], TestServer.Members(problem.GetProperty("errors")));
        Assert.Equal(JsonSerializer.Serialize(made.Details), JsonSerializer.Serialize(await _server.Client.GetWebhookAsync(made.Details.WebhookId, Cancel)));
    }

    [Fact]
    public async Task Administrators_of_one_entity_see_and_make_what_is_about_it_alone()
    {
        var (mine, other) = (await _server.DeclareProductAsync(), await _server.DeclareProductAsync());
        var key = (await _server.Client.CreateKeyAsync(new NewApiKey { Name = "mine", Scopes = [$"admin:{mine}"] }, Cancel)).Key;
        using var http = EntityImportClient.Connect(_server.Http.BaseAddress!, key);
        var client = new EntityImportClient(http);
        var foreign = await _server.Client.CreateWebhookAsync(new NewWebhook { Url = Url, Events = ["import.ended"], Entities = [mine, other] }, Cancel);
        var all = await _server.Client.CreateWebhookAsync(new NewWebhook { Url = Url, Events = ["import.ended"] }, Cancel);

        var own = await client.CreateWebhookAsync(new NewWebhook { Url = Url, Events = ["import.ended"], Entities = [mine] }, Cancel);

        Assert.Equal([own.Details.WebhookId], (await client.ListWebhooksAsync(Cancel)).Select(webhook => webhook.WebhookId));
        foreach (var hidden in (Guid[])[foreign.Details.WebhookId, all.Details.WebhookId])
            Assert.Equal(HttpStatusCode.NotFound, (await Assert.ThrowsAsync<EntityImportProblemException>(() => client.GetWebhookAsync(hidden, Cancel))).StatusCode);
        foreach (var entities in (string[]?[])[null, [other], [mine, other]])
        {
            var refused = await Assert.ThrowsAsync<EntityImportProblemException>(() => client.CreateWebhookAsync(new NewWebhook { Url = Url, Events = ["import.ended"], Entities = entities }, Cancel));
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        }

        // Nor can one's own be made another's.
        var widened = await Assert.ThrowsAsync<EntityImportProblemException>(() => client.PatchWebhookAsync(own.Details.WebhookId, JsonElement.Parse("""{ "entities": null }"""), Cancel));
        Assert.Equal(HttpStatusCode.Forbidden, widened.StatusCode);
    }

    [Fact]
    public async Task A_test_or_redelivery_that_comes_again_with_its_key_is_done_once()
    {
        var hook = await _server.Client.CreateWebhookAsync(new NewWebhook { Url = Url, Events = ["import.ended"] }, Cancel);
        var (first, second) = (await TestAsync("a"), await TestAsync("a"));
        var third = await TestAsync("b");

        Assert.Equal(first, second);
        Assert.NotEqual(first, third);
        Assert.Equal([third, first], (await _server.Client.ListDeliveriesAsync(hook.Details.WebhookId, cancellationToken: Cancel)).Deliveries.Select(delivery => delivery.NoticeId));

        async Task<Guid> TestAsync(string key)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/webhooks/{hook.Details.WebhookId}/test") { Headers = { { "Idempotency-Key", key } } };
            using var answer = await _server.Http.SendAsync(request, Cancel);
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
            return JsonElement.Parse(await answer.Content.ReadAsStringAsync(Cancel)).GetProperty("noticeId").GetGuid();
        }
    }

    [Fact]
    public async Task Deliveries_are_listed_page_by_page_and_by_their_state()
    {
        var hook = (await _server.Client.CreateWebhookAsync(new NewWebhook { Url = Url, Events = ["import.ended"] }, Cancel)).Details.WebhookId;
        var notices = new List<Guid>();
        for (var i = 0; i < 5; i++) notices.Insert(0, await _server.Client.TestWebhookAsync(hook, Cancel));

        var found = new List<Guid>();
        for (DeliveryPage? page = null; page is null || page.NextCursor is not null;)
        {
            page = await _server.Client.ListDeliveriesAsync(hook, DeliveryState.Pending, limit: 2, page?.NextCursor, Cancel);
            Assert.InRange(page.Deliveries.Count, 1, 2);
            found.AddRange(page.Deliveries.Select(delivery => delivery.NoticeId));
        }

        Assert.Equal(notices, found);
        Assert.Empty((await _server.Client.ListDeliveriesAsync(hook, DeliveryState.Delivered, cancellationToken: Cancel)).Deliveries);
        await _server.RefusedAsync(HttpMethod.Get, $"/v1/webhooks/{hook}/deliveries?state=sent", HttpStatusCode.BadRequest, "invalid-parameter");
        await _server.RefusedAsync(HttpMethod.Get, $"/v1/webhooks/{hook}/deliveries?limit=201", HttpStatusCode.BadRequest, "invalid-parameter");
        await _server.RefusedAsync(HttpMethod.Post, $"/v1/webhooks/{hook}/deliveries/{Guid.NewGuid()}/redeliver", HttpStatusCode.NotFound, "notice-not-found");
        await _server.RefusedAsync(HttpMethod.Post, $"/v1/webhooks/{hook}/deliveries/x/redeliver", HttpStatusCode.NotFound, "notice-not-found");
        await _server.RefusedAsync(HttpMethod.Get, $"/v1/webhooks/{Guid.NewGuid()}", HttpStatusCode.NotFound, "webhook-not-found");
    }

    /// <summary>Nor does who is made its administrator by that see, or have sent, what it was about before.</summary>
    [Fact]
    public async Task A_webhook_that_is_about_fewer_entities_tells_nothing_of_the_others_any_more()
    {
        var ((mine, into), (other, elsewhere)) = (await _server.MapProductAsync(), await _server.MapProductAsync());
        var key = (await _server.Client.CreateKeyAsync(new NewApiKey { Name = "mine", Scopes = [$"admin:{mine}"] }, Cancel)).Key;
        using var http = EntityImportClient.Connect(_server.Http.BaseAddress!, key);
        var client = new EntityImportClient(http);
        var hook = (await _server.Client.CreateWebhookAsync(new NewWebhook { Url = Url, Events = ["import.ended"] }, Cancel)).Details.WebhookId;
        foreach (var mapping in (Guid[])[into, elsewhere, elsewhere, into]) await _server.ImportAsync(mapping, "Sku\na\n");
        var before = (await _server.Client.ListDeliveriesAsync(hook, cancellationToken: Cancel)).Deliveries;
        Assert.Equal([mine, other, other, mine], before.Select(delivery => delivery.EntitySystemName));

        await _server.Client.PatchWebhookAsync(hook, JsonElement.Parse($$"""{ "entities": ["{{mine}}"] }"""), Cancel);

        var first = await client.ListDeliveriesAsync(hook, limit: 1, cancellationToken: Cancel);
        var second = await client.ListDeliveriesAsync(hook, limit: 1, cursor: first.NextCursor, cancellationToken: Cancel);
        Assert.Equal([before[0].NoticeId, before[3].NoticeId], first.Deliveries.Concat(second.Deliveries).Select(delivery => delivery.NoticeId));
        Assert.Null(second.NextCursor);
        var refused = await Assert.ThrowsAsync<EntityImportProblemException>(() => client.RedeliverNoticeAsync(hook, before[1].NoticeId, Cancel));
        Assert.Equal((HttpStatusCode.NotFound, "urn:eis:problem:notice-not-found"), (refused.StatusCode, refused.Problem!.Type));
    }

    [Fact]
    public async Task There_are_bounded_numbers_of_webhooks_and_of_their_secrets()
    {
        var hook = (await _server.Client.CreateWebhookAsync(new NewWebhook { Url = Url, Events = ["import.ended"] }, Cancel)).Details.WebhookId;
        for (var i = 0; i < 3; i++) await _server.Client.RotateWebhookSecretAsync(hook, Cancel);
        await _server.RefusedAsync(HttpMethod.Post, $"/v1/webhooks/{hook}/rotate", HttpStatusCode.Conflict, "too-many-secrets");
        for (var i = 1; i < 100; i++) await _server.Client.CreateWebhookAsync(new NewWebhook { Url = Url, Events = ["import.ended"] }, Cancel);

        await _server.RefusedAsync(HttpMethod.Post, "/v1/webhooks", HttpStatusCode.Conflict, "too-many-webhooks", TestServer.Json($$"""{ "url": "{{Url}}", "events": ["import.ended"] }"""));

        await _server.Client.DeleteWebhookAsync(hook, Cancel);
        await _server.Client.CreateWebhookAsync(new NewWebhook { Url = Url, Events = ["import.ended"] }, Cancel);
    }

    [Theory]
    [InlineData("PUT", "/v1/webhooks")]
    [InlineData("POST", "/v1/webhooks/0b1c2d3e-4f50-4172-8394-a5b6c7d8e9f0")]
    [InlineData("GET", "/v1/webhooks/0b1c2d3e-4f50-4172-8394-a5b6c7d8e9f0/rotate")]
    [InlineData("GET", "/v1/webhooks/0b1c2d3e-4f50-4172-8394-a5b6c7d8e9f0/test")]
    [InlineData("DELETE", "/v1/webhooks/0b1c2d3e-4f50-4172-8394-a5b6c7d8e9f0/deliveries")]
    [InlineData("GET", "/v1/webhooks/0b1c2d3e-4f50-4172-8394-a5b6c7d8e9f0/deliveries/0b1c2d3e-4f50-4172-8394-a5b6c7d8e9f0/redeliver")]
    public async Task A_method_that_a_path_does_not_have_is_405(string method, string path) =>
        await _server.SendAsync(new HttpMethod(method), path, HttpStatusCode.MethodNotAllowed);
}
