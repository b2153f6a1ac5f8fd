using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EntityImport.Bench.Hostile;

/// <summary>The service under attack, and short forms for what attacks do with it. Counts what it answers. Thread-safe.</summary>
internal sealed class Target(Uri address, double scale, CancellationToken cancellationToken) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(60) }) { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };
    private readonly ConcurrentDictionary<string, int> _outcomes = new();
    private readonly ConcurrentQueue<string> _failures = new();

    /// <summary>Where it listens.</summary>
    public Uri Address => address;

    /// <summary>Ends the attack.</summary>
    public CancellationToken Token => cancellationToken;

    /// <summary>What was answered and how often, and how imports ended.</summary>
    public string Outcome => string.Join(", ", _outcomes.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Value == 1 ? pair.Key : $"{pair.Key} × {pair.Value}"));

    /// <summary>What did not hold.</summary>
    public IReadOnlyCollection<string> Failures => _failures;

    /// <summary>The id of the import that was begun last; empty before.</summary>
    public string LastImport { get; private set; } = "";

    /// <summary>A number of things as the scale has it, at least 1.</summary>
    public int Scaled(long whole) => (int)Math.Max(1, whole * scale);

    /// <summary>A number of bytes as the scale has it.</summary>
    public long ScaledBytes(long whole) => (long)(whole * scale);

    /// <summary>Notes a fault of the service where something does not hold.</summary>
    public void Expect(bool holds, string what)
    {
        if (!holds && !_failures.Contains(what)) _failures.Enqueue(what);
    }

    /// <summary>Declares an entity. A field is written <c>name:TYPE</c>, a key's <c>name:TYPE!</c>.</summary>
    public async Task DeclareAsync(string name, params IEnumerable<string> fields)
    {
        var json = new JsonArray([.. fields.Select(field => (JsonNode)new JsonObject
        {
            ["systemName"] = field.Split(':')[0],
            ["dataType"] = field.Split(':')[1].TrimEnd('!'),
            ["primaryKey"] = field.EndsWith('!'),
        })]);
        await SendJsonAsync(HttpMethod.Put, $"/v1/LogicalEntity/{name}", new JsonObject { ["fields"] = json }.ToJsonString(), isCounted: false);
    }

    /// <summary>Makes a mapping; null where it is refused.</summary>
    public async Task<string?> MapAsync(string entity, string definition = "{}", bool isCounted = false)
    {
        var (status, body) = await SendJsonAsync(HttpMethod.Post, "/v1/EntityImport", $$"""{"entitySystemName":"{{entity}}","definition":{{definition}}}""", isCounted);
        return status == 201 ? Id(body) : null;
    }

    /// <summary>Uploads a file; null where it is refused.</summary>
    public async Task<string?> UploadAsync(string mapping, Stream content, string? encoding = null)
    {
        using var body = new StreamContent(content, 1 << 16);
        body.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        if (encoding is not null) body.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        var (status, answer) = await SendAsync(HttpMethod.Post, $"/v1/EntityImport/{mapping}/upload", body, isCounted: false);
        if (status != 201) Count($"upload {status}");
        return status == 201 ? Id(answer) : null;
    }

    /// <summary>Uploads a file and imports it; how the import ended, or null where something was refused.</summary>
    public async Task<string?> ImportAsync(string mapping, Stream content, bool isCounted = true)
    {
        if (await UploadAsync(mapping, content) is not { } upload) return null;
        return await BeginAsync(upload) is { } import ? await EndAsync(import, isCounted) : null;
    }

    /// <summary>Begins an import; null where it is refused.</summary>
    public async Task<string?> BeginAsync(string upload)
    {
        var (status, answer) = await SendAsync(HttpMethod.Post, $"/v1/EntityImport/{upload}/import", content: null, isCounted: false);
        if (status == 201) return LastImport = Id(answer);
        Count($"import {status}");
        return null;
    }

    /// <summary>Waits for an import's end, and counts it by its state.</summary>
    public async Task<string> EndAsync(string import, bool isCounted = true)
    {
        while (true)
        {
            var (status, answer) = await SendAsync(HttpMethod.Get, $"/v1/EntityImport/{import}/status", content: null, isCounted: false);
            var state = status == 200 ? JsonDocument.Parse(answer).RootElement.GetProperty("status").GetString()! : $"status {status}";
            if (status == 200 && state == "RUNNING")
            {
                await Task.Delay(50, cancellationToken);
                continue;
            }

            if (state == "FAILED" && !JsonDocument.Parse(answer).RootElement.GetProperty("clientErrorCallingService").GetBoolean()) state = "FAILED by the service";
            Expect(state != "FAILED by the service", "an import failed by a fault of the service");
            if (isCounted) Count(state);
            return state;
        }
    }

    /// <summary>Reads an answer to its end without keeping it; its status and size. Counted.</summary>
    public async Task<(int Status, long Bytes)> GetAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        Note((int)response.StatusCode, isCounted: true);
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[1 << 16];
        var bytes = 0L;
        while (await body.ReadAsync(buffer, cancellationToken) is var read and > 0) bytes += read;
        return ((int)response.StatusCode, bytes);
    }

    /// <summary>Opens an answer that is not read.</summary>
    public async Task<HttpResponseMessage> OpenAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        Note((int)response.StatusCode, isCounted: true);
        return response;
    }

    /// <summary>Sends JSON; the status and the answer.</summary>
    public async Task<(int Status, string Body)> SendJsonAsync(HttpMethod method, string path, string json, bool isCounted = true, string? encoding = null)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(json));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        if (encoding is not null) content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        return await SendAsync(method, path, content, isCounted);
    }

    /// <summary>Sends a request; the status and the answer, which must be short.</summary>
    public async Task<(int Status, string Body)> SendAsync(HttpMethod method, string path, HttpContent? content, bool isCounted = true)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            var status = (int)response.StatusCode;
            Note(status, isCounted);
            await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
            using var text = new MemoryStream();
            var buffer = new byte[1 << 16];
            var bytes = 0L;
            while (await body.ReadAsync(buffer, cancellationToken) is var read and > 0)
            {
                bytes += read;
                if (text.Length < 1 << 20) text.Write(buffer, 0, read);
            }

            Expect(status < 400 || bytes <= 1 << 20, "a refusal of more than 1 MB");
            return (status, Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length));
        }
        catch (HttpRequestException) when (content is not null)
        {
            // A refusal may come while the content is still being sent, and the connection is closed then.
            if (isCounted) Count("closed");
            return (0, "");
        }
    }

    /// <summary>Counts something that happened.</summary>
    public void Count(string outcome) => _outcomes.AddOrUpdate(outcome, 1, (_, count) => count + 1);

    public void Dispose() => _http.Dispose();

    private void Note(int status, bool isCounted)
    {
        if (isCounted) Count(status.ToString(CultureInfo.InvariantCulture));
        Expect(status is not 500, "an answer of 500");
    }

    private static string Id(string answer) => JsonDocument.Parse(answer).RootElement.EnumerateObject().First(member => member.Name.EndsWith("Id", StringComparison.Ordinal)).Value.GetString()!;
}
