namespace EntityImport.Api;

/// <summary>The imports that have not ended.</summary>
/// <param name="Unfinished">How many there are.</param>
/// <param name="Entities">The entities that they are of, whose oldest ones were invoked first; not all where there are more than were asked for.</param>
public sealed record ImportQueue(int Unfinished, IReadOnlyList<QueuedImports> Entities);

/// <summary>The imports of an entity that have not ended: they run one after the other.</summary>
/// <param name="EntitySystemName">The entity.</param>
/// <param name="Unfinished">How many there are.</param>
/// <param name="ImportId">The oldest, for which the others wait.</param>
/// <param name="InvokedDate">When it was invoked.</param>
/// <param name="Attempts">How often work on it has begun.</param>
/// <param name="Reason">Why it has not ended: <c>running</c>; <c>retrying</c>, the service failed at it, and it is tried again; <c>waits-for-place</c>, as many run as may, or it is about to begin; <c>draining</c>, no node takes imports.</param>
/// <param name="Node">The name of the node that runs it; null where none does, and where the service is one process that works alone.</param>
/// <param name="NextAttemptDate">When it is tried again; null where it is not, and where only another node knows.</param>
/// <param name="Problem">Why the attempt before failed; null like <paramref name="NextAttemptDate"/>.</param>
public sealed record QueuedImports(
    string EntitySystemName, int Unfinished, Guid ImportId, DateTimeOffset InvokedDate, int Attempts, string Reason, string? Node, DateTimeOffset? NextAttemptDate, string? Problem);
