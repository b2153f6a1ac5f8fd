using System.Net;
using System.Text.Json;
using EntityImport.Access;
using EntityImport.Server.Options;

namespace EntityImport.Server.Tests.Access;

/// <summary>Who did what is in the trail as soon as it is done, and who was refused, too, however often it tried.</summary>
public sealed class AuditTests : IAsyncLifetime
{
    private readonly TestServer _server = new() { Access = new AccessOptions { ApiKeys = true, AdminKey = ApiKeyText.Create() } };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _server.InitializeAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Each_change_is_in_the_trail_with_who_did_it_from_where_and_to_what()
    {
        var key = await KeyAsync("anna", "admin");
        using var anna = new HttpClient { BaseAddress = _server.Http.BaseAddress, DefaultRequestHeaders = { { "X-Api-Key", key } } };
        var client = new Client.EntityImportClient(anna);
        var entity = "Audited_" + Guid.NewGuid().ToString("N");
        await client.PutEntityAsync(new Api.Entity { SystemName = entity, Fields = [new Api.EntityField { SystemName = "Sku", DataType = "STRING", Length = 5, PrimaryKey = true }] }, Cancel);
        var mapping = await client.CreateMappingAsync(entity, cancellationToken: Cancel);
        var upload = await client.UploadAsync(mapping, new MemoryStream("Sku\na\n"u8.ToArray()), "a.csv", Cancel);
        var import = await client.ImportAsync(upload, Cancel);
        await client.WaitAsync(import, TestServer.Patience, Cancel);

        var entries = await ListAsync($"entity={entity}");

        Assert.Equal(
            ["POST /v1/EntityImport/{uploadId}/import", "POST /v1/EntityImport/{mappingId}/upload", "POST /v1/EntityImport", "PUT /v1/LogicalEntity/{systemName}"],
            entries.Select(entry => entry.GetProperty("call").GetString()));
        Assert.All(entries, entry => Assert.Equal(("key", "anna"), (entry.GetProperty("caller").GetProperty("scheme").GetString(), entry.GetProperty("caller").GetProperty("name").GetString())));
        Assert.All(entries, entry => Assert.Equal(("done", 1, entity, "127.0.0.1"), (entry.GetProperty("result").GetString(), entry.GetProperty("count").GetInt32(), entry.GetProperty("entity").GetString(), entry.GetProperty("address").GetString())));
        Assert.Equal([import, upload, mapping], [entries[0].GetProperty("importId").GetGuid(), entries[1].GetProperty("uploadId").GetGuid(), entries[2].GetProperty("mappingId").GetGuid()]);
        await _server.RestartAsync();
        Assert.Equal(4, (await ListAsync($"entity={entity}")).Count);
        Assert.Contains(await ListAsync("result=done&limit=1000"), entry => entry.GetProperty("call").GetString() == "POST /v1/keys" && entry.GetProperty("caller").GetProperty("subject").GetString() == "admin");
    }

    [Fact]
    public async Task Refused_attempts_are_in_the_trail_and_a_flood_of_them_is_one_entry()
    {
        var key = await KeyAsync("bert", "read");
        using var plain = new HttpClient { BaseAddress = _server.Http.BaseAddress };
        for (var i = 0; i < 300; i++)
        {
            using var bad = new HttpRequestMessage(HttpMethod.Get, $"/v1/LogicalEntity/e{i}") { Headers = { { "X-Api-Key", ApiKeyText.Create() } } };
            using var refused = await plain.SendAsync(bad, Cancel);
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        }

        using var tried = new HttpRequestMessage(HttpMethod.Delete, "/v1/LogicalEntity/e") { Headers = { { "X-Api-Key", key } } };
        using var forbidden = await plain.SendAsync(tried, Cancel);
        Assert.Equal(HttpStatusCode.Forbidden, forbidden.StatusCode);
        // What was noted is written down when the service stops, at the latest.
        await _server.RestartAsync();

        var entries = await ListAsync("result=refused");

        Assert.Equal(2, entries.Count);
        var (berts, bads) = (entries.Single(entry => entry.GetProperty("result").GetString() == "scope-missing"), entries.Single(entry => entry.GetProperty("result").GetString() == "credentials-bad"));
        Assert.Equal(("bert", "DELETE /v1/LogicalEntity/{systemName}"), (berts.GetProperty("caller").GetProperty("name").GetString(), berts.GetProperty("call").GetString()));
        Assert.Equal((300, "127.0.0.1"), (bads.GetProperty("count").GetInt32(), bads.GetProperty("address").GetString()));
    }

    [Fact]
    public async Task A_flood_from_everywhere_becomes_no_more_entries_than_a_minute_has_kinds()
    {
        var engine = _server.Engine;
        for (var i = 0; i < 10_000; i++) engine.RefusedAttempts.Note(new Request(Caller.Anonymous) { Call = "GET /v1/me", Address = $"10.0.{i / 256}.{i % 256}" }, "credentials-bad");
        await _server.RestartAsync();

        var entries = await ListAsync("result=refused&limit=1000");

        Assert.InRange(entries.Count, RefusedAttempts.KindsPerMinute, 2 * (RefusedAttempts.KindsPerMinute + 1));
        Assert.Equal(10_000, entries.Sum(entry => entry.GetProperty("count").GetInt64()));
    }

    [Fact]
    public async Task The_trail_is_read_page_by_page_and_as_csv()
    {
        for (var i = 0; i < 5; i++) await KeyAsync($"k{i}", "read");
        var first = await _server.SendAsync(HttpMethod.Get, "/v1/audit?limit=3&result=done", HttpStatusCode.OK);
        var second = await _server.SendAsync(HttpMethod.Get, $"/v1/audit?limit=3&result=done&cursor={first.GetProperty("nextCursor").GetString()}", HttpStatusCode.OK);

        Assert.Equal((3, 2), (first.GetProperty("entries").GetArrayLength(), second.GetProperty("entries").GetArrayLength()));
        Assert.Equal(JsonValueKind.Null, second.GetProperty("nextCursor").ValueKind);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/audit?subject=admin") { Headers = { { "Accept", "text/csv" } } };
        using var answer = await _server.Http.SendAsync(request, Cancel);
        var lines = (await answer.Content.ReadAsStringAsync(Cancel)).TrimEnd().Split("\r\n");
        Assert.Equal("text/csv", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(6, lines.Length);
        Assert.StartsWith("date,scheme,subject,name,organisation,address,call,", lines[0], StringComparison.Ordinal);
        Assert.All(lines[1..], line => Assert.Contains(",key,admin,administrator,,127.0.0.1,POST /v1/keys,", line, StringComparison.Ordinal));
        await _server.RefusedAsync(HttpMethod.Get, "/v1/audit?result=all", HttpStatusCode.BadRequest, "invalid-parameter");
        await _server.RefusedAsync(HttpMethod.Get, "/v1/audit?since=yesterday", HttpStatusCode.BadRequest, "invalid-parameter");
        Assert.Empty(await ListAsync("since=2100-01-01"));
        Assert.Empty(await ListAsync("until=2020-01-01T00:00:00Z"));
    }

    private async Task<string> KeyAsync(string name, string scope) =>
        (await _server.SendAsync(HttpMethod.Post, "/v1/keys", HttpStatusCode.Created, TestServer.Json($$"""{ "name": "{{name}}", "scopes": ["{{scope}}"] }"""))).GetProperty("key").GetString()!;

    private async Task<List<JsonElement>> ListAsync(string query) =>
        [.. (await _server.SendAsync(HttpMethod.Get, $"/v1/audit?{query}", HttpStatusCode.OK)).GetProperty("entries").EnumerateArray()];
}
