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
public sealed record JwtIssuerOptions : IssuerOptions
{
    /// <summary>Whom its tokens must be for, as they name it in <c>aud</c>.</summary>
    public string Audience { get; init; } = "";

    /// <inheritdoc/>
    internal override IEnumerable<string> Faults(string name)
    {
        foreach (var fault in base.Faults(name)) yield return fault;
        if (Audience.Length == 0) yield return $"{name}.audience is missing; without it a token for any other service would be taken for one of this.";
    }
}
