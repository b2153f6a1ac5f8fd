using System.Net;
using EntityImport.Api;
using EntityImport.Notices;
using EntityImport.Options;
using EntityImport.Server.Access;
using EntityImport.Server.Audit;
using EntityImport.Server.Callers;
using EntityImport.Server.Entities;
using EntityImport.Server.Hosting;
using EntityImport.Server.Http;
using EntityImport.Server.Imports;
using EntityImport.Server.Keys;
using EntityImport.Server.Mappings;
using EntityImport.Server.Notices;
using EntityImport.Server.OpenApi;
using EntityImport.Server.Operations;
using EntityImport.Server.Options;
using EntityImport.Server.Plans;
using EntityImport.Server.Records;
using EntityImport.Server.Repairs;
using EntityImport.Server.Sessions;
using EntityImport.Server.Uploads;
using EntityImport.Web;
using EntityImport.Web.Shared;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace EntityImport.Server;

/// <summary>The REST server. The command line and the tests run the same one.</summary>
public static class EntityImportServer
{
    private const int RequestBufferBytes = 256 << 10;

    /// <summary>How long requests in flight may take to end when the server stops; those that have not are cut off, and the rest of the stop takes no longer.</summary>
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Builds the server; it opens its data when it is started and closes them when it is stopped. Starting it throws
    /// <see cref="Storage.DataDirectoryInUseException"/> where another process holds the data directory, and <see cref="IOException"/> where an address is taken.
    /// </summary>
    /// <param name="options">The options.</param>
    /// <param name="configure">Changes logging or services; null means that log lines go to the console.</param>
    /// <exception cref="ServerConfigurationException">The options cannot be served.</exception>
    public static WebApplication Build(ServerOptions options, Action<WebApplicationBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Access.Faults().Concat(options.Notices.Faults()).Concat(options.Store.Faults()).ToList() is { Count: > 0 } faults) throw new OptionsException(faults);
        var addresses = ListenAddresses.Parse(options);
        var requestLine = options.Engine.Limits.RequestLineBytes;

        // The empty builder reads no environment variables and no settings files, so nothing but the options decides where the server listens.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // What a connection may send ahead of what is written to disk: with Kestrel's own 1 MiB, two hundred uploads would take 200 MiB for nothing.
            kestrel.Limits.MaxRequestBufferSize = Math.Max(RequestBufferBytes, requestLine);
            kestrel.Limits.MaxRequestLineSize = requestLine;
            foreach (var address in addresses)
            {
                kestrel.Listen(address.Endpoint, listen =>
                {
                    listen.Protocols = HttpProtocols.Http1;
                    if (address.HasTls) UseTls(listen);
                    RefusedConnections.Watch(listen);
                });
            }
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<ResolveName>(Dns.GetHostAddressesAsync);
        builder.Services.AddSingleton<INoticePost, NoticePost>();
        builder.Services.AddSingleton<EngineHost>();
        builder.Services.AddHostedService(services => services.GetRequiredService<EngineHost>());
        builder.Services.AddSingleton<RefusalLog>();
        builder.Services.AddHostedService<RefusedConnections>();
        builder.Services.AddSingleton<ServerCertificate>();
        builder.Services.AddSingleton<CallerQuotas>();
        if (options.Store.Node is not null) builder.Services.AddHostedService<QuotaSharing>();
        builder.Services.AddRouting();
        builder.Services.ConfigureHttpJsonOptions(json => ApiJson.Configure(json.SerializerOptions));
        ApiDocument.AddTo(builder.Services);
        builder.Services.AddSingleton(new SignInWays(options.Access.IsOn, options.Access.SignIn.Oidc?.MetadataAddress.Host));
        if (options.Access.IsOn) Schemes.AddTo(builder.Services, options.Access);
        Telemetry.AddTo(builder.Services, options.MetricsCollector, options.Store.Node);
        // Else each request would have an activity, and a scope of the log, which nobody sees; those that become problems get their trace id there.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        if (configure is null) LogToConsole(builder.Logging);
        else configure(builder);

        var app = builder.Build();
        LeaveAuthenticationToTheGate(app);
        UseProxies(app, options.Access);
        app.UsePages();
        app.UseMiddleware<OneServiceScope>();
        app.UseMiddleware<ProblemMiddleware>();
        // Where callers show who they are, no web page can speak for them: the one credential that browsers add by themselves counts for what this service's own pages send.
        if (!options.Access.IsOn) app.UseMiddleware<LocalCallersOnly>();
        app.UseMiddleware<TransferCodings>();
        app.UseRoutingWithHead();
        if (options.Access.IsOn) app.UseMiddleware<AccessGate>();
        app.UsePageNotFound();
        // What holds for every call of the API hangs here.
        var api = app.MapGroup("/v1");
        IdSegment.AddTo(api);
        MappingEndpoints.Map(api);
        UploadEndpoints.Map(api);
        ImportEndpoints.Map(api);
        ImportListEndpoints.Map(api);
        PlanEndpoints.Map(api);
        RepairEndpoints.Map(api);
        LogicalEntityEndpoints.Map(api);
        GuardEndpoints.Map(api);
        StatisticsEndpoint.Map(api);
        LogicalEntityInferEndpoint.Map(api);
        LogicalEntityDataEndpoint.Map(api);
        RecordHistoryEndpoint.Map(api);
        KeyEndpoints.Map(api);
        SessionEndpoints.Map(api);
        AuditEndpoint.Map(api);
        WebhookEndpoints.Map(api);
        MeEndpoint.Map(api);
        StorageEndpoint.Map(api);
        QueueEndpoint.Map(api);
        NodeEndpoints.Map(api);
        HealthEndpoints.Map(app);
        // Pages know nothing by themselves: each asks the API above, as its caller, who is asked there.
        app.MapPages().IsOpen().ExcludeFromDescription();
        if (options.Access.IsOn)
        {
            var steps = app.MapGroup("").IsOpen().ExcludeFromDescription();
            SignInEndpoints.Map(steps, options.Access.SignIn);
        }

        ApiDocument.Map(app);
        return app;
    }

    /// <summary>Where a call came from is what a known proxy says. X-Forwarded-Host is no business of proxies here: it is part of a credential.</summary>
    private static void UseProxies(WebApplication app, AccessOptions access)
    {
        if (access.Proxies.Count == 0) return;
        var forwarded = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor, ForwardLimit = access.Proxies.Count };
        forwarded.KnownIPNetworks.Clear();
        forwarded.KnownProxies.Clear();
        foreach (var proxy in access.Proxies) forwarded.KnownProxies.Add(IPAddress.Parse(proxy));
        app.UseForwardedHeaders(forwarded);
    }

    /// <summary>
    /// Where schemes are registered, WebApplication puts its authentication middleware in front of everything by itself, which would make a scope of services and a table of handlers for each request and find nobody. It
    /// looks at this key to see whether somebody else does that work.
    /// </summary>
    private static void LeaveAuthenticationToTheGate(IApplicationBuilder app) => app.Properties["__AuthenticationMiddlewareSet"] = true;

    private static void UseTls(ListenOptions listen)
    {
        var certificate = listen.ApplicationServices.GetRequiredService<ServerCertificate>();
        listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(certificate.Current) });
    }

    private static void LogToConsole(ILoggingBuilder logging)
    {
        logging.AddSimpleConsole(console => console.SingleLine = true);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        // What keeps the server from starting or stopping reaches who asked for it as an exception; there is no need to tell it twice, with its stack.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
    }
}
