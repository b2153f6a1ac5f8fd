using System.Net;
using System.Net.Sockets;
using System.Text;
using EntityImport.Access;
using EntityImport.Server.Options;
using EntityImport.Storage.Tests;

namespace EntityImport.Server.Tests;

/// <summary>How much one caller may do at two nodes together, tried by doing it at the first, and then a little at the second.</summary>
public sealed class NodeQuotaTests : IAsyncDisposable
{
    private readonly string _work = Directory.CreateTempSubdirectory("eis-test-").FullName;
    private readonly HttpClient _http = new() { Timeout = TestServer.Patience };
    private readonly List<TestServer> _nodes = [];
    private string? _admin;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requests_to_one_node_count_at_the_other()
    {
        var (first, second) = await StartAsync(new CallerLimitOptions { RequestsPerSecond = 1, RequestBurst = 5_000 });
        var (anna, bert) = (await KeyAsync(first, "anna", "read"), await KeyAsync(first, "bert", "read"));
        await KnownAsync(first, anna);
        await KnownAsync(second, anna, bert);
        await BothTellAsync(second);
        while (await StatusAsync(first, anna) == HttpStatusCode.OK) Cancel.ThrowIfCancellationRequested();

        var letThrough = 0;
        await Eventually.TrueAsync(async () => await StatusAsync(second, anna) == HttpStatusCode.TooManyRequests || ++letThrough > 4_000, "The second node never hears of it.");

        Assert.InRange(letThrough, 0, 4_000);
        var refused = await GetAsync(second, anna);
        Assert.Contains("urn:eis:problem:caller-requests", await refused.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.True(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds >= 1);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(second, bert));
    }

    [Fact]
    public async Task Files_that_one_node_is_sent_take_places_at_the_other_until_they_are_there()
    {
        var (first, second) = await StartAsync(new CallerLimitOptions { Uploads = 2 });
        var (anna, bert) = (await KeyAsync(first, "anna", "import"), await KeyAsync(first, "bert", "import"));
        var (_, mapping) = await first.MapProductAsync();
        using var one = await BeginUploadAsync(first, anna, mapping);
        using var other = await BeginUploadAsync(first, anna, mapping);

        await Eventually.TrueAsync(async () => await IsRefusedAsync(await UploadAsync(second, anna, mapping, "Sku\na\n"), "caller-uploads"), "The second node never hears of it.");
        Assert.Equal(HttpStatusCode.Created, (await UploadAsync(second, bert, mapping, "Sku\na\n")).StatusCode);
        foreach (var upload in new[] { one, other })
        {
            upload.Client.LingerState = new LingerOption(enable: true, seconds: 0);
            upload.Dispose();
        }

        await Eventually.TrueAsync(async () => (await UploadAsync(second, anna, mapping, "Sku\na\n")).StatusCode == HttpStatusCode.Created, "The places of broken uploads to the first node are not given back at the second.");
    }

    [Fact]
    public async Task Bytes_sent_to_one_node_count_at_the_other_also_after_it_has_begun_to_count()
    {
        var (first, second) = await StartAsync(new CallerLimitOptions { BytesPerDay = 10_000 });
        var anna = await KeyAsync(first, "anna", "import");
        var (_, mapping) = await first.MapProductAsync();
        Assert.Equal(HttpStatusCode.Created, (await UploadAsync(first, anna, mapping, "Sku\na\n")).StatusCode);
        await Eventually.TrueAsync(async () => (await UploadAsync(second, anna, mapping, "Sku\na\n")).StatusCode == HttpStatusCode.Created, "The second node never knows the key.");
        await BothTellAsync(second);
        Assert.Equal(HttpStatusCode.Created, (await UploadAsync(first, anna, mapping, "Sku\n" + new string('a', 9_900))).StatusCode);

        var taken = 0;
        await Eventually.TrueAsync(async () => await IsRefusedAsync(await UploadAsync(second, anna, mapping, "Sku\na\n"), "caller-bytes") || ++taken > 1_000, "The second node never hears of it.");

        Assert.InRange(taken, 0, 1_000);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        foreach (var node in _nodes) await node.DisposeAsync();
        Directory.Delete(_work, recursive: true);
    }

    private static Uri At(TestServer node, string path) => new(node.Http.BaseAddress!, path);

    private static async Task<string> KeyAsync(TestServer node, string name, string scope)
    {
        var (_, text) = await node.Engine.Keys.CreateAsync(Request.Anonymous, name, [scope], expiresAt: null, Cancel);
        return text;
    }

    private static async Task<bool> IsRefusedAsync(HttpResponseMessage answer, string type) =>
        answer.StatusCode == HttpStatusCode.TooManyRequests && (await answer.Content.ReadAsStringAsync(Cancel)).Contains($"urn:eis:problem:{type}", StringComparison.Ordinal);

    /// <summary>Begins to send a file and does not go on.</summary>
    private static async Task<TcpClient> BeginUploadAsync(TestServer node, string key, Guid mapping)
    {
        var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, node.Http.BaseAddress!.Port, Cancel);
        var head = $"POST /v1/EntityImport/{mapping}/upload HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: {key}\r\nContent-Type: text/csv\r\nContent-Length: 1000000\r\n\r\nSku\n";
        await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head + new string('a', 100_000)), Cancel);
        return socket;
    }

    /// <summary>A key that was made at one node is known at the others within seconds.</summary>
    private Task KnownAsync(TestServer node, params IEnumerable<string> keys) =>
        Eventually.TrueAsync(async () => (await Task.WhenAll(keys.Select(key => StatusAsync(node, key)))).All(status => status == HttpStatusCode.OK), "The key is never known.");

    /// <summary>From when a node has heard of others first, what they do counts.</summary>
    private static Task BothTellAsync(TestServer node) =>
        Eventually.TrueAsync(async () => (long)(await TestDatabases.ReadAsync(node.Options.Store.Postgres!, "SELECT count(*) FROM eis.caller_use"))! == 2, "The nodes never tell of it.");

    private async Task<(TestServer First, TestServer Second)> StartAsync(CallerLimitOptions limits) => (await StartAsync("a", limits), await StartAsync("b", limits));

    private async Task<TestServer> StartAsync(string name, CallerLimitOptions limits)
    {
        var directory = Path.Combine(_work, name);
        TestDatabases.Share(directory, await TestDatabases.TakeAsync(Path.Combine(_work, "a")));
        var node = new TestServer(options => options, directory)
        {
            Access = new AccessOptions { ApiKeys = true, AdminKey = _admin ??= ApiKeyText.Create(), Limits = limits },
            Reach = store => store with { Node = name, Files = Path.Combine(_work, "files") },
        };
        await node.InitializeAsync();
        _nodes.Add(node);
        return node;
    }

    private Task<HttpResponseMessage> GetAsync(TestServer node, string key) => SendAsync(new HttpRequestMessage(HttpMethod.Get, At(node, "/v1/me")), key);

    private async Task<HttpStatusCode> StatusAsync(TestServer node, string key)
    {
        using var answer = await GetAsync(node, key);
        return answer.StatusCode;
    }

    private Task<HttpResponseMessage> UploadAsync(TestServer node, string key, Guid mapping, string csv) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Post, At(node, $"/v1/EntityImport/{mapping}/upload")) { Content = new StringContent(csv, Encoding.UTF8, "text/csv") }, key);

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, string key)
    {
        using (request)
        {
            request.Headers.Add("X-Api-Key", key);
            return await _http.SendAsync(request, Cancel);
        }
    }
}
