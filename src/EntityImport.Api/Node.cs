namespace EntityImport.Api;

/// <summary>The nodes of the service.</summary>
/// <param name="Nodes">Those that are there, and those that were a day ago, by name; empty where the service is one process that works alone.</param>
public sealed record NodeList(IReadOnlyList<Node> Nodes);

/// <summary>A process of a service that has several.</summary>
/// <param name="NodeId">Who it is, also after it is started again.</param>
/// <param name="Name">What its operator calls it.</param>
/// <param name="Build">Which program it runs.</param>
/// <param name="SinceDate">When it took its place.</param>
/// <param name="LeaseAgeSeconds">How long ago it was heard of last, by the database's clock.</param>
/// <param name="IsThere">Whether it has its place; one that has been silent for longer than its lease, or was stopped, has not.</param>
/// <param name="Draining">Whether it takes no more imports.</param>
/// <param name="Imports">The imports that it runs.</param>
public sealed record Node(Guid NodeId, string Name, string Build, DateTimeOffset SinceDate, double LeaseAgeSeconds, bool IsThere, bool Draining, IReadOnlyList<Guid> Imports);
