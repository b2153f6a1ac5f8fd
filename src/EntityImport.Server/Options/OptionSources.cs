using System.Globalization;
using System.Text.RegularExpressions;
using EntityImport.Options;

namespace EntityImport.Server.Options;

/// <summary>
/// The server's options from what is configured: a file, then the environment (<c>EIS__LIMITS__WORDS</c>), then the command line; later ones win. What is not known or cannot be is refused, all of it at once.
/// </summary>
internal sealed partial class OptionSources
{
    /// <summary>The file in the data directory that is read where no other one is named.</summary>
    public const string FileName = "eis.json";

    /// <summary>The option that names the store's database.</summary>
    public const string PostgresName = "store.postgres";

    /// <summary>The option that names this process among several.</summary>
    public const string NodeName = "store.node";

    /// <summary>The option that names where files are kept.</summary>
    public const string FilesName = "store.files";

    private const string Prefix = "EIS__";
    private const string Urls = "urls";
    private const string MetricsCollector = "metricsCollector";
    private const string Access = "access";
    private const string Tls = "tls";
    private const string Notices = "notices";
    private const string Store = "store";

    /// <summary>The options that are groups, and what they are about.</summary>
    private static readonly (string Name, string Meaning)[] Groups =
        [(Access, "who may call, and how much"), (Tls, "the certificate of https addresses"), (Notices, "where notices may be sent"), (Store, "where catalog, records and files are kept")];

    /// <summary>Names of options, and of groups of them, whose values nobody is shown.</summary>
    private static readonly string[] Secrets = ["access.adminKey", "secrets", "clientSecret", "tls.key", "tls.password", PostgresName];

    private readonly IConfigurationRoot _root;
    private readonly IReadOnlyList<(IConfigurationProvider Provider, string Name)> _sources;

    /// <summary>The file in a data directory; null where there is none. One in the working directory is never read: it may be anybody's.</summary>
    public static string? FileIn(DirectoryInfo data) => Path.Combine(data.FullName, FileName) is var file && File.Exists(file) ? file : null;

    /// <summary>Reads what is configured.</summary>
    /// <param name="file">The file; null where there is none.</param>
    /// <param name="given">What the command line says, by name.</param>
    /// <exception cref="OptionsException">The file cannot be read.</exception>
    public OptionSources(string? file, IReadOnlyDictionary<string, string> given)
    {
        var builder = new ConfigurationBuilder();
        if (file is not null) builder.AddJsonFile(Path.GetFullPath(file), optional: false);
        builder.AddEnvironmentVariables(Prefix).AddInMemoryCollection(given.Select(pair => KeyValuePair.Create(Key(pair.Key), (string?)pair.Value)));
        try
        {
            _root = builder.Build();
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new OptionsException([$"The configuration {file} cannot be read: {(exception.InnerException ?? exception).Message}"]);
        }

        string[] names = file is null ? ["environment", "command line"] : [Path.GetFileName(file), "environment", "command line"];
        _sources = [.. _root.Providers.Zip(names)];
    }

    /// <summary>Options with what is configured in place of theirs.</summary>
    /// <exception cref="OptionsException">Something is not known or out of range.</exception>
    public ServerOptions Apply(ServerOptions options)
    {
        var faults = _root.AsEnumerable().Where(pair => !IsKnown(Name(pair.Key), pair.Value)).Select(pair => Name(pair.Key)).Select(name => $"{name} ({SourceOf(name)}) is no option of the service.").ToList();
        foreach (var setting in EngineSetting.All)
        {
            if (!IsGiven(setting.Name)) continue;
            if (TextOf(setting.Name) is not { } text)
            {
                if (setting.FaultOf(null) is { } lacking) faults.Add($"{lacking[..^1]} ({SourceOf(setting.Name)}).");
                else options = options with { Engine = setting.Set(options.Engine, null) };
                continue;
            }

            decimal? value = decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : null;
            var fault = value is null ? $"{setting.Name} cannot be '{ShownText.Cut(text)}'; {setting.Expected}." : setting.FaultOf(value);
            if (fault is null) options = options with { Engine = setting.Set(options.Engine, value) };
            else faults.Add($"{fault[..^1]} ({SourceOf(setting.Name)}).");
        }

        if (IsGiven(Urls) && TextOf(Urls) is null) faults.Add($"{Urls} has no value ({SourceOf(Urls)}).");
        if (TextOf(Urls) is { } urls) options = options with { Urls = urls.Split([';', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) };
        if (TextOf(MetricsCollector) is { } collector)
        {
            if (Uri.TryCreate(collector, UriKind.Absolute, out var url) && url.Scheme is "http" or "https") options = options with { MetricsCollector = url };
            else faults.Add($"{MetricsCollector} is no http address ({SourceOf(MetricsCollector)}).");
        }

        options = options with { Access = Bind(Access, options.Access, faults), Tls = Bind(Tls, options.Tls, faults), Notices = Bind(Notices, options.Notices, faults), Store = Bind(Store, options.Store, faults) };
        faults.AddRange(options.Access.Faults());
        faults.AddRange(options.Store.Faults());
        faults.AddRange(options.Notices.Faults());
        return faults.Count == 0 ? options : throw new OptionsException(faults);
    }

    /// <summary>All options with their values, where these come from, and what they mean.</summary>
    public IEnumerable<(string Name, string Value, string Source, string Meaning)> List(ServerOptions options)
    {
        yield return (Urls, string.Join(';', options.Urls), SourceOf(Urls), "the addresses to listen on, separated by semicolons");
        yield return (MetricsCollector, WithoutSecret(options.MetricsCollector), SourceOf(MetricsCollector), "the OpenTelemetry collector that metrics are sent to; none where there is no value");
        foreach (var (key, value) in OfGroups)
            yield return (Name(key), IsSecret(Name(key), value) ? "…" : value, SourceOfKey(key), MeaningOf(Name(key)));
        foreach (var setting in EngineSetting.All)
        {
            var value = setting.ValueIn(options.Engine) is { } number ? number.ToString("0.########", CultureInfo.InvariantCulture) : "";
            var range = string.Create(CultureInfo.InvariantCulture, $"{setting.Unit}, {setting.Least:0.########} to {setting.Most:0.########}: {setting.Meaning}");
            yield return (setting.Name, value, SourceOf(setting.Name), range);
        }
    }

    private static IEnumerable<string> Names => EngineSetting.All.Select(setting => setting.Name).Append(Urls).Append(MetricsCollector);

    /// <summary>What is configured of the options that are groups, by its key: names of environments have dots.</summary>
    private IEnumerable<(string Key, string Value)> OfGroups =>
        _root.AsEnumerable().Where(pair => pair.Value is not null && IsOfGroup(Name(pair.Key))).Select(pair => (pair.Key, pair.Value!)).OrderBy(pair => pair.Key, StringComparer.OrdinalIgnoreCase);

    private static bool IsOfGroup(string name) => Array.Exists(Groups, group => name.StartsWith(group.Name + ".", StringComparison.OrdinalIgnoreCase));

    private static string MeaningOf(string name) => Array.Find(Groups, group => name.StartsWith(group.Name + ".", StringComparison.OrdinalIgnoreCase)).Meaning;

    /// <summary>Whether an option, or the list that it is in, is a secret. The certificate itself may stand in a variable, and is as long as a page.</summary>
    private static bool IsSecret(string name, string value) =>
        Secrets.Any(secret => name.Equals(secret, StringComparison.OrdinalIgnoreCase) || name.Split('.').Contains(secret, StringComparer.OrdinalIgnoreCase)) || value.Contains("-----BEGIN", StringComparison.Ordinal);

    /// <summary>A group of options, read strictly: what it does not know is a fault.</summary>
    private T Bind<T>(string group, T absent, List<string> faults) where T : class
    {
        var section = _root.GetSection(group);
        if (!section.Exists()) return absent;
        try
        {
            return section.Get<T>(binder => binder.ErrorOnUnknownConfiguration = true) ?? absent;
        }
        catch (InvalidOperationException exception)
        {
            // The binder's message may repeat the value, which may be a secret.
            faults.Add($"{group} cannot be read: {Shown(exception)}");
            return absent;
        }
    }

    private static string Shown(InvalidOperationException exception)
    {
        var unknown = UnknownNames().Match(exception.Message);
        if (unknown.Success) return $"{unknown.Groups["names"].Value} is no option of it.";
        var unread = UnreadName().Match(exception.Message);
        return unread.Success ? $"{Name(unread.Groups["name"].Value)} has a value that it cannot have." : "a value in it cannot be read.";
    }

    [GeneratedRegex("not found on the instance of .*: (?<names>.*)$", RegexOptions.Singleline)]
    private static partial Regex UnknownNames();

    [GeneratedRegex("at '(?<name>[^']*)' to type")]
    private static partial Regex UnreadName();

    private static string Key(string name) => name.Replace('.', ConfigurationPath.KeyDelimiter[0]);

    private static string Name(string key) => key.Replace(ConfigurationPath.KeyDelimiter[0], '.');

    /// <summary>An address may have a password in it.</summary>
    private static string WithoutSecret(Uri? url) => url is null ? "" : url.UserInfo.Length == 0 ? url.ToString() : url.ToString().Replace(url.UserInfo, "…", StringComparison.Ordinal);

    /// <summary>Whether it is the name of an option, or of a group of them, which has no value of its own.</summary>
    private static bool IsKnown(string name, string? value) => IsOfGroup(name) || (string.IsNullOrEmpty(value) && Array.Exists(Groups, group => name.Equals(group.Name, StringComparison.OrdinalIgnoreCase))) || Names.Any(known =>
        known.Equals(name, StringComparison.OrdinalIgnoreCase) || (string.IsNullOrEmpty(value) && known.StartsWith(name + ".", StringComparison.OrdinalIgnoreCase)));

    private bool IsGiven(string name) => _sources.Any(source => source.Provider.TryGet(Key(name), out _));

    private string? TextOf(string name) => _root[Key(name)] is { Length: > 0 } text ? text : null;

    private string SourceOf(string name) => SourceOfKey(Key(name));

    private string SourceOfKey(string key) => _sources.LastOrDefault(source => source.Provider.TryGet(key, out _)).Name ?? "default";
}
