using EntityImport.Access;

namespace EntityImport.Server.Options;

/// <summary>Callers that show a token (JWT) of an OpenID Connect issuer. Which issuer's it is, the token says; it is believed only where that issuer's keys have signed it.</summary>
public sealed record JwtOptions
{
    /// <summary>The issuers, each by a name of the configuration's own, in lower-case letters, digits and hyphens.</summary>
    public IReadOnlyDictionary<string, JwtIssuerOptions> Issuers { get; init; } = new Dictionary<string, JwtIssuerOptions>();

    /// <summary>What is wrong, a sentence for each fault with the option's name. Reads the files that are named.</summary>
    /// <param name="name">The name of these options: <c>access.jwt</c>.</param>
    public IEnumerable<string> Faults(string name)
    {
        if (Issuers.Count == 0) yield return $"{name}.issuers is empty; expected is at least one issuer.";
        foreach (var (key, issuer) in Issuers)
        {
            var itsName = $"{name}.issuers.{ShownText.Cut(key)}";
            if (key.Length == 0 || !key.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')) yield return $"{itsName}: the name cannot be; expected are lower-case letters, digits and hyphens.";
            foreach (var fault in issuer.Faults(itsName)) yield return fault;
        }

        foreach (var twice in Issuers.Values.GroupBy(issuer => issuer.Issuer, StringComparer.Ordinal).Where(same => same.Count() > 1))
            yield return $"{name}.issuers has the issuer '{ShownText.Cut(twice.Key)}' twice; what its tokens allow would depend on which is found first.";
    }
}

/// <summary>One issuer: which of its tokens are believed, and what they allow.</summary>
public sealed record JwtIssuerOptions
{
    /// <summary>The issuer, exactly as its tokens name it in <c>iss</c>.</summary>
    public string Issuer { get; init; } = "";

    /// <summary>Whom its tokens must be for, as they name it in <c>aud</c>.</summary>
    public string Audience { get; init; } = "";

    /// <summary>Where its metadata are; null means <c>/.well-known/openid-configuration</c> behind <see cref="Issuer"/>. https, except as <see cref="AllowLoopbackHttp"/> says.</summary>
    public Uri? Metadata { get; init; }

    /// <summary>Whether the metadata may be read without TLS where they are on this machine. Default false.</summary>
    public bool AllowLoopbackHttp { get; init; }

    /// <summary>A file with the certificates (PEM) that are trusted as roots for the issuer's metadata and keys in place of the machine's; null means the machine's.</summary>
    public string? TrustedRootsFile { get; init; }

    /// <summary>The claim that says what a token allows. <c>scope</c> and <c>scp</c> are texts with values that spaces separate; of others, like <c>roles</c>, each is a value. Default <c>scope</c>.</summary>
    public string ScopeClaim { get; init; } = "scope";

    /// <summary>What the values of that claim allow. A value that is not here allows nothing, even where it looks like one of the service's scopes.</summary>
    public IReadOnlyList<JwtGrantOptions> Grants { get; init; } = [];

    /// <summary>The claim that tells who the caller is, which a token must have. Default <c>sub</c>.</summary>
    public string SubjectClaim { get; init; } = "sub";

    /// <summary>The claim with the name that imports say they were invoked by; tokens without it tell the subject instead. Default <c>preferred_username</c>.</summary>
    public string NameClaim { get; init; } = "preferred_username";

    /// <summary>Where the metadata are.</summary>
    internal Uri MetadataAddress => Metadata ?? new Uri(Issuer.TrimEnd('/') + "/.well-known/openid-configuration");

    /// <summary>What is wrong, a sentence for each fault with the option's name. Reads the files that are named.</summary>
    /// <param name="name">The name of these options.</param>
    internal IEnumerable<string> Faults(string name)
    {
        if (Issuer.Length == 0) yield return $"{name}.issuer is missing; expected is what the issuer's tokens name in iss.";
        else if (Metadata is null && !Uri.TryCreate(Issuer, UriKind.Absolute, out _)) yield return $"{name}.metadata is missing; the issuer is no address that its metadata could be found behind.";
        else if (!MetadataAddress.IsAbsoluteUri || !IsSafe(MetadataAddress)) yield return $"{name}.metadata is not https; expected is an address that cannot be tampered with on the way.";
        if (Audience.Length == 0) yield return $"{name}.audience is missing; without it a token for any other service would be taken for one of this.";
        if (ScopeClaim.Length == 0) yield return $"{name}.scopeClaim is empty.";
        if (SubjectClaim.Length == 0) yield return $"{name}.subjectClaim is empty.";
        if (NameClaim.Length == 0) yield return $"{name}.nameClaim is empty.";
        if (Grants.Count == 0) yield return $"{name}.grants is empty; expected is what the values of {ShownText.Cut(ScopeClaim)} allow.";
        foreach (var grant in Grants)
        {
            if (grant.Value.Length == 0 || (ClaimsAreSpaced && grant.Value.Contains(' ', StringComparison.Ordinal))) yield return $"{name}.grants: '{ShownText.Cut(grant.Value)}' can be no value of {ScopeClaim}.";
            if (!ScopeSet.TryParse(grant.Scopes, out _, out var fault)) yield return $"{name}.grants, {ShownText.Cut(grant.Value)}: {fault}";
        }

        if (TrustedRoots.FaultOf(TrustedRootsFile) is { } untrusted) yield return $"{name}.trustedRootsFile: {untrusted}";
    }

    /// <summary>Whether the claim's values are parts of a text.</summary>
    internal bool ClaimsAreSpaced => ScopeClaim is "scope" or "scp";

    private bool IsSafe(Uri address) => address.Scheme == Uri.UriSchemeHttps || (AllowLoopbackHttp && address.Scheme == Uri.UriSchemeHttp && address.IsLoopback);
}

/// <summary>What one value of an issuer's claim allows.</summary>
public sealed record JwtGrantOptions
{
    /// <summary>The value, exactly as tokens have it.</summary>
    public string Value { get; init; } = "";

    /// <summary>What it allows: <c>read</c>, <c>import:Product</c>.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];
}
