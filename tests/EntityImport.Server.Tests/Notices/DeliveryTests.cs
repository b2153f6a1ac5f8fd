using System.Net;
using System.Text.Json;
using EntityImport.Api;
using EntityImport.Server.Options;
using EntityImport.Server.Tests.Access;
using Microsoft.Extensions.Time.Testing;

namespace EntityImport.Server.Tests.Notices;

/// <summary>Each notice arrives at least once and can be believed, whatever happens to either side in between; a real receiver verifies it with somebody else's implementation of the scheme.</summary>
public sealed class DeliveryTests : IAsyncLifetime
{
    private readonly ShiftedClock _clock = new();
    private readonly LogLines _log = new();
    private Receiver _receiver = null!;
    private TestServer _server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _receiver = await Receiver.StartAsync();
        _server = new TestServer { Clock = _clock, Log = _log, Notices = new NoticeOptions { AllowedTargets = ["127.0.0.0/8"] } };
        await _server.InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    [Fact]
    public async Task The_end_of_an_import_is_told_with_what_it_did_and_signed()
    {
        var hook = await SubscribeAsync();
        var (entity, mapping) = await _server.MapProductAsync();

        var run = await _server.ImportAsync(mapping, "Sku,Quantity\na,1\nb,x\n");

        var received = await ReceivedAsync(1);
        received.Verify(hook.Secret);
        Assert.Equal(("/hook", "application/json"), (received.Path, received.Headers.ContentType.ToString()));
        Assert.Equal(["type", "timestamp", "data"], TestServer.Members(received.Json));
        Assert.Equal("import.ended", received.Json.GetProperty("type").GetString());
        var data = received.Json.GetProperty("data");
        Assert.Equal(run.Status.EntityImportId, data.GetProperty("importId").GetGuid());
        Assert.Equal(run.UploadId, data.GetProperty("uploadId").GetGuid());
        Assert.Equal((entity, "SUCCEEDED", run.Report.Message), (data.GetProperty("entitySystemName").GetString(), data.GetProperty("state").GetString(), data.GetProperty("message").GetString()));
        Assert.Equal(
            """{"records":2,"inserted":1,"updated":0,"unchanged":0,"superseded":0,"skipped":0,"rejected":1,"removed":0}""",
            data.GetProperty("ledger").GetRawText());
        var delivery = await DeliveredAsync(hook, received.NoticeId);
        Assert.Equal((1, 204, null), (delivery.Attempts, delivery.LastStatus, delivery.LastFault));
        Assert.Equal(("import.ended", entity, run.Status.EntityImportId), (delivery.Event, delivery.EntitySystemName, delivery.ImportId!.Value));
        Assert.Single(_receiver.All);
    }

    [Fact]
    public async Task Every_kind_of_end_is_told_to_those_who_asked_for_the_entity_and_to_nobody_else()
    {
        var (entity, mapping) = await _server.MapProductAsync();
        var (_, other) = await _server.MapProductAsync();
        await SubscribeAsync([entity.ToUpperInvariant()]);
        var disabled = await SubscribeAsync(path: "/disabled");
        await _server.Client.PatchWebhookAsync(disabled.Details.WebhookId, JsonElement.Parse("""{ "disabled": true }"""), Cancel);

        await _server.ImportAsync(other, "Sku\na\n");
        await _server.ImportAsync(mapping, "Sku\na\n");
        await _server.ImportAsync(mapping, "Sku,Quantity\n,1\n");
        var dry = await _server.Client.CreateMappingAsync(entity, new ImportDefinition { DryRun = true }, Cancel);
        await _server.ImportAsync(dry, "Sku\na\n");
        await ReceivedAsync(3);
        var large = await _server.UploadAsync(mapping, ImportTests.LargeCsv());
        var cancelled = await _server.Client.ImportAsync(large, Cancel);
        await _server.SendAsync(HttpMethod.Post, $"/v1/EntityImport/imports/{cancelled}/cancel", HttpStatusCode.Accepted);
        await ReceivedAsync(4);

        var data = _receiver.All.Select(received => received.Json.GetProperty("data")).ToList();
        Assert.Equal(["SUCCEEDED", "FAILED", "SUCCEEDED", "CANCELLED"], data.Select(told => told.GetProperty("state").GetString()));
        Assert.All(data, told => Assert.Equal(entity, told.GetProperty("entitySystemName").GetString()));
        Assert.Equal([null, "no-good-rows", null, "cancelled"], data.Select(told => told.GetProperty("code").GetString()));
        Assert.Equal([false, false, true, false], data.Select(told => told.GetProperty("dryRun").GetBoolean()));
        Assert.All(_receiver.All, received => Assert.Equal("/hook", received.Path));
    }

    [Fact]
    public async Task Each_notice_arrives_through_restarts_of_either_side()
    {
        var hook = await SubscribeAsync();
        var (_, mapping) = await _server.MapProductAsync();
        var imports = new List<Guid>();

        // The receiver is down when the import ends, and the service is stopped before it is up again.
        await _receiver.StopAsync();
        await ImportAsync("Sku\n1\n");
        await Eventually.TrueAsync(async () => (await DeliveriesAsync(hook)) is [{ Attempts: > 0 }], "Nobody tried.");
        await _server.RestartAsync();
        await _receiver.StartAsync();
        await ToldAsync(1);

        // The service goes down while the receiver, which has the notice, is about to answer.
        var hold = new TaskCompletionSource();
        _receiver.Answer = (_, _) => hold.Task;
        await ImportAsync("Sku\n2\n");
        await ReceivedAsync(2);
        await _server.RestartAsync();
        _receiver.Answer = (_, context) => Receiver.Status(context, 200);
        hold.SetResult();
        await ToldAsync(2);
        Assert.True(_receiver.All.Count(received => received.Json.GetProperty("data").GetProperty("importId").GetGuid() == imports[1]) >= 2);

        // The receiver fails, and is started anew.
        _receiver.Answer = (_, context) => Receiver.Status(context, 500);
        await ImportAsync("Sku\n3\n");
        await Eventually.TrueAsync(async () => (await DeliveriesAsync(hook))[0].LastStatus == 500, "Nobody tried.");
        await _receiver.StopAsync();
        _receiver.Answer = (_, context) => Receiver.Status(context, 201);
        await _receiver.StartAsync();
        await ToldAsync(3);

        Assert.All(_receiver.All, received => received.Verify(hook.Secret));
        Assert.Equal(3, _receiver.All.Select(received => received.NoticeId).Distinct().Count());
        Assert.Equal(imports.Order(), _receiver.All.Select(received => received.Json.GetProperty("data").GetProperty("importId").GetGuid()).Distinct().Order());

        async Task ImportAsync(string csv) => imports.Add((await _server.ImportAsync(mapping, csv)).Status.EntityImportId);

        Task ToldAsync(int count) => Eventually.TrueAsync(
            async () => (await DeliveriesAsync(hook)).Count(delivery => delivery.State == DeliveryState.Delivered) == count, $"Notice {count} was not delivered.");
    }

    [Fact]
    public async Task An_import_that_guards_have_forbidden_is_told_with_the_plan_that_it_leaves_through_restarts()
    {
        var hook = await SubscribeAsync(events: ["import.ended", "import.guarded", "plan.ready"]);
        var (entity, mapping) = await _server.MapProductAsync();
        await _server.Client.PutGuardsAsync(entity, new EntityGuards { MaxRejectedPercent = 10 }, Cancel);
        await _receiver.StopAsync();

        var run = await _server.ImportAsync(mapping, "Sku,Quantity\na,1\nb,x\n");
        await _server.RestartAsync();
        await _receiver.StartAsync();
        await Eventually.TrueAsync(async () => (await DeliveriesAsync(hook)).Count(delivery => delivery.State == DeliveryState.Delivered) == 3, "Not all was delivered.");

        Assert.All(_receiver.All, received => received.Verify(hook.Secret));
        var told = _receiver.All.GroupBy(received => received.NoticeId).Select(notice => notice.First().Json).ToDictionary(json => json.GetProperty("type").GetString()!, json => json.GetProperty("data"));
        Assert.Equal(["import.ended", "import.guarded", "plan.ready"], told.Keys.Order());
        var import = run.Status.EntityImportId;
        Assert.All([told["import.ended"], told["import.guarded"]], data => Assert.Equal((import, entity, "FAILED", "guarded"), (data.GetProperty("importId").GetGuid(), data.GetProperty("entitySystemName").GetString(), data.GetProperty("state").GetString(), data.GetProperty("code").GetString())));
        var plan = await _server.Client.GetPlanAsync(told["import.guarded"].GetProperty("planId").GetGuid(), Cancel);
        var ready = told["plan.ready"];
        Assert.Equal((plan.Plan.PlanId, import), (ready.GetProperty("planId").GetGuid(), ready.GetProperty("guardedId").GetGuid()));
        Assert.Equal("maxRejectedPercent: 1 of 2 rows are rejected (50 %), at most 10 % may be.", ready.GetProperty("guards")[0].GetString());
        Assert.Equal(import, plan.Plan.GuardedId);
    }

    [Fact]
    public async Task A_notice_is_tried_for_24_hours_then_given_up_and_sent_again_when_somebody_asks()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = new TestServer { Clock = clock, Log = _log, Notices = _server.Notices };
        await server.InitializeAsync();
        _receiver.Answer = (_, context) => Receiver.Status(context, 503);
        var hook = await server.Client.CreateWebhookAsync(new NewWebhook { Url = _receiver.Url, Events = ["import.ended"] }, Cancel);
        var noticeId = await server.Client.TestWebhookAsync(hook.Details.WebhookId, Cancel);
        var tries = new List<DateTimeOffset>();
        Delivery delivery;
        for (var attempt = 1; ; attempt++)
        {
            Assert.InRange(attempt, 1, 40);
            await Eventually.TrueAsync(
                async () =>
                {
                    clock.Advance(TimeSpan.FromSeconds(1));
                    return (await DeliveryAsync()).Attempts >= attempt;
                },
                $"Attempt {attempt} was not made.");
            delivery = await DeliveryAsync();
            tries.Add(delivery.LastAttemptDate!.Value);
            if (delivery.State == DeliveryState.Failed) break;
            clock.Advance(delivery.NextAttemptDate!.Value - clock.GetUtcNow() is var pause && pause > TimeSpan.Zero ? pause : TimeSpan.Zero);
        }

        Assert.InRange(tries.Count, 10, 20);
        Assert.InRange(tries[^1] - tries[0], TimeSpan.FromHours(24), TimeSpan.FromHours(24.1));
        Assert.All(tries.Zip(tries.Skip(1), (before, after) => after - before), pause => Assert.InRange(pause, TimeSpan.FromSeconds(4), TimeSpan.FromHours(5)));
        Assert.Equal((null, "The receiver answered 503."), (delivery.NextAttemptDate, delivery.LastFault));
        Assert.Contains(_log.ToArray(), line => line.Contains($"{noticeId}", StringComparison.Ordinal) && line.Contains("given up", StringComparison.Ordinal));

        _receiver.Answer = (_, context) => Receiver.Status(context, 204);
        await server.Client.RedeliverNoticeAsync(hook.Details.WebhookId, noticeId, Cancel);
        await Eventually.TrueAsync(async () => (await DeliveryAsync()).State == DeliveryState.Delivered, "It was not sent again.");
        Assert.Equal(tries.Count + 1, (await DeliveryAsync()).Attempts);
        Assert.Equal(noticeId, _receiver.All.Last().NoticeId);

        async Task<Delivery> DeliveryAsync() => (await server.Client.ListDeliveriesAsync(hook.Details.WebhookId, cancellationToken: Cancel)).Deliveries.Single();
    }

    [Fact]
    public async Task A_receiver_that_is_gone_is_sent_nothing_until_it_is_enabled_again()
    {
        var hook = await SubscribeAsync();
        var (_, mapping) = await _server.MapProductAsync();
        _receiver.Answer = (_, context) => Receiver.Status(context, 410);
        await _server.ImportAsync(mapping, "Sku\n1\n");
        await Eventually.TrueAsync(async () => (await _server.Client.GetWebhookAsync(hook.Details.WebhookId, Cancel)).Disabled, "It was not disabled.");
        await _server.ImportAsync(mapping, "Sku\n2\n");
        await _server.RestartAsync();

        var details = await _server.Client.GetWebhookAsync(hook.Details.WebhookId, Cancel);
        Assert.Contains("410", details.DisabledBecause, StringComparison.Ordinal);
        await _server.RefusedAsync(HttpMethod.Post, $"/v1/webhooks/{hook.Details.WebhookId}/test", HttpStatusCode.Conflict, "webhook-disabled");
        Assert.Single(_receiver.All);
        Assert.Single(await DeliveriesAsync(hook));
        Assert.Contains(_log.ToArray(), line => line.Contains("was disabled", StringComparison.Ordinal));

        _receiver.Answer = (_, context) => Receiver.Status(context, 204);
        details = await _server.Client.PatchWebhookAsync(hook.Details.WebhookId, JsonElement.Parse("""{ "disabled": false }"""), Cancel);
        Assert.Equal((false, null, null), (details.Disabled, details.DisabledDate, details.DisabledBecause));
        await DeliveredAsync(hook, _receiver.All.First().NoticeId);
    }

    [Fact]
    public async Task While_two_secrets_are_valid_there_is_a_signature_by_each()
    {
        var hook = await SubscribeAsync();

        var rotated = await _server.Client.RotateWebhookSecretAsync(hook.Details.WebhookId, Cancel);

        await _server.RestartAsync();
        await _server.Client.TestWebhookAsync(hook.Details.WebhookId, Cancel);
        var received = await ReceivedAsync(1);
        received.Verify(rotated.Secret);
        Assert.Equal([await received.SignByOpenSslAsync(rotated.Secret), await received.SignByOpenSslAsync(hook.Secret)], received.Signatures);
        Assert.Equal([null, TimeSpan.FromHours(24)], rotated.Details.Secrets.Select(times => times.ExpiresDate - rotated.Details.Secrets[0].CreatedDate));

        _clock.Shift = TimeSpan.FromHours(25);
        await _server.Client.TestWebhookAsync(hook.Details.WebhookId, Cancel);
        received = await ReceivedAsync(2);
        Assert.Equal([await received.SignByOpenSslAsync(rotated.Secret)], received.Signatures);
    }

    [Fact]
    public async Task Secrets_are_told_once_and_never_logged()
    {
        var hook = await SubscribeAsync();
        var rotated = await _server.Client.RotateWebhookSecretAsync(hook.Details.WebhookId, Cancel);
        _receiver.Answer = (_, context) => Receiver.Status(context, 500);
        await _server.Client.TestWebhookAsync(hook.Details.WebhookId, Cancel);
        await ReceivedAsync(1);

        foreach (var path in (string[])["/v1/webhooks", $"/v1/webhooks/{hook.Details.WebhookId}", $"/v1/webhooks/{hook.Details.WebhookId}/deliveries", "/v1/audit"])
        {
            var text = (await _server.SendAsync(HttpMethod.Get, path, HttpStatusCode.OK)).GetRawText();
            Assert.DoesNotContain("whsec_", text, StringComparison.Ordinal);
            Assert.Contains($"{hook.Details.WebhookId}", path + text, StringComparison.Ordinal);
        }

        Assert.All((string[])[hook.Secret, rotated.Secret], secret => Assert.DoesNotContain(_log.ToArray(), line => line.Contains(secret[6..], StringComparison.Ordinal)));
        Assert.Matches("^whsec_[A-Za-z0-9+/]{43}=$", rotated.Secret);
        Assert.NotEqual(hook.Secret, rotated.Secret);
    }

    [Fact]
    public async Task Over_tls_the_receiver_sees_its_own_name_and_must_have_a_certificate_for_it()
    {
        using var authority = new TestAuthority();
        await using var receiver = await Receiver.StartAsync(authority.Server);
        _server.Notices = new NoticeOptions { AllowedTargets = ["localhost"], TrustedRootsFile = authority.RootsFile };
        await _server.RestartAsync();
        var hook = await _server.Client.CreateWebhookAsync(new NewWebhook { Url = $"https://localhost:{receiver.Port}/a?b=c", Events = ["import.ended"] }, Cancel);

        await _server.Client.TestWebhookAsync(hook.Details.WebhookId, Cancel);
        await Eventually.TrueAsync(() => !receiver.All.IsEmpty, "Nothing arrived.");

        Assert.Equal($"localhost:{receiver.Port}", receiver.All.First().Headers.Host.ToString());
        receiver.All.First().Verify(hook.Secret);

        // The machine does not trust the authority.
        _server.Notices = new NoticeOptions { AllowedTargets = ["localhost"] };
        await _server.RestartAsync();
        await _server.Client.TestWebhookAsync(hook.Details.WebhookId, Cancel);
        await Eventually.TrueAsync(async () => (await DeliveriesAsync(hook))[0].Attempts > 0, "Nobody tried.");
        Assert.Contains("certificate", (await DeliveriesAsync(hook))[0].LastFault, StringComparison.Ordinal);
        Assert.Single(receiver.All);
    }

    [Fact]
    public async Task One_receiver_that_does_not_answer_holds_up_no_other()
    {
        var slow = await SubscribeAsync(path: "/slow");
        var quick = await SubscribeAsync(path: "/quick");
        _receiver.Answer = (received, context) => received.Path == "/slow" ? Task.Delay(Timeout.Infinite, context.RequestAborted) : Receiver.Status(context, 204);

        await _server.Client.TestWebhookAsync(slow.Details.WebhookId, Cancel);
        await ReceivedAsync(1);
        for (var i = 0; i < 3; i++) await DeliveredAsync(quick, await _server.Client.TestWebhookAsync(quick.Details.WebhookId, Cancel));

        Assert.Equal(DeliveryState.Pending, (await DeliveriesAsync(slow)).Single().State);
    }

    private Task<WebhookWithSecret> SubscribeAsync(IReadOnlyList<string>? entities = null, string path = "/hook", IReadOnlyList<string>? events = null) =>
        _server.Client.CreateWebhookAsync(new NewWebhook { Url = $"http://127.0.0.1:{_receiver.Port}{path}", Events = events ?? ["import.ended"], Entities = entities }, Cancel);

    private async Task<Received> ReceivedAsync(int count)
    {
        await Eventually.TrueAsync(() => _receiver.All.Count >= count, $"Fewer than {count} notices have arrived.");
        return _receiver.All.ElementAt(count - 1);
    }

    private async Task<IReadOnlyList<Delivery>> DeliveriesAsync(WebhookWithSecret hook) => (await _server.Client.ListDeliveriesAsync(hook.Details.WebhookId, cancellationToken: Cancel)).Deliveries;

    private async Task<Delivery> DeliveredAsync(WebhookWithSecret hook, Guid noticeId)
    {
        await Eventually.TrueAsync(
            async () => (await DeliveriesAsync(hook)).Single(delivery => delivery.NoticeId == noticeId).State == DeliveryState.Delivered, $"Notice {noticeId} was not delivered.");
        return (await DeliveriesAsync(hook)).Single(delivery => delivery.NoticeId == noticeId);
    }
}
