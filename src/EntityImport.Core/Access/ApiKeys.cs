using System.Collections.Concurrent;
using System.Security.Cryptography;
using EntityImport.Catalog;
using Microsoft.Extensions.Logging;

namespace EntityImport.Access;

/// <summary>
/// The API keys, in memory: who shows one is known without asking the store. When a key was used last is written down now and then, so that using keys writes little. Thread-safe.
/// </summary>
public sealed class ApiKeys : IAsyncDisposable
{
    /// <summary>How many keys there may be, revoked and expired ones included.</summary>
    public const int MaxKeys = 10_000;

    /// <summary>How often the times of last use are written down.</summary>
    public static readonly TimeSpan NoteInterval = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan UseResolution = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, KnownKey> _byHash = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _unnoted = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ICatalog _catalog;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private Task _work = Task.CompletedTask;

    private ApiKeys(ICatalog catalog, TimeProvider time, ILogger log)
    {
        _catalog = catalog;
        _time = time;
        _log = log;
    }

    internal static async Task<ApiKeys> LoadAsync(ICatalog catalog, TimeProvider time, ILogger log, CancellationToken cancellationToken)
    {
        var keys = new ApiKeys(catalog, time, log);
        await keys.ReloadAsync(cancellationToken).ConfigureAwait(false);
        keys._work = Task.Run(keys.NoteUsesAsync, CancellationToken.None);
        return keys;
    }

    /// <summary>Takes up all keys as they are kept now.</summary>
    internal async Task ReloadAsync(CancellationToken cancellationToken)
    {
        foreach (var (key, _) in await _catalog.ListKeysAsync(cancellationToken).ConfigureAwait(false))
            if (!_byHash.TryGetValue(key.Hash, out var known) || known.Now.Key.RevokedAt != key.RevokedAt || known.Now.Key.ExpiresAt != key.ExpiresAt) Set(key);
    }

    /// <summary>A key that was made here, whether or not it still lets anybody in; null where it was not. What it says changes when the key does.</summary>
    public KnownKey? Find(string key)
    {
        if (!ApiKeyText.IsValid(key)) return null;
        Span<char> hash = stackalloc char[2 * SHA256.HashSizeInBytes];
        ApiKeyText.WriteHash(key, hash);
        return _byHash.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(hash, out var known) ? known : null;
    }

    /// <summary>Whom a key lets in now; null where it lets nobody in any longer.</summary>
    public Caller? CallerOf(KnownKey known)
    {
        ArgumentNullException.ThrowIfNull(known);
        var (key, caller) = known.Now;
        var now = _time.GetUtcNow();
        if (key.RevokedAt is not null || key.ExpiresAt <= now) return null;
        // Nobody needs to know it to the second.
        if (!_unnoted.TryGetValue(key.Id, out var noted) || (now - noted).Duration() > UseResolution) _unnoted[key.Id] = now;
        return caller;
    }

    /// <summary>How many keys there are.</summary>
    internal int Count => _byHash.Count;

    /// <summary>When a key was used last, where that is not noted yet.</summary>
    internal DateTimeOffset? UsedSinceNoted(Guid id) => _unnoted.TryGetValue(id, out var at) ? at : null;

    /// <summary>Takes up a key that was made or has changed.</summary>
    internal void Set(ApiKey key)
    {
        // Scopes were checked when they were stored; what a newer program may have stored allows nothing here.
        _ = ScopeSet.TryParse(key.Scopes, out var scopes, out _);
        var caller = new Caller { Id = $"key:{key.Id:D}", Scheme = "key", Subject = key.Id.ToString("D"), Name = key.Name, Scopes = scopes ?? ScopeSet.None };
        _byHash.GetOrAdd(key.Hash, _ => new KnownKey()).Now = new KnownKey.State(key, caller);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _work.ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task NoteUsesAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            await Task.Delay(NoteInterval, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var uses = _unnoted.ToDictionary();
            if (uses.Count == 0) continue;
            try
            {
                await _catalog.NoteKeyUsesAsync(uses, CancellationToken.None).ConfigureAwait(false);
                foreach (var use in uses) _unnoted.TryRemove(use);
            }
            catch (Exception exception)
            {
                _log.LogWarning(exception, "When API keys were used last could not be written down; that is tried again in {Seconds} s", NoteInterval.TotalSeconds);
            }
        }
    }
}

/// <summary>A key that was made here, as it is now.</summary>
public sealed class KnownKey
{
    private volatile State? _now;

    internal State Now
    {
        get => _now!;
        set => _now = value;
    }

    internal sealed record State(ApiKey Key, Caller Caller);
}
