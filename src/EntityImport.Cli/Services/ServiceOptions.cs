using System.CommandLine;
using System.CommandLine.Parsing;
using EntityImport.Cli.Output;

namespace EntityImport.Cli.Services;

/// <summary>The options by which a command is told what it works with: a data directory, or a server. What the command line says comes before what the environment says, and that before the profile.</summary>
internal sealed class ServiceOptions
{
    private const string ServerVariable = "EIS_SERVER";
    private const string ProfileVariable = "EIS_PROFILE";
    private const string KeyVariable = "EIS_API_KEY";

    private readonly Option<DirectoryInfo> _data = DataOption.Create();

    private readonly Option<string> _postgres = DataOption.CreatePostgres();

    private readonly Option<bool>? _newStore;

    private readonly Option<string> _server = new("--server")
    {
        Description = $"The server to work with, in place of a data directory. Default: ${ServerVariable}, if it is set.",
        HelpName = "URL",
    };

    private readonly Option<string> _profile = new("--profile")
    {
        Description = $"The server of that name in {Profiles.Place.FullName}. Default: ${ProfileVariable}, if it is set.",
        HelpName = "NAME",
    };

    private readonly Option<FileInfo> _keyFile = new("--api-key-file")
    {
        Description = $"The file with the API key for the server, which nobody else may read. Default: the key in ${KeyVariable}, else the profile's apiKeyFile.",
        HelpName = "FILE",
    };

    private readonly Option<string> _key = new("--api-key")
    {
        Description = $"The API key itself. Other users of this machine can see it while the command runs, and shells keep it in their history: better use --api-key-file or ${KeyVariable}.",
        HelpName = "KEY",
    };

    private readonly Option<bool> _plainHttp = new("--insecure-http") { Description = "Send the key unencrypted to a server on another machine: who sees the traffic can use it." };

    /// <param name="canMake">Whether the command makes the store where there is none.</param>
    public ServiceOptions(bool canMake = false) => _newStore = canMake ? DataOption.CreateNewStore() : null;

    /// <summary>Gives a command these options.</summary>
    public void AddTo(Command command)
    {
        command.Add(_data);
        command.Add(_postgres);
        if (_newStore is not null) command.Add(_newStore);
        foreach (var option in (Option[])[_server, _profile, _keyFile, _key, _plainHttp]) command.Add(option);
    }

    /// <summary>Opens what the user has chosen. A data directory has to be there, unless the command makes it.</summary>
    /// <exception cref="CommandFailure">The options contradict each other, or what they name cannot be used.</exception>
    public async Task<IService> OpenAsync(ParseResult arguments, Terminal terminal, CancellationToken cancellationToken)
    {
        if (FindServer(arguments) is { } server) return RemoteService.Connect(server, terminal);
        foreach (var option in (Option[])[_keyFile, _key, _plainHttp])
            if (IsGiven(arguments, option)) throw new CommandFailure($"{option.Name} is for a server, and none is named: --server, --profile, {ServerVariable} or {ProfileVariable} does.");
        var data = arguments.GetValue(_data)!;
        if (_newStore is null && !data.Exists)
            throw new CommandFailure($"There is no data directory {data.FullName}. eis import makes it; --data names another one, --server a server.");
        return await LocalService.OpenAsync(data, arguments.GetValue(_postgres), terminal, _newStore is not null && arguments.GetValue(_newStore), NameOf(arguments.CommandResult), cancellationToken);
    }

    /// <summary>The address that a text is.</summary>
    /// <param name="text">The text; it is not repeated, as there may be a password in it.</param>
    /// <param name="source">Where it comes from, for people.</param>
    /// <exception cref="CommandFailure">It is none.</exception>
    public static Uri ReadUrl(string text, string source) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.UserInfo.Length == 0 && url.Query.Length == 0 && url.Fragment.Length == 0
            ? url
            : throw new CommandFailure($"{source}: expected the address of a server, such as https://eis.example.com, without user, password and query.");

    /// <summary>A command's name with those that it is under: <c>eis keys create</c>.</summary>
    private static string NameOf(CommandResult? command) => command is null ? "" : command.Command is RootCommand ? "eis" : $"{NameOf(command.Parent as CommandResult)} {command.Command.Name}";

    private static bool IsGiven(ParseResult arguments, Option option) => arguments.GetResult(option) is { Implicit: false };

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    private ServerAddress? FindServer(ParseResult arguments)
    {
        var places = ((Option[])[IsGiven(arguments, _data) ? _data : _postgres, _server, _profile]).Where(option => IsGiven(arguments, option)).Select(option => option.Name).ToList();
        if (places.Count > 1) throw new CommandFailure($"{string.Join(" and ", places)} are different places to work with; give one of them.");
        // What the command line names, it names alone: no other place's profile or key comes to it.
        if (IsGiven(arguments, _data) || IsGiven(arguments, _postgres)) return null;
        if (arguments.GetValue(_server) is { } given) return Complete(arguments, ReadUrl(given, _server.Name), profile: null);
        if (arguments.GetValue(_profile) is { } named) return Complete(arguments, Profiles.Find(named));
        var (server, profile) = (Variable(ServerVariable), Variable(ProfileVariable));
        if (server is not null && profile is not null) throw new CommandFailure($"{ServerVariable} and {ProfileVariable} are both set, and may name different servers; unset one of them.");
        return server is not null ? Complete(arguments, ReadUrl(server, ServerVariable), profile: null) : profile is not null ? Complete(arguments, Profiles.Find(profile)) : null;
    }

    private ServerAddress Complete(ParseResult arguments, Profile profile) => Complete(arguments, profile.Server, profile);

    private ServerAddress Complete(ParseResult arguments, Uri url, Profile? profile)
    {
        if (_newStore is not null && arguments.GetValue(_newStore)) throw new CommandFailure($"{_newStore.Name} is for a data directory, not for {url}.");
        var (key, source) = FindKey(arguments, url, profile);
        var isPlainHttpAllowed = arguments.GetValue(_plainHttp);
        if (key is not null && url.Scheme == "http" && !url.IsLoopback && !isPlainHttpAllowed)
            throw new CommandFailure($"The API key from {source} is not sent to {url}: that is not encrypted, and who sees the traffic could use it. Give an https address, or --insecure-http if you are sure.");
        return new ServerAddress(url, key, source, isPlainHttpAllowed);
    }

    private (string? Key, string? Source) FindKey(ParseResult arguments, Uri url, Profile? profile)
    {
        var (key, file) = (arguments.GetValue(_key), arguments.GetValue(_keyFile));
        if (key is not null && file is not null) throw new CommandFailure($"{_key.Name} and {_keyFile.Name} both name a key; give one of them.");
        if (key is not null) return (ApiKey.Check(key, _key.Name), _key.Name);
        if (file is not null) return (ApiKey.Read(file), file.FullName);
        if (Variable(KeyVariable) is { } set && IsForServer(url)) return (ApiKey.Check(set, KeyVariable), KeyVariable);
        return profile?.ApiKeyFile is { } own ? (ApiKey.Read(own), own.FullName) : (null, null);
    }

    /// <summary>Whether the environment's key is for this server: where the environment names one, it is for that one alone.</summary>
    private static bool IsForServer(Uri url) => Variable(ServerVariable) is not { } server || (Uri.TryCreate(server, UriKind.Absolute, out var named)
        && Uri.Compare(named, url, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) == 0);
}
