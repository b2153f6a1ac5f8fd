using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using EntityImport.Options;
using EntityImport.Server.Options;
using Microsoft.Extensions.Logging;

namespace EntityImport.Server.Tests;

public sealed partial class HostTests(TestServer server)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("http://0.0.0.0:8080", "other machines")]
    [InlineData("http://*:8080", "other machines")]
    [InlineData("http://example.com:8080", "other machines")]
    [InlineData("http://[::]:8080", "other machines")]
    [InlineData("https://127.0.0.1:8080", "Expected http")]
    [InlineData("http://127.0.0.1:8080/path", "Expected http")]
    [InlineData("8080", "no address")]
    [InlineData("http://127.0.0.1:99999", "0 to 65535")]
    [InlineData("http://127.0.0.1:65536", "0 to 65535")]
    [InlineData("http://127.0.0.1:-1", "0 to 65535")]
    [InlineData("http://localhost:99999999999", "0 to 65535")]
    [InlineData("http://[::1]:x", "0 to 65535")]
    public void Addresses_that_others_could_reach_are_refused_with_the_reason(string url, string reason)
    {
        var refused = Assert.Throws<ServerConfigurationException>(() => EntityImportServer.Build(new ServerOptions { Urls = [url] }));
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.Contains(url, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_server_on_the_same_data_does_not_start()
    {
        await using var second = EntityImportServer.Build(server.Options, builder => builder.Logging.ClearProviders());
        await Assert.ThrowsAsync<Storage.DataDirectoryInUseException>(() => second.StartAsync(Cancel));
    }

    [Fact]
    public async Task A_server_whose_port_is_taken_does_not_start_and_lets_its_data_go()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var directory = Path.Combine(Path.GetTempPath(), "eis-server-tests", Path.GetRandomFileName());
        var options = new ServerOptions { Urls = [$"http://{taken.LocalEndpoint}"], Engine = new EngineOptions { DataDirectory = directory } };
        await using (var first = EntityImportServer.Build(options, builder => builder.Logging.ClearProviders()))
            await Assert.ThrowsAsync<IOException>(() => first.StartAsync(Cancel));
        await using (var second = EntityImportServer.Build(options with { Urls = ["http://localhost:0"] }, builder => builder.Logging.ClearProviders()))
        {
            await second.StartAsync(Cancel);
            await second.StopAsync(Cancel);
        }

        Directory.Delete(directory, recursive: true);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_whose_data_directory_is_gone_or_replaced_is_not_ready(bool isReplaced)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Open files cannot be moved there.");
        await using var own = new TestServer();
        await own.InitializeAsync();
        await own.SendAsync(HttpMethod.Get, "/health/ready", HttpStatusCode.OK);
        var aside = own.DataDirectory + ".aside";

        Directory.Move(own.DataDirectory, aside);
        if (isReplaced)
        {
            // As a backup, or another disk, in its place would be: complete, and with its own names.
            foreach (var folder in Directory.GetDirectories(aside)) Directory.CreateDirectory(Path.Combine(own.DataDirectory, Path.GetFileName(folder)));
            await File.WriteAllTextAsync(Path.Combine(own.DataDirectory, "running", $"{Guid.NewGuid():N}"), "", Cancel);
        }

        await own.RefusedAsync(HttpMethod.Get, "/health/ready", HttpStatusCode.ServiceUnavailable, "not-ready");
        await own.SendAsync(HttpMethod.Get, "/health/live", HttpStatusCode.OK);
        if (isReplaced) Directory.Delete(own.DataDirectory, recursive: true);
        Directory.Move(aside, own.DataDirectory);
        await own.SendAsync(HttpMethod.Get, "/health/ready", HttpStatusCode.OK);
    }

    [Fact]
    public async Task Health_is_answered()
    {
        Assert.Equal("live", (await server.SendAsync(HttpMethod.Get, "/health/live", HttpStatusCode.OK)).GetProperty("status").GetString());
        Assert.Equal("ready", (await server.SendAsync(HttpMethod.Get, "/health/ready", HttpStatusCode.OK)).GetProperty("status").GetString());
        await server.SendAsync(HttpMethod.Head, "/health/ready", HttpStatusCode.OK);
    }

    [Fact]
    public async Task Unknown_paths_and_methods_are_problems()
    {
        await server.RefusedAsync(HttpMethod.Get, "/v1/Nope", HttpStatusCode.NotFound, "not-found");
        using var response = await server.Http.DeleteAsync("/v1/EntityImport", Cancel);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal(["POST"], response.Content.Headers.Allow);
        Assert.Equal("urn:eis:problem:method-not-allowed", JsonElement.Parse(await response.Content.ReadAsStringAsync(Cancel)).GetProperty("type").GetString());
    }

    [Fact]
    public async Task A_request_for_another_hosts_name_is_refused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/health/live") { Headers = { Host = "evil.example" } };
        using var response = await server.Http.SendAsync(request, Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("urn:eis:problem:host-not-local", JsonElement.Parse(await response.Content.ReadAsStringAsync(Cancel)).GetProperty("type").GetString());
    }

    [Fact]
    public async Task A_web_page_of_another_site_changes_nothing()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/EntityImport") { Content = new ByteArrayContent("{}"u8.ToArray()) };
        request.Headers.Add("Sec-Fetch-Site", "cross-site");
        using var response = await server.Http.SendAsync(request, Cancel);
        Assert.Equal("urn:eis:problem:cross-site-request", JsonElement.Parse(await response.Content.ReadAsStringAsync(Cancel)).GetProperty("type").GetString());
    }

    [Fact]
    public async Task The_api_document_has_every_route_with_its_codes()
    {
        var paths = (await server.SendAsync(HttpMethod.Get, "/openapi/v1.json", HttpStatusCode.OK)).GetProperty("paths");
        foreach (var (path, method, codes) in new (string, string, string)[]
        {
            ("/v1/EntityImport", "post", "201 400"),
            ("/v1/EntityImport/{mappingId}", "patch", "200 400 404"),
            ("/v1/EntityImport/{mappingId}", "get", "200 404"),
            ("/v1/EntityImport/{mappingId}/upload", "post", "201 404 413 415 507"),
            ("/v1/EntityImport/{uploadId}/import", "post", "201 404 409"),
            ("/v1/EntityImport/{importId}/status", "get", "200 400 404"),
            ("/v1/EntityImport/{importId}/report", "get", "200 400 404"),
            ("/v1/EntityImport/{importId}/errorFile", "get", "200 404 500"),
            ("/v1/EntityImport/{uploadId}/file", "get", "200 401 404"),
            ("/v1/EntityImport/events", "get", "200 400"),
            ("/v1/EntityImport/imports", "get", "200"),
            ("/v1/EntityImport/imports/{importId}", "get", "200 404"),
            ("/v1/EntityImport/imports/{importId}/events", "get", "200 404"),
            ("/v1/EntityImport/imports/{importId}/errors", "get", "200 404"),
            ("/v1/EntityImport/imports/{importId}/cancel", "post", "202 404 409"),
            ("/v1/LogicalEntity", "get", "200"),
            ("/v1/LogicalEntity/{systemName}", "get", "200 404"),
            ("/v1/LogicalEntity/{systemName}", "put", "200 201 400 409"),
            ("/v1/LogicalEntity/{systemName}", "delete", "204 404 409"),
            ("/v1/LogicalEntityData/{entity}", "get", "200 400 404"),
            ("/health/live", "get", "200"),
            ("/health/ready", "get", "200 503"),
        })
        {
            var operation = paths.GetProperty(path).GetProperty(method);
            Assert.NotEmpty(operation.GetProperty("summary").GetString()!);
            var described = TestServer.Members(operation.GetProperty("responses"));
            Assert.True(codes.Split(' ').All(described.Contains), $"{method} {path}: {string.Join(' ', described)}");
        }
    }

    [Fact]
    public async Task The_api_document_describes_bodies_with_examples()
    {
        var document = await server.SendAsync(HttpMethod.Get, "/openapi/v1.json", HttpStatusCode.OK);
        var create = document.GetProperty("paths").GetProperty("/v1/EntityImport").GetProperty("post");
        Assert.Equal("Product", create.GetProperty("requestBody").GetProperty("content").GetProperty("application/json").GetProperty("example").GetProperty("entitySystemName").GetString());
        var schemas = document.GetProperty("components").GetProperty("schemas");
        Assert.Equal(["entitySystemName", "definition"], TestServer.Members(schemas.GetProperty("MappingDocument").GetProperty("properties")));
        var definition = schemas.GetProperty("ImportDefinition").GetProperty("properties");
        Assert.NotEmpty(definition.GetProperty("locale").GetProperty("description").GetString()!);
        Assert.Equal("csvColumnName", schemas.GetProperty("FieldMapping").GetProperty("properties").EnumerateObject().ElementAt(1).Name);
        Assert.Equal(["type", "title", "status", "detail", "instance", "errors"], TestServer.Members(schemas.GetProperty("Problem").GetProperty("properties")));
        Assert.DoesNotContain("stopDate", schemas.GetProperty("StatusOfImport").GetProperty("required").EnumerateArray().Select(name => name.GetString()));
        var status = schemas.GetProperty("StatusOfImport").GetProperty("properties");
        Assert.Equal("date-time", status.GetProperty("startDate").GetProperty("format").GetString());
        Assert.Equal(["RUNNING", "FAILED", "SUCCEEDED"], schemas.GetProperty("ImportStatus").GetProperty("enum").EnumerateArray().Select(value => value.GetString()));
    }

    [Fact]
    public async Task The_page_of_the_api_brings_all_it_needs()
    {
        using var response = await server.Http.GetAsync("/docs", Cancel);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var page = await response.Content.ReadAsStringAsync(Cancel);
        Assert.DoesNotMatch(ForeignAddress(), page);
        Assert.StartsWith("default-src 'self';", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        var scripts = Script().Matches(page);
        Assert.NotEmpty(scripts);
        foreach (Match script in scripts)
        {
            using var loaded = await server.Http.GetAsync(new Uri(response.RequestMessage!.RequestUri!, script.Groups[1].Value), Cancel);
            Assert.Equal(HttpStatusCode.OK, loaded.StatusCode);
        }
    }

    [GeneratedRegex("""(?:src|href|url)=["']?https?://""", RegexOptions.IgnoreCase)]
    private static partial Regex ForeignAddress();

    [GeneratedRegex("""<script[^>]* src="([^"]+)""")]
    private static partial Regex Script();
}
