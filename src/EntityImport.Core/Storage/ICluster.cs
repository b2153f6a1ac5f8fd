using EntityImport.Catalog;

namespace EntityImport.Storage;

/// <summary>
/// The port to how several processes, the nodes, share a store: who is there, who runs which import, and what only one may do at a time. The store decides it, and its clock; nodes do not talk to each other. What a node writes that
/// has lost its place is refused by the store, whatever the node itself believes. Thread-safe.
/// </summary>
public interface ICluster
{
    /// <summary>Who this node is to others.</summary>
    Guid NodeId { get; }

    /// <summary>Takes the import whose turn is next, of the entity that has waited longest and of which none is being run: it is this node's until it ends, is given back, or the node loses its place.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The import, not ended; null where none waits, where as many run as may on all nodes together, and where this node takes no more.</returns>
    /// <exception cref="StoreUnavailableException">The store cannot be asked, or this node has lost its place.</exception>
    Task<Import?> ClaimAsync(CancellationToken cancellationToken);

    /// <summary>Gives an import back that has not ended: another node runs it, or this one again.</summary>
    Task ReleaseAsync(Import import, CancellationToken cancellationToken);

    /// <summary>Ends the places of nodes that have been silent for longer than they may be, and gives back what they had; and gives back what is this node's, and which it does not know of.</summary>
    /// <param name="atWork">The imports that this node knows to be its own.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The names of those that lost their places by it.</returns>
    Task<IReadOnlyList<string>> TakeOverAsync(IReadOnlyCollection<Import> atWork, CancellationToken cancellationToken);

    /// <summary>Takes the plans that nobody makes any longer.</summary>
    /// <param name="atWork">The plans that this node knows to be its own.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The plans, not ended, which are this node's now; also those that were before, and which it does not know of.</returns>
    Task<IReadOnlyList<Plan>> AdoptPlansAsync(IReadOnlyCollection<Guid> atWork, CancellationToken cancellationToken);

    /// <summary>Waits to be the only one, on all nodes, that changes entities or mappings, or adds imports; disposing the result ends it. What is committed meanwhile by a node that was held up until another one had its turn is refused.</summary>
    Task<IDisposable> HoldDefinitionsAsync(CancellationToken cancellationToken);

    /// <summary>Takes over what only one node does at a time, or goes on with it.</summary>
    /// <param name="duty">Its name.</param>
    /// <param name="term">For how long.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>False where another node is at it.</returns>
    Task<bool> TakeDutyAsync(string duty, TimeSpan term, CancellationToken cancellationToken);

    /// <summary>How many imports have not ended.</summary>
    Task<int> CountUnfinishedAsync(CancellationToken cancellationToken);

    /// <summary>How many plans have not ended.</summary>
    Task<int> CountUnfinishedPlansAsync(CancellationToken cancellationToken);

    /// <summary>Whether an import into an entity has not ended.</summary>
    Task<bool> HasImportsAsync(string entitySystemName, CancellationToken cancellationToken);

    /// <summary>The entities with imports that have not ended, whose oldest ones were invoked first; whether one is tried again is not known here.</summary>
    Task<IReadOnlyList<QueuedEntity>> ListQueuesAsync(int limit, CancellationToken cancellationToken);

    /// <summary>Tells others how far this node's imports are. What is told is lost where the server of the store crashes, and told again soon.</summary>
    Task ReportAsync(IReadOnlyCollection<(Guid ImportId, ImportProgress Progress)> progress, CancellationToken cancellationToken);

    /// <summary>Imports, or plans, with how far they are: all in one look, whoever runs them. Those that are not there are left out.</summary>
    Task<IReadOnlyList<SharedImport>> ReadAsync(IReadOnlyCollection<Guid> importIds, CancellationToken cancellationToken);

    /// <summary>Tells others what callers do here, in place of what was told before, and hears what they do there. What is told is lost where the server of the store crashes, and told again soon.</summary>
    /// <returns>What each caller does at each other node that is there.</returns>
    Task<IReadOnlyList<(Guid NodeId, CallerUse Use)>> ExchangeUsesAsync(IReadOnlyList<CallerUse> here, CancellationToken cancellationToken);

    /// <summary>Completes when another node, or this one, has said that there is something new; not each time, and where the connection cannot carry it never: whoever waits looks again after a while by himself.</summary>
    Task WaitForNewsAsync(CancellationToken cancellationToken);

    /// <summary>The nodes that are there, and those that lost their places a short while ago, by name.</summary>
    Task<IReadOnlyList<ClusterNode>> ListNodesAsync(CancellationToken cancellationToken);

    /// <summary>Has a node take no more imports, or take them again.</summary>
    /// <returns>False where there is no such node.</returns>
    Task<bool> DrainAsync(Guid nodeId, bool isDraining, CancellationToken cancellationToken);
}

/// <summary>An import as the store has it, whoever runs it.</summary>
/// <param name="Import">The import; a plan's run.</param>
/// <param name="Progress">How far it is; null where nobody has told.</param>
public sealed record SharedImport(Import Import, ImportProgress? Progress);

/// <summary>A process among those that share a store.</summary>
/// <param name="Id">Who it is.</param>
/// <param name="Name">What its operator calls it.</param>
/// <param name="Build">Which program it runs.</param>
/// <param name="Since">When it took its place.</param>
/// <param name="LeaseAge">How long ago it was heard of last, by the store's clock.</param>
/// <param name="IsThere">Whether it has its place.</param>
/// <param name="IsDraining">Whether it takes no more imports.</param>
/// <param name="Imports">What it runs, oldest first.</param>
public sealed record ClusterNode(Guid Id, string Name, string Build, DateTimeOffset Since, TimeSpan LeaseAge, bool IsThere, bool IsDraining, IReadOnlyList<Guid> Imports);
