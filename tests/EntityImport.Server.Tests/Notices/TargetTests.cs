using System.Net;
using System.Text.Json;
using EntityImport.Api;
using EntityImport.Server.Options;
using EntityImport.Server.Tests.Access;

namespace EntityImport.Server.Tests.Notices;

/// <summary>Notices go to nobody whom the service may not call: tricks with addresses, names and redirects send nothing.</summary>
public sealed class TargetTests : IAsyncLifetime
{
    private readonly Decoy _decoy = new();
    private readonly Dictionary<string, IPAddress[]> _names = [];
    private readonly TestServer _server;

    public TargetTests() => _server = new TestServer { Resolve = (host, cancel) => _names.TryGetValue(host, out var found) ? Task.FromResult(found) : Dns.GetHostAddressesAsync(host, cancel) };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private int Port => int.Parse(_decoy.Host.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture);

    public ValueTask InitializeAsync() => _server.InitializeAsync();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _decoy.Dispose();
    }

    [Theory]
    [InlineData("https://127.0.0.1:PORT/", "no public address")]
    [InlineData("https://localhost:PORT/", "no public address")]
    [InlineData("https://LOCALHOST:PORT/", "no public address")]
    [InlineData("https://[::1]:PORT/", "no public address")]
    [InlineData("https://[::ffff:127.0.0.1]:PORT/", "no public address")]
    [InlineData("https://[::127.0.0.1]:PORT/", "no public address")]
    [InlineData("https://[64:ff9b::7f00:1]:PORT/", "no public address")]
    [InlineData("https://[2002:7f00:1::]:PORT/", "no public address")]
    [InlineData("https://[2001:0:7f00:1::]:PORT/", "no public address")]
    [InlineData("https://[fe80::1]:PORT/", "no public address")]
    [InlineData("https://[fd00::1]:PORT/", "no public address")]
    [InlineData("https://[ff02::1]:PORT/", "no public address")]
    [InlineData("https://[2001:db8::1]:PORT/", "no public address")]
    [InlineData("https://0.0.0.0:PORT/", "no public address")]
    [InlineData("https://10.1.2.3/", "no public address")]
    [InlineData("https://172.31.255.255/", "no public address")]
    [InlineData("https://192.168.0.1/", "no public address")]
    [InlineData("https://100.64.0.1/", "no public address")]
    [InlineData("https://169.254.169.254/latest/meta-data", "no public address")]
    [InlineData("https://168.63.129.16/", "no public address")]
    [InlineData("https://192.0.2.1/", "no public address")]
    [InlineData("https://198.18.0.1/", "no public address")]
    [InlineData("https://224.0.0.1/", "no public address")]
    [InlineData("https://255.255.255.255/", "no public address")]
    [InlineData("https://2130706433:PORT/", "spelled plainly")]
    [InlineData("https://0x7f000001:PORT/", "spelled plainly")]
    [InlineData("https://0177.0.0.1:PORT/", "spelled plainly")]
    [InlineData("https://127.1:PORT/", "spelled plainly")]
    [InlineData("https://8.8.2056/", "spelled plainly")]
    [InlineData("https://127.0.0.1.:PORT/", "spelled plainly")]
    [InlineData("https://localhost.:PORT/", "spelled plainly")]
    [InlineData("https:///127.0.0.1:PORT/", "https address")]
    [InlineData("https://[fe80::1%25lo]:PORT/", "spelled plainly")]
    [InlineData("https://%6c%6f%63%61%6c%68%6f%73%74:PORT/", "https address")]
    [InlineData("https://public.example@127.0.0.1:PORT/", "user")]
    [InlineData("https://user:secret@public.example/", "user")]
    [InlineData("https://@public.example/", "user")]
    [InlineData("https://public.example\\@127.0.0.1:PORT/", "backslashes")]
    [InlineData("https://public.example /", "spaces")]
    [InlineData("https://public。example/", "ASCII")]
    [InlineData("https://ⓛocalhost:PORT/", "ASCII")]
    [InlineData("https://public.example/#a", "fragment")]
    [InlineData("https://public.example:0/", "port")]
    [InlineData("https://public.example:65536/", "https address")]
    [InlineData("http://public.example/", "Without TLS")]
    [InlineData("ftp://public.example/", "https address")]
    [InlineData("file:///etc/passwd", "https address")]
    [InlineData("//public.example/", "https address")]
    [InlineData("public.example", "https address")]
    [InlineData("https://nobody.example/", "cannot be resolved")]
    [InlineData("https://nowhere.example/", "leads nowhere")]
    [InlineData("https://private.example/", "no public address")]
    [InlineData("https://both.example/", "no public address")]
    public async Task An_address_that_is_not_public_or_not_plain_is_refused_and_nobody_is_called(string url, string why)
    {
        _names["public.example"] = [IPAddress.Parse("8.8.8.8")];
        _names["private.example"] = [IPAddress.Loopback];
        _names["both.example"] = [IPAddress.Parse("8.8.8.8"), IPAddress.Parse("10.0.0.1")];
        _names["nowhere.example"] = [];
        var body = TestServer.Json(JsonSerializer.Serialize(new { url = url.Replace("PORT", $"{Port}", StringComparison.Ordinal), events = (string[])["import.ended"] }));

        var problem = await _server.RefusedAsync(HttpMethod.Post, "/v1/webhooks", HttpStatusCode.BadRequest, "validation", body);

        Assert.Contains(why, problem.GetProperty("errors").GetProperty("url")[0].GetString(), StringComparison.Ordinal);
        Assert.Empty(await _server.Client.ListWebhooksAsync(Cancel));
        Assert.False(_decoy.WasCalled);
    }

    [Fact]
    public async Task Public_addresses_are_taken()
    {
        _names["public.example"] = [IPAddress.Parse("8.8.8.8"), IPAddress.Parse("2606:4700::1111")];

        foreach (var url in (string[])["https://public.example/hook?a=b@c", "https://public.example:8443/", "https://9.9.9.9/", "https://[2606:4700::1111]/", "HTTPS://Public.Example"])
            Assert.Equal(url, (await _server.Client.CreateWebhookAsync(new NewWebhook { Url = url, Events = ["import.ended"] }, Cancel)).Details.Url);
    }

    [Fact]
    public async Task A_name_that_leads_elsewhere_when_something_is_sent_is_judged_again_and_not_called()
    {
        _names["rebound.example"] = [IPAddress.Parse("8.8.8.8")];
        var hook = await _server.Client.CreateWebhookAsync(new NewWebhook { Url = $"https://rebound.example:{Port}/", Events = ["import.ended"] }, Cancel);

        foreach (var now in (IPAddress[][])[[IPAddress.Loopback], [IPAddress.Parse("8.8.8.8"), IPAddress.Loopback], [IPAddress.Parse("::ffff:127.0.0.1")]])
        {
            _names["rebound.example"] = now;
            Assert.Contains("no public address", await FaultOfTestAsync(_server, hook), StringComparison.Ordinal);
        }

        Assert.False(_decoy.WasCalled);
    }

    [Fact]
    public async Task A_name_is_resolved_once_for_each_attempt_and_what_was_judged_is_called()
    {
        var asked = 0;
        await using var receiver = await Receiver.StartAsync();
        // Whoever asks a second time is led to the decoy's port on another address of this machine.
        await using var server = new TestServer
        {
            Notices = new NoticeOptions { AllowedTargets = ["127.0.0.1"] },
            Resolve = (_, _) => Task.FromResult((IPAddress[])[Interlocked.Increment(ref asked) <= 2 ? IPAddress.Loopback : IPAddress.Parse("127.0.0.2")]),
        };
        await server.InitializeAsync();
        var hook = await server.Client.CreateWebhookAsync(new NewWebhook { Url = $"http://pinned.example:{receiver.Port}/", Events = ["import.ended"] }, Cancel);
        Assert.Equal(1, asked);

        await server.Client.TestWebhookAsync(hook.Details.WebhookId, Cancel);
        await Eventually.TrueAsync(() => !receiver.All.IsEmpty, "Nothing arrived.");

        Assert.Equal(2, asked);
        Assert.Equal($"pinned.example:{receiver.Port}", receiver.All.Single().Headers.Host.ToString());
        Assert.Contains("127.0.0.2", await FaultOfTestAsync(server, hook), StringComparison.Ordinal);
        Assert.Single(receiver.All);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_redirect_is_not_followed(int status)
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = (_, context) =>
        {
            context.Response.Headers.Location = $"http://{_decoy.Host}/";
            return Receiver.Status(context, status);
        };
        _server.Notices = new NoticeOptions { AllowedTargets = ["127.0.0.1"] };
        await _server.RestartAsync();
        var hook = await _server.Client.CreateWebhookAsync(new NewWebhook { Url = receiver.Url, Events = ["import.ended"] }, Cancel);

        Assert.Contains("redirects are not followed", await FaultOfTestAsync(_server, hook), StringComparison.Ordinal);

        Assert.False(_decoy.WasCalled);
    }

    [Fact]
    public async Task What_is_no_longer_allowed_is_not_called()
    {
        _server.Notices = new NoticeOptions { AllowedTargets = ["127.0.0.0/8"] };
        await _server.RestartAsync();
        var hook = await _server.Client.CreateWebhookAsync(new NewWebhook { Url = $"http://{_decoy.Host}/", Events = ["import.ended"] }, Cancel);
        _server.Notices = new NoticeOptions { AllowedTargets = ["10.0.0.0/8", "other.example"] };
        await _server.RestartAsync();

        Assert.Contains("no public address", await FaultOfTestAsync(_server, hook), StringComparison.Ordinal);

        Assert.False(_decoy.WasCalled);
    }

    [Fact]
    public void What_is_allowed_must_be_a_host_an_address_or_a_network()
    {
        var faults = new NoticeOptions { AllowedTargets = ["10.0.0.0/8", "fd00::/8", "10.1.2.3", "hooks.internal", "10.0.0.1/33", "a b", "https://x", ""] }.Faults().ToList();

        Assert.Equal(4, faults.Count);
    }

    /// <summary>Why a test was not delivered.</summary>
    private static async Task<string> FaultOfTestAsync(TestServer server, WebhookWithSecret hook)
    {
        var noticeId = await server.Client.TestWebhookAsync(hook.Details.WebhookId, Cancel);
        Delivery? delivery = null;
        await Eventually.TrueAsync(
            async () =>
            {
                delivery = (await server.Client.ListDeliveriesAsync(hook.Details.WebhookId, cancellationToken: Cancel)).Deliveries.Single(sent => sent.NoticeId == noticeId);
                return delivery.Attempts > 0;
            },
            "Nobody tried.");
        Assert.Equal(DeliveryState.Pending, delivery!.State);
        return delivery.LastFault!;
    }
}
