using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using EntityImport.Api;

namespace EntityImport.Client;

/// <summary>
/// Calls the Entity Import Service. Every method throws <see cref="EntityImportProblemException"/> where the service refuses. Thread-safe.
/// </summary>
/// <param name="http">Its base address is the service's; its timeout must suit the largest file.</param>
public sealed partial class EntityImportClient(HttpClient http)
{
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

    /// <summary>Deletes an entity; one that holds records only by force.</summary>
    public async Task DeleteEntityAsync(string systemName, bool force = false, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, $"v1/LogicalEntity/{Uri.EscapeDataString(systemName)}{(force ? "?force=true" : "")}");
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
        if (idempotencyKey is not null) request.Headers.Add("Idempotency-Key", $"\"{idempotencyKey.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"");
        using var response = await SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
        return await ReadAsync<T>(response, cancellationToken);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, HttpCompletionOption completion, CancellationToken cancellationToken)
    {
        var response = await http.SendAsync(request, completion, cancellationToken);
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
