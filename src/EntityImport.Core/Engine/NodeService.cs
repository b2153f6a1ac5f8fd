using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Storage;

namespace EntityImport.Engine;

/// <summary>The nodes that share the store, for administrators. Thread-safe.</summary>
public sealed class NodeService
{
    private readonly IStore _store;
    private readonly Admission _admission;

    internal NodeService(IStore store, Admission admission)
    {
        _store = store;
        _admission = admission;
    }

    /// <summary>The nodes that are there, and those that were a day ago; none where this process works alone.</summary>
    /// <exception cref="RequestException">The caller is no administrator.</exception>
    public async Task<IReadOnlyList<ClusterNode>> ListAsync(Request request, CancellationToken cancellationToken)
    {
        Admission.CheckEverywhere(request, Scope.Admin);
        return _store.Cluster is { } cluster ? await cluster.ListNodesAsync(cancellationToken).ConfigureAwait(false) : [];
    }

    /// <summary>Has a node take no more imports, or take them again. What it runs goes on.</summary>
    /// <returns>The node; null where there is none.</returns>
    /// <exception cref="RequestException">The caller is no administrator; or the key is in use, or was used for another request.</exception>
    public async Task<ClusterNode?> DrainAsync(Request request, Guid nodeId, bool isDraining, CancellationToken cancellationToken)
    {
        using var admitted = _admission.AdmitEverywhere(request with { Key = null }, Scope.Admin);
        if (_store.Cluster is not { } cluster || !await cluster.DrainAsync(nodeId, isDraining, cancellationToken).ConfigureAwait(false)) return null;
        await admitted.CommitAsync(nodeId, new CatalogCommit(), cancellationToken).ConfigureAwait(false);
        return (await cluster.ListNodesAsync(cancellationToken).ConfigureAwait(false)).FirstOrDefault(node => node.Id == nodeId);
    }
}
