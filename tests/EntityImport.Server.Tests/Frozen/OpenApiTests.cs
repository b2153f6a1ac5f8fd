using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EntityImport.Server.Tests.Frozen;

/// <summary>
/// What clients are written against changes only on purpose: the file beside this one is changed by hand, in the same commit as the API, and each of its changes is a line of the changelog.
/// </summary>
public sealed class OpenApiTests(TestServer server)
{
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerOptions.Web) { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Fact]
    public async Task The_description_of_the_api_is_the_one_that_was_frozen()
    {
        var described = JsonNode.Parse((await server.SendAsync(HttpMethod.Get, "/openapi/v1.json", HttpStatusCode.OK)).GetRawText())!;
        Assert.Equal(server.Http.BaseAddress!.GetLeftPart(UriPartial.Authority), (string?)described["servers"]![0]!["url"]);
        described["servers"]![0]!["url"] = "http://127.0.0.1";

        var frozen = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Frozen", "openapi.json"), TestContext.Current.CancellationToken))!;

        if (JsonNode.DeepEquals(frozen, described)) return;
        var actual = Path.Combine(AppContext.BaseDirectory, "Frozen", "openapi.actual.json");
        await File.WriteAllTextAsync(actual, described.ToJsonString(Indented) + "\n", TestContext.Current.CancellationToken);
        Assert.Fail($"The API is described otherwise than in tests/EntityImport.Server.Tests/Frozen/openapi.json, first at {FirstDifference(frozen, described, "$")}. What it is now is in {actual}.");
    }

    private static string FirstDifference(JsonNode? frozen, JsonNode? described, string path)
    {
        switch (frozen, described)
        {
            case (JsonObject before, JsonObject after):
                foreach (var name in before.Select(member => member.Key).Union(after.Select(member => member.Key)))
                    if (!before.ContainsKey(name) || !after.ContainsKey(name) || !JsonNode.DeepEquals(before[name], after[name])) return FirstDifference(before[name], after[name], $"{path}['{name}']");
                break;
            case (JsonArray before, JsonArray after) when before.Count == after.Count:
                for (var i = 0; i < before.Count; i++)
                    if (!JsonNode.DeepEquals(before[i], after[i])) return FirstDifference(before[i], after[i], $"{path}[{i}]");
                break;
        }

        return path;
    }
}
