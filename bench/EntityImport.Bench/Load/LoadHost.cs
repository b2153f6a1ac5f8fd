using System.CommandLine;
using System.Net;
using EntityImport.Access;
using EntityImport.Api;
using EntityImport.Client;
using EntityImport.Options;
using EntityImport.Server;
using EntityImport.Server.Options;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace EntityImport.Bench.Load;

/// <summary>
/// <c>bench load-host</c>, hidden: the service, and beside it in the same process a bare endpoint of the framework that answers with given bytes. So both have the same import beside them, the
/// same collector and the same threads.
/// </summary>
internal static class LoadHost
{
    /// <summary>The hidden verb that the process is started with.</summary>
    public const string Verb = "load-host";

    /// <summary>The option that nobody is asked who he is.</summary>
    public const string Open = "--open";

    /// <summary>The variable that says, as it does to <c>eis</c>, which PostgreSQL database the store is in; the embedded one where it is not set.</summary>
    public const string PostgresVariable = "EIS__STORE__POSTGRES";

    /// <summary>What the line with both addresses, and the API key of who calls, begins with.</summary>
    public const string Ready = "Ready ";

    /// <summary>The path that tells the bare endpoint its answer.</summary>
    public const string AnswerPath = "/answer";

    /// <summary>The command.</summary>
    public static Command Build()
    {
        var directory = new Argument<string>("DIRECTORY");
        var open = new Option<bool>(Open);
        var command = new Command(Verb, "Serves until its input ends.") { directory, open };
        command.Hidden = true;
        command.SetAction((arguments, cancellationToken) => RunAsync(arguments.GetValue(directory)!, arguments.GetValue(open), cancellationToken));
        return command;
    }

    private static async Task RunAsync(string directory, bool isOpen, CancellationToken cancellationToken)
    {
        var access = new AccessOptions { ApiKeys = true, AdminKey = ApiKeyText.Create(), Limits = new CallerLimitOptions { RequestsPerSecond = 1_000_000, RequestBurst = 1_000_000, Queries = 10_000 } };
        var options = new ServerOptions
        {
            Urls = ["http://127.0.0.1:0"],
            Access = isOpen ? new AccessOptions() : access,
            Engine = new EngineOptions { DataDirectory = directory },
            Store = new StoreOptions { Postgres = Environment.GetEnvironmentVariable(PostgresVariable) },
        };
        await using var service = EntityImportServer.Build(options);
        await using var bare = BuildBare();
        await service.StartAsync(cancellationToken);
        await bare.StartAsync(cancellationToken);
        var key = isOpen ? "" : await CreateKeyAsync(service.Urls.Single(), access.AdminKey, cancellationToken);
        Console.WriteLine($"{Ready}{service.Urls.Single()} {bare.Urls.Single()} {key}");
        await Console.In.ReadToEndAsync(cancellationToken);
        await bare.StopAsync(cancellationToken);
        await service.StopAsync(cancellationToken);
    }

    /// <summary>A key as callers have them: the store knows it.</summary>
    private static async Task<string> CreateKeyAsync(string service, string adminKey, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = new Uri(service), DefaultRequestHeaders = { { "X-Api-Key", adminKey } } };
        return (await new EntityImportClient(http).CreateKeyAsync(new NewApiKey { Name = "load", Scopes = ["admin"] }, cancellationToken)).Key;
    }

    /// <summary>As few parts as an endpoint can have, on the same web server.</summary>
    private static WebApplication BuildBare()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
        });
        builder.Services.AddRouting();
        var app = builder.Build();
        app.UseRouting();
        byte[] answer = [];
        app.MapPut(AnswerPath, async (HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            answer = body.ToArray();
        });
        // The framework's own results take longer than this.
        app.MapGet("/v1/EntityImport/{importId}/status", (string importId, HttpResponse response) =>
        {
            response.ContentType = "application/json; charset=utf-8";
            response.ContentLength = answer.Length;
            return response.Body.WriteAsync(answer, 0, answer.Length);
        });
        return app;
    }
}
