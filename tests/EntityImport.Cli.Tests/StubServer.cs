using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace EntityImport.Cli.Tests;

/// <summary>A server on loopback that answers as a test wants, and notes what it was asked.</summary>
internal sealed class StubServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private StubServer(WebApplication app) => _app = app;

    public string Address => _app.Urls.Single();

    /// <summary>The requests so far, each with the key that came with it.</summary>
    public ConcurrentQueue<(string Request, string? Key)> Requests { get; } = [];

    public static async Task<StubServer> StartAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = new StubServer(builder.Build());
        server._app.Run(context =>
        {
            server.Requests.Enqueue(($"{context.Request.Method} {context.Request.Path}", context.Request.Headers["X-Api-Key"]));
            return answer(context);
        });
        await server._app.StartAsync();
        return server;
    }

    /// <summary>Answers with a problem of the service.</summary>
    public static Task AnswerAsync(HttpContext context, int status, string type, string detail)
    {
        var problem = new { type = $"urn:eis:problem:{type}", title = type, status, detail, instance = "urn:eis:trace:1" };
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(problem, options: null, "application/problem+json");
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
