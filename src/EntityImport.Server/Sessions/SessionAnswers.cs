using EntityImport.Api;
using EntityImport.Catalog;

namespace EntityImport.Server.Sessions;

/// <summary>What the API tells of sessions: not their secrets' hashes.</summary>
internal static class SessionAnswers
{
    extension(SessionDetails)
    {
        public static SessionDetails Of(UserSession session) => new(
            session.Id, session.Scheme, session.Subject, session.Name, session.Organisation, session.Scopes, session.CreatedAt, session.CreatedBy, session.OpenedAt, session.ExpiresAt);
    }

    /// <summary>A link by which somebody signs in.</summary>
    /// <param name="origin">The service as browsers call it.</param>
    /// <param name="secret">The link's secret.</param>
    public static string LinkOf(string origin, string secret) => $"{origin}/sign-in/link?token={secret}";
}
