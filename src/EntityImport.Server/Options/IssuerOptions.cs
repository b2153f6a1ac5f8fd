using EntityImport.Access;

namespace EntityImport.Server.Options;

/// <summary>An OpenID Connect issuer: where its keys are found, and what its tokens say of who somebody is and what he may do.</summary>
public abstract record IssuerOptions
{
    /// <summary>The issuer, exactly as its tokens name it in <c>iss</c>.</summary>
    public string Issuer { get; init; } = "";

    /// <summary>Where its metadata are; null means <c>/.well-known/openid-configuration</c> behind <see cref="Issuer"/>. https, except as <see cref="AllowLoopbackHttp"/> says.</summary>
    public Uri? Metadata { get; init; }

    /// <summary>Whether the metadata may be read without TLS where they are on this machine. Default false.</summary>
    public bool AllowLoopbackHttp { get; init; }

    /// <summary>A file with the certificates (PEM) that are trusted as roots for the issuer in place of the machine's; null means the machine's.</summary>
    public string? TrustedRootsFile { get; init; }

    /// <summary>The claim that says what a token allows. <c>scope</c> and <c>scp</c> are texts with values that spaces separate; of others, like <c>roles</c>, each is a value.</summary>
    public string ScopeClaim { get; init; } = "scope";

    /// <summary>What the values of that claim allow. A value that is not here allows nothing, even where it looks like one of the service's scopes.</summary>
    public IReadOnlyList<JwtGrantOptions> Grants { get; init; } = [];

    /// <summary>The claim that tells who the caller is, which a token must have. Default <c>sub</c>.</summary>
    public string SubjectClaim { get; init; } = "sub";

    /// <summary>The claim with the name that imports say they were invoked by; tokens without it tell the subject instead. Default <c>preferred_username</c>.</summary>
    public string NameClaim { get; init; } = "preferred_username";

    /// <summary>Where its metadata are.</summary>
    internal Uri MetadataAddress => Metadata ?? new Uri(Issuer.TrimEnd('/') + "/.well-known/openid-configuration");

    /// <summary>Whether the claim's values are parts of a text.</summary>
    internal bool ClaimsAreSpaced => ScopeClaim is "scope" or "scp";

    /// <summary>What is wrong, a sentence for each fault with the option's name. Reads the files that are named.</summary>
    /// <param name="name">The name of these options.</param>
    internal virtual IEnumerable<string> Faults(string name)
    {
        if (Issuer.Length == 0) yield return $"{name}.issuer is missing; expected is what the issuer's tokens name in iss.";
        else if (Metadata is null && !Uri.TryCreate(Issuer, UriKind.Absolute, out _)) yield return $"{name}.metadata is missing; the issuer is no address that its metadata could be found behind.";
        else if (!MetadataAddress.IsAbsoluteUri || !IsSafe(MetadataAddress)) yield return $"{name}.metadata is not https; expected is an address that cannot be tampered with on the way.";
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

    /// <summary>Whether what is at an address cannot be tampered with on the way.</summary>
    internal bool IsSafe(Uri address) => address.Scheme == Uri.UriSchemeHttps || (AllowLoopbackHttp && address.Scheme == Uri.UriSchemeHttp && address.IsLoopback);
}

/// <summary>What one value of an issuer's claim allows.</summary>
public sealed record JwtGrantOptions
{
    /// <summary>The value, exactly as tokens have it.</summary>
    public string Value { get; init; } = "";

    /// <summary>What it allows: <c>read</c>, <c>import:Product</c>.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];
}
