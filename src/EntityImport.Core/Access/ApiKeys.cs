using System.Collections.Concurrent;
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

    private readonly ConcurrentDictionary<string, Holder> _byHash = new(StringComparer.Ordinal);
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
        foreach (var (key, _) in await catalog.ListKeysAsync(cancellationToken).ConfigureAwait(false)) keys.Set(key);
        keys._work = Task.Run(keys.NoteUsesAsync, CancellationToken.None);
        return keys;
    }

    /// <summary>Who shows a key; null where it is none that lets anybody in.</summary>
    public Caller? FindCaller(string key)
    {
        if (!ApiKeyText.IsValid(key) || !_byHash.TryGetValue(ApiKeyText.HashOf(key), out var holder)) return null;
        var now = _time.GetUtcNow();
        if (holder.Key.RevokedAt is not null || holder.Key.ExpiresAt <= now) return null;
        // Nobody needs to know it to the second.
        if (!_unnoted.TryGetValue(holder.Key.Id, out var noted) || (now - noted).Duration() > UseResolution) _unnoted[holder.Key.Id] = now;
        return holder.Caller;
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
        _byHash[key.Hash] = new Holder(key, new Caller { Id = $"key:{key.Id:D}", Scheme = "key", Subject = key.Id.ToString("D"), Name = key.Name, Scopes = scopes ?? ScopeSet.None });
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

    private sealed record Holder(ApiKey Key, Caller Caller);
}
