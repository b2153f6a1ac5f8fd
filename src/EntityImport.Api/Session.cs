namespace EntityImport.Api;

/// <summary>A link by which somebody is to sign in with a browser, as administrators ask for it.</summary>
public sealed record NewSignInLink
{
    /// <summary>Whom it is for: 1 to 100 characters. It is who the audit trail and imports say that it was.</summary>
    public required string Name { get; init; }

    /// <summary>What whoever signs in by it may do: <c>read</c>, <c>import</c>, <c>admin</c>, or one of them for one entity, like <c>import:Product</c>.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }
}

/// <summary>A link by which somebody signs in, once.</summary>
/// <param name="Link">The link. This is the only time that it is told.</param>
/// <param name="Details">The session that waits behind it.</param>
public sealed record SignInLink(string Link, SessionDetails Details);

/// <summary>The sessions that let somebody in, and the links that wait, oldest first.</summary>
/// <param name="Sessions">The sessions.</param>
public sealed record SessionList(IReadOnlyList<SessionDetails> Sessions);

/// <summary>What is known of somebody who is signed in with a browser, or is to sign in by a link.</summary>
/// <param name="SessionId">The session's id, which is no secret.</param>
/// <param name="Scheme">How it was found out who it is: <c>oidc</c> or <c>link</c>.</param>
/// <param name="Subject">Who it is to the scheme.</param>
/// <param name="Name">Its name.</param>
/// <param name="Organisation">The provider that vouches for it; null where none does.</param>
/// <param name="Scopes">What it may do.</param>
/// <param name="CreatedDate">When the session, or its link, was made.</param>
/// <param name="CreatedBy">The name of who made the link; null where that is not known, or there was none.</param>
/// <param name="OpenedDate">When somebody signed in; null where the link still waits.</param>
/// <param name="ExpiresDate">From when on it lets nobody in.</param>
public sealed record SessionDetails(
    Guid SessionId, string Scheme, string Subject, string Name, string? Organisation, IReadOnlyList<string> Scopes, DateTimeOffset CreatedDate, string? CreatedBy, DateTimeOffset? OpenedDate, DateTimeOffset ExpiresDate);
