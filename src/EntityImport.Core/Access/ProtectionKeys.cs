using EntityImport.Catalog;

namespace EntityImport.Access;

/// <summary>The keys that cookies are encrypted with: in the store, so that they outlive the process, and all nodes have the same.</summary>
public sealed class ProtectionKeys
{
    private readonly ICatalog _catalog;
    private readonly TimeProvider _time;

    internal ProtectionKeys(ICatalog catalog, TimeProvider time)
    {
        _catalog = catalog;
        _time = time;
    }

    /// <summary>All of them, oldest first.</summary>
    public Task<IReadOnlyList<ProtectionKey>> ListAsync(CancellationToken cancellationToken) => _catalog.ListProtectionKeysAsync(cancellationToken);

    /// <summary>Keeps one.</summary>
    /// <param name="name">What ASP.NET Core calls it; null where it gives it no name.</param>
    /// <param name="xml">The key, as ASP.NET Core writes it.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task AddAsync(string? name, string xml, CancellationToken cancellationToken) =>
        _catalog.CommitAsync(new CatalogCommit { NewProtectionKey = new ProtectionKey { Id = Guid.CreateVersion7(_time.GetUtcNow()), Name = name, Xml = xml } }, cancellationToken);
}
