using System.Net;
using System.Text.Json;

namespace EntityImport.Server.Tests;

/// <summary>However much is wrong with a request, and however long its values are, its problem is short and says how much is wrong.</summary>
public sealed class BoundedFaultsTests(TestServer server)
{
    private const int MaxAnswerBytes = 100_000;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Mappings => new()
    {
        { "At most 1000 are possible, not 500000.", $$"""{"fields":[{{Repeat("1,", 499_999)}}1]}""" },
        { "At most 1000 are possible, not 100000.", $$"""{"trueValues":[{{Repeat("\"a\",", 99_999)}}"a"]}""" },
        { "The request has 70000 faults; the first 100 are listed.", "{" + string.Join(',', Enumerable.Range(0, 70_000).Select(i => $"\"m{i}\":1")) + "}" },
        { "The request has 3000 faults; the first 100 are listed.", $$"""{"nullValues":[{{Repeat("1,", 999)}}1],"trueValues":[{{Repeat("1,", 999)}}1],"falseValues":[{{Repeat("1,", 999)}}1]}""" },
        { "The request has 1000 faults; the first 100 are listed.", "{" + string.Join(',', Enumerable.Range(0, 1_000).Select(i => $"\"{i}{Repeat("漢", 300)}\":1")) + "}" },
        { "The request has 1998 faults; the first 100 are listed.", $$"""{"fields":[{{Repeat($$"""{"systemName":"Name","csvColumnName":"x","{{Repeat("漢", 200)}}":1},""", 999)}}{"systemName":"Sku","csvColumnName":"x","y":1}]}""" },
        { "Expected at most 10000 characters, not 1000000.", $$"""{"fields":[{"systemName":"Sku","defaultValue":"{{Repeat("a", 1_000_000)}}"}]}""" },
        { "Expected at most 255 characters, not 900000.", $$"""{"dateFormat":"{{Repeat("YYYY-MM-DD ", 81_818)}}YY"}""" },
        { "Unknown", $$"""{"encoding":"{{Repeat("漢", 80)}}"}""" },
    };

    [Theory]
    [MemberData(nameof(Mappings), DisableDiscoveryEnumeration = true)]
    public async Task A_mapping_with_any_number_of_faults_is_refused_in_few_words(string detail, string definition)
    {
        var entity = await server.DeclareProductAsync();
        var problem = await RefusedAsync(HttpMethod.Post, "/v1/EntityImport", "validation", $$"""{"entitySystemName":"{{entity}}","definition":{{definition}}}""");
        Assert.StartsWith(detail, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.InRange(problem.GetProperty("errors").EnumerateObject().Sum(member => member.Value.GetArrayLength()), 1, 100);
    }

    [Theory]
    [InlineData("Members", "The request has 90000 faults; the first 100 are listed.")]
    [InlineData("Fields", "At most 1000 are possible, not 400000.")]
    [InlineData("Names", "The request has 2000 faults; the first 100 are listed.")]
    [InlineData("Display", "Expected at most 1000 characters, not 900000.")]
    public async Task An_entity_with_any_number_of_faults_is_refused_in_few_words(string kind, string detail)
    {
        const string Good = """{"systemName":"a","dataType":"STRING"}""";
        var body = kind switch
        {
            "Members" => $$"""{"fields":[{{Good}}]""" + string.Concat(Enumerable.Range(0, 90_000).Select(i => $",\"{i}\":1")) + "}",
            "Fields" => $$"""{"fields":[{{Repeat("1,", 399_999)}}1]}""",
            "Names" => "{\"fields\":[" + string.Join(',', Enumerable.Range(0, 1_000).Select(i => $$"""{"systemName":"{{Repeat("漢", 200)}}{{i}}","dataType":"{{Repeat("漢", 90)}}"}""")) + "]}",
            _ => $$"""{"fields":[{{Good}}],"displayName":"{{Repeat("d", 900_000)}}"}""",
        };
        var problem = await RefusedAsync(HttpMethod.Put, "/v1/LogicalEntity/Bounded", "validation", body);
        Assert.Equal(detail, problem.GetProperty("detail").GetString());
        await server.RefusedAsync(HttpMethod.Get, "/v1/LogicalEntity/Bounded", HttpStatusCode.NotFound, "entity-not-found");
    }

    [Fact]
    public async Task A_change_that_could_lose_all_fields_is_refused_in_few_words()
    {
        var name = "Wide_" + Guid.NewGuid().ToString("N");
        var fields = string.Join(',', Enumerable.Range(0, 1_000).Select(i => $$"""{"systemName":"f{{i}}","dataType":"STRING"}"""));
        await server.SendAsync(HttpMethod.Put, $"/v1/LogicalEntity/{name}", HttpStatusCode.Created, TestServer.Json($$"""{"fields":[{{fields}}]}"""));
        var problem = await server.RefusedAsync(
            HttpMethod.Put, $"/v1/LogicalEntity/{name}", HttpStatusCode.Conflict, "entity-change-loses-data", TestServer.Json(
                $$"""{"fields":[{{fields.Replace("STRING", "INTEGER", StringComparison.Ordinal)}}]}"""));
        Assert.Equal("The change could lose data or break existing records. It has 1000 faults; the first 100 are listed.", problem.GetProperty("detail").GetString());
        Assert.Equal(100, problem.GetProperty("errors").EnumerateObject().Count());
        Assert.InRange(problem.ToString().Length, 1, MaxAnswerBytes);
    }

    [Fact]
    public async Task What_is_stated_for_an_inference_keeps_to_the_limits_of_what_is_saved()
    {
        foreach (var (path, definition) in ((string, string)[])[
            ("definition.fields", $$"""{"fields":[{{Repeat("1,", 400_000)}}1]}"""),
            ("definition.fields[0].format", $$"""{"fields":[{"systemName":"a","csvColumnName":"a","format":"{{Repeat("YYYY-MM-DD", 90_000)}}"}]}"""),
            ("definition.nullValues", $$"""{"nullValues":[{{Repeat("\"a\",", 100_000)}}"a"]}"""),
            ("definition.decimalSeparator", """{"decimalSeparator":"-"}""")])
        {
            using var form = new MultipartFormDataContent { { new StringContent(definition), "definition" }, { new StringContent("a,b\n1,2\n"), "file", "x.csv" } };
            var problem = await server.RefusedAsync(HttpMethod.Post, "/v1/LogicalEntity/infer", HttpStatusCode.BadRequest, "validation", form);
            Assert.Equal([path], TestServer.Members(problem.GetProperty("errors")));
            Assert.InRange(problem.ToString().Length, 1, 2_000);
        }
    }

    [Fact]
    public async Task A_patch_keeps_to_the_limits_of_what_is_saved()
    {
        var (_, id) = await server.MapProductAsync();
        var path = $"/v1/EntityImport/{id}";
        var problem = await RefusedAsync(HttpMethod.Patch, path, "validation", "{\"definition\":{" + string.Join(',', Enumerable.Range(0, 60_000).Select(i => $"\"m{i}\":null")) + "}}");
        Assert.Equal("The request has 60000 faults; the first 100 are listed.", problem.GetProperty("detail").GetString());
        problem = await RefusedAsync(HttpMethod.Patch, path, "validation", $$"""{"definition":{"nullValues":[{{Repeat("\"a\",", 1_000)}}"a"],"trueValues":["x"],"falseValues":["x"]} }""");
        Assert.Equal(["definition.falseValues[0]", "definition.nullValues"], TestServer.Members(problem.GetProperty("errors")).Order());
        Assert.Equal(1, (await server.Client.GetMappingAsync(id, Cancel)).Revision);
    }

    [Fact]
    public async Task All_query_options_that_are_wrong_are_told_at_once_by_their_names()
    {
        var entity = await server.DeclareProductAsync();
        var problem = await server.RefusedAsync(
            HttpMethod.Get,
            $"/v1/LogicalEntityData/{entity}?$top=-1&$skip=-1&$select=x,Sku,y&$filter=(&$orderby=Nope&$count=maybe&$expand=a&$apply=b&Nope=1&Quantity=x&Quantity=y&$format=1&$format=2",
            HttpStatusCode.BadRequest,
            "invalid-parameter");
        var errors = problem.GetProperty("errors");
        Assert.Equal(
            ["$apply", "$count", "$expand", "$filter", "$format", "$orderby", "$select", "$skip", "$top", "Nope", "Quantity"],
            TestServer.Members(errors).Order(StringComparer.Ordinal));
        Assert.Equal(2, errors.GetProperty("$select").GetArrayLength());
        Assert.Equal(2, errors.GetProperty("Quantity").GetArrayLength());
        Assert.Equal("The request has 13 faults.", problem.GetProperty("detail").GetString());

        problem = await server.RefusedAsync(HttpMethod.Get, $"/v1/LogicalEntityData/{entity}?$top=-1", HttpStatusCode.BadRequest, "invalid-parameter");
        Assert.Equal("$top: Expected a whole number from 0, not '-1'.", problem.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task Any_number_of_wrong_query_options_is_refused_in_few_words()
    {
        var entity = await server.DeclareProductAsync();
        foreach (var query in (string[])[
            string.Join('&', Enumerable.Range(0, 900).Select(i => $"${i}")), string.Join('&', Enumerable.Repeat("Quantity=x", 700)),
            $"$select={string.Join(',', Enumerable.Repeat("x", 3_000))}", "$" + Repeat("x", 7_000), Repeat("x", 7_000) + "=1", "$top=" + Repeat("x", 7_000),
            $"$filter={Repeat("x", 7_000)}", $"$filter={Repeat("x", 7_000)}(Name)", $"$filter=Name%20eq%20{Repeat("x", 7_000)}", $"$orderby={Repeat("x", 7_000)}"])
        {
            var problem = await server.RefusedAsync(HttpMethod.Get, $"/v1/LogicalEntityData/{entity}?{query}", HttpStatusCode.BadRequest, "invalid-parameter");
            Assert.InRange(problem.GetProperty("detail").GetString()!.Length, 1, 1_500);
            Assert.InRange(problem.ToString().Length, 1, MaxAnswerBytes);
        }
    }

    private static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));

    /// <summary>Sends a body that is refused with 400, and looks at the answer's bytes.</summary>
    private async Task<JsonElement> RefusedAsync(HttpMethod method, string path, string type, string body)
    {
        Assert.InRange(body.Length, 1, 1 << 20);
        using var request = new HttpRequestMessage(method, path) { Content = TestServer.Json(body) };
        using var response = await server.Http.SendAsync(request, Cancel);
        var answer = await response.Content.ReadAsByteArrayAsync(Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.InRange(answer.Length, 1, MaxAnswerBytes);
        var problem = JsonElement.Parse(answer);
        Assert.Equal("urn:eis:problem:" + type, problem.GetProperty("type").GetString());
        return problem;
    }
}
