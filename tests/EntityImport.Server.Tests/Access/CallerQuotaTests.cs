using System.Net;
using System.Net.Sockets;
using System.Text;
using EntityImport.Access;
using EntityImport.Server.Access;
using EntityImport.Server.Options;
using EntityImport.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace EntityImport.Server.Tests.Access;

/// <summary>How much one caller may do, tried by doing more; others go on meanwhile.</summary>
public sealed class CallerQuotaTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_sends_too_many_requests_is_told_when_to_go_on_and_others_are_not_held_up()
    {
        await using var own = await StartAsync(new CallerLimitOptions { RequestsPerSecond = 1, RequestBurst = 5 });
        var (anna, bert) = (await own.KeyAsync("anna", "read"), await own.KeyAsync("bert", "read"));

        HttpResponseMessage? refused = null;
        for (var i = 0; i < 1000 && refused is null; i++)
        {
            var answer = await own.GetAsync(anna, "/v1/me");
            if (answer.StatusCode == HttpStatusCode.TooManyRequests) refused = answer;
            else Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        Assert.NotNull(refused);
        Assert.Contains("urn:eis:problem:caller-requests", await refused.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 5);
        Assert.Equal("\"requests\";q=5;w=5", Assert.Single(refused.Headers.GetValues("RateLimit-Policy")));
        Assert.Matches("^\"requests\";r=0;t=[1-5]$", Assert.Single(refused.Headers.GetValues("RateLimit")));
        Assert.Equal(HttpStatusCode.OK, (await own.GetAsync(bert, "/v1/me")).StatusCode);
        await Eventually.TrueAsync(async () => (await own.GetAsync(anna, "/v1/me")).StatusCode == HttpStatusCode.OK, "The caller is shut out for ever.");
    }

    [Fact]
    public async Task A_caller_sends_as_many_files_at_once_as_it_may()
    {
        await using var own = await StartAsync(new CallerLimitOptions { Uploads = 2 });
        var (anna, bert) = (await own.KeyAsync("anna", "import"), await own.KeyAsync("bert", "import"));
        var (_, mapping) = await own.Server.MapProductAsync();
        using var first = await own.BeginUploadAsync(anna, mapping);
        using var second = await own.BeginUploadAsync(anna, mapping);
        await Eventually.TrueAsync(() => Directory.GetDirectories(Path.Combine(own.Server.DataDirectory, "incoming")).Length == 2, "The files never began to arrive.");

        await RefusedAsync(await own.UploadAsync(anna, mapping, "Sku\na\n"), "caller-uploads");
        Assert.Equal(HttpStatusCode.Created, (await own.UploadAsync(bert, mapping, "Sku\na\n")).StatusCode);

        first.Client.LingerState = new LingerOption(enable: true, seconds: 0);
        first.Dispose();
        await Eventually.TrueAsync(async () => (await own.UploadAsync(anna, mapping, "Sku\na\n")).StatusCode == HttpStatusCode.Created, "The place of a broken upload is not given back.");
    }

    [Fact]
    public async Task A_caller_sends_as_many_bytes_a_day_as_it_may_also_after_a_restart()
    {
        await using var own = await StartAsync(new CallerLimitOptions { BytesPerDay = 1_000 });
        var (anna, bert) = (await own.KeyAsync("anna", "import"), await own.KeyAsync("bert", "import"));
        var (_, mapping) = await own.Server.MapProductAsync();
        Assert.Equal(HttpStatusCode.Created, (await own.UploadAsync(anna, mapping, "Sku\n" + new string('a', 600))).StatusCode);

        await RefusedAsync(await own.UploadAsync(anna, mapping, "Sku\n" + new string('b', 600)), "caller-bytes");
        Assert.Equal(HttpStatusCode.Created, (await own.UploadAsync(bert, mapping, "Sku\n" + new string('a', 600))).StatusCode);
        await own.Server.RestartAsync();
        Assert.Equal(HttpStatusCode.Created, (await own.UploadAsync(anna, mapping, "Sku\n" + new string('c', 300))).StatusCode);
        await RefusedAsync(await own.UploadAsync(anna, mapping, "Sku\n" + new string('d', 300)), "caller-bytes");
    }

    [Fact]
    public async Task A_caller_infers_as_much_at_once_as_it_may()
    {
        const string path = "/v1/LogicalEntity/infer?entitySystemName=Parts";
        await using var own = await StartAsync(new CallerLimitOptions { Inferences = 1 });
        var (anna, bert) = (await own.KeyAsync("anna", "import"), await own.KeyAsync("bert", "import"));
        var first = await own.BeginAsync(anna, path);
        try
        {
            // A request of this loop may have the place when the first one comes to it: that is refused then, and has to come again.
            await Eventually.TrueAsync(
                async () =>
                {
                    if (first.Available > 0)
                    {
                        first.Dispose();
                        first = await own.BeginAsync(anna, path);
                    }

                    return (await own.PostAsync(anna, path, "A\n1\n")).StatusCode == HttpStatusCode.TooManyRequests;
                },
                "It may do more than one at once.");
            await RefusedAsync(await own.PostAsync(anna, path, "A\n1\n"), "caller-inferences");
            Assert.Equal(HttpStatusCode.OK, (await own.PostAsync(bert, path, "A\n1\n")).StatusCode);
        }
        finally
        {
            first.Dispose();
        }
    }

    [Theory]
    [InlineData("/v1/LogicalEntityData/{entity}?$top=1", "caller-queries")]
    [InlineData("/v1/EntityImport/imports/{import}/events", "caller-event-streams")]
    public async Task Queries_and_event_streams_beyond_what_a_caller_may_have_at_once_are_refused(string path, string type)
    {
        await using var own = await StartAsync(new CallerLimitOptions { Queries = 1, EventStreams = 1, RequestsPerSecond = null });
        var (anna, bert) = (await own.KeyAsync("anna", "read"), await own.KeyAsync("bert", "read"));
        var (entity, mapping) = await own.Server.MapProductAsync();
        var run = await own.Server.ImportAsync(mapping, "Sku\na\n");
        path = path.Replace("{entity}", entity, StringComparison.Ordinal).Replace("{import}", run.Status.EntityImportId.ToString(), StringComparison.Ordinal);

        // Many at once, so that some meet: each is answered or refused, and both happen.
        var seen = new HashSet<HttpStatusCode>();
        for (var round = 0; round < 500 && seen.Count < 2; round++)
        {
            foreach (var answer in await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => own.GetAsync(anna, path))))
            {
                seen.Add(answer.StatusCode);
                if (answer.StatusCode == HttpStatusCode.TooManyRequests) await RefusedAsync(answer, type);
            }
        }

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.TooManyRequests], seen.Order());
        Assert.Equal(HttpStatusCode.OK, (await own.GetAsync(bert, path)).StatusCode);
    }

    [Fact]
    public void What_a_caller_does_at_other_nodes_takes_from_its_limits_here_as_long_as_it_does_it()
    {
        using var quotas = Shared(new FakeTimeProvider(), new CallerLimitOptions { RequestsPerSecond = 1, RequestBurst = 10, Uploads = 3 });
        Hear(quotas, new CallerUse("anna") { Requests = 8, Uploads = 2 });

        quotas.Take(Anna, Place.Uploads)!.Dispose();
        using (quotas.Take(Anna, Place.Uploads)) Assert.Equal("caller-uploads", Assert.Throws<RequestException>(() => quotas.Take(Anna, Place.Uploads)).Type);
        var sent = 0;
        while (sent < 10 && IsLetThrough(quotas)) sent++;
        Assert.InRange(sent, 2, 5);
        Hear(quotas, new CallerUse("anna"));
        using var one = quotas.Take(Anna, Place.Uploads);
        using var other = quotas.Take(Anna, Place.Uploads);
        Assert.Equal(2, Assert.Single(quotas.TellUses()).Uploads);
    }

    [Fact]
    public void Who_kept_to_the_rate_elsewhere_is_not_shut_out_here_for_what_was_heard_of_late()
    {
        using var quotas = Shared(new FakeTimeProvider(), new CallerLimitOptions { RequestsPerSecond = 10, RequestBurst = 20 });

        Hear(quotas, new CallerUse("anna") { Requests = 72 }, seconds: 8);
        Assert.True(IsLetThrough(quotas));
        Hear(quotas, new CallerUse("anna") { Requests = 400 }, seconds: 8);
        Assert.False(IsLetThrough(quotas));
    }

    [Fact]
    public void Other_nodes_are_told_of_a_caller_for_a_while_and_then_of_what_comes_later()
    {
        var clock = new FakeTimeProvider();
        using var quotas = Shared(clock, new CallerLimitOptions());
        Hear(quotas, new CallerUse("anna") { EventStreams = 1 });
        for (var sent = 0; sent < 5; sent++) Assert.True(IsLetThrough(quotas));
        Assert.Equal(5, Assert.Single(quotas.TellUses()).Requests);

        clock.Advance(TimeSpan.FromSeconds(11));
        Assert.Empty(quotas.TellUses());
        Assert.True(IsLetThrough(quotas));

        Assert.Equal(new CallerUse("anna") { Requests = 1 }, Assert.Single(quotas.TellUses()));
    }

    private static readonly Caller Anna = Caller.Anonymous with { Id = "anna" };

    private static CallerQuotas Shared(TimeProvider clock, CallerLimitOptions limits) =>
        new(new ServerOptions { Store = new StoreOptions { Node = "a" }, Access = new AccessOptions { Limits = limits } }, host: null!, clock);

    private static void Hear(CallerQuotas quotas, CallerUse use, double seconds = 1) =>
        quotas.CountElsewhere(new UsesElsewhere(IsContinued: true, TimeSpan.FromSeconds(seconds), new Dictionary<string, CallerUse> { [use.CallerId] = use }));

    private static bool IsLetThrough(CallerQuotas quotas)
    {
        try
        {
            quotas.CountRequest(Anna, new DefaultHttpContext().Response);
            return true;
        }
        catch (RequestException refused) when (refused.Type == "caller-requests")
        {
            return false;
        }
    }

    private static async Task RefusedAsync(HttpResponseMessage answer, string type)
    {
        var body = await answer.Content.ReadAsStringAsync(Cancel);
        Assert.True(answer.StatusCode == HttpStatusCode.TooManyRequests, $"{answer.StatusCode} {body}");
        Assert.Contains($"urn:eis:problem:{type}", body, StringComparison.Ordinal);
        Assert.NotNull(answer.Headers.RetryAfter);
    }

    private static async Task<Secured> StartAsync(CallerLimitOptions limits)
    {
        var own = new Secured(new TestServer { Access = new AccessOptions { ApiKeys = true, AdminKey = ApiKeyText.Create(), Limits = limits } });
        await own.Server.InitializeAsync();
        return own;
    }

    /// <summary>A server with callers that have keys.</summary>
    private sealed class Secured(TestServer server) : IAsyncDisposable
    {
        private readonly HttpClient _plain = new() { Timeout = TestServer.Patience };

        public TestServer Server => server;

        public async Task<string> KeyAsync(string name, string scope)
        {
            var (_, text) = await server.Engine.Keys.CreateAsync(Request.Anonymous, name, [scope], expiresAt: null, Cancel);
            return text;
        }

        public Task<HttpResponseMessage> GetAsync(string key, string path) => SendAsync(new HttpRequestMessage(HttpMethod.Get, At(path)), key);

        public Task<HttpResponseMessage> UploadAsync(string key, Guid mapping, string csv) => PostAsync(key, $"/v1/EntityImport/{mapping}/upload", csv);

        public Task<HttpResponseMessage> PostAsync(string key, string path, string csv) =>
            SendAsync(new HttpRequestMessage(HttpMethod.Post, At(path)) { Content = new StringContent(csv, Encoding.UTF8, "text/csv") }, key);

        public Task<TcpClient> BeginUploadAsync(string key, Guid mapping) => BeginAsync(key, $"/v1/EntityImport/{mapping}/upload");

        /// <summary>Begins to send a file and does not go on.</summary>
        public async Task<TcpClient> BeginAsync(string key, string path)
        {
            var socket = new TcpClient();
            await socket.ConnectAsync(IPAddress.Loopback, server.Http.BaseAddress!.Port, Cancel);
            var head = $"POST {path} HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: {key}\r\nContent-Type: text/csv\r\nContent-Length: 1000000\r\n\r\nSku\n";
            await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head + new string('a', 100_000)), Cancel);
            return socket;
        }

        public async ValueTask DisposeAsync()
        {
            _plain.Dispose();
            await server.DisposeAsync();
        }

        private Uri At(string path) => new(server.Http.BaseAddress!, path);

        private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, string key)
        {
            using (request)
            {
                request.Headers.Add("X-Api-Key", key);
                return await _plain.SendAsync(request, Cancel);
            }
        }
    }
}
