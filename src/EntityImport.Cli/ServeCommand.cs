using System.CommandLine;
using EntityImport.Cli.Data;
using EntityImport.Cli.Output;
using EntityImport.Server;

namespace EntityImport.Cli;

/// <summary><c>eis serve</c>: the REST service on the embedded store, for this machine alone.</summary>
internal sealed class ServeCommand : ICommand
{
    private readonly Option<string> _urls = new("--urls")
    {
        Description = "The loopback addresses to listen on, separated by semicolons. Port 0 takes any free port.",
        HelpName = "URLS",
        DefaultValueFactory = _ => "http://127.0.0.1:5080",
    };

    private readonly Option<DirectoryInfo> _data = DataOption.Create();

    private readonly Option<Uri?> _metrics = new("--metrics")
    {
        Description = "The OpenTelemetry collector that metrics are sent to (OTLP over gRPC), as http://127.0.0.1:4317.",
        HelpName = "URL",
        CustomParser = result =>
        {
            if (Uri.TryCreate(result.Tokens.Single().Value, UriKind.Absolute, out var url) && url.Scheme is "http" or "https") return url;
            result.AddError($"'{result.Tokens.Single().Value}' is no http address.");
            return null;
        },
    };

    public string Examples => """
        Examples:
          eis serve
          eis serve --urls http://127.0.0.1:8080 --data /srv/eis
        """;

    public Command Build() => new("serve", "Runs the REST service on this machine until it is interrupted. Callers are not asked who they are, so it listens on loopback only.") { _urls, _data, _metrics };

    public async Task<int> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancellationToken)
    {
        var data = arguments.GetValue(_data)!;
        var options = new ServerOptions
        {
            Urls = arguments.GetRequiredValue(_urls).Split([';', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
            MetricsCollector = arguments.GetValue(_metrics),
            Engine = new EngineOptions { DataDirectory = data.FullName },
        };
        await using var server = EntityImportServer.Build(options);
        try
        {
            await server.StartAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure(exception.Message, exception);
        }

        foreach (var url in server.Urls) terminal.WriteLine($"Listening on {url} - documentation at {url}/docs");
        terminal.WriteLine($"Data in {data.FullName}. Ctrl-C stops.");
        try
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Being interrupted is how a service ends.
        }

        await server.StopAsync(CancellationToken.None);
        return ExitCode.Done;
    }
}
