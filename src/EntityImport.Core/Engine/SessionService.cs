using System.Text;
using EntityImport.Access;
using EntityImport.Catalog;

namespace EntityImport.Engine;

/// <summary>The sessions of people's browsers, and the links that open them, as administrators see them. Thread-safe.</summary>
public sealed class SessionService
{
    /// <summary>How long a link waits for whom it was made for.</summary>
    public static readonly TimeSpan LinkLifetime = TimeSpan.FromMinutes(10);

    private const int NameCharacters = 100;

    private readonly ICatalog _catalog;
    private readonly SignIns _signIns;
    private readonly Admission _admission;
    private readonly TimeProvider _time;

    internal SessionService(ICatalog catalog, SignIns signIns, Admission admission, TimeProvider time)
    {
        _catalog = catalog;
        _signIns = signIns;
        _admission = admission;
        _time = time;
    }

    /// <summary>Makes a link by which somebody signs in, once, within <see cref="LinkLifetime"/>.</summary>
    /// <param name="request">The request. A key of its own is not heeded: the link is told once, and cannot be repeated.</param>
    /// <param name="name">Whom it is for: 1 to 100 characters, none of them a control character. It is who the audit trail and imports say that it was.</param>
    /// <param name="scopes">What whoever signs in by it may do, as texts of scopes; at least one.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The session that waits, and the link's secret, which nobody can find out later.</returns>
    /// <exception cref="RequestException">Something is wrong with it, all faults at once; there are too many sessions; or the caller is no administrator.</exception>
    public async Task<(UserSession Session, string Secret)> CreateLinkAsync(Request request, string name, IReadOnlyList<string> scopes, CancellationToken cancellationToken)
    {
        using var admitted = _admission.AdmitEverywhere(request with { Key = null }, Scope.Admin);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(scopes);
        var faults = new RequestFaults();
        if (string.IsNullOrWhiteSpace(name) || name.Length > NameCharacters || name.EnumerateRunes().Any(Rune.IsControl)) faults.Add("name", $"A link is for a name of 1 to {NameCharacters} characters, none of them a control character.");
        if (!ScopeSet.TryParse(scopes, out var allowed, out var fault)) faults.Add("scopes", fault);
        else if (scopes.Count == 0) faults.Add("scopes", "A link without a scope lets nobody in: name at least one.");
        if (faults.Count > 0) throw RequestException.Invalid(faults);
        await SignIns.CheckCountAsync(_catalog, _time, cancellationToken).ConfigureAwait(false);
        var (now, secret) = (_time.GetUtcNow(), SignInSecret.CreateForLink());
        var waiting = new UserSession
        {
            Id = Guid.CreateVersion7(now),
            Hash = SignInSecret.HashOf(secret),
            Scheme = "link",
            Subject = name,
            Name = name,
            Scopes = allowed!.ToTexts(),
            CreatedAt = now,
            CreatedBy = request.Caller.Name,
            ExpiresAt = now + LinkLifetime,
        };
        await admitted.CommitAsync(waiting.Id, new CatalogCommit { NewSession = waiting }, cancellationToken).ConfigureAwait(false);
        return (waiting, secret);
    }

    /// <summary>All sessions that let somebody in, and links that wait, oldest first.</summary>
    /// <exception cref="RequestException">The caller is no administrator.</exception>
    public async Task<IReadOnlyList<UserSession>> ListAsync(Request request, CancellationToken cancellationToken)
    {
        Admission.CheckEverywhere(request, Scope.Admin);
        var (sessions, now) = (await _catalog.ListSessionsAsync(cancellationToken).ConfigureAwait(false), _time.GetUtcNow());
        return [.. sessions.Where(session => session.ExpiresAt > now)];
    }

    /// <summary>Ends a session, or takes a link back: it lets nobody in any longer when the call returns, and at other nodes after <see cref="SignIns.Freshness"/>.</summary>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="RequestException">The caller is no administrator.</exception>
    public async Task<bool> EndAsync(Request request, Guid sessionId, CancellationToken cancellationToken)
    {
        using var admitted = _admission.AdmitEverywhere(request with { Key = null }, Scope.Admin);
        if ((await _catalog.ListSessionsAsync(cancellationToken).ConfigureAwait(false)).All(session => session.Id != sessionId)) return false;
        await admitted.CommitAsync(sessionId, new CatalogCommit { DeletedSession = sessionId }, cancellationToken).ConfigureAwait(false);
        _signIns.Forget(sessionId);
        return true;
    }
}
