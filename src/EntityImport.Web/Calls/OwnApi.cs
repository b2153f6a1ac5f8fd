using System.Text.Json;
using EntityImport.Api;
using Microsoft.AspNetCore.Http;

namespace EntityImport.Web.Calls;

/// <summary>
/// Calls the API of this server in its own process, as whoever asks for the page: with the caller's credentials, through the same gate and the same endpoints as every other client. A page can neither know nor do more than its caller could
/// by the API, and the calls it makes are what it prints.
/// </summary>
/// <param name="pipeline">The server, from where callers are asked who they are.</param>
/// <param name="page">The request for the page.</param>
internal sealed class OwnApi(RequestDelegate pipeline, HttpContext page)
{
    /// <summary>What tells the API who calls.</summary>
    private static readonly string[] Credentials = ["Authorization", "X-Api-Key", "X-Forwarded-Host", "Cookie"];

    private readonly List<CallRecord> _calls = [];

    /// <summary>The calls whose answers are shown, in their order.</summary>
    public IReadOnlyList<CallRecord> Calls => _calls;

    /// <summary>Reads something.</summary>
    /// <exception cref="ApiRefusedException">The API answers with a problem.</exception>
    public async Task<T> GetAsync<T>(string path) => (await SendAsync<T>(HttpMethods.Get, path, body: null, isShown: true)).Answer;

    /// <summary>Reads a list, and how long it is in all.</summary>
    public async Task<(T Answer, long? Total)> GetCountedAsync<T>(string path)
    {
        var (answer, headers) = await SendAsync<T>(HttpMethods.Get, path, body: null, isShown: true);
        return (answer, long.TryParse(headers["X-Total-Count"], System.Globalization.CultureInfo.InvariantCulture, out var total) ? total : null);
    }

    /// <summary>Asks by POST for something that changes nothing.</summary>
    public async Task<T> AskAsync<T>(string path, object body) => (await SendAsync<T>(HttpMethods.Post, path, body, isShown: true)).Answer;

    /// <summary>Does something.</summary>
    /// <param name="method">The method.</param>
    /// <param name="path">Path and query.</param>
    /// <param name="body">What is sent as JSON; null for none.</param>
    /// <param name="key">The request's Idempotency-Key; null for none.</param>
    /// <param name="version">The version that is changed, as If-Match; null where it does not matter.</param>
    public async Task<T> DoAsync<T>(string method, string path, object? body = null, string? key = null, long? version = null) => (await SendAsync<T>(method, path, body, isShown: false, key, version)).Answer;

    /// <summary>Hands the page's own body on to a call that takes a file.</summary>
    public async Task<T> ForwardAsync<T>(string path)
    {
        var context = Begin(HttpMethods.Post, path);
        context.Request.ContentType = page.Request.ContentType;
        context.Request.ContentLength = page.Request.ContentLength;
        context.Request.Body = page.Request.Body;
        return (await EndAsync<T>(context)).Answer;
    }

    /// <summary>Sends a file that the server has itself.</summary>
    public async Task<T> SendFileAsync<T>(string path, string name, byte[] file)
    {
        var context = Begin(HttpMethods.Post, path);
        context.Request.ContentType = "text/csv";
        context.Request.ContentLength = file.Length;
        context.Request.Headers.ContentDisposition = $"attachment; filename=\"{name}\"";
        context.Request.Body = new MemoryStream(file, writable: false);
        return (await EndAsync<T>(context)).Answer;
    }

    private Task<(T Answer, IHeaderDictionary Headers)> SendAsync<T>(string method, string path, object? body, bool isShown, string? key = null, long? version = null)
    {
        var context = Begin(method, path);
        var json = body is null ? null : JsonSerializer.SerializeToUtf8Bytes(body, ApiJson.Requests);
        if (json is not null)
        {
            context.Request.ContentType = "application/json";
            context.Request.ContentLength = json.Length;
            context.Request.Body = new MemoryStream(json, writable: false);
        }

        if (key is not null) context.Request.Headers["Idempotency-Key"] = key;
        if (version is not null) context.Request.Headers.IfMatch = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"\"{version}\"");
        if (isShown) _calls.Add(new CallRecord(method, path, json is null ? null : System.Text.Encoding.UTF8.GetString(json)));
        return EndAsync<T>(context);
    }

    private DefaultHttpContext Begin(string method, string path)
    {
        var context = new DefaultHttpContext { RequestAborted = page.RequestAborted };
        context.Features.Set(CallOfPage.Instance);
        context.Connection.RemoteIpAddress = page.Connection.RemoteIpAddress;
        var request = context.Request;
        (request.Method, request.Scheme, request.Host, request.Protocol) = (method, page.Request.Scheme, page.Request.Host, page.Request.Protocol);
        var query = path.IndexOf('?', StringComparison.Ordinal);
        request.Path = PathString.FromUriComponent(query < 0 ? path : path[..query]);
        if (query >= 0) request.QueryString = new QueryString(path[query..]);
        foreach (var name in Credentials)
            if (page.Request.Headers.TryGetValue(name, out var values)) request.Headers[name] = values;
        request.Headers.Accept = "application/json";
        context.Response.Body = new MemoryStream();
        return context;
    }

    private async Task<(T Answer, IHeaderDictionary Headers)> EndAsync<T>(DefaultHttpContext context)
    {
        await pipeline(context);
        page.RequestAborted.ThrowIfCancellationRequested();
        var (response, body) = (context.Response, (MemoryStream)context.Response.Body);
        body.Position = 0;
        if (response.StatusCode >= 400)
        {
            var problem = await JsonSerializer.DeserializeAsync<Problem>(body, ApiJson.Options, page.RequestAborted);
            throw new ApiRefusedException(problem!, response.Headers.RetryAfter);
        }

        return (body.Length == 0 ? default! : (await JsonSerializer.DeserializeAsync<T>(body, ApiJson.Options, page.RequestAborted))!, response.Headers);
    }
}
