using EntityImport.Catalog;

namespace EntityImport.Notices;

/// <summary>The webhooks, in memory, so that imports of which nobody is told cost nothing more. Thread-safe.</summary>
internal sealed class Webhooks : IDisposable
{
    /// <summary>How many webhooks there may be.</summary>
    public const int Most = 100;

    private volatile IReadOnlyList<Webhook> _all = [];

    /// <summary>Held by whoever changes a webhook or a delivery, from reading it until what it becomes is committed.</summary>
    public SemaphoreSlim Changes { get; } = new(1);

    /// <summary>All of them, oldest first.</summary>
    public IReadOnlyList<Webhook> All => _all;

    /// <summary>Reads those that are kept.</summary>
    public static async Task<Webhooks> LoadAsync(ICatalog catalog, CancellationToken cancellationToken) =>
        new() { _all = await catalog.ListWebhooksAsync(cancellationToken).ConfigureAwait(false) };

    /// <summary>Takes up all of them as they are kept now.</summary>
    public async Task ReloadAsync(ICatalog catalog, CancellationToken cancellationToken)
    {
        using var hold = await Hold.TakeAsync(Changes, cancellationToken).ConfigureAwait(false);
        await TakeUpAsync(catalog, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The same for whoever holds <see cref="Changes"/>.</summary>
    public async Task TakeUpAsync(ICatalog catalog, CancellationToken cancellationToken) => _all = await catalog.ListWebhooksAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>A webhook; null where there is none.</summary>
    public Webhook? Find(Guid id) => _all.FirstOrDefault(webhook => webhook.Id == id);

    /// <summary>Those that want to be told of something about an entity.</summary>
    public IEnumerable<Webhook> Wanting(string name, string entity) => _all.Where(webhook =>
        webhook.DisabledAt is null && webhook.Events.Contains(name, StringComparer.Ordinal) && webhook.IsAbout(entity));

    /// <summary>Takes up one that was made or has changed. For whoever holds <see cref="Changes"/>.</summary>
    public void Set(Webhook webhook)
    {
        var all = _all.ToList();
        var place = all.FindIndex(known => known.Id == webhook.Id);
        if (place < 0) all.Add(webhook);
        else all[place] = webhook;
        _all = all;
    }

    /// <summary>Forgets one that was deleted. For whoever holds <see cref="Changes"/>.</summary>
    public void Remove(Guid id) => _all = [.. _all.Where(webhook => webhook.Id != id)];

    public void Dispose() => Changes.Dispose();
}
