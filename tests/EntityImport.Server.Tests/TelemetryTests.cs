using System.Text;
using EntityImport.Api;
using EntityImport.Client;
using EntityImport.Options;
using EntityImport.Server.Options;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace EntityImport.Server.Tests;

public sealed class TelemetryTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_collector_is_sent_what_imports_did_and_where_their_time_went()
    {
        await using var collector = new Collector();
        await collector.StartAsync();
        var directory = Directory.CreateTempSubdirectory("eis-telemetry-").FullName;
        try
        {
            await using (var server = EntityImportServer.Build(
                new ServerOptions { Urls = ["http://127.0.0.1:0"], MetricsCollector = collector.Address, Engine = new EngineOptions { DataDirectory = directory } },
                builder => builder.Logging.ClearProviders()))
            {
                await server.StartAsync(Cancel);
                using var http = new HttpClient { BaseAddress = new Uri(server.Urls.Single()) };
                var client = new EntityImportClient(http);
                await client.PutEntityAsync(new Entity { SystemName = "Thing", Fields = [new EntityField { SystemName = "Id", DataType = "INTEGER", PrimaryKey = true }] }, Cancel);
                var mapping = await client.CreateMappingAsync("Thing", cancellationToken: Cancel);
                await client.RunAsync(mapping, new MemoryStream("Id\n1\nx\n"u8.ToArray()), "things.csv", TestServer.Patience, Cancel);
                // What has not been sent by then is sent at the end.
                await server.StopAsync(Cancel);
            }

            Assert.Equal("/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", collector.Path);
            // Names and values of attributes stand in the message as they are.
            foreach (var text in (string[])["eis.import.duration", "eis.import.stage.duration", "tokenize", "convert", "eis.import.rows", "inserted", "rejected", "http.server.request.duration", "service.name", "service.instance.id"])
                Assert.Contains(text, collector.Received, StringComparison.Ordinal);
            Assert.DoesNotContain("things.csv", collector.Received, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>The receiving end of OTLP over gRPC, as far as taking metrics needs it.</summary>
    private sealed class Collector : IAsyncDisposable
    {
        private readonly WebApplication _app;
        private readonly StringBuilder _received = new();

        public Collector()
        {
            var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
            builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
                kestrel.Listen(System.Net.IPAddress.Loopback, 0, endpoint => endpoint.Protocols = HttpProtocols.Http2));
            _app = builder.Build();
            _app.Run(ReceiveAsync);
        }

        public Uri Address => new(_app.Urls.Single());

        public string? Path { get; private set; }

        public string Received
        {
            get
            {
                lock (_received) return _received.ToString();
            }
        }

        public Task StartAsync() => _app.StartAsync(Cancel);

        public ValueTask DisposeAsync() => _app.DisposeAsync();

        private async Task ReceiveAsync(HttpContext context)
        {
            Path = context.Request.Path;
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            lock (_received) _received.Append(Encoding.Latin1.GetString(body.ToArray()));
            context.Response.ContentType = "application/grpc";
            // An empty message, and the status that says that all went well.
            await context.Response.Body.WriteAsync(new byte[5]);
            context.Response.AppendTrailer("grpc-status", "0");
        }
    }
}
