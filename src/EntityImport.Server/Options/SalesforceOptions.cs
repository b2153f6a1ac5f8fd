using System.Globalization;
using System.Text.Json.Serialization;
using EntityImport.Access;

namespace EntityImport.Server.Options;

/// <summary>Callers that show a token response of Salesforce, by the environment that they name in <c>X-Forwarded-Host</c>.</summary>
public sealed record SalesforceOptions
{
    /// <summary>The environment of requests without <c>X-Forwarded-Host</c>; null means that they are refused.</summary>
    public string? DefaultEnvironment { get; init; }

    /// <summary>The environments, by the host that callers name: in lower case, without port. It is a key to what is configured here, and never connected to.</summary>
    public IReadOnlyDictionary<string, SalesforceEnvironmentOptions> Environments { get; init; } = new Dictionary<string, SalesforceEnvironmentOptions>();

    /// <summary>What is wrong, a sentence for each fault with the option's name. Reads the files that are named.</summary>
    /// <param name="name">The name of these options: <c>access.salesforce</c>.</param>
    public IEnumerable<string> Faults(string name)
    {
        if (Environments.Count == 0) yield return $"{name}.environments is empty; expected is at least one environment, by the host that callers name in X-Forwarded-Host.";
        if (DefaultEnvironment is not null && !Environments.ContainsKey(DefaultEnvironment)) yield return $"{name}.defaultEnvironment '{ShownText.Cut(DefaultEnvironment)}' is none of the environments.";
        foreach (var (host, environment) in Environments)
        {
            var itsName = $"{name}.environments.{ShownText.Cut(host)}";
            if (!IsHost(host)) yield return $"{itsName} is no name of an environment; expected is a host in lower case, without port.";
            foreach (var fault in environment.Faults(itsName)) yield return fault;
        }
    }

    private static bool IsHost(string text) => text.Length > 0 && Uri.CheckHostName(text) is UriHostNameType.Dns or UriHostNameType.IPv4 && !text.Any(char.IsAsciiLetterUpper);
}

/// <summary>How a token response is checked.</summary>
public enum SalesforceMode
{
    /// <summary>Its signature is checked here, and its access token at Salesforce. The default.</summary>
    SignatureAndUserinfo,

    /// <summary>Only its signature is checked, without asking Salesforce: whether its access token is good, or its own, is not known.</summary>
    Signature,

    /// <summary>Only its access token is checked, at Salesforce.</summary>
    Userinfo,
}

/// <summary>One environment: the Salesforce organisations whose users may call, how that is checked, and what they may do.</summary>
public sealed record SalesforceEnvironmentOptions
{
    /// <summary>The host that is asked whether an access token is good: https, with a path of nothing. Default <c>https://login.salesforce.com</c>.</summary>
    public Uri LoginHost { get; init; } = new("https://login.salesforce.com");

    /// <summary>The ids of the organisations, in 15 or 18 characters, of which the first 15 count.</summary>
    public IReadOnlyList<string> Organisations { get; init; } = [];

    /// <summary>The consumer secrets of the connected apps; several while one replaces another. Secrets.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Secrets { get; init; } = [];

    /// <summary>A file with more of them, one a line, which is read again when it changes; null means none. At most 64 KiB.</summary>
    public string? SecretsFile { get; init; }

    /// <summary>How a token response is checked.</summary>
    public SalesforceMode Mode { get; init; }

    /// <summary>How old a token response may be, in hours: more than 0, to 8,760. Default 12.</summary>
    public double MaxAgeHours { get; init; } = 12;

    /// <summary>What the users may do, unless <see cref="Users"/> says otherwise: <c>read</c>, <c>import:Product</c>. None means <c>read</c> and <c>import</c>.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary>The users that may do something else.</summary>
    public IReadOnlyList<SalesforceUserOptions> Users { get; init; } = [];

    /// <summary>A file with the certificates (PEM) that are trusted as roots for <see cref="LoginHost"/> in place of the machine's; null means the machine's.</summary>
    public string? TrustedRootsFile { get; init; }

    /// <summary>How long Salesforce is given to answer, in seconds: more than 0, to 60. Default 10.</summary>
    public double TimeoutSeconds { get; init; } = 10;

    /// <summary>How long a token that Salesforce has called good is believed without asking again, in minutes: 0 to 60. Default 5.</summary>
    public double GoodMinutes { get; init; } = 5;

    /// <summary>How long a token that Salesforce has called bad is refused without asking again, in seconds: 0 to 3,600. Default 30.</summary>
    public double BadSeconds { get; init; } = 30;

    /// <summary>How many tokens of each kind are remembered: 1 to 1,000,000. Default 10,000.</summary>
    public int RememberedTokens { get; init; } = 10_000;

    /// <summary>How many questions to Salesforce wait for their answer at the same time: 1 to 1,000. Default 16.</summary>
    public int CallsAtOnce { get; init; } = 16;

    /// <summary>How many questions are sent to Salesforce in a second: 1 to 10,000. Default 20.</summary>
    public int CallsPerSecond { get; init; } = 20;

    /// <summary>What is wrong, a sentence for each fault with the option's name. Reads the files that are named.</summary>
    /// <param name="name">The name of these options.</param>
    internal IEnumerable<string> Faults(string name)
    {
        if (!LoginHost.IsAbsoluteUri || LoginHost.Scheme != Uri.UriSchemeHttps || LoginHost.PathAndQuery != "/" || LoginHost.UserInfo.Length > 0 || LoginHost.Fragment.Length > 0)
            yield return $"{name}.loginHost is not the address of a host; expected is one like https://login.salesforce.com.";
        if (Organisations.Count == 0) yield return $"{name}.organisations is empty; expected are ids of Salesforce organisations.";
        foreach (var id in Organisations.Where(id => !SalesforceId.IsValid(id))) yield return NoId($"{name}.organisations", id);
        if (!Enum.IsDefined(Mode)) yield return $"{name}.mode is none of {string.Join(", ", Enum.GetNames<SalesforceMode>())}.";
        if (Secrets.Any(string.IsNullOrWhiteSpace)) yield return $"{name}.secrets has an empty one.";
        foreach (var fault in FileFaults(name)) yield return fault;
        foreach (var fault in NumberFaults(name)) yield return fault;
        foreach (var fault in ScopeFaults(name)) yield return fault;
    }

    private IEnumerable<string> FileFaults(string name)
    {
        if (ListFile.FaultOf(SecretsFile) is { } unread) yield return $"{name}.secretsFile: {unread}";
        else if (Mode != SalesforceMode.Userinfo && Secrets.Count == 0 && ListFile.Read(SecretsFile).Count == 0)
            yield return $"{name}.secrets is empty, and so is secretsFile; the mode {Mode} needs the consumer secret of a connected app.";
        if (TrustedRoots.FaultOf(TrustedRootsFile) is { } untrusted) yield return $"{name}.trustedRootsFile: {untrusted}";
    }

    private IEnumerable<string> NumberFaults(string name)
    {
        if (MaxAgeHours is not (> 0 and <= 8_760)) yield return Range("maxAgeHours", MaxAgeHours, "more than 0, to 8760");
        if (TimeoutSeconds is not (> 0 and <= 60)) yield return Range("timeoutSeconds", TimeoutSeconds, "more than 0, to 60");
        if (GoodMinutes is not (>= 0 and <= 60)) yield return Range("goodMinutes", GoodMinutes, "0 to 60");
        if (BadSeconds is not (>= 0 and <= 3_600)) yield return Range("badSeconds", BadSeconds, "0 to 3600");
        if (RememberedTokens is not (>= 1 and <= 1_000_000)) yield return Range("rememberedTokens", RememberedTokens, "1 to 1000000");
        if (CallsAtOnce is not (>= 1 and <= 1_000)) yield return Range("callsAtOnce", CallsAtOnce, "1 to 1000");
        if (CallsPerSecond is not (>= 1 and <= 10_000)) yield return Range("callsPerSecond", CallsPerSecond, "1 to 10000");

        string Range(string option, double value, string expected) => string.Create(CultureInfo.InvariantCulture, $"{name}.{option} cannot be {value}; expected is {expected}.");
    }

    private IEnumerable<string> ScopeFaults(string name)
    {
        if (!ScopeSet.TryParse(Scopes, out _, out var fault)) yield return $"{name}.scopes: {fault}";
        foreach (var user in Users)
        {
            if (!SalesforceId.IsValid(user.Id)) yield return NoId($"{name}.users", user.Id);
            if (!ScopeSet.TryParse(user.Scopes, out _, out var own)) yield return $"{name}.users, {ShownText.Cut(user.Id)}: {own}";
        }

        foreach (var twice in Users.Where(user => SalesforceId.IsValid(user.Id)).GroupBy(user => SalesforceId.Short(user.Id)).Where(same => same.Count() > 1))
            yield return $"{name}.users has {twice.Key} twice.";
    }

    private static string NoId(string name, string id) => $"{name}: '{ShownText.Cut(id)}' is no id of Salesforce; expected are 15 or 18 letters and digits.";
}

/// <summary>A user that may do something else than the others.</summary>
public sealed record SalesforceUserOptions
{
    /// <summary>The user's id, in 15 or 18 characters, of which the first 15 count.</summary>
    public string Id { get; init; } = "";

    /// <summary>What the user may do, in place of what the others may.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];
}
