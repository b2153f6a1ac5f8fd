using System.Globalization;
using System.Text.Json.Serialization;

namespace EntityImport.Server.Options;

/// <summary>How people sign in with a browser, where callers are asked who they are: at an OpenID Connect provider, or by a link that is made for them.</summary>
public sealed record SignInOptions
{
    /// <summary>
    /// The service as browsers call it, as <c>https://eis.example.com</c>; null means as each request calls it, which is right where nothing with a certificate of its own stands in front of the service. https, or http on this
    /// machine.
    /// </summary>
    public Uri? Address { get; init; }

    /// <summary>How long somebody stays signed in, in hours from when he signed in, whatever he does: 0.1 to 720. Default 12.</summary>
    public double SessionHours { get; init; } = 12;

    /// <summary>The provider at which people sign in; null means none, so that they need a link.</summary>
    public OidcOptions? Oidc { get; init; }

    /// <summary>How long somebody stays signed in.</summary>
    internal TimeSpan SessionLifetime => TimeSpan.FromHours(SessionHours);

    /// <summary>What is wrong, a sentence for each fault with the option's name. Reads the files that are named.</summary>
    /// <param name="name">The name of these options: <c>access.signIn</c>.</param>
    internal IEnumerable<string> Faults(string name)
    {
        if (SessionHours is not (>= 0.1 and <= 720)) yield return string.Create(CultureInfo.InvariantCulture, $"{name}.sessionHours cannot be {SessionHours}; expected is a number from 0.1 to 720.");
        if (Address is not null && !IsOrigin(Address)) yield return $"{name}.address is no address of the service; expected is one like https://eis.example.com, without a path. Without https it can only be on this machine.";
        foreach (var fault in Oidc?.Faults($"{name}.oidc") ?? []) yield return fault;
    }

    private static bool IsOrigin(Uri address) =>
        address.IsAbsoluteUri && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback)) && address is { PathAndQuery: "/", Fragment: "", UserInfo: "" };
}

/// <summary>The OpenID Connect provider at which people sign in: by the code flow, with PKCE.</summary>
public sealed record OidcOptions : IssuerOptions
{
    /// <summary>A provider whose tokens say in <c>roles</c> what somebody may do.</summary>
    public OidcOptions() => ScopeClaim = "roles";

    /// <summary>What the service is called at the provider.</summary>
    public string ClientId { get; init; } = "";

    /// <summary>What the service proves that by; null where the provider asks for nothing. A secret.</summary>
    [JsonIgnore]
    public string? ClientSecret { get; init; }

    /// <summary>What the provider is asked for beside <c>openid</c>. None means <c>profile</c>.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary>Hosts beside that of the metadata which the provider's metadata may send the service to, as <c>oauth2.googleapis.com</c>.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>All that the provider is asked for.</summary>
    internal IEnumerable<string> AskedFor => ["openid", .. Scopes.DefaultIfEmpty("profile")];

    /// <summary>Tells nothing of the secret.</summary>
    public override string ToString() => $"OidcOptions {{ Issuer = {Issuer}, ClientId = {ClientId} }}";

    /// <summary>Whether the service may send something to an address.</summary>
    internal bool MayCall(Uri address) => IsSafe(address) && (address.Authority == MetadataAddress.Authority || Hosts.Contains(address.Host, StringComparer.OrdinalIgnoreCase));

    /// <inheritdoc/>
    internal override IEnumerable<string> Faults(string name)
    {
        foreach (var fault in base.Faults(name)) yield return fault;
        if (ClientId.Length == 0) yield return $"{name}.clientId is missing; expected is what the service is called at the provider.";
        foreach (var scope in Scopes.Where(scope => scope.Length == 0 || scope.Contains(' ', StringComparison.Ordinal))) yield return $"{name}.scopes: '{ShownText.Cut(scope)}' cannot be asked for.";
        foreach (var host in Hosts.Where(host => Uri.CheckHostName(host) == UriHostNameType.Unknown)) yield return $"{name}.hosts: '{ShownText.Cut(host)}' is no host.";
    }
}
