using System.CommandLine;
using System.Net.Sockets;
using EntityImport.Cli.Data;
using EntityImport.Cli.Output;
using EntityImport.Server;
using Microsoft.AspNetCore.Connections;

namespace EntityImport.Cli;

/// <summary><c>eis serve</c>: the REST service on the embedded store, for this machine alone.</summary>
internal sealed class ServeCommand : ICommand
{
    /// <summary>A hundred years.</summary>
    private const int MaxDays = 36_500;

    private readonly Option<string> _urls = new("--urls")
    {
        Description = "The loopback addresses to listen on, separated by semicolons. Port 0 takes any free port.",
        HelpName = "URLS",
        DefaultValueFactory = _ => "http://127.0.0.1:5080",
    };

    private readonly Option<DirectoryInfo> _data = DataOption.Create();

    private readonly Option<bool> _newStore = DataOption.CreateNewStore();

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

    private readonly Option<double?> _keepUploads = Days("--keep-uploads", "Deletes an uploaded file so many days after its last import has ended. Without it, files are kept for ever.");

    private readonly Option<double?> _keepErrorFiles = Days("--keep-error-files", "Deletes the rejected rows of an import so many days after its end. Without it, they are kept for ever.");

    public string Examples => """
        Examples:
          eis serve
          eis serve --urls http://127.0.0.1:8080 --data /srv/eis
          eis serve --keep-uploads 90 --keep-error-files 30
        """;

    public Command Build() => new("serve", "Runs the REST service on this machine until it is interrupted. Callers are not asked who they are, so it listens on loopback only.")
    {
        _urls, _data, _newStore, _keepUploads, _keepErrorFiles, _metrics,
    };

    public async Task<int> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancellationToken)
    {
        var data = arguments.GetValue(_data)!;
        var options = new ServerOptions
        {
            Urls = arguments.GetRequiredValue(_urls).Split([';', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
            MetricsCollector = arguments.GetValue(_metrics),
            Engine = new EngineOptions
            {
                DataDirectory = data.FullName,
                AcceptNewStore = arguments.GetValue(_newStore),
                KeepUploads = arguments.GetValue(_keepUploads) is { } uploads ? TimeSpan.FromDays(uploads) : null,
                KeepErrorFiles = arguments.GetValue(_keepErrorFiles) is { } errors ? TimeSpan.FromDays(errors) : null,
            },
        };
        await using var server = EntityImportServer.Build(options);
        try
        {
            await server.StartAsync(cancellationToken);
        }
        catch (IOException exception) when (exception.InnerException is AddressInUseException)
        {
            throw new CommandFailure($"{exception.Message} --urls chooses another one.", exception);
        }
        catch (SocketException exception)
        {
            throw new CommandFailure($"{string.Join(", ", options.Urls)} cannot be listened on: {exception.Message}. --urls chooses another address.", exception);
        }
        catch (Exception exception) when (DataDirectory.Describe(exception, data) is { } failure)
        {
            throw failure;
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

    private static Option<double?> Days(string name, string description)
    {
        var option = new Option<double?>(name) { Description = description, HelpName = "DAYS" };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double?>() is { } days && days is not (> 0 and <= MaxDays))
                result.AddError($"{name} takes a number of days, more than 0 and at most {MaxDays}.");
        });
        return option;
    }
}
