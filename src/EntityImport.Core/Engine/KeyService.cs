using System.Text;
using EntityImport.Access;
using EntityImport.Catalog;

namespace EntityImport.Engine;

/// <summary>The API keys as administrators see them. Thread-safe.</summary>
public sealed class KeyService : IDisposable
{
    private const int NameCharacters = 100;

    private readonly ICatalog _catalog;
    private readonly ApiKeys _keys;
    private readonly Admission _admission;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _changes = new(1);

    internal KeyService(ICatalog catalog, ApiKeys keys, Admission admission, TimeProvider time)
    {
        _catalog = catalog;
        _keys = keys;
        _admission = admission;
        _time = time;
    }

    /// <inheritdoc/>
    public void Dispose() => _changes.Dispose();

    /// <summary>Makes a key.</summary>
    /// <param name="request">The request. A key of its own is not heeded: the text of an API key is told once, and cannot be repeated.</param>
    /// <param name="name">What it is for: 1 to 100 characters, none of them a control character.</param>
    /// <param name="scopes">What its holder may do, as texts of scopes; at least one.</param>
    /// <param name="expiresAt">From when on it lets nobody in; null means never.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The key as it is kept, and its text, which nobody can find out later.</returns>
    /// <exception cref="RequestException">Something is wrong with it, all faults at once; there are too many keys; or the caller is no administrator.</exception>
    public async Task<(ApiKey Key, string Text)> CreateAsync(Request request, string name, IReadOnlyList<string> scopes, DateTimeOffset? expiresAt, CancellationToken cancellationToken)
    {
        using var admitted = _admission.AdmitEverywhere(request with { Key = null }, Scope.Admin);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(scopes);
        var now = _time.GetUtcNow();
        var faults = new RequestFaults();
        if (string.IsNullOrWhiteSpace(name) || name.Length > NameCharacters || name.EnumerateRunes().Any(Rune.IsControl)) faults.Add("name", $"A key has a name of 1 to {NameCharacters} characters, none of them a control character.");
        if (!ScopeSet.TryParse(scopes, out var allowed, out var fault)) faults.Add("scopes", fault);
        else if (scopes.Count == 0) faults.Add("scopes", "A key without a scope lets nobody in: name at least one.");
        if (expiresAt <= now) faults.Add("expiresAt", "The time at which the key expires is over.");
        if (faults.Count > 0) throw RequestException.Invalid(faults);
        var text = ApiKeyText.Create();
        var key = new ApiKey
        {
            Id = Guid.CreateVersion7(now),
            Name = name,
            Start = ApiKeyText.StartOf(text),
            Hash = ApiKeyText.HashOf(text),
            Scopes = allowed!.ToTexts(),
            CreatedAt = now,
            CreatedBy = request.Caller.Name,
            ExpiresAt = expiresAt,
        };
        using var hold = await Hold.TakeAsync(_changes, cancellationToken).ConfigureAwait(false);
        if (_keys.Count >= ApiKeys.MaxKeys) throw new RequestException(FaultKind.Conflict, "too-many-keys", $"There are {ApiKeys.MaxKeys} keys already, which is as many as there may be.");
        await admitted.CommitAsync(key.Id, new CatalogCommit { NewKey = key }, cancellationToken).ConfigureAwait(false);
        _keys.Set(key);
        return (key, text);
    }

    /// <summary>All keys, oldest first, with the time at which each was used last; null where it was not.</summary>
    /// <exception cref="RequestException">The caller is no administrator.</exception>
    public async Task<IReadOnlyList<(ApiKey Key, DateTimeOffset? LastUsedAt)>> ListAsync(Request request, CancellationToken cancellationToken)
    {
        Admission.CheckEverywhere(request, Scope.Admin);
        var keys = await _catalog.ListKeysAsync(cancellationToken).ConfigureAwait(false);
        return [.. keys.Select(kept => (kept.Key, _keys.UsedSinceNoted(kept.Key.Id) ?? kept.LastUsedAt))];
    }

    /// <summary>Revokes a key: it lets nobody in any longer when the call returns. Doing so again changes nothing.</summary>
    /// <returns>The key; null where there is none.</returns>
    /// <exception cref="RequestException">The caller is no administrator.</exception>
    public async Task<ApiKey?> RevokeAsync(Request request, Guid keyId, CancellationToken cancellationToken)
    {
        using var admitted = _admission.AdmitEverywhere(request with { Key = null }, Scope.Admin);
        using var hold = await Hold.TakeAsync(_changes, cancellationToken).ConfigureAwait(false);
        var key = (await _catalog.ListKeysAsync(cancellationToken).ConfigureAwait(false)).FirstOrDefault(kept => kept.Key.Id == keyId).Key;
        if (key is null or { RevokedAt: not null }) return key;
        key = key with { RevokedAt = _time.GetUtcNow() };
        await admitted.CommitAsync(keyId, new CatalogCommit { ChangedKey = key }, cancellationToken).ConfigureAwait(false);
        _keys.Set(key);
        return key;
    }
}
