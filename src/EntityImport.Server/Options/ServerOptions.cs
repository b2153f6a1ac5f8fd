using EntityImport.Options;

namespace EntityImport.Server.Options;

/// <summary>What can be configured of the server.</summary>
public sealed record ServerOptions
{
    /// <summary>
    /// The addresses to listen on, as <c>http://127.0.0.1:8080</c> or <c>https://0.0.0.0:8443</c>. Others than loopback addresses are allowed only where callers are asked who they are
    /// (<see cref="Access"/>), and without TLS only where <see cref="AccessOptions.PlainHttp"/> says so. Port 0 takes any free port; which one it was, the application's <c>Urls</c> say once it has started.
    /// </summary>
    public IReadOnlyList<string> Urls { get; init; } = ["http://127.0.0.1:8080"];

    /// <summary>The OpenTelemetry collector that metrics are sent to, as <c>http://127.0.0.1:4317</c> (OTLP over gRPC); null means nowhere.</summary>
    public Uri? MetricsCollector { get; init; }

    /// <summary>The certificate of addresses that begin with <c>https</c>.</summary>
    public TlsOptions Tls { get; init; } = new();

    /// <summary>How it is found out who calls.</summary>
    public AccessOptions Access { get; init; } = new();

    /// <summary>Where notices may be sent.</summary>
    public NoticeOptions Notices { get; init; } = new();

    /// <summary>Where catalog, records and files are kept.</summary>
    public StoreOptions Store { get; init; } = new();

    /// <summary>What can be configured of the engine.</summary>
    public EngineOptions Engine { get; init; } = new();
}

/// <summary>The server cannot be built as configured; the message says what to change.</summary>
public sealed class ServerConfigurationException(string message) : Exception(message);
