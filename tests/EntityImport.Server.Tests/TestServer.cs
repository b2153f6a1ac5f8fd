using System.Net;
using System.Text;
using System.Text.Json;
using EntityImport.Api;
using EntityImport.Client;
using EntityImport.Options;
using EntityImport.Server.Access;
using EntityImport.Server.Hosting;
using EntityImport.Server.Notices;
using EntityImport.Server.Options;
using EntityImport.Server.Tests.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EntityImport.Server.Tests;

/// <summary>A real server on a free port, on a data directory of its own.</summary>
public sealed class TestServer : IAsyncLifetime
{
    /// <summary>Far longer than anything here takes; only what hangs reaches it.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>The largest upload that the server takes.</summary>
    public const long MaxUploadBytes = 8 << 20;

    private readonly string _directory;
    private readonly Func<EngineOptions, EngineOptions> _engine;
    private StoreOptions? _store;
    private WebApplication? _app;

    public TestServer() : this(options => options)
    {
    }

    /// <summary>A server that is set up otherwise than usual.</summary>
    /// <param name="engine">Changes the engine's options.</param>
    /// <param name="directory">The data directory; null means a new one.</param>
    internal TestServer(Func<EngineOptions, EngineOptions> engine, string? directory = null)
    {
        _engine = engine;
        _directory = directory ?? Path.Combine(Path.GetTempPath(), "eis-server-tests", Path.GetRandomFileName());
    }

    public HttpClient Http { get => field ?? throw Unstarted(); private set; }

    public EntityImportClient Client { get => field ?? throw Unstarted(); private set; }

    /// <summary>Changes how the store is reached; by default the server works alone.</summary>
    internal Func<StoreOptions, StoreOptions> Reach { get; init; } = store => store;

    /// <summary>Whether it runs; where the store's tests have no server, none does.</summary>
    public bool IsStarted => _app is not null;

    public string DataDirectory => _directory;

    /// <summary>The clock; null means the machine's.</summary>
    public TimeProvider? Clock { get; init; }

    /// <summary>Where log lines go; null means nowhere.</summary>
    public ILoggerProvider? Log { get; init; }

    /// <summary>How callers are asked who they are; nobody is by default.</summary>
    public AccessOptions Access { get; init; } = new();

    /// <summary>Where notices may be sent; to public addresses by default.</summary>
    public NoticeOptions Notices { get; set; } = new();

    /// <summary>Where names lead; null means where the machine says.</summary>
    internal ResolveName? Resolve { get; init; }

    public ServerOptions Options => new()
    {
        Urls = ["http://127.0.0.1:0"],
        Access = Access,
        Notices = Notices,
        Store = _store ?? throw Unstarted(),
        Engine = _engine(new EngineOptions { DataDirectory = _directory, MaxUploadBytes = MaxUploadBytes, StoreMemoryBytes = 256 << 20 }),
    };

    public async ValueTask InitializeAsync()
    {
        _store = await TestStores.FindAsync(_directory);
        // Who asks for anything of it is skipped.
        if (_store is null) return;
        _store = Reach(_store);
        _app = EntityImportServer.Build(Options, builder =>
        {
            builder.Logging.ClearProviders();
            SuiteLog.AddTo(builder.Logging);
            if (Log is not null) builder.Logging.AddProvider(Log);
            if (Resolve is not null) builder.Services.AddSingleton(Resolve);
            if (Clock is not null) builder.Services.AddSingleton(Clock);
        });
        await _app.StartAsync();
        Http = new HttpClient { BaseAddress = new Uri(_app.Urls.Single()), Timeout = Patience };
        if (Access.AdminKey is { } key) Http.DefaultRequestHeaders.Add("X-Api-Key", key);
        Client = new EntityImportClient(Http);
    }

    /// <summary>The engine behind the server.</summary>
    internal Engine.ImportEngine Engine => (_app ?? throw Unstarted()).Services.GetRequiredService<EngineHost>().Engine;

    /// <summary>All endpoints with a route.</summary>
    internal IReadOnlyList<RouteEndpoint> Routes => [.. (_app ?? throw Unstarted()).Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>().DistinctBy(endpoint => (endpoint.RoutePattern.RawText, endpoint.DisplayName))];

    /// <summary>Whether an endpoint is a page or what pages are made of: open to all, who are asked by the calls that it makes, and left out of the API's description.</summary>
    internal static bool IsPage(RouteEndpoint route) =>
        route.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>() is not null && route.Metadata.GetMetadata<OpenToAll>() is not null && !route.RoutePattern.RawText!.TrimStart('/').StartsWith("docs", StringComparison.Ordinal) && !route.RoutePattern.RawText!.TrimStart('/').StartsWith("openapi", StringComparison.Ordinal);

    /// <summary>Stops the server and starts it on the same data, at another address.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        await InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is null) return;
        await StopAsync();
        await TestStores.ForgetAsync(_directory);
        Directory.Delete(_directory, recursive: true);
    }

    private static Xunit.Sdk.SkipException Unstarted() => Xunit.Sdk.SkipException.ForSkip("There is no server of the store.");

    private async Task StopAsync()
    {
        Http.Dispose();
        await _app!.StopAsync();
        await _app.DisposeAsync();
    }

    /// <summary>Declares an entity Sku, Name, Price, Quantity, ValidFrom, ChangedAt, Active, Weight under a name of its own.</summary>
    public async Task<string> DeclareProductAsync()
    {
        var name = "Product_" + Guid.NewGuid().ToString("N");
        await Client.PutEntityAsync(new Entity
        {
            SystemName = name,
            Fields =
            [
                new EntityField { SystemName = "Sku", DataType = "STRING", Length = 20, PrimaryKey = true },
                new EntityField { SystemName = "Name", DataType = "STRING", Length = 40 },
                new EntityField { SystemName = "Price", DataType = "DECIMAL", Precision = 38, Scale = 10 },
                new EntityField { SystemName = "Quantity", DataType = "INTEGER" },
                new EntityField { SystemName = "ValidFrom", DataType = "DATE" },
                new EntityField { SystemName = "ChangedAt", DataType = "DATETIME" },
                new EntityField { SystemName = "Active", DataType = "BOOLEAN" },
                new EntityField { SystemName = "Weight", DataType = "DOUBLE" },
            ],
        });
        return name;
    }

    /// <summary>A mapping of all defaults for a new product entity.</summary>
    public async Task<(string Entity, Guid MappingId)> MapProductAsync(ImportDefinition? definition = null)
    {
        var entity = await DeclareProductAsync();
        return (entity, await Client.CreateMappingAsync(entity, definition));
    }

    /// <summary>Imports a text and waits for the end.</summary>
    public Task<ImportRun> ImportAsync(Guid mappingId, string csv) =>
        Client.RunAsync(mappingId, new MemoryStream(Encoding.UTF8.GetBytes(csv)), "products.csv", Patience);

    public async Task<Guid> UploadAsync(Guid mappingId, string csv) =>
        await Client.UploadAsync(mappingId, new MemoryStream(Encoding.UTF8.GetBytes(csv)), "products.csv");

    /// <summary>Sends a request and expects a status; the body as JSON.</summary>
    public async Task<JsonElement> SendAsync(HttpMethod method, string path, HttpStatusCode expected, HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        using var response = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(expected == response.StatusCode, $"{method} {path} answered {(int)response.StatusCode}: {body}");
        if ((int)expected >= 400) Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        return body.Length == 0 ? default : JsonElement.Parse(body);
    }

    /// <summary>Sends a request that is refused; asserts that the problem is complete and of a type.</summary>
    public async Task<JsonElement> RefusedAsync(HttpMethod method, string path, HttpStatusCode expected, string type, HttpContent? content = null)
    {
        var problem = await SendAsync(method, path, expected, content);
        Assert.Equal("urn:eis:problem:" + type, problem.GetProperty("type").GetString());
        Assert.Equal((int)expected, problem.GetProperty("status").GetInt32());
        Assert.NotEmpty(problem.GetProperty("title").GetString()!);
        Assert.NotEmpty(problem.GetProperty("detail").GetString()!);
        Assert.StartsWith("urn:eis:trace:", problem.GetProperty("instance").GetString(), StringComparison.Ordinal);
        return problem;
    }

    public static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");

    public static string[] Members(JsonElement body) => [.. body.EnumerateObject().Select(member => member.Name)];
}
