using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using EntityImport.Api;

namespace EntityImport.Client;

/// <summary>
/// Calls the Entity Import Service. Every method throws <see cref="EntityImportProblemException"/> where the service refuses. Thread-safe.
/// </summary>
/// <param name="http">Its base address is the service's; its timeout must suit the largest file.</param>
public sealed partial class EntityImportClient(HttpClient http)
{
    private const int MaxApiKeyLength = 1000;
    private const int MaxAnswerBytes = 256 << 20;

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(15);

    /// <summary>So that a name that leads elsewhere now is asked for again.</summary>
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    /// <summary>Makes what the client calls a server by; whoever asked for it disposes of it.</summary>
    /// <param name="server">The service's address, http or https, maybe with a path that all of its paths come behind.</param>
    /// <param name="apiKey">The API key, sent as <c>X-Api-Key</c> with each request: printable ASCII without spaces, at most 1,000 characters; null where callers are not asked who they are.</param>
    /// <param name="allowPlainHttp">Whether the key may be sent unencrypted to other machines, too.</param>
    /// <returns>It follows no redirects, so that the key goes nowhere else, takes answers of up to 256 MiB into memory, and waits as long as its caller does once it is connected.</returns>
    /// <exception cref="ArgumentException">The address is none, or the key is none or must not be sent there. No message has the key.</exception>
    public static HttpClient Connect(Uri server, string? apiKey = null, bool allowPlainHttp = false)
    {
        ArgumentNullException.ThrowIfNull(server);
        if (!server.IsAbsoluteUri || server.Scheme is not ("http" or "https") || server.UserInfo.Length > 0 || server.Query.Length > 0 || server.Fragment.Length > 0)
            throw new ArgumentException("Expected an http or https address without user, query and fragment.", nameof(server));
        if (apiKey is not null && (apiKey.Length is 0 or > MaxApiKeyLength || apiKey.Any(c => c is <= ' ' or > '~')))
            throw new ArgumentException($"Expected a key of 1 to {MaxApiKeyLength} printable ASCII characters without spaces.", nameof(apiKey));
        if (apiKey is not null && !allowPlainHttp && server.Scheme == "http" && !server.IsLoopback)
            throw new ArgumentException("A key is not sent unencrypted to another machine.", nameof(apiKey));
        var http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            // What is meant for this machine does not leave it.
            UseProxy = !server.IsLoopback,
            ConnectTimeout = ConnectTimeout,
            PooledConnectionLifetime = ConnectionLifetime,
        })
        {
            BaseAddress = server.AbsolutePath.EndsWith('/') ? server : new Uri(server.AbsoluteUri + "/"),
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = MaxAnswerBytes,
        };
        if (apiKey is not null) http.DefaultRequestHeaders.TryAddWithoutValidation("X-Api-Key", apiKey);
        return http;
    }

    /// <summary>All entities, by name.</summary>
    public async Task<IReadOnlyList<Entity>> ListEntitiesAsync(CancellationToken cancellationToken = default) =>
        await GetAsync<Entity[]>("v1/LogicalEntity", cancellationToken);

    /// <summary>An entity's definition.</summary>
    public Task<Entity> GetEntityAsync(string systemName, CancellationToken cancellationToken = default) =>
        GetAsync<Entity>($"v1/LogicalEntity/{Uri.EscapeDataString(systemName)}", cancellationToken);

    /// <summary>Declares an entity, or changes one without losing data.</summary>
    public Task<Entity> PutEntityAsync(Entity entity, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entity);
        return SendAsync<Entity>(HttpMethod.Put, $"v1/LogicalEntity/{Uri.EscapeDataString(entity.SystemName)}", Json(entity), cancellationToken);
    }

    /// <summary>Declares an entity from JSON as it is, or changes one without losing data.</summary>
    public Task<Entity> PutEntityAsync(string systemName, JsonElement document, CancellationToken cancellationToken = default) =>
        SendAsync<Entity>(HttpMethod.Put, $"v1/LogicalEntity/{Uri.EscapeDataString(systemName)}", Json(document), cancellationToken);

    /// <summary>Deletes an entity; one that holds records only by force.</summary>
    public async Task DeleteEntityAsync(string systemName, bool force = false, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, $"v1/LogicalEntity/{Uri.EscapeDataString(systemName)}{(force ? "?force=true" : "")}");
        using var response = await SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
    }

    /// <summary>Figures over the last imports of files into an entity.</summary>
    /// <param name="entity">The entity.</param>
    /// <param name="limit">How many imports at most, 1 to 200.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<EntityStatistics> GetStatisticsAsync(string entity, int limit = 20, CancellationToken cancellationToken = default) =>
        GetAsync<EntityStatistics>($"v1/LogicalEntity/{Uri.EscapeDataString(entity)}/statistics{Query(("limit", limit.ToString(CultureInfo.InvariantCulture)))}", cancellationToken);

    /// <summary>An entity's guards; the service refuses where it has none.</summary>
    public Task<EntityGuards> GetGuardsAsync(string entity, CancellationToken cancellationToken = default) =>
        GetAsync<EntityGuards>($"v1/LogicalEntity/{Uri.EscapeDataString(entity)}/guards", cancellationToken);

    /// <summary>Puts guards in place of those that an entity has.</summary>
    public Task<EntityGuards> PutGuardsAsync(string entity, EntityGuards guards, CancellationToken cancellationToken = default) =>
        SendAsync<EntityGuards>(HttpMethod.Put, $"v1/LogicalEntity/{Uri.EscapeDataString(entity)}/guards", Json(guards), cancellationToken);

    /// <summary>Deletes an entity's guards.</summary>
    public async Task DeleteGuardsAsync(string entity, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, $"v1/LogicalEntity/{Uri.EscapeDataString(entity)}/guards");
        using var response = await SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
    }

    /// <summary>Who the service takes the caller for, and what it may do.</summary>
    public Task<Me> GetMeAsync(CancellationToken cancellationToken = default) => GetAsync<Me>("v1/me", cancellationToken);

    /// <summary>All API keys, oldest first, also those that are revoked or expired.</summary>
    public async Task<IReadOnlyList<ApiKeyDetails>> ListKeysAsync(CancellationToken cancellationToken = default) => (await GetAsync<ApiKeyList>("v1/keys", cancellationToken)).Keys;

    /// <summary>Makes an API key. The answer is the only one that tells it.</summary>
    public Task<ApiKeyCreated> CreateKeyAsync(NewApiKey key, CancellationToken cancellationToken = default) => SendAsync<ApiKeyCreated>(HttpMethod.Post, "v1/keys", Json(key), cancellationToken);

    /// <summary>Revokes an API key: it lets nobody in any longer when the call returns.</summary>
    public async Task RevokeKeyAsync(Guid keyId, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, $"v1/keys/{keyId}");
        using var response = await SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
    }

    /// <summary>The sessions of people's browsers, and the links that wait, oldest first.</summary>
    public async Task<IReadOnlyList<SessionDetails>> ListSessionsAsync(CancellationToken cancellationToken = default) => (await GetAsync<SessionList>("v1/sessions", cancellationToken)).Sessions;

    /// <summary>Makes a link by which somebody signs in with a browser, once. The answer is the only one that tells it.</summary>
    public Task<SignInLink> CreateSignInLinkAsync(NewSignInLink link, CancellationToken cancellationToken = default) =>
        SendAsync<SignInLink>(HttpMethod.Post, "v1/sessions/links", Json(link), cancellationToken);

    /// <summary>Ends a session, or takes a link back: it lets nobody in any longer when the call returns, and at other nodes within seconds.</summary>
    public async Task EndSessionAsync(Guid sessionId, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, $"v1/sessions/{sessionId}");
        using var response = await SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
    }

    /// <summary>An entity's records.</summary>
    public async Task<RecordPage> ReadRecordsAsync(string entity, RecordOptions? options = null, CancellationToken cancellationToken = default)
    {
        var query = Query(
            ("$filter", options?.Filter),
            ("$select", options?.Select),
            ("$orderby", options?.OrderBy),
            ("$top", options?.Top?.ToString(CultureInfo.InvariantCulture)),
            ("$skip", options?.Skip?.ToString(CultureInfo.InvariantCulture)),
            ("$count", options?.Count == true ? "true" : null));
        using var request = new HttpRequestMessage(HttpMethod.Get, $"v1/LogicalEntityData/{Uri.EscapeDataString(entity)}{query}");
        using var response = await SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
        var records = await ReadAsync<JsonElement[]>(response, cancellationToken);
        long? total = response.Headers.TryGetValues("X-Total-Count", out var values) ? long.Parse(values.Single(), CultureInfo.InvariantCulture) : null;
        return new RecordPage(records, total);
    }

    /// <summary>Creates a mapping.</summary>
    /// <returns>The mapping's id.</returns>
    public Task<Guid> CreateMappingAsync(string entitySystemName, ImportDefinition? definition = null, CancellationToken cancellationToken = default) =>
        CreateMappingAsync(entitySystemName, definition, idempotencyKey: null, cancellationToken);

    /// <summary>Creates a mapping once, however often the request is sent.</summary>
    /// <param name="entitySystemName">The entity.</param>
    /// <param name="definition">The definition; null means all defaults.</param>
    /// <param name="idempotencyKey">A key of this request's own, up to 255 printable ASCII characters; null where the request is not sent again.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The mapping's id.</returns>
    public async Task<Guid> CreateMappingAsync(
        string entitySystemName, ImportDefinition? definition, string? idempotencyKey, CancellationToken cancellationToken = default) =>
        (await SendAsync<MappingCreated>(HttpMethod.Post, "v1/EntityImport", Json(new MappingDocument { EntitySystemName = entitySystemName, Definition = definition }), idempotencyKey, cancellationToken)).MappingId;

    /// <summary>Creates a mapping from JSON as it is.</summary>
    /// <returns>The mapping's id.</returns>
    public async Task<Guid> CreateMappingAsync(JsonElement document, CancellationToken cancellationToken = default) =>
        (await SendAsync<MappingCreated>(HttpMethod.Post, "v1/EntityImport", Json(document), cancellationToken)).MappingId;

    /// <summary>Changes a mapping by a merge patch (RFC 7396).</summary>
    public Task<StoredMapping> PatchMappingAsync(Guid mappingId, JsonElement patch, CancellationToken cancellationToken = default) =>
        SendAsync<StoredMapping>(HttpMethod.Patch, $"v1/EntityImport/{mappingId}", Json(patch), cancellationToken);

    /// <summary>A mapping as stored.</summary>
    public Task<StoredMapping> GetMappingAsync(Guid mappingId, CancellationToken cancellationToken = default) =>
        GetAsync<StoredMapping>($"v1/EntityImport/{mappingId}", cancellationToken);

    /// <summary>A page of mappings, each in its newest revision, newest first.</summary>
    /// <param name="entity">Only those for this entity; null means all.</param>
    /// <param name="headerSha256">Only those that were used last for a file with these columns (<see cref="InferredSchema.HeaderSha256"/>), the one that was used last first; null means all.</param>
    /// <param name="cursor">The cursor of the page before; null for the first.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<MappingPage> ListMappingsAsync(string? entity = null, string? headerSha256 = null, string? cursor = null, CancellationToken cancellationToken = default) =>
        GetAsync<MappingPage>($"v1/EntityImport/mappings{Query(("entity", entity), ("headerSha256", headerSha256), ("cursor", cursor))}", cancellationToken);

    /// <summary>A page of a mapping's revisions, newest first.</summary>
    /// <param name="mappingId">The mapping.</param>
    /// <param name="cursor">The cursor of the page before; null for the first.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<MappingPage> ListMappingRevisionsAsync(Guid mappingId, string? cursor = null, CancellationToken cancellationToken = default) =>
        GetAsync<MappingPage>($"v1/EntityImport/{mappingId}/revisions{Query(("cursor", cursor))}", cancellationToken);

    /// <summary>A file as the service takes it. The stream is not disposed with it.</summary>
    private static MultipartFormDataContent FileForm(Stream content, string fileName)
    {
        var file = new StreamContent(new Undisposed(content));
        file.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        // What may not stand in quotes is in the other name alone, which goes first (RFC 6266, section 4.3).
        file.Headers.ContentDisposition = new ContentDispositionHeaderValue("form-data")
        {
            Name = "file",
            FileName = $"\"{string.Concat(fileName.Select(character => char.IsAscii(character) && !char.IsControl(character) && character is not ('"' or '\\') ? character : '_'))}\"",
            FileNameStar = fileName,
        };
        return new MultipartFormDataContent { file };
    }

    private static JsonContent Json<T>(T value) => JsonContent.Create(value, new MediaTypeHeaderValue("application/json"), ApiJson.Requests);

    private static string Query(params ReadOnlySpan<(string Name, string? Value)> parameters)
    {
        var query = "";
        foreach (var (name, value) in parameters)
            if (value is not null) query += $"{(query.Length == 0 ? '?' : '&')}{name}={Uri.EscapeDataString(value)}";
        return query;
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response, CancellationToken cancellationToken) =>
        await response.Content.ReadFromJsonAsync<T>(ApiJson.Options, cancellationToken) ?? throw new JsonException("The service answered null.");

    private Task<T> GetAsync<T>(string path, CancellationToken cancellationToken) => SendAsync<T>(HttpMethod.Get, path, null, cancellationToken);

    private Task<T> SendAsync<T>(HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken) =>
        SendAsync<T>(method, path, content, idempotencyKey: null, cancellationToken);

    private async Task<T> SendAsync<T>(HttpMethod method, string path, HttpContent? content, string? idempotencyKey, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        // Whoever is refused need not send the file.
        if (content is MultipartFormDataContent) request.Headers.ExpectContinue = true;
        if (idempotencyKey is not null) request.Headers.Add("Idempotency-Key", $"\"{idempotencyKey.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"");
        using var response = await SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
        return await ReadAsync<T>(response, cancellationToken);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, HttpCompletionOption completion, CancellationToken cancellationToken)
    {
        HttpResponseMessage response;
        try
        {
            response = await http.SendAsync(request, completion, cancellationToken);
        }
        catch (SocketException fault)
        {
            // What HttpClient lets out as it is where a service ends just after the connection was made.
            throw new HttpRequestException(HttpRequestError.ConnectionError, fault.Message, fault);
        }

        try
        {
            await EntityImportProblemException.ThrowIfFailedAsync(response, cancellationToken);
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }
}
