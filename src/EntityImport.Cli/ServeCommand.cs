using System.CommandLine;
using System.Globalization;
using System.Net.Sockets;
using EntityImport.Cli.Output;
using EntityImport.Cli.Services;
using EntityImport.Options;
using EntityImport.Server;
using EntityImport.Server.Hosting;
using EntityImport.Server.Options;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;

namespace EntityImport.Cli;

/// <summary><c>eis serve</c>: the REST service on its store.</summary>
internal sealed class ServeCommand : ICommand
{
    /// <summary>A hundred years.</summary>
    private const int MaxDays = 36_500;

    private const string LostPlace = "The node has lost its place to others, because it was silent for too long. Start it again.";

    private readonly Option<string> _urls = new("--urls")
    {
        Description = "The addresses to listen on, separated by semicolons. Port 0 takes any free port. Other machines are let in only where callers are asked who they are, and over https.",
        HelpName = "URLS",
        DefaultValueFactory = _ => ServedAddresses.Default,
    };

    private readonly Option<DirectoryInfo> _data = DataOption.Create();

    private readonly Option<bool> _newStore = DataOption.CreateNewStore();

    private readonly Option<string> _postgres = DataOption.CreatePostgres();

    private readonly Option<string> _node = new("--node")
    {
        Description = "What this process is called among several that work on one PostgreSQL database, and read the same files, as one service. Without it, it works alone, and no other may.",
        HelpName = "NAME",
    };

    private readonly Option<string> _files = DataOption.CreateFiles();

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

    private readonly Option<bool> _apiKeys = new("--api-keys") { Description = "Asks callers for an API key; eis keys create makes one, and eis keys sign-in a link for somebody with a browser. Salesforce and OpenID Connect are configured in the file." };

    private readonly Option<FileInfo?> _config = new("--config") { Description = $"The file with options, as JSON. Without it, {OptionSources.FileName} in the data directory is read where it is there.", HelpName = "FILE" };

    private readonly Option<string[]> _set = new("--set") { Description = "Sets an option by its name; may be given more than once. --show-config lists them.", HelpName = "NAME=VALUE", Arity = ArgumentArity.OneOrMore };

    private readonly Option<bool> _showConfig = new("--show-config") { Description = "Shows all options, their values and where these come from, and ends." };

    public string Examples => """
        Examples:
          eis serve
          eis serve --config /etc/eis.json --set storeMemoryBytes=4294967296
          EIS__LIMITS__CONCURRENTQUERIES=8 eis serve --show-config
          eis serve --urls http://127.0.0.1:8080 --data /srv/eis
          eis serve --data /srv/eis --postgres 'Host=db;Database=eis;Username=eis'
          eis serve --data /srv/eis --postgres 'Host=db;Database=eis;Username=eis' --files 's3://imports/eis?region=eu-central-1'
          eis serve --urls https://0.0.0.0:8443 --api-keys --set tls.certificate=/etc/eis/tls.pem
          eis serve --keep-uploads 90 --keep-error-files 30
        """;

    public Command Build() => new("serve", "Runs the REST service until it is interrupted. Unless it is configured to ask callers who they are, it listens on this machine alone.")
    {
        _urls, _data, _postgres, _node, _files, _newStore, _keepUploads, _keepErrorFiles, _metrics, _apiKeys, _config, _set, _showConfig,
    };

    public async Task<int> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancellationToken)
    {
        var data = arguments.GetValue(_data)!;
        ServerOptions options;
        try
        {
            var configuration = new OptionSources(arguments.GetValue(_config)?.FullName ?? OptionSources.FileIn(data), Given(arguments));
            var basis = new ServerOptions { Urls = [ServedAddresses.Default], Engine = new EngineOptions { DataDirectory = data.FullName, AcceptNewStore = arguments.GetValue(_newStore) } };
            options = configuration.Apply(basis);
            if (arguments.GetValue(_showConfig))
            {
                foreach (var (name, value, source, meaning) in configuration.List(options)) terminal.WriteLine($"{name,-32} {value,-24} {source,-13} {meaning}");
                return ExitCode.Done;
            }
        }
        catch (OptionsException exception)
        {
            throw new CommandFailure(exception.Message, exception);
        }

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
        catch (OperationCanceledException exception) when (HasLostItsPlace(server.Services, options))
        {
            throw new CommandFailure(LostPlace, exception);
        }

        var addresses = new ServedAddresses(data);
        addresses.Write(server.Urls);
        foreach (var url in server.Urls) terminal.WriteLine($"Listening on {url} - documentation at {url}/docs");
        terminal.WriteLine(Describe(options.Store, data));
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, server.Lifetime.ApplicationStopping);
            await Task.Delay(Timeout.Infinite, either.Token);
        }
        catch (OperationCanceledException)
        {
            // Being interrupted is how a service ends.
        }

        // Whoever sends a signal may be heard by the host first.
        var isLost = HasLostItsPlace(server.Services, options);
        addresses.Remove();
        await server.StopAsync(CancellationToken.None);
        return isLost ? throw new CommandFailure(LostPlace) : ExitCode.Done;
    }

    private static bool HasLostItsPlace(IServiceProvider services, ServerOptions options) => options.Store.Node is not null && services.GetRequiredService<EngineHost>().IsStoreLost;

    private static string Describe(StoreOptions store, DirectoryInfo data)
    {
        var (records, files) = (store.IsEmbedded ? data.FullName : "PostgreSQL", store.HasLocalFiles ? data.FullName : store.Files);
        return records == files ? $"Data in {data.FullName}. Ctrl-C stops." : $"Files in {files}, catalog and records in {records}. Ctrl-C stops.";
    }

    /// <summary>What the command line says of options, by their names.</summary>
    private Dictionary<string, string> Given(ParseResult arguments)
    {
        var given = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var pair in arguments.GetValue(_set) ?? [])
        {
            var end = pair.IndexOf('=', StringComparison.Ordinal);
            if (end <= 0) throw new OptionsException([$"--set takes NAME=VALUE, not '{ShownText.Cut(pair)}'."]);
            given[pair[..end]] = pair[(end + 1)..];
        }

        if (arguments.GetResult(_urls) is { Implicit: false }) given["urls"] = arguments.GetRequiredValue(_urls);
        if (arguments.GetValue(_postgres) is { } postgres) given[OptionSources.PostgresName] = postgres;
        if (arguments.GetValue(_node) is { } node) given[OptionSources.NodeName] = node;
        if (arguments.GetValue(_files) is { } files) given[OptionSources.FilesName] = files;
        if (arguments.GetValue(_metrics) is { } metrics) given["metricsCollector"] = metrics.OriginalString;
        if (arguments.GetValue(_apiKeys)) given["access.apiKeys"] = "true";
        if (arguments.GetValue(_keepUploads) is { } uploads) given["keepUploadsDays"] = Text(uploads);
        if (arguments.GetValue(_keepErrorFiles) is { } errors) given["keepErrorFilesDays"] = Text(errors);
        return given;

        static string Text(double days) => ((decimal)days).ToString(CultureInfo.InvariantCulture);
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
