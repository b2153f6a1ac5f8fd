using EntityImport.Imports.Running;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace EntityImport.Server.Hosting;

/// <summary>Sends metrics of imports, of the web server and of the runtime to an OpenTelemetry collector, where one is named.</summary>
internal static class Telemetry
{
    private static readonly string[] Meters = [ImportMetrics.MeterName, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime"];

    /// <summary>Adds the exporter; nothing where there is no collector.</summary>
    /// <param name="services">The server's services.</param>
    /// <param name="collector">The collector's OTLP address, over gRPC.</param>
    /// <param name="node">What this node is called, so that its metrics are told from those of others; null where it is the only one, which is then called by chance.</param>
    public static void AddTo(IServiceCollection services, Uri? collector, string? node)
    {
        if (collector is null) return;
        services.AddOpenTelemetry().ConfigureResource(resource => resource.AddService("eis", serviceInstanceId: node)).WithMetrics(metrics => metrics.AddMeter(Meters).AddOtlpExporter(exporter => exporter.Endpoint = collector));
    }
}
