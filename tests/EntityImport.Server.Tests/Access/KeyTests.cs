using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using EntityImport.Access;
using EntityImport.Client;
using EntityImport.Server.Options;

namespace EntityImport.Server.Tests.Access;

/// <summary>API keys: made by administrators, shown once, kept as a hash, and over when they are revoked or their time is.</summary>
public sealed class KeyTests : IAsyncLifetime
{
    private readonly ShiftedClock _clock = new();
    private readonly TestServer _server;

    public KeyTests() => _server = new TestServer { Clock = _clock, Access = new AccessOptions { ApiKeys = true, AdminKey = ApiKeyText.Create() } };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _server.InitializeAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_key_lets_its_holder_do_what_its_scopes_say_by_either_header()
    {
        var (key, _) = await CreateAsync("reader", "read");

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(HttpMethod.Get, "/v1/LogicalEntity", ("X-Api-Key", key)));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(HttpMethod.Get, "/v1/LogicalEntity", ("Authorization", $"bearer {key}")));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(HttpMethod.Get, "/v1/keys", ("X-Api-Key", key)));
    }

    [Fact]
    public async Task A_key_is_told_once_and_kept_as_a_hash_alone()
    {
        var (key, details) = await CreateAsync("nightly prices", "import:Price", "read:Price");

        Assert.Matches("^eis_[0-9A-Za-z]{49}$", key);
        Assert.Equal(["nightly prices", key[..8]], [details.GetProperty("name").GetString(), details.GetProperty("start").GetString()]);
        Assert.Equal(["import:Price", "read:Price"], details.GetProperty("scopes").EnumerateArray().Select(scope => scope.GetString()!).Order());
        var list = await _server.SendAsync(HttpMethod.Get, "/v1/keys", HttpStatusCode.OK);
        Assert.DoesNotContain(key, list.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain(ApiKeyText.HashOf(key), list.GetRawText(), StringComparison.Ordinal);
        await _server.RestartAsync();
        foreach (var file in Directory.EnumerateFiles(_server.DataDirectory, "store.duckdb*"))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var bytes = new byte[stream.Length];
            await stream.ReadExactlyAsync(bytes, Cancel);
            Assert.Equal(-1, bytes.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(key[8..])));
        }

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(HttpMethod.Get, "/v1/me", ("X-Api-Key", key)));
    }

    [Fact]
    public async Task A_revoked_key_lets_nobody_in_from_then_on_and_after_a_restart()
    {
        var (key, details) = await CreateAsync("old", "read");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(HttpMethod.Get, "/v1/me", ("X-Api-Key", key)));

        await _server.SendAsync(HttpMethod.Delete, $"/v1/keys/{details.GetProperty("keyId")}", HttpStatusCode.NoContent);

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(HttpMethod.Get, "/v1/me", ("X-Api-Key", key)));
        await _server.RestartAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(HttpMethod.Get, "/v1/me", ("X-Api-Key", key)));
        var kept = await FindAsync(details);
        Assert.NotEqual(JsonValueKind.Null, kept.GetProperty("revokedDate").ValueKind);
        Assert.NotEqual(JsonValueKind.Null, kept.GetProperty("lastUsedDate").ValueKind);
        await _server.SendAsync(HttpMethod.Delete, $"/v1/keys/{details.GetProperty("keyId")}", HttpStatusCode.NoContent);
        await _server.RefusedAsync(HttpMethod.Delete, $"/v1/keys/{Guid.NewGuid()}", HttpStatusCode.NotFound, "key-not-found");
    }

    [Fact]
    public async Task A_key_whose_time_is_over_lets_nobody_in()
    {
        var expires = _clock.GetUtcNow().AddHours(1);
        var body = TestServer.Json($$"""{ "name": "short", "scopes": ["read"], "expiresDate": "{{expires:O}}" }""");
        var key = (await _server.SendAsync(HttpMethod.Post, "/v1/keys", HttpStatusCode.Created, body)).GetProperty("key").GetString()!;
        _clock.Shift = TimeSpan.FromMinutes(50);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(HttpMethod.Get, "/v1/me", ("X-Api-Key", key)));

        _clock.Shift = TimeSpan.FromMinutes(61);

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(HttpMethod.Get, "/v1/me", ("X-Api-Key", key)));
    }

    [Theory]
    [InlineData("""{ "name": "", "scopes": ["read"] }""", "name")]
    [InlineData("""{ "name": "x", "scopes": [] }""", "scopes")]
    [InlineData("""{ "name": "x", "scopes": ["write"] }""", "scopes")]
    [InlineData("""{ "name": "x", "scopes": [null] }""", "scopes")]
    [InlineData("""{ "name": "x", "scopes": ["read:1nvalid"] }""", "scopes")]
    [InlineData("""{ "name": "x", "scopes": ["read"], "expiresDate": "2020-01-01T00:00:00Z" }""", "expiresAt")]
    [InlineData("""{ "name": "x", "scopes": "read" }""", "scopes")]
    [InlineData("""{ "name": "x", "scopes": ["read"], "expires": "2030-01-01T00:00:00Z" }""", "expires")]
    [InlineData("""{ "scopes": ["read"] }""", "$")]
    public async Task A_key_that_cannot_be_is_refused_with_its_fault(string body, string path)
    {
        var problem = await _server.RefusedAsync(HttpMethod.Post, "/v1/keys", HttpStatusCode.BadRequest, "validation", TestServer.Json(body));

        Assert.Contains(path, TestServer.Members(problem.GetProperty("errors")));
    }

    [Fact]
    public async Task Whatever_is_no_key_is_refused_and_nothing_tells_why()
    {
        var (key, _) = await CreateAsync("real", "admin");
        string[] wrong =
        [
            "", "eis_", key[..^1], key + "0", key.ToUpperInvariant(), key[..^1] + (key[^1] == '0' ? '1' : '0'), key[..10] + (key[10] == 'a' ? 'b' : 'a') + key[11..],
            ApiKeyText.Create(), new string('x', 8000), "eis_" + new string('\u00e9', 49),
        ];
        foreach (var text in wrong)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/me");
            request.Headers.TryAddWithoutValidation("X-Api-Key", text.Replace('\u00e9', '?'));
            using var plain = new HttpClient { BaseAddress = _server.Http.BaseAddress };
            using var answer = await plain.SendAsync(request, Cancel);
            Assert.Equal((text, HttpStatusCode.Unauthorized), (text, answer.StatusCode));
            var body = await answer.Content.ReadAsStringAsync(Cancel);
            Assert.Matches("credentials-(bad|missing)", body);
            Assert.Contains("Bearer", string.Join(' ', answer.Headers.WwwAuthenticate.Select(challenge => challenge.Scheme)), StringComparison.Ordinal);
            if (text.Length > 8) Assert.DoesNotContain(text[..8], body, StringComparison.Ordinal);
        }

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(HttpMethod.Get, "/v1/me", ("X-Api-Key", key), ("Authorization", $"Bearer {key}")));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(HttpMethod.Get, "/v1/me", ("Authorization", $"Basic {key}")));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(HttpMethod.Get, "/v1/me"));
    }

    [Fact]
    public async Task A_key_that_was_made_is_recognized_and_one_with_a_typo_is_not()
    {
        var keys = Enumerable.Range(0, 1_000).Select(_ => ApiKeyText.Create()).ToList();

        Assert.Equal(keys.Count, keys.Distinct().Count());
        Assert.All(keys, key => Assert.True(ApiKeyText.IsValid(key)));
        Assert.All(keys, key => Assert.All(Enumerable.Range(4, key.Length - 4), at => Assert.False(ApiKeyText.IsValid(string.Concat(key.AsSpan(0, at), key[at] == 'a' ? "b" : "a", key.AsSpan(at + 1))))));
        await Task.CompletedTask;
    }

    [Fact]
    public async Task The_caller_is_told_who_it_is_and_what_it_may_do()
    {
        var (key, details) = await CreateAsync("both", "read", "import:Price");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/me") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", key) } };
        using var plain = new HttpClient { BaseAddress = _server.Http.BaseAddress };
        using var answer = await plain.SendAsync(request, Cancel);
        var me = JsonElement.Parse(await answer.Content.ReadAsStringAsync(Cancel));

        Assert.Equal(["key", details.GetProperty("keyId").GetString(), "both"], [me.GetProperty("scheme").GetString(), me.GetProperty("subject").GetString(), me.GetProperty("name").GetString()]);
        Assert.Equal("""["read"]""", me.GetProperty("scopes").GetRawText());
        Assert.Equal("""["import:Price"]""", me.GetProperty("entities").GetRawText());
        Assert.Equal(1000, me.GetProperty("limits").GetProperty("requestsPerSecond").GetInt32());
    }

    [Fact]
    public async Task A_stream_of_all_imports_tells_of_those_that_its_reader_may_see()
    {
        var (key, _) = await CreateAsync("prices", "read:Price");
        var mappings = new Dictionary<string, Guid>();
        foreach (var entity in (string[])["Price", "Salary"])
        {
            await _server.Client.PutEntityAsync(new Api.Entity { SystemName = entity, Fields = [new Api.EntityField { SystemName = "id", DataType = "STRING", PrimaryKey = true }] }, Cancel);
            mappings[entity] = await _server.Client.CreateMappingAsync(entity, cancellationToken: Cancel);
        }

        using var http = new HttpClient { BaseAddress = _server.Http.BaseAddress };
        http.DefaultRequestHeaders.Add("X-Api-Key", key);
        await using var events = new EntityImportClient(http).WatchAllAsync(cancellationToken: Cancel).GetAsyncEnumerator(Cancel);
        for (var told = 0; told < 3; told++)
        {
            var next = events.MoveNextAsync().AsTask();
            for (var i = 0; i < 1000 && !next.IsCompleted; i++)
                foreach (var entity in (string[])["Salary", "Price"]) await _server.ImportAsync(mappings[entity], $"id\n{i}\n");
            Assert.True(await next);
            Assert.Equal("Price", events.Current.EntitySystemName);
        }
    }

    [Fact]
    public async Task A_stream_ends_when_its_readers_key_is_revoked()
    {
        var (key, details) = await CreateAsync("watcher", "read");
        using var http = new HttpClient { BaseAddress = _server.Http.BaseAddress };
        http.DefaultRequestHeaders.Add("X-Api-Key", key);
        using var stream = await http.GetAsync("/v1/EntityImport/events", HttpCompletionOption.ResponseHeadersRead, Cancel);
        await using var content = await stream.Content.ReadAsStreamAsync(Cancel);
        Assert.NotEqual(0, await content.ReadAsync(new byte[100], Cancel));

        await _server.SendAsync(HttpMethod.Delete, $"/v1/keys/{details.GetProperty("keyId").GetString()}", HttpStatusCode.NoContent);

        await content.CopyToAsync(Stream.Null, Cancel).WaitAsync(TestServer.Patience, Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync("/v1/EntityImport/events", Cancel)).StatusCode);
    }

    private async Task<(string Key, JsonElement Details)> CreateAsync(string name, params string[] scopes)
    {
        var body = TestServer.Json($$"""{ "name": "{{name}}", "scopes": {{JsonSerializer.Serialize(scopes)}} }""");
        var made = await _server.SendAsync(HttpMethod.Post, "/v1/keys", HttpStatusCode.Created, body);
        return (made.GetProperty("key").GetString()!, made.GetProperty("details"));
    }

    private async Task<JsonElement> FindAsync(JsonElement details)
    {
        var list = await _server.SendAsync(HttpMethod.Get, "/v1/keys", HttpStatusCode.OK);
        return list.GetProperty("keys").EnumerateArray().Single(key => key.GetProperty("keyId").GetString() == details.GetProperty("keyId").GetString());
    }

    /// <summary>The status that a request with these headers, and no other credential, is answered with.</summary>
    private async Task<HttpStatusCode> StatusAsync(HttpMethod method, string path, params (string Name, string Value)[] headers)
    {
        using var plain = new HttpClient { BaseAddress = _server.Http.BaseAddress };
        using var request = new HttpRequestMessage(method, path);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using var answer = await plain.SendAsync(request, Cancel);
        return answer.StatusCode;
    }
}
