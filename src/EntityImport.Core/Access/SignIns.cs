using System.Collections.Concurrent;
using EntityImport.Catalog;

namespace EntityImport.Access;

/// <summary>
/// Who is signed in with a browser: sessions are opened, found by the secret that the browser shows, and ended. What the store says of a session is believed for <see cref="Freshness"/>, so that pages cost it little, and one that
/// was ended, at whichever node, lets nobody in after that. Thread-safe.
/// </summary>
public sealed class SignIns
{
    /// <summary>How many sessions, and links that wait, there may be.</summary>
    public const int MaxSessions = 10_000;

    /// <summary>How long what the store says of a session is believed.</summary>
    public static readonly TimeSpan Freshness = TimeSpan.FromSeconds(2);

    /// <summary>How many sessions are remembered, and as many secrets that are of none.</summary>
    private const int MostKnown = 20_000;

    private readonly ConcurrentDictionary<string, Known> _byHash = new(StringComparer.Ordinal);
    private readonly ICatalog _catalog;
    private readonly TimeProvider _time;

    internal SignIns(ICatalog catalog, TimeProvider time)
    {
        _catalog = catalog;
        _time = time;
    }

    /// <summary>Whom the session with a secret lets in now; null where it lets in nobody.</summary>
    public async ValueTask<Caller?> FindAsync(string secret, CancellationToken cancellationToken)
    {
        var hash = SignInSecret.HashOf(secret);
        if (!_byHash.TryGetValue(hash, out var known) || _time.GetElapsedTime(known.ReadAt) >= Freshness)
        {
            var readAt = _time.GetTimestamp();
            var session = await _catalog.FindSessionAsync(hash, cancellationToken).ConfigureAwait(false);
            known = new Known(session, session?.OpenedAt is null ? null : CallerOf(session), readAt);
            // Those that were remembered are read again.
            if (_byHash.Count >= MostKnown) _byHash.Clear();
            _byHash[hash] = known;
        }

        return known.Session?.ExpiresAt > _time.GetUtcNow() ? known.Caller : null;
    }

    /// <summary>Opens a session for somebody of whom it was found out who he is.</summary>
    /// <param name="request">The request, whose caller it is that signs in.</param>
    /// <param name="lifetime">How long the session lets him in.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The secret that the browser is to show.</returns>
    /// <exception cref="RequestException">He may do nothing; or there are too many sessions.</exception>
    public async Task<string> OpenAsync(Request request, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!request.Caller.Scopes.Allow(Scope.All))
            throw new RequestException(FaultKind.Forbidden, "nothing-allowed", "Who you are is known, but nobody has said that you may do anything here.");
        await CheckCountAsync(_catalog, _time, cancellationToken).ConfigureAwait(false);
        var (now, secret) = (_time.GetUtcNow(), SignInSecret.Create());
        var session = new UserSession
        {
            Id = Guid.CreateVersion7(now),
            Hash = SignInSecret.HashOf(secret),
            Scheme = request.Caller.Scheme,
            Subject = request.Caller.Subject!,
            Name = request.Caller.Name ?? request.Caller.Subject!,
            Organisation = request.Caller.Organisation,
            Scopes = request.Caller.Scopes.ToTexts(),
            CreatedAt = now,
            OpenedAt = now,
            ExpiresAt = now + lifetime,
        };
        await _catalog.CommitAsync(new CatalogCommit { NewSession = session, Audit = AuditNotes.Of(request, now, AuditEntry.Done) with { SessionId = session.Id } }, cancellationToken).ConfigureAwait(false);
        return secret;
    }

    /// <summary>Opens the session that a link is for, and uses the link up: of several who try, one does.</summary>
    /// <param name="link">The link's secret.</param>
    /// <param name="request">The request; who makes it, the link says.</param>
    /// <param name="lifetime">How long the session lets in whoever it is.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The secret that the browser is to show.</returns>
    /// <exception cref="RequestException">The link is none, was used before, or its time is over.</exception>
    public async Task<string> OpenByLinkAsync(string link, Request request, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var now = _time.GetUtcNow();
        var waiting = SignInSecret.IsOfLink(link) ? await _catalog.FindSessionAsync(SignInSecret.HashOf(link), cancellationToken).ConfigureAwait(false) : null;
        if (waiting is not { OpenedAt: null } || waiting.ExpiresAt <= now) throw LinkBad();
        var secret = SignInSecret.Create();
        var session = waiting with { Hash = SignInSecret.HashOf(secret), OpenedAt = now, ExpiresAt = now + lifetime };
        var commit = new CatalogCommit
        {
            OpenedSession = new OpenedSession(session, waiting.Hash),
            Audit = AuditNotes.Of(request with { Caller = CallerOf(session) }, now, AuditEntry.Done) with { SessionId = session.Id },
        };
        try
        {
            await _catalog.CommitAsync(commit, cancellationToken).ConfigureAwait(false);
        }
        catch (LinkUsedException)
        {
            throw LinkBad();
        }

        return secret;
    }

    /// <summary>Ends the session with a secret: it lets nobody in any longer when the call returns, and at other nodes after <see cref="Freshness"/>. Nothing happens where there is none.</summary>
    /// <param name="secret">The secret.</param>
    /// <param name="request">The request; who makes it, the session says.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task EndAsync(string secret, Request request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (await _catalog.FindSessionAsync(SignInSecret.HashOf(secret), cancellationToken).ConfigureAwait(false) is not { } session) return;
        var audit = AuditNotes.Of(request with { Caller = CallerOf(session) }, _time.GetUtcNow(), AuditEntry.Done) with { SessionId = session.Id };
        await _catalog.CommitAsync(new CatalogCommit { DeletedSession = session.Id, Audit = audit }, cancellationToken).ConfigureAwait(false);
        Forget(session.Id);
    }

    /// <summary>Looks at a session anew when it is shown next.</summary>
    internal void Forget(Guid sessionId)
    {
        foreach (var (hash, known) in _byHash)
            if (known.Session?.Id == sessionId) _byHash.TryRemove(hash, out _);
    }

    /// <summary>Refuses another session where there are as many as there may be.</summary>
    internal static async Task CheckCountAsync(ICatalog catalog, TimeProvider time, CancellationToken cancellationToken)
    {
        var (sessions, now) = (await catalog.ListSessionsAsync(cancellationToken).ConfigureAwait(false), time.GetUtcNow());
        if (sessions.Count(session => session.ExpiresAt > now) >= MaxSessions)
            throw new RequestException(FaultKind.Conflict, "too-many-sessions", $"There are {MaxSessions} sessions already, which is as many as there may be.");
    }

    private static RequestException LinkBad() => new(FaultKind.Unauthenticated, "sign-in-link-bad", "The link is unknown, has been used, or its time is over.");

    private static Caller CallerOf(UserSession session)
    {
        // Scopes were checked when they were stored; what a newer program may have stored allows nothing here.
        _ = ScopeSet.TryParse(session.Scopes, out var scopes, out _);
        return new Caller
        {
            Id = $"{session.Scheme}:{session.Subject}",
            Scheme = session.Scheme,
            Subject = session.Subject,
            Name = session.Name,
            Organisation = session.Organisation,
            Scopes = scopes ?? ScopeSet.None,
        };
    }

    /// <param name="Session">The session; null where there is none with the secret.</param>
    /// <param name="Caller">Whom it lets in; null where it lets in nobody.</param>
    /// <param name="ReadAt">When the store said so, as a timestamp.</param>
    private sealed record Known(UserSession? Session, Caller? Caller, long ReadAt);
}
