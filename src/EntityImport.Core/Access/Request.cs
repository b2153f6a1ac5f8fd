namespace EntityImport.Access;

/// <summary>What is said of each call of a service, whatever it asks for: whose it is, and whether it may be one that was sent before.</summary>
/// <param name="Caller">Who calls.</param>
/// <param name="Key">The caller's key of the request; null where it has none, and each time is a request of its own.</param>
public sealed record Request(Caller Caller, RequestKey? Key = null)
{
    /// <summary>A request without a key, of whoever reaches the service.</summary>
    public static Request Anonymous { get; } = new(Caller.Anonymous);

    /// <summary>What was called, without what it was called with: <c>POST /v1/EntityImport/{mappingId}/upload</c>, <c>eis import</c>. The audit trail tells it.</summary>
    public string? Call { get; init; }

    /// <summary>The address that the call came from; null where it came from this process's own terminal.</summary>
    public string? Address { get; init; }
}
