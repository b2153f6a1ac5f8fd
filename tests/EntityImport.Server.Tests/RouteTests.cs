using System.Net;
using Microsoft.AspNetCore.Routing;

namespace EntityImport.Server.Tests;

/// <summary>What is to hold for every call holds for every call: this walks them all, those that come later included.</summary>
public sealed class RouteTests(TestServer server)
{
    /// <summary>The only ones that are not calls of the API.</summary>
    private static readonly string[] Others = ["/health/live", "/health/ready", "/openapi/{documentName}.json", "/docs"];

    [Fact]
    public void Every_endpoint_is_of_the_api_or_one_of_the_few_others()
    {
        var strangers = server.Routes.Where(route => !TestServer.IsPage(route)).Select(Path).Where(path => !path.StartsWith("/v1/", StringComparison.Ordinal) && !Others.Any(other => path.StartsWith(other, StringComparison.Ordinal)));

        Assert.Empty(strangers);
        Assert.InRange(server.Routes.Count, 20, 200);
    }

    [Fact]
    public void Every_call_of_the_api_has_one_method_a_name_of_its_own_and_a_summary()
    {
        var calls = server.Routes.Where(route => Path(route).StartsWith("/v1/", StringComparison.Ordinal)).ToList();

        Assert.All(calls, call => Assert.Single(call.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods));
        Assert.All(calls, call => Assert.NotEmpty(call.Metadata.GetRequiredMetadata<Microsoft.AspNetCore.Http.Metadata.IEndpointSummaryMetadata>().Summary));
        Assert.Equal(calls.Count, calls.Select(call => call.Metadata.GetRequiredMetadata<IEndpointNameMetadata>().EndpointName).Distinct(StringComparer.Ordinal).Count());
    }

    /// <summary>A word of other paths is no id.</summary>
    [Theory]
    [InlineData("PATCH", "mappings", 405, "GET, HEAD")]
    [InlineData("PATCH", "Uploads", 405, "GET, HEAD, POST")]
    [InlineData("PATCH", "events", 405, "GET, HEAD")]
    [InlineData("POST", "mappings/upload", 404, "")]
    [InlineData("GET", "events/status", 404, "")]
    [InlineData("PATCH", "mapping", 400, "")]
    public async Task A_method_that_a_path_does_not_have_is_never_taken_for_one_of_an_id(string method, string path, int status, string allowed)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), $"/v1/EntityImport/{path}") { Content = TestServer.Json("{}") };
        using var response = await server.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal((status, "application/problem+json"), ((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        Assert.Equal(allowed, string.Join(", ", response.Content.Headers.Allow.Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task Every_call_refuses_a_host_that_is_not_the_services_own_and_a_page_of_another_site()
    {
        foreach (var route in server.Routes.Where(route => TestServer.IsPage(route) || Path(route).StartsWith("/v1/", StringComparison.Ordinal)))
        {
            var method = new HttpMethod(route.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods[0]);
            var path = Path(route).Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal);

            using var foreign = new HttpRequestMessage(method, path) { Headers = { Host = "example.com" } };
            using var refused = await server.Http.SendAsync(foreign, TestContext.Current.CancellationToken);
            Assert.Equal((method, path, HttpStatusCode.BadRequest), (method, path, refused.StatusCode));
            Assert.Contains("urn:eis:problem:host-not-local", await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);

            if (method == HttpMethod.Get) continue;
            using var crossSite = new HttpRequestMessage(method, path) { Headers = { { "Sec-Fetch-Site", "cross-site" } } };
            using var forbidden = await server.Http.SendAsync(crossSite, TestContext.Current.CancellationToken);
            Assert.Equal((method, path, HttpStatusCode.Forbidden), (method, path, forbidden.StatusCode));
        }
    }

    private static string Path(RouteEndpoint route) => "/" + route.RoutePattern.RawText!.TrimStart('/');
}
