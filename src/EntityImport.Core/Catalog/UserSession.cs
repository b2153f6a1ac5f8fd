namespace EntityImport.Catalog;

/// <summary>
/// Somebody who is signed in with a browser; or a link that waits for somebody who signs in by it, which becomes a session when it is used. What the browser, or the link, shows is a secret that is not kept.
/// </summary>
public sealed record UserSession
{
    /// <summary>The session's id, which is no secret.</summary>
    public required Guid Id { get; init; }

    /// <summary>SHA-256 of the secret in lower-case hexadecimal.</summary>
    public required string Hash { get; init; }

    /// <summary>How it was found out who it is: <c>oidc</c> or <c>link</c>.</summary>
    public required string Scheme { get; init; }

    /// <summary>Who it is to the scheme: to an OpenID Connect provider its subject, by a link the name that the link was made for.</summary>
    public required string Subject { get; init; }

    /// <summary>The name that imports say they were invoked by: 1 to 100 characters.</summary>
    public required string Name { get; init; }

    /// <summary>The provider that vouches for it; null where none does.</summary>
    public string? Organisation { get; init; }

    /// <summary>What it may do, as texts of scopes: <c>read</c>, <c>import:Product</c>.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The name of who made the link; null where it is not known, or there was none.</summary>
    public string? CreatedBy { get; init; }

    /// <summary>When somebody signed in; null where the link still waits.</summary>
    public DateTimeOffset? OpenedAt { get; init; }

    /// <summary>From when on it lets nobody in; of a link that waits, from when on nobody signs in by it.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }
}

/// <summary>A session in place of the link that it was opened by.</summary>
/// <param name="Session">The session, with the link's id.</param>
/// <param name="LinkHash">SHA-256 of the link's secret, which is none any longer.</param>
public sealed record OpenedSession(UserSession Session, string LinkHash);

/// <summary>Nothing was committed, because a link that it opens a session by has been used.</summary>
public sealed class LinkUsedException() : Exception("The link has been used.");
