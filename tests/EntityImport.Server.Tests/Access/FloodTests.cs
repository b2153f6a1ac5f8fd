using System.Diagnostics;
using System.Globalization;
using System.Net;
using EntityImport.Access;
using EntityImport.Server.Options;

namespace EntityImport.Server.Tests.Access;

/// <summary>A flood of different bad credentials is refused, each of them, while good callers are answered; how quickly, the output tells. It runs by itself: what it measures is the memory of the process.</summary>
[CollectionDefinition(nameof(FloodTests), DisableParallelization = true)]
[Collection(nameof(FloodTests))]
public sealed class FloodTests
{
    private const int Credentials = 10_000;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ten_thousand_bad_token_responses_ask_nobody_and_good_callers_are_answered()
    {
        await using var server = await SalesforceServer.StartAsync();
        var good = $"OAuth {server.LogIn().Base64()}";
        Assert.Equal(200, (await server.CallAsync(good, [SalesforceServer.Environment])).Status);
        var asked = server.Salesforce.Questions;

        await FloodAsync(
            server.Server, number => [("Authorization", $"OAuth {server.LogIn(secret: string.Create(CultureInfo.InvariantCulture, $"wrong {number}")).Base64()}"), ("X-Forwarded-Host", SalesforceServer.Environment)],
            [("Authorization", good), ("X-Forwarded-Host", SalesforceServer.Environment)]);

        Assert.Equal(asked, server.Salesforce.Questions);
    }

    [Fact]
    public async Task Ten_thousand_bad_keys_are_refused_and_good_callers_are_answered()
    {
        var admin = ApiKeyText.Create();
        await using var own = new TestServer { Access = new AccessOptions { ApiKeys = true, AdminKey = admin, Limits = new CallerLimitOptions { RequestsPerSecond = null } } };
        await own.InitializeAsync();

        await FloodAsync(own, _ => [("X-Api-Key", ApiKeyText.Create())], [("X-Api-Key", admin)]);

        var trail = await own.SendAsync(HttpMethod.Get, "/v1/audit?result=refused", HttpStatusCode.OK);
        Assert.InRange(trail.GetProperty("entries").GetArrayLength(), 0, 5);
    }

    private static async Task FloodAsync(TestServer server, Func<int, (string, string)[]> bad, (string, string)[] good)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = server.Http.BaseAddress, Timeout = TestServer.Patience };
        var calm = await LatencyAsync(http, good, 200);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var begun = Stopwatch.GetTimestamp();
        using var ended = new CancellationTokenSource();
        var answered = Task.Run(() => LatencyAsync(http, good, int.MaxValue, ended.Token), Cancel);
        var next = 0;
        await Task.WhenAll(Enumerable.Range(0, 16).Select(async _ =>
        {
            while (Interlocked.Increment(ref next) is var number && number <= Credentials)
            {
                using var answer = await SendAsync(http, bad(number));
                Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
            }
        }));
        var seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        await ended.CancelAsync();
        var flooded = await answered;
        var grown = GC.GetTotalMemory(forceFullCollection: true) - before;

        Assert.NotEmpty(flooded);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Credentials / seconds:0} bad credentials a second, with their client in this process; good callers' p99 {Percentile(calm)} ms before, {Percentile(flooded)} ms during ({flooded.Count} calls); memory grew by {grown >> 10} KiB"));
        // What would be kept of each of them would be far more than this.
        Assert.InRange(grown, long.MinValue, 64 << 20);
    }

    private static async Task<List<double>> LatencyAsync(HttpClient http, (string, string)[] credential, int calls, CancellationToken ended = default)
    {
        var times = new List<double>();
        while (times.Count < calls && !ended.IsCancellationRequested)
        {
            var begun = Stopwatch.GetTimestamp();
            using var answer = await SendAsync(http, credential);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            times.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        }

        return times;
    }

    private static double Percentile(List<double> times) => Math.Round(times.Order().ElementAt((int)(times.Count * 0.99)), 1);

    private static async Task<HttpResponseMessage> SendAsync(HttpClient http, (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/me");
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return await http.SendAsync(request, Cancel);
    }
}
