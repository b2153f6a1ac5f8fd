namespace EntityImport.Catalog;

/// <summary>The imports of an entity that have not ended, by the oldest of them: the others wait until it has.</summary>
/// <param name="EntitySystemName">The entity.</param>
/// <param name="Unfinished">How many there are.</param>
/// <param name="ImportId">The oldest.</param>
/// <param name="InvokedAt">When it was invoked.</param>
/// <param name="Attempts">How often work on it has begun.</param>
/// <param name="Reason">What it waits for.</param>
/// <param name="Node">The node that runs it; null where none does, and where there are no nodes.</param>
/// <param name="Retry">When it is tried again, and why it has to be; null where it is not, and where another node knows.</param>
public sealed record QueuedEntity(string EntitySystemName, int Unfinished, Guid ImportId, DateTimeOffset InvokedAt, int Attempts, QueueReason Reason, string? Node, ImportRetry? Retry);

/// <summary>Why an import has not ended.</summary>
public enum QueueReason
{
    /// <summary>It runs.</summary>
    Running,

    /// <summary>The service failed at it, and it is tried again after a pause.</summary>
    Retrying,

    /// <summary>As many imports run as may, or none has begun it yet.</summary>
    WaitsForPlace,

    /// <summary>No node takes imports.</summary>
    Draining,
}

/// <summary>That an import is tried again.</summary>
/// <param name="At">When.</param>
/// <param name="Problem">Why the attempt before failed, in words that an operator may see.</param>
public sealed record ImportRetry(DateTimeOffset At, string Problem);
