using System.Net;
using System.Text;

namespace EntityImport.Server.Tests;

/// <summary>What is refused before an endpoint is asked: each refusal has a problem, wherever it comes from.</summary>
public sealed class RefusedRequestTests(TestServer server)
{
    private const string Host = "Host: localhost\r\n";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, int, string> Malformed => new()
    {
        { "a line that is too long", 414, $"GET /{new string('a', 70_000)} HTTP/1.1\r\n{Host}\r\n" },
        { "headers that are too long", 431, $"GET /health/live HTTP/1.1\r\n{Host}X: {new string('a', 40_000)}\r\n\r\n" },
        { "too many headers", 431, $"GET /health/live HTTP/1.1\r\n{Host}{string.Concat(Enumerable.Range(0, 200).Select(i => $"X{i}: y\r\n"))}\r\n" },
        { "no host", 400, "GET /health/live HTTP/1.1\r\n\r\n" },
        { "two hosts", 400, $"GET /health/live HTTP/1.1\r\n{Host}{Host}\r\n" },
        { "a host that is none", 400, "GET /health/live HTTP/1.1\r\nHost: a/b\r\n\r\n" },
        { "an old version without a host", 400, "GET /health/live HTTP/1.0\r\n\r\n" },
        { "NUL in the path", 400, $"GET /v1/LogicalEntity/%00 HTTP/1.1\r\n{Host}\r\n" },
        { "NUL behind a route", 400, $"GET /v1/EntityImport/a%00b/status HTTP/1.1\r\n{Host}\r\n" },
        { "a raw NUL", 400, $"GET /\0 HTTP/1.1\r\n{Host}\r\n" },
        { "nonsense", 400, "nonsense\r\n\r\n" },
        { "an unknown version", 505, $"GET / HTTP/3.7\r\n{Host}\r\n" },
        { "a header without a colon", 400, $"GET /health/live HTTP/1.1\r\n{Host}nonsense\r\n\r\n" },
        { "a negative length", 400, $"POST /v1/EntityImport HTTP/1.1\r\n{Host}Content-Type: application/json\r\nContent-Length: -1\r\n\r\n" },
        { "a length that is no number", 400, $"POST /v1/EntityImport HTTP/1.1\r\n{Host}Content-Type: application/json\r\nContent-Length: x\r\n\r\n" },
        { "a huge length", 400, $"POST /v1/EntityImport HTTP/1.1\r\n{Host}Content-Type: application/json\r\nContent-Length: 99999999999999999999\r\n\r\n" },
        { "two lengths", 400, $"POST /v1/EntityImport HTTP/1.1\r\n{Host}Content-Type: application/json\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{{}}" },
        { "no length", 400, $"POST /v1/EntityImport HTTP/1.0\r\n{Host}Content-Type: application/json\r\n\r\n{{}}" },
        { "a chunk of nonsense", 400, $"POST /v1/EntityImport HTTP/1.1\r\n{Host}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n{{}}\r\n0\r\n\r\n" },
        { "chunked last but one", 400, $"POST /v1/EntityImport HTTP/1.1\r\n{Host}Content-Type: application/json\r\nTransfer-Encoding: chunked, gzip\r\n\r\n" },
        { "an unknown coding below chunked", 501, $"POST /v1/EntityImport HTTP/1.1\r\n{Host}Content-Type: application/json\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" },
        { "codings in two headers", 501, $"POST /v1/EntityImport HTTP/1.1\r\n{Host}Content-Type: application/json\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public async Task What_is_no_request_is_refused_with_a_problem(string what, int status, string request)
    {
        var answer = await RawRequest.SendAsync(server, request);
        Assert.True(status == answer.Status, $"{what}: {answer.Status}");
        answer.Problem();
    }

    [Fact]
    public async Task A_refusal_behind_good_requests_of_one_connection_has_a_problem_and_they_have_their_answers()
    {
        var answer = await RawRequest.SendAsync(server, string.Concat(Enumerable.Repeat($"GET /health/live HTTP/1.1\r\n{Host}\r\n", 3)) + $"GET /%00 HTTP/1.1\r\n{Host}\r\n");
        Assert.Equal(200, answer.Status);
        var rest = Encoding.UTF8.GetString(answer.Body);
        Assert.Equal(2, rest.Split("HTTP/1.1 200 OK").Length - 1);
        var last = RawAnswer.Parse(Encoding.UTF8.GetBytes(rest[rest.LastIndexOf("HTTP/1.1", StringComparison.Ordinal)..]));
        Assert.Equal(400, last.Status);
        last.Problem();
    }

    [Fact]
    public async Task A_line_of_the_documented_length_is_read()
    {
        var entity = await server.DeclareProductAsync();
        var filter = $"Quantity in ({string.Join(',', Enumerable.Range(0, 150).Select(i => 1_000_000_000 + i))}) or Name eq '{new string('%', 13_000)}'";
        var path = $"/v1/LogicalEntityData/{entity}?$filter={Uri.EscapeDataString(filter)}";
        Assert.InRange(path.Length, 40_000, 64 << 10);
        Assert.Equal(0, (await server.SendAsync(HttpMethod.Get, path, HttpStatusCode.OK)).GetArrayLength());
    }

    public static TheoryData<string, string> Foreign => new()
    {
        { "Origin", "http://evil.com" },
        { "Origin", "null" },
        { "Origin", "" },
        { "Origin", "https://OWN" },
        { "Origin", "http://localhost:1" },
        { "Origin", "http://OWN.evil.com" },
        { "Origin", "http://OWN/" },
        { "Origin", "http://OWN, http://OWN" },
        { "Origin", "http://user@OWN" },
        { "Origin", "OWN" },
        { "Sec-Fetch-Site", "cross-site" },
        { "Sec-Fetch-Site", "same-site" },
        { "Sec-Fetch-Site", "CROSS-SITE" },
        { "Sec-Fetch-Site", "same-origin, cross-site" },
        { "Sec-Fetch-Site", "" },
        { "Sec-Fetch-Site", "anything" },
    };

    [Theory]
    [MemberData(nameof(Foreign))]
    public async Task A_page_of_another_origin_changes_nothing_by_any_method(string header, string value)
    {
        var entity = await server.DeclareProductAsync();
        value = value.Replace("OWN", server.Http.BaseAddress!.Authority, StringComparison.Ordinal);
        foreach (var method in (string[])["POST", "PUT", "PATCH", "DELETE", "FOO"])
        {
            foreach (var header2 in (string[])["", "Sec-Fetch-Site: same-origin\r\n"])
            {
                var again = header == "Sec-Fetch-Site" ? header2 : "";
                var answer = await RawRequest.SendAsync(
                    server, $"{method} /v1/LogicalEntity/{entity} HTTP/1.1\r\nHost: {server.Http.BaseAddress.Authority}\r\n{header}: {value}\r\n{again}Connection: close\r\nContent-Length: 0\r\n\r\n");
                Assert.Equal(403, answer.Status);
                Assert.Equal("urn:eis:problem:cross-site-request", answer.Problem().GetProperty("type").GetString());
            }
        }

        Assert.NotNull(await server.Client.GetEntityAsync(entity, Cancel));
    }

    [Fact]
    public async Task A_form_or_file_of_another_origin_is_not_stored()
    {
        var (_, mapping) = await server.MapProductAsync();
        foreach (var content in (HttpContent[])[new MultipartFormDataContent { { new ByteArrayContent("Sku\n1\n"u8.ToArray()), "file", "a.csv" } }, new StringContent("Sku\n1\n", Encoding.UTF8, "text/csv")])
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/EntityImport/{mapping}/upload") { Content = content, Headers = { { "Origin", "http://evil.com" } } };
            using var response = await server.Http.SendAsync(request, Cancel);
            Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        }

        var stored = await server.SendAsync(HttpMethod.Get, $"/v1/EntityImport/uploads?mapping={mapping}", HttpStatusCode.OK);
        Assert.Empty(stored.GetProperty("uploads").EnumerateArray());
        // Others of these tests send files at the same time.
        await Eventually.TrueAsync(() => Directory.GetFileSystemEntries(Path.Combine(server.DataDirectory, "incoming")).Length == 0, "Something of a refused file stays.");
    }

    [Theory]
    [InlineData("Origin: http://OWN")]
    [InlineData("Origin: HTTP://OWN\r\nSec-Fetch-Site: same-origin")]
    [InlineData("Sec-Fetch-Site: none")]
    public async Task The_service_s_own_page_may_change_things(string headers)
    {
        var own = server.Http.BaseAddress!.Authority;
        var answer = await RawRequest.SendAsync(
            server, $"DELETE /v1/LogicalEntity/Nothing HTTP/1.1\r\nHost: {own}\r\n{headers.Replace("OWN", own, StringComparison.Ordinal)}\r\nConnection: close\r\n\r\n");
        Assert.Equal("urn:eis:problem:entity-not-found", answer.Problem().GetProperty("type").GetString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("json")]
    public async Task A_body_that_is_not_said_to_be_JSON_is_refused(string? type)
    {
        var entity = await server.DeclareProductAsync();
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes($$"""{"entitySystemName":"{{entity}}"}"""));
        if (type is not null) content.Headers.TryAddWithoutValidation("Content-Type", type);
        await server.RefusedAsync(HttpMethod.Post, "/v1/EntityImport", HttpStatusCode.UnsupportedMediaType, "unsupported-media-type", content);
    }

    [Fact]
    public async Task No_body_at_all_is_told_as_such() =>
        await server.RefusedAsync(HttpMethod.Post, "/v1/EntityImport", HttpStatusCode.BadRequest, "malformed-json");

    [Fact]
    public async Task HEAD_is_GET_without_the_body()
    {
        var (entity, mapping) = await server.MapProductAsync();
        var upload = await server.UploadAsync(mapping, "Sku,Price\n1,2\n3,x\n");
        var import = await server.Client.ImportAsync(upload, Cancel);
        await server.Http.GetStringAsync($"/v1/EntityImport/imports/{import}/events", Cancel);
        foreach (var path in (string[])
        [
            "/health/live", "/openapi/v1.json", "/docs", "/nothing",
            "/v1/LogicalEntity", $"/v1/LogicalEntity/{entity}", $"/v1/LogicalEntityData/{entity}?$count=true", "/v1/LogicalEntityData/Nothing",
            $"/v1/EntityImport/{mapping}", $"/v1/EntityImport/{upload}/file", "/v1/EntityImport/imports",
            $"/v1/EntityImport/imports/{import}", $"/v1/EntityImport/imports/{import}/errors", $"/v1/EntityImport/imports/{import}/events",
            $"/v1/EntityImport/{import}/status", $"/v1/EntityImport/{import}/report", $"/v1/EntityImport/{import}/errorFile", $"/v1/EntityImport/{upload}/status",
        ])
        {
            using var get = await server.Http.GetAsync(path, Cancel);
            using var head = await server.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, path), Cancel);

            Assert.Equal((path, get.StatusCode), (path, head.StatusCode));
            Assert.Empty(await head.Content.ReadAsByteArrayAsync(Cancel));
            Assert.Equal(Described(get), Described(head));
            Assert.Equal("nosniff", Assert.Single(head.Headers.GetValues("X-Content-Type-Options")));
        }

        static IEnumerable<string> Described(HttpResponseMessage response) => response.Headers.Concat(response.Content.Headers)
            .Where(header => header.Key is not ("Date" or "Transfer-Encoding" or "Content-Length"))
            .Select(header => $"{header.Key}: {string.Join(", ", header.Value)}").Order(StringComparer.Ordinal);
    }

    [Fact]
    public async Task HEAD_of_what_can_only_be_changed_is_refused_and_Allow_has_HEAD_beside_GET()
    {
        using var head = await server.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/v1/EntityImport"), Cancel);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, head.StatusCode);
        using var delete = await server.Http.DeleteAsync("/v1/LogicalEntity", Cancel);
        Assert.Equal(["GET", "HEAD"], delete.Content.Headers.Allow.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Refusals_are_logged_in_short_lines_and_no_more_of_them_than_a_log_can_take()
    {
        var lines = new LogLines();
        await using var logged = new TestServer(options => options) { Log = lines };
        await logged.InitializeAsync();
        await RawRequest.SendAsync(logged, $"GET /%00{new string('a', 5_000)} HTTP/1.1\r\n{Host}\r\n");
        var problem = await logged.RefusedAsync(HttpMethod.Get, "/v1/EntityImport/" + new string('x', 5_000) + "%0Afaked%20line/status", HttpStatusCode.BadRequest, "malformed-id");
        for (var i = 0; i < 150; i++) await logged.SendAsync(HttpMethod.Get, "/nothing", HttpStatusCode.NotFound);

        var refused = lines.ToArray().Where(line => line.Contains("refused", StringComparison.Ordinal)).ToList();
        Assert.Equal(Http.RefusalLog.LinesPerMinute, refused.Count);
        Assert.Contains("was refused: 400 urn:eis:problem:bad-request (urn:eis:trace:", refused[0], StringComparison.Ordinal);
        Assert.StartsWith("GET /v1/EntityImport/xxx", refused[1], StringComparison.Ordinal);
        Assert.EndsWith($"was refused: 400 urn:eis:problem:malformed-id ({problem.GetProperty("instance").GetString()})", refused[1], StringComparison.Ordinal);
        Assert.All(refused, line => Assert.True(line.Length < 400 && !line.Contains('\n', StringComparison.Ordinal), line));
    }
}
